//! Rows to fit a model to.

use std::fmt;

use flows_core::Scaling;
use flows_data::{Codec, Encoded, Finding, Table};

use super::TablesError;

/// Rows of numbers in their own units: the columns to model, and what each row is given.
///
/// # Example
/// ```
/// use burn_flows::tables::TableRows;
///
/// let rows = TableRows::new(["weight", "mpg"], vec![2800.0, 24.0, 3900.0, 15.0])?;
/// let mpg = rows.target(&["mpg"])?;
/// assert_eq!((mpg.names(), mpg.given_names()), (&["mpg".to_owned()][..], &["weight".to_owned()][..]));
/// assert_eq!((mpg.values(), mpg.context()), (&[24.0, 15.0][..], &[2800.0, 3900.0][..]));
/// # Ok::<(), burn_flows::tables::TablesError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TableRows {
    pub(super) names: Vec<String>,
    pub(super) values: Vec<f64>,
    pub(super) given: Vec<String>,
    pub(super) context: Vec<f64>,
    pub(super) weights: Option<Vec<f64>>,
    pub(super) whole: Vec<usize>,
    pub(super) scaling: Option<Scaling>,
}

/// Rows that are printed.
const SHOWN: usize = 20;

impl TableRows {
    /// Rows that lie one after the other, with the names of their columns.
    ///
    /// # Errors
    /// If there are no columns, or the numbers do not fill whole rows or are not finite.
    pub fn new<S: Into<String>>(names: impl IntoIterator<Item = S>, values: Vec<f64>) -> Result<Self, TablesError> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        if names.is_empty() {
            return Err(TablesError::NoColumns);
        }
        let expected = values.len().next_multiple_of(names.len());
        if expected != values.len() {
            return Err(TablesError::Incomplete { what: "the rows", expected, got: values.len() });
        }
        let whole = vec![];
        let rows = Self { names, values, given: vec![], context: vec![], weights: None, whole, scaling: None };
        rows.check_finite(&rows.names, &rows.values)?;
        Ok(rows)
    }

    /// The same rows, each given numbers of its own: the model is then one of the rows given these.
    ///
    /// # Errors
    /// If there is not a finite number for each row and name.
    pub fn given<S: Into<String>>(
        self,
        names: impl IntoIterator<Item = S>,
        context: Vec<f64>,
    ) -> Result<Self, TablesError> {
        let given: Vec<String> = names.into_iter().map(Into::into).collect();
        let expected = given.len() * self.len();
        if context.len() != expected {
            return Err(TablesError::Incomplete { what: "the conditions", expected, got: context.len() });
        }
        self.check_finite(&given, &context)?;
        Ok(Self { given, context, ..self })
    }

    /// The same rows, which count by their weights.
    ///
    /// # Errors
    /// If there is not a weight of at least zero for each row, or all are zero.
    pub fn weighted(self, weights: Vec<f64>) -> Result<Self, TablesError> {
        if weights.len() != self.len() {
            return Err(TablesError::Incomplete { what: "the weights", expected: self.len(), got: weights.len() });
        }
        if let Some(row) = weights.iter().position(|weight| !(weight.is_finite() && *weight >= 0.0)) {
            return Err(TablesError::Weight { row, weight: weights[row] });
        }
        if weights.iter().all(|weight| *weight == 0.0) {
            return Err(TablesError::NoWeight { part: "the rows" });
        }
        Ok(Self { weights: Some(weights), ..self })
    }

    /// The same rows, of which the columns at these places hold whole numbers.
    ///
    /// # Panics
    /// If a place is none.
    pub fn whole(self, places: impl IntoIterator<Item = usize>) -> Self {
        let whole: Vec<usize> = places.into_iter().collect();
        assert!(whole.iter().all(|place| *place < self.names.len()), "`places`: got {whole:?}");
        Self { whole, ..self }
    }

    /// The same rows with maps of their columns; without, they are chosen from the training rows.
    ///
    /// # Panics
    /// If there is not a map for each column.
    pub fn with_scaling(self, scaling: Scaling) -> Self {
        assert_eq!(scaling.columns().len(), self.names.len(), "`scaling`: expected a map for each column");
        Self { scaling: Some(scaling), ..self }
    }

    /// The columns of these names given all others.
    ///
    /// # Errors
    /// If there is no column of a name, or none is left to be given.
    pub fn target<S: AsRef<str>>(&self, names: &[S]) -> Result<Self, TablesError> {
        let place = |name: &S| {
            let place = self.names.iter().position(|other| other == name.as_ref());
            place.ok_or_else(|| TablesError::NoColumn { name: name.as_ref().to_owned(), names: self.names.clone() })
        };
        let targets: Vec<usize> = names.iter().map(place).collect::<Result<_, _>>()?;
        let others: Vec<usize> = (0..self.names.len()).filter(|place| !targets.contains(place)).collect();
        let columns = |places: &[usize]| -> (Vec<String>, Vec<f64>) {
            let names = places.iter().map(|place| self.names[*place].clone()).collect();
            let rows = self.values.chunks_exact(self.names.len());
            (names, rows.flat_map(|row| places.iter().map(|place| row[*place])).collect())
        };
        let (names, values) = columns(&targets);
        let (mut given, others) = columns(&others);
        let (width, before) = (given.len(), self.given.len());
        given.extend(self.given.iter().cloned());
        let each = |row: usize| [&others[row * width..][..width], &self.context[row * before..][..before]].concat();
        let context = (0..self.len()).flat_map(each).collect();
        let whole = self.whole.iter().filter_map(|place| targets.iter().position(|target| target == place));
        let rows = Self::new(names, values)?.given(given, context)?.whole(whole);
        Ok(Self { weights: self.weights.clone(), ..rows })
    }

    /// Rows of a frame as a codec has encoded them, with its scaling, its whole numbers and its weights.
    ///
    /// # Errors
    /// If the codec models no column, or was fitted to other columns.
    ///
    /// # Example
    /// ```
    /// use burn_flows::data::{Codec, Frame, Plan, PlanOptions, ReadOptions, Unknown};
    /// use burn_flows::tables::TableRows;
    ///
    /// let csv = "sex,mass\nf,3750.5\nm,4500.5\nf,3800.5\nm,5200.5\n";
    /// let frame = Frame::from_text(csv.as_bytes(), "penguins.csv", &ReadOptions::new())?;
    /// let codec = Codec::fit(&Plan::new(&frame, &PlanOptions::new().with_given(["sex"]))?, &frame)?;
    /// let rows = TableRows::encoded(&codec, codec.encode(&frame, Unknown::Refuse)?)?;
    /// assert_eq!((rows.names(), rows.len()), (&["mass".to_owned()][..], 4));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn encoded(codec: &Codec, encoded: Encoded) -> Result<Self, TablesError> {
        let Encoded { values, context, weights, .. } = encoded;
        let names: Vec<String> = codec.names().into_iter().map(str::to_owned).collect();
        if names.is_empty() {
            return Err(TablesError::NoColumns);
        }
        let rows = Self {
            given: codec.feature_names(),
            context,
            whole: codec.whole().places().to_vec(),
            scaling: Some(codec.scaling().clone()),
            names,
            values,
            weights: None,
        };
        let (rows_there, width) = (rows.len(), rows.given.len());
        if rows.values.len() != rows_there * rows.names.len() || rows.context.len() != rows_there * width {
            let (expected, got) = (rows_there * width, rows.context.len());
            return Err(TablesError::Incomplete { what: "the conditions", expected, got });
        }
        match weights {
            Some(weights) => rows.weighted(weights),
            None => Ok(rows),
        }
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.values.len() / self.names.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The names of the columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The numbers, row after row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The names of what each row is given.
    pub fn given_names(&self) -> &[String] {
        &self.given
    }

    /// What each row is given, row after row.
    pub fn context(&self) -> &[f64] {
        &self.context
    }

    /// The weights, where rows do not all count the same.
    pub fn weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }

    /// The rows of these numbers, in that order.
    ///
    /// # Panics
    /// If a number is none of a row.
    pub fn select(&self, rows: &[usize]) -> Self {
        let of = |values: &[f64], width: usize| -> Vec<f64> {
            rows.iter().flat_map(|row| &values[row * width..][..width]).copied().collect()
        };
        Self {
            values: of(&self.values, self.names.len()),
            context: of(&self.context, self.given.len()),
            weights: self.weights.as_ref().map(|weights| of(weights, 1)),
            ..self.clone_empty()
        }
    }

    fn clone_empty(&self) -> Self {
        Self {
            names: self.names.clone(),
            values: vec![],
            given: self.given.clone(),
            context: vec![],
            weights: None,
            whole: self.whole.clone(),
            scaling: self.scaling.clone(),
        }
    }

    fn check_finite(&self, names: &[String], values: &[f64]) -> Result<(), TablesError> {
        match values.iter().position(|value| !value.is_finite()) {
            Some(at) => Err(TablesError::NotFinite {
                row: at / names.len(),
                column: names[at % names.len()].clone(),
                value: values[at],
            }),
            None => Ok(()),
        }
    }
}

