//! The reasons why columns cannot be what they are asked to be.

use crate::table::{Place, list, shell_word};

/// The reason why a column cannot be what it is asked to be, or a row cannot be used by a model.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the message of a variant says what each of its fields is")]
pub enum ColumnError {
    /// A list of columns cannot be read.
    #[error("`{text}`: {reason}; hint: names are separated by commas, and those with a comma are quoted: 'a,\"b, c\"'")]
    List { text: String, reason: String },
    /// A kind that is none.
    #[error(
        "`{column}={kind}`: no such kind; hint: there are number, count, log, min:0, max:10, interval:0:1, circle:24, time, \
         category, yes-no and skip"
    )]
    UnknownKind { column: String, kind: String },
    /// The numbers of a kind make no sense.
    #[error("`{column}={kind}`: {reason}; hint: {hint}")]
    KindArgument { column: String, kind: String, reason: String, hint: &'static str },
    /// A column that cannot be of the kind that it is asked to be.
    #[error("{file}, column `{column}`: it cannot be {kind}: {reason}; hint: {hint}")]
    NotOfKind { file: String, column: String, kind: String, reason: String, hint: String },
    /// A column that is asked to be two things at once.
    #[error("column `{column}` is asked to be {first} and {second}; hint: name it once")]
    Twice { column: String, first: &'static str, second: &'static str },
    /// A target or a modelled column without a density.
    #[error(
        "{file}, column `{column}`: {kind} has no density yet, and cannot be a target; hint: `--given {}` makes it a \
         condition, `--as {}=count` takes its numbers as whole ones",
        shell_word(column),
        shell_word(column)
    )]
    NoDensity { file: String, column: String, kind: String },
    /// Nothing is left to model.
    #[error(
        "{file}: no column is left to model: {}; hint: `--as NAME=number` and `--columns` take one in",
        list(reasons)
    )]
    NothingToModel { file: String, reasons: Vec<String> },
    /// A missing cell.
    #[error(
        "{file}, {place}, column `{column}`: the cell is missing ({count} rows miss one); hint: `--missing drop` leaves \
         such rows out, `--columns '!{column}'` the column"
    )]
    MissingCell { file: String, place: Place, column: String, count: usize },
    /// Every row misses a cell.
    #[error(
        "{file}: each of the {rows} rows misses a cell, most of them in `{column}`; hint: `--columns '!{column}'` leaves it out"
    )]
    NoWholeRow { file: String, rows: usize, column: String },
    /// No row has all that a model needs.
    #[error(
        "{file}: none of the {rows} rows has all cells that the model needs: `{column}` is missing in {missing} of them; hint: \
         `flows peek` shows how the column is read"
    )]
    NoRowOfTheModel { file: String, rows: usize, column: String, missing: usize },
    /// A weight that is none.
    #[error(
        "{file}, {place}, column `{column}`: {value} is no weight; hint: weights are zero or more, and one is more"
    )]
    Weight { file: String, place: Place, column: String, value: f64 },
    /// Weights that leave nothing.
    #[error(
        "{file}, column `{column}`: every weight is zero; hint: `--weights` names another column, or leave it away"
    )]
    NoWeight { file: String, column: String },
    /// A word that the training rows have not.
    #[error(
        "{file}, {place}, column `{column}`: `{word}` was not among the rows that the model was trained on; those had {}; \
         hint: write one of these; in a table to score or predict, others are counted",
        list(known)
    )]
    UnknownWord { file: String, place: Place, column: String, word: String, known: Vec<String> },
    /// A value outside of a bound.
    #[error(
        "{file}, {place}, column `{column}`: {value} is not {bound} ({count} such cells); hint: `--as {}=number` at \
         training sets no bound; `flows score --unknown count` gives such rows no density",
        shell_word(column)
    )]
    OutsideBound { file: String, place: Place, column: String, value: f64, bound: String, count: usize },
    /// A column of other cells than the model knows.
    #[error("{file}, column `{column}`: it holds {got}, and {expected} in the training rows; hint: {hint}")]
    OtherCells { file: String, column: String, got: &'static str, expected: &'static str, hint: String },
    /// A column whose numbers have another sign beside them than the model knows.
    #[error(
        "{file}, column `{column}`: its numbers have {got} beside them, and {expected} in the training rows; hint: write both \
         tables alike"
    )]
    OtherMark { file: String, column: String, got: String, expected: String },
    /// A condition that is not said, or cannot be read.
    #[error("`{text}`: {reason}; hint: the conditions are {}", list(conditions))]
    Condition { text: String, reason: String, conditions: Vec<String> },
    /// A column that does not vary.
    #[error(
        "{file}, column `{column}`: it holds {value} in every row that is left; hint: `--columns '!{column}'` leaves it out"
    )]
    Constant { file: String, column: String, value: String },
    /// A way to split that is none, or impossible.
    #[error("{file}: rows cannot be split by `{split}`: {reason}; hint: {hint}")]
    Split { file: String, split: String, reason: String, hint: &'static str },
}
