//! All columns of a table.

use serde::{Deserialize, Serialize};

use super::{ClassColumn, MixedColumn};
use crate::DataError;
use crate::codec::encode::checked_weights;
use crate::codec::{Counted, ModelledColumn, Unknown};
use crate::columns::{ColumnError, Kind, pairs};
use crate::frame::Frame;
use crate::plan::Plan;
use crate::table::{Place, TableError};

/// Between the columns of a table of all kinds, any cells of which may be missing, and numbers: fitted to training rows, saved
/// with a model.
///
/// Numbers, circles and times become `f64` in their own units, as those of a [`Codec`](crate::Codec) do; categories and answers the
/// place of their word among [those there are](MixedColumn::words), counted from 0; a missing cell NaN.
///
/// # Example
///
/// ```
/// use flows_data::{Frame, MissingRows, MixedCodec, Plan, PlanOptions, ReadOptions, Unknown, parse_as};
///
/// let csv = "species,mass\nAdelie,3750.5\nGentoo,\nAdelie,3800.5\n,5200.5\n";
/// let frame = Frame::from_text(csv.as_bytes(), "penguins.csv", &ReadOptions::new())?;
/// // Of four rows, words are not taken for a category.
/// let options = PlanOptions::new().with_missing(MissingRows::Model).with_kinds(parse_as("species=category")?);
/// let plan = Plan::new(&frame, &options)?;
/// let codec = MixedCodec::fit(&plan, &frame)?;
///
/// let rows = codec.encode(&frame, Unknown::Refuse, &[])?;
/// assert_eq!(rows.values[..3], [0.0, 3750.5, 1.0]);
/// assert!(rows.values[3].is_nan() && rows.values[6].is_nan());
/// let back = codec.decode(&[1.0, 4100.04, f64::NAN, 3900.0]);
/// assert_eq!((back.columns()[0].text(0).unwrap(), back.columns()[1].text(0).unwrap()), ("Gentoo".into(), "4100.0".into()));
/// assert_eq!(back.columns()[0].text(1), None);
/// assert_eq!(codec.given("species=Gentoo")?[0], 1.0);
/// # Ok::<(), flows_data::DataError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MixedCodec {
    columns: Vec<MixedColumn>,
    weights: Option<String>,
}

/// Rows of a frame as numbers; made by [`MixedCodec::encode`].
#[derive(Debug, Clone, PartialEq)]
pub struct MixedRows {
    /// The rows of the frame that have a weight, in their order: one for each row below. Without weights, all.
    pub rows: Vec<usize>,
    /// The columns, row after row; NaN where a cell is missing.
    pub values: Vec<f64>,
    /// The weights of the rows, with a mean of one; `None` where all weigh the same.
    pub weights: Option<Vec<f64>>,
    /// What was counted instead of refused.
    pub counted: Vec<Counted>,
}

impl MixedCodec {
    /// Fits a codec to the cells that the rows of a frame have, as a plan says that [models](crate::MissingRows::Model) what is
    /// missing.
    ///
    /// # Errors
    ///
    /// A column that is not there, or does not vary in the cells that are known; too many words for a category; no row.
    pub fn fit(plan: &Plan, frame: &Frame) -> Result<Self, DataError> {
        let rows = plan.rows(frame)?;
        if rows.is_empty() {
            return Err(TableError::NoRows { file: frame.origin().to_owned() }.into());
        }
        let mut columns = vec![];
        for planned in plan.modelled() {
            let whole = frame.column(&planned.name)?;
            let known: Vec<usize> = rows.iter().copied().filter(|row| !whole.cells.is_missing(*row)).collect();
            let column = whole.pick(&known);
            let constant = (1..known.len()).all(|row| column.text(row) == column.text(0));
            if constant {
                let (file, value) = (frame.origin().to_owned(), column.text(0).unwrap_or_else(|| "nothing".to_owned()));
                return Err(ColumnError::Constant { file, column: planned.name.clone(), value }.into());
            }
            columns.push(match planned.kind {
                kind @ (Kind::Category | Kind::YesNo | Kind::Identifier | Kind::Text) => {
                    MixedColumn::Class(ClassColumn::fit(frame.origin(), &column, kind)?)
                }
                kind => MixedColumn::Number(ModelledColumn::fit(&column, kind)?),
            });
        }
        Ok(Self { columns, weights: plan.weight().map(|planned| planned.name.clone()) })
    }