/// The first rows under the names of the columns.
impl fmt::Display for TableRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.names.len();
        let number = |value: &f64| format!("{value:.6}").trim_end_matches('0').trim_end_matches('.').to_owned();
        let shown: Vec<String> = self.values.iter().take(SHOWN * columns).map(number).collect();
        let width = |column: usize| {
            let cells = shown.iter().skip(column).step_by(columns);
            cells.chain([&self.names[column]]).map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let line = |cells: &[String]| -> String {
            let cells: Vec<String> = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:>width$}")).collect();
            cells.join("  ")
        };
        write!(f, "{}", line(&self.names))?;
        shown.chunks(columns).try_for_each(|row| write!(f, "\n{}", line(row)))?;
        match self.len().checked_sub(SHOWN + 1) {
            Some(more) => write!(f, "\n(and {} more rows)", more + 1),
            None => Ok(()),
        }
    }
}

impl From<&Table> for TableRows {
    /// Columns of whole numbers, each of them many times, are known as such: a density of bare numbers would be infinite.
    fn from(table: &Table) -> Self {
        let findings = table.findings();
        let is_whole = |name: &String| {
            findings.iter().any(|finding| matches!(finding, Finding::WholeNumbers { column, .. } if column == name))
        };
        let whole = (0..table.columns()).filter(|place| is_whole(&table.names()[*place])).collect();
        Self {
            whole,
            names: table.names().to_vec(),
            values: table.values().to_vec(),
            given: vec![],
            context: vec![],
            weights: None,
            scaling: None,
        }
    }
}

