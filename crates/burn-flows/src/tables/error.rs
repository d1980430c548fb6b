//! What can go wrong with models of tables.

use flows_core::{FlowError, MixtureError, ScalingError};

/// An error of a model of a table, with a hint on its second line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TablesError {
    /// A file, the data or the training cannot be used.
    #[error(transparent)]
    Flow(#[from] FlowError),
    /// A table cannot be read, used or written.
    #[error(transparent)]
    Data(#[from] flows_data::DataError),
    /// The model was fitted to bare numbers.
    #[error(
        "the model was fitted to bare numbers, and knows no columns of a file\nhint: fit it to a frame, with its codec"
    )]
    NoCodec,
    /// There are too few rows.
    #[error("{rows} rows are too few to {action}, which takes {needed}\nhint: give more rows")]
    TooFewRows {
        /// The number of rows.
        rows: usize,
        /// What they are too few for.
        action: &'static str,
        /// The fewest that will do.
        needed: usize,
    },
    /// Numbers do not fill the rows.
    #[error(
        "{what}: expected {expected} numbers, got {got}\nhint: rows lie one after the other, a number for each column"
    )]
    Incomplete {
        /// What they are.
        what: &'static str,
        /// How many there should be.
        expected: usize,
        /// How many there are.
        got: usize,
    },
    /// A number is NaN or infinite.
    #[error(
        "row {row} (counting from 0), column `{column}`: expected a finite number, got {value}\n\
         hint: drop or correct the row"
    )]
    NotFinite {
        /// The row, counted from 0.
        row: usize,
        /// The column.
        column: String,
        /// The number.
        value: f64,
    },
    /// A weight is negative or not finite.
    #[error("row {row} (counting from 0): a weight of {weight}\nhint: weights are zero or positive")]
    Weight {
        /// The row, counted from 0.
        row: usize,
        /// The weight.
        weight: f64,
    },
    /// All weights are zero.
    #[error("the weights of {part} add up to nothing\nhint: weights are positive for some rows at least")]
    NoWeight {
        /// Which rows.
        part: &'static str,
    },
    /// A column is not there.
    #[error("no column is called `{name}`\nhint: the columns are {}", names.join(", "))]
    NoColumn {
        /// The name.
        name: String,
        /// The columns that are there.
        names: Vec<String>,
    },
    /// There are no columns to model.
    #[error("no column is left to model\nhint: name one that is not a condition")]
    NoColumns,
    /// A coupling needs two columns.
    #[error(
        "`{model}` needs two columns or conditions, and there is one column\n\
         hint: auto, gaussian, mixture, maf, maf-mog, nsf-ar, made and made-mog take one"
    )]
    OneColumn {
        /// The model.
        model: &'static str,
    },
    /// Columns do not vary in the training rows.
    #[error("{}\nhint: leave them out", constant(columns))]
    Constant {
        /// Their names and values.
        columns: Vec<(String, f64)>,
    },
    /// A few values are absurd.
    #[error("column `{column}`: {problem}\nhint: correct or remove the rows, or leave the column out")]
    Absurd {
        /// The column.
        column: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The conditions are not those of the model.
    #[error(
        "expected {expected} numbers of conditions a row ({}), got {got}\nhint: give one for each condition",
        names.join(", ")
    )]
    Conditions {
        /// How many there should be a row.
        expected: usize,
        /// Their names.
        names: Vec<String>,
        /// How many numbers there are in all.
        got: usize,
    },
    /// The rows have other columns than the model.
    #[error("the rows have the columns {}, and the model has {}\nhint: give the columns of the model", got.join(", "), expected.join(", "))]
    Columns {
        /// Those of the model.
        expected: Vec<String>,
        /// Those of the rows.
        got: Vec<String>,
    },
    /// A setting cannot be meant.
    #[error("`{setting}`: expected {expected}, got {got}\nhint: leave it out for a choice from the rows")]
    Setting {
        /// The setting.
        setting: &'static str,
        /// What is possible.
        expected: &'static str,
        /// What was given.
        got: String,
    },
    /// The model has nothing that a setting is of.
    #[error("`{setting}` is no setting of `{model}`\nhint: leave it out, or name another model: {}", models.join(", "))]
    Unused {
        /// The setting.
        setting: &'static str,
        /// The model.
        model: &'static str,
        /// The models that it is a setting of.
        models: Vec<&'static str>,
    },
    /// Only one target has an exact grid.
    #[error(
        "a grid of exact densities takes one target, and the model has {targets}\nhint: fit the one target by itself"
    )]
    Targets {
        /// The number of targets.
        targets: usize,
    },
}

fn constant(columns: &[(String, f64)]) -> String {
    let each: Vec<String> = columns.iter().map(|(name, value)| format!("`{name} = {value}`")).collect();
    let columns = if each.len() == 1 { "the column does" } else { "the columns do" };
    format!("{columns} not vary in the training rows: {}", each.join(", "))
}

impl TablesError {
    /// An error of the scaling with the names of its columns.
    pub(crate) fn named(error: FlowError, names: &[String]) -> Self {
        let name = |i: usize| names[i].clone();
        match error {
            FlowError::Scaling(problem) => match problem {
                ScalingError::Constant { columns } => {
                    Self::Constant { columns: columns.into_iter().map(|(i, value)| (name(i), value)).collect() }
                }
                ScalingError::NotFinite { row, column, value, .. } => {
                    Self::NotFinite { row, column: name(column), value }
                }
                ScalingError::Outliers { column, .. } => {
                    Self::Absurd { column: name(column), problem: problem.to_string() }
                }
                other => Self::Flow(other.into()),
            },
            FlowError::Mixture(MixtureError::Constant { feature, value }) => {
                Self::Constant { columns: vec![(name(feature), value)] }
            }
            other => Self::Flow(other),
        }
    }
}
