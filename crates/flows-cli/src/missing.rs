//! Rows that miss a cell of what a model needs.

use clap::ValueEnum;
use flows_data::{ColumnError, DataError, Frame};

use crate::problem::Problem;
use crate::terminal;

/// What becomes of rows that miss a cell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Missing {
    /// They stay, and what would be said of them is empty
    #[default]
    Keep,
    /// They are left out, and counted
    Drop,
    /// They are an error
    Error,
}

impl Missing {
    /// Whether rows stay of which nothing can be said, even if all of them miss a cell.
    pub(crate) fn keeps(self, error: &DataError) -> bool {
        self == Self::Keep && matches!(error, DataError::Column(ColumnError::NoRowOfTheModel { .. }))
    }

    /// Tells of the rows of a frame that are not among `places`, and how many they are; `what` is what they do not get.
    pub(crate) fn tell(self, frame: &Frame, places: &[usize], what: &str) -> Result<usize, Problem> {
        let missing = frame.rows() - places.len();
        if missing == 0 {
            return Ok(0);
        }
        let told = match self {
            Self::Error => {
                let row = (0..frame.rows()).find(|row| places.binary_search(row).is_err()).unwrap_or(0);
                let message = format!(
                    "{}, row {row} (counting from 0): a cell of the model's is missing, as in {missing} rows in all",
                    frame.origin()
                );
                return Err(Problem::new(message)
                    .hint(format!("`--missing keep` leaves their {what} open, `--missing drop` leaves them out")));
            }
            Self::Keep => format!("miss a cell and have no {what}; `--missing drop` leaves them out"),
            Self::Drop => format!("miss a cell and are left out; `--missing keep` keeps them, without a {what}"),
        };
        terminal::note(format_args!("{}: {missing} of {} rows {told}", frame.origin(), frame.rows()));
        Ok(missing)
    }

    /// The rows to write: of each the place in the frame, and among `places` if it is there.
    pub(crate) fn rows(self, frame: &Frame, places: &[usize]) -> Vec<(usize, Option<usize>)> {
        match self {
            Self::Keep => (0..frame.rows()).map(|row| (row, places.binary_search(&row).ok())).collect(),
            _ => places.iter().enumerate().map(|(at, row)| (*row, Some(at))).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flows_data::FrameColumn;

    #[test]
    fn rows_without_a_cell_stay_or_go() {
        let frame = Frame::new(vec![FrameColumn::numbers("x", [1.0, f64::NAN, 3.0])]).expect("one column");
        assert_eq!(Missing::Keep.rows(&frame, &[0, 2]), [(0, Some(0)), (1, None), (2, Some(1))]);
        assert_eq!(Missing::Drop.rows(&frame, &[0, 2]), [(0, Some(0)), (2, Some(1))]);
        assert!(Missing::Error.tell(&frame, &[0, 2], "score").unwrap_err().to_string().contains("row 1"));
        assert!(matches!(Missing::Error.tell(&frame, &[0, 1, 2], "score"), Ok(0)));
    }
}