/// Tables of which some columns are modelled given the others.
pub trait Target {
    /// The columns of these names given all others.
    ///
    /// # Errors
    /// If there is no column of a name, or none is left to be given.
    ///
    /// # Example
    /// ```
    /// use burn_flows::prelude::*;
    ///
    /// let table = Table::new(["weight", "mpg"], vec![2800.5, 24.5, 3900.25, 15.5])?;
    /// assert_eq!(table.target(&["mpg"])?.values(), [24.5, 15.5]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn target<S: AsRef<str>>(&self, names: &[S]) -> Result<TableRows, TablesError>;
}

impl Target for Table {
    fn target<S: AsRef<str>>(&self, names: &[S]) -> Result<TableRows, TablesError> {
        TableRows::from(self).target(names)
    }
}

impl From<&TableRows> for TableRows {
    fn from(rows: &TableRows) -> Self {
        rows.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_rows_is_an_error_that_names_row_and_column() {
        let error = TableRows::new(["a", "b"], vec![1.0, 2.0, 3.0, f64::NAN]).unwrap_err().to_string();
        assert!(error.contains("row 1") && error.contains("`b`") && error.contains("\nhint: "), "{error}");
        let error = TableRows::new(["a", "b"], vec![1.0]).unwrap_err().to_string();
        assert!(error.contains("expected 2 numbers, got 1"), "{error}");
        let rows = TableRows::new(["a"], vec![1.0, 2.0]).unwrap();
        assert!(matches!(rows.clone().weighted(vec![1.0, -1.0]), Err(TablesError::Weight { row: 1, .. })));
        assert!(matches!(rows.clone().weighted(vec![0.0, 0.0]), Err(TablesError::NoWeight { .. })));
        assert!(rows.clone().given(["c"], vec![1.0]).is_err());
        let error = rows.target(&["z"]).unwrap_err().to_string();
        assert!(error.contains("`z`") && error.contains("hint: the columns are a"), "{error}");
    }

    #[test]
    fn a_target_is_given_all_other_columns_and_what_was_given_before() {
        let rows = TableRows::new(["a", "b", "c"], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap();
        let rows = rows.given(["d"], vec![7.0, 8.0]).unwrap().whole([1]).weighted(vec![1.0, 2.0]).unwrap();
        let target = rows.target(&["b"]).unwrap();
        assert_eq!((target.values(), target.context()), (&[2.0, 5.0][..], &[1.0, 3.0, 7.0, 4.0, 6.0, 8.0][..]));
        assert_eq!((target.whole.as_slice(), target.weights()), (&[0][..], Some(&[1.0, 2.0][..])));
        let second = target.select(&[1]);
        assert_eq!(rows.to_string(), "a  b  c\n1  2  3\n4  5  6");
        assert_eq!((second.values(), second.context(), second.len()), (&[5.0][..], &[4.0, 6.0, 8.0][..], 1));
    }
}