    /// The columns, in their order.
    pub fn columns(&self) -> &[MixedColumn] {
        &self.columns
    }

    /// The name of the column of weights.
    pub fn weights(&self) -> Option<&str> {
        self.weights.as_deref()
    }

    /// The names of the columns, in their order.
    pub fn names(&self) -> Vec<&str> {
        self.columns.iter().map(MixedColumn::name).collect()
    }

    /// The place of a column.
    ///
    /// # Errors
    ///
    /// There is none of that name; the error lists those there are.
    pub fn place(&self, name: &str) -> Result<usize, DataError> {
        self.columns.iter().position(|column| column.name() == name).ok_or_else(|| {
            let available = self.columns.iter().map(|column| column.name().to_owned()).collect();
            let (file, column) = ("the model".to_owned(), name.to_owned());
            TableError::MissingColumn { file, column, available }.into()
        })
    }

    /// The columns whose numbers have a sign beside them, each with its sign, such as `price: $`.
    pub fn signs(&self) -> Vec<String> {
        let sign = |column: &MixedColumn| Some(format!("{}: {}", column.name(), column.style().mark()?));
        self.columns.iter().filter_map(sign).collect()
    }

    /// The rows of a frame as numbers, missing cells as NaN. Columns are found by name, and others do not matter; those named
    /// in `absent` need not be there, and count as missing then. Where the column of weights is not there, all rows weigh the
    /// same.
    ///
    /// # Errors
    ///
    /// A column that is not there or holds other cells than the training rows, a weight that is none; and, where they are
    /// refused, a word that the training rows had not and a number outside of a bound. Where they are counted, a word is
    /// -1 and a number as it stands: their rows have no density.
    pub fn encode(&self, frame: &Frame, unknown: Unknown, absent: &[&str]) -> Result<MixedRows, DataError> {
        let file = frame.origin();
        let mut columns = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            columns.push(match frame.column(column.name()) {
                Err(_) if absent.contains(&column.name()) => vec![f64::NAN; frame.rows()],
                there => column.values(file, there?)?,
            });
        }
        let weights = self.weights.as_ref().and_then(|name| frame.column(name).ok());
        let weighed = |row: &usize| weights.is_none_or(|column| !column.cells.is_missing(*row));
        let rows: Vec<usize> = (0..frame.rows()).filter(weighed).collect();
        let mut counted = vec![];
        for (column, values) in self.columns.iter().zip(&columns) {
            let outside = || rows.iter().filter(|row| !values[**row].is_nan() && !column.contains(values[**row]));
            let Some(row) = outside().next() else { continue };
            if unknown == Unknown::Refuse {
                return Err(outside_error(frame, column, *row, values[*row], outside().count()).into());
            }
            let what = format!("are not {}: their rows have no density", column.bound(values[*row]));
            counted.push(Counted { column: column.name().to_owned(), what, cells: outside().count() });
        }
        let values = rows.iter().flat_map(|row| columns.iter().map(|column| column[*row])).collect();
        let weights = match (&self.weights, weights) {
            (Some(name), Some(column)) => Some(checked_weights(file, name, &column.cells, &rows)?),
            _ => None,
        };
        Ok(MixedRows { rows, values, weights, counted })
    }

    /// Rows as a frame, with the names, the kinds, the digits and the words of the training rows, and inside of their bounds; NaN
    /// is a missing cell.
    ///
    /// # Panics
    ///
    /// If the values do not fill whole rows.
    pub fn decode(&self, values: &[f64]) -> Frame {
        let width = self.columns.len();
        assert!(values.len().is_multiple_of(width), "`values`: expected whole rows of {width} columns");
        let columns = self
            .columns
            .iter()
            .enumerate()
            .map(|(place, column)| column.decoded(values.iter().skip(place).step_by(width).copied()));
        Frame::new(columns.collect()).unwrap_or_else(|error| panic!("the columns of a codec make a frame: {error}"))
    }

    /// A value of a column, as it is written; `None` of NaN.
    ///
    /// # Panics
    ///
    /// If there is no such column.
    pub fn text(&self, column: usize, value: f64) -> Option<String> {
        self.columns[column].decoded(std::iter::once(value)).text(0)
    }

    /// What a text says of some columns, as a row in which the others are missing: `species=Adelie,mass=4000`.
    ///
    /// # Errors
    ///
    /// A text that cannot be read, a column that is said twice or none of the model's, a value of another kind.
    pub fn given(&self, text: &str) -> Result<Vec<f64>, DataError> {
        let names = || self.columns.iter().map(|column| column.name().to_owned()).collect::<Vec<_>>();
        let problem = |reason: String| ColumnError::Condition { text: text.to_owned(), reason, conditions: names() };
        let mut row = vec![f64::NAN; self.columns.len()];
        for (name, value) in pairs(text)? {
            let Some(place) = self.columns.iter().position(|column| column.name() == name) else {
                return Err(problem(format!("`{name}` is no column of the model")).into());
            };
            if !row[place].is_nan() {
                return Err(problem(format!("`{name}` is said twice")).into());
            }
            let column = &self.columns[place];
            row[place] = column.read(&value).ok_or_else(|| match column.words() {
                Some(words) => {
                    let (file, place, column) = ("the conditions".to_owned(), Place::Row(0), name.clone());
                    ColumnError::UnknownWord { file, place, column, word: value.clone(), known: words.to_vec() }
                }
                None => problem(format!("`{value}` is no value that `{name}` can have")),
            })?;
        }
        Ok(row)
    }
}

