//! Rows to train on, to choose by and to report.

use flows_core::generator;
use rand::seq::SliceRandom;

use super::TableRows;

/// Rows to train on, to choose by and to report.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The rows to train on.
    pub train: TableRows,
    /// The rows to choose by; where there are none, they are taken from those to train on, or five folds are made.
    pub validation: Option<TableRows>,
    /// The rows to report; where there are none, those to choose by are reported.
    pub test: Option<TableRows>,
}

impl<T: Into<TableRows>> From<T> for Parts {
    /// All rows, to be split by [`fit`](super::fit).
    fn from(rows: T) -> Self {
        Self { train: rows.into(), validation: None, test: None }
    }
}

impl TableRows {
    /// Splits the rows at random into the first share and the rest.
    ///
    /// # Example
    /// ```
    /// use burn_flows::tables::TableRows;
    ///
    /// let rows = TableRows::new(["a"], (0..10).map(f64::from).collect())?;
    /// let (train, test) = rows.split(0.8, 7);
    /// assert_eq!((train.len(), test.len()), (8, 2));
    /// # Ok::<(), burn_flows::tables::TablesError>(())
    /// ```
    pub fn split(&self, share: f64, seed: u64) -> (Self, Self) {
        let order = shuffled(self.len(), seed);
        let first = (share.clamp(0.0, 1.0) * self.len() as f64).round() as usize;
        let (first, rest) = order.split_at(first);
        (self.select(first), self.select(rest))
    }
}

/// The numbers of the rows of each of `count` folds, at random and in the order of the rows.
///
/// # Panics
/// If there are no folds.
pub fn folds(rows: usize, count: usize, seed: u64) -> Vec<Vec<usize>> {
    assert!(count > 0, "`count`: expected at least 1, got 0");
    let order = shuffled(rows, seed);
    let fold = |fold: usize| {
        let mut rows: Vec<usize> = order.iter().skip(fold).step_by(count).copied().collect();
        rows.sort_unstable();
        rows
    };
    (0..count).map(fold).collect()
}

/// A stream of random numbers of its own.
const STREAM: u64 = 0x5eed_5911;

pub(crate) fn shuffled(rows: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rows).collect();
    order.shuffle(&mut generator(seed, STREAM));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_in_one_fold() {
        let folds = folds(23, 5, 1);
        assert!(folds.iter().all(|fold| (4..=5).contains(&fold.len())));
        let mut all = folds.concat();
        all.sort_unstable();
        assert_eq!(all, (0..23).collect::<Vec<_>>());
    }
}