/// The error of a value that the training rows could not have.
fn outside_error(frame: &Frame, column: &MixedColumn, row: usize, value: f64, count: usize) -> ColumnError {
    let (file, place, name) = (frame.origin().to_owned(), Place::Row(row), column.name().to_owned());
    match column {
        MixedColumn::Class(class) => {
            let word = frame.column(&name).ok().and_then(|cells| cells.text(row)).unwrap_or_default();
            ColumnError::UnknownWord { file, place, column: name, word, known: class.words.clone() }
        }
        MixedColumn::Number(number) => {
            let (value, bound) = (value * number.unit, number.bound(value));
            ColumnError::OutsideBound { file, place, column: name, value, bound, count }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FrameColumn, MissingRows, PlanOptions, parse_as};

    /// Every kind, each with a missing cell in every seventh row, another one for each column.
    fn frame(rows: usize) -> Frame {
        let part = |i: usize| (i as f64 * 0.618_034).fract();
        let hole = |i: usize, column: usize| i % 7 == column;
        let of = |column: usize, f: fn(f64) -> f64| {
            (0..rows).map(move |i| if hole(i, column) { f64::NAN } else { f(part(i)) }).collect::<Vec<_>>()
        };
        let words = |column: usize, words: [&'static str; 3]| {
            (0..rows).map(|i| (!hole(i, column)).then_some(words[i % 3])).collect::<crate::Cells>()
        };
        Frame::new(vec![
            FrameColumn::numbers("x", of(0, |p| (100.0 * (p - 0.5)).round() / 10.0)),
            FrameColumn::numbers("n", of(1, |p| (6.0 * p).floor())),
            FrameColumn::numbers("rain", of(2, |p| if p < 0.6 { 0.0 } else { (50.0 * (p - 0.59)).round() / 10.0 })),
            FrameColumn::new("day", crate::Cells::Times(of(3, |p| (100.0 * p).floor() * 86_400.0))),
            FrameColumn::new("kind", words(4, ["b", "a", "c"])),
            FrameColumn::numbers("year", of(5, |p| 2007.0 + (3.0 * p).floor())),
            FrameColumn::new("ok", (0..rows).map(|i| (!hole(i, 6)).then_some(["yes", "no"][i % 2])).collect()),
        ])
        .expect("good columns")
    }

    fn codec(frame: &Frame) -> MixedCodec {
        let kinds = parse_as("year=category").expect("a kind");
        let options = PlanOptions::new().with_missing(MissingRows::Model).with_kinds(kinds);
        let plan = Plan::new(frame, &options).unwrap_or_else(|error| panic!("{error}"));
        MixedCodec::fit(&plan, frame).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn every_kind_and_what_is_missing_comes_back_as_it_was() {
        let frame = frame(300);
        let codec = codec(&frame);
        assert_eq!(codec.names(), ["x", "n", "rain", "day", "kind", "year", "ok"]);
        let rows = codec.encode(&frame, Unknown::Refuse, &[]).expect("its own rows");
        assert_eq!((rows.rows.len(), rows.values.iter().filter(|value| value.is_nan()).count()), (300, 300));
        let back = codec.decode(&rows.values);
        for (out, column) in back.columns().iter().zip(frame.columns()) {
            for row in 0..300 {
                assert_eq!(out.text(row), column.text(row), "row {row} of {}", column.name);
            }
        }
        assert_eq!(codec.text(5, 1.0), codec.columns()[5].words().map(|words| words[1].clone()));
        let saved = serde_json::to_string(&codec).expect("it is data");
        assert_eq!(serde_json::from_str::<MixedCodec>(&saved).expect("read"), codec);
    }

    #[test]
    fn what_the_training_rows_had_not_is_an_error_or_counted_and_columns_may_be_absent_where_they_are_asked_for() {
        let frame = frame(300);
        let codec = codec(&frame);
        let strange = frame.clone().with_column(FrameColumn::words("kind", vec!["z"; 300])).expect("as long");
        let error = codec.encode(&strange, Unknown::Refuse, &[]).expect_err("unknown").to_string();
        assert!(error.contains("`z` was not among the rows"), "{error}");
        let counted = codec.encode(&strange, Unknown::Count, &[]).expect("counted");
        assert_eq!((counted.values[4], counted.counted[0].cells), (-1.0, 300));
        let half = frame.clone().with_column(FrameColumn::numbers("n", vec![0.5; 300])).expect("as long");
        let error = codec.encode(&half, Unknown::Refuse, &[]).expect_err("no whole numbers").to_string();
        assert!(error.contains("`n`: 0.5 is not whole numbers"), "{error}");
        let lacking = frame.select(&"!rain".parse().expect("a selection")).expect("the rest");
        assert!(codec.encode(&lacking, Unknown::Refuse, &[]).is_err());
        let rows = codec.encode(&lacking, Unknown::Refuse, &["rain"]).expect("it may be absent");
        assert!(rows.values.iter().skip(2).step_by(7).all(|value| value.is_nan()));
    }

    #[test]
    fn some_columns_are_said_in_words() {
        let codec = codec(&frame(300));
        let row = codec.given("kind=a,year=2008,day=1970-01-11").expect("known");
        assert_eq!((row[3], row[0].is_nan()), (10.0, true));
        assert_eq!(codec.text(4, row[4]).as_deref(), Some("a"));
        for (text, message) in [
            ("kind=z", "`z` was not among the rows"),
            ("sort=a", "`sort` is no column of the model"),
            ("kind=a,kind=b", "`kind` is said twice"),
            ("n=1.5", "`1.5` is no value that `n` can have"),
        ] {
            let error = codec.given(text).expect_err(message).to_string();
            assert!(error.contains(message), "{error}");
        }
        assert_eq!(codec.place("rain").expect("there"), 2);
        assert!(codec.place("snow").expect_err("none").to_string().contains("no column `snow`"));
    }
}
