//! Training, validation and test rows of a frame.

use std::str::FromStr;

use flows_core::generator;
use rand::seq::SliceRandom;

use crate::DataError;
use crate::columns::ColumnError;
use crate::frame::{Cells, Frame};
use crate::table::shell_word;

/// How the rows of a frame are split; read from `random`, `time:COLUMN` and `group:COLUMN`.
///
/// # Example
///
/// ```
/// use flows_data::{Frame, FrameColumn, Splitting};
///
/// let frame = Frame::new(vec![FrameColumn::numbers("day", (0..10).map(|day| f64::from(9 - day)))])?;
/// let splitting: Splitting = "time:day".parse()?;
/// let parts = splitting.split(&frame, [0.6, 0.2, 0.2], 0)?;
/// assert_eq!((parts.test.len(), parts.test[0], parts.test[1]), (2, 0, 1)); // the last days
/// # Ok::<(), flows_data::DataError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Splitting {
    /// By chance.
    #[default]
    Random,
    /// By time, or any other number: what comes first is learnt from, what comes last is tested on.
    Time(String),
    /// By chance, with all rows of a group in one part.
    Group(String),
}

/// The rows of each part, in the order of the frame.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parts {
    /// Rows to learn from.
    pub train: Vec<usize>,
    /// Rows to choose a model by.
    pub validation: Vec<usize>,
    /// Rows to report figures on.
    pub test: Vec<usize>,
}

/// One fold: rows to learn from, and rows that are held out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    /// Rows to learn from.
    pub train: Vec<usize>,
    /// The others.
    pub held_out: Vec<usize>,
}

impl FromStr for Splitting {
    type Err = ColumnError;

    fn from_str(text: &str) -> Result<Self, ColumnError> {
        match text.split_once(':') {
            None if text == "random" => Ok(Self::Random),
            Some(("time", column)) if !column.is_empty() => Ok(Self::Time(column.to_owned())),
            Some(("group", column)) if !column.is_empty() => Ok(Self::Group(column.to_owned())),
            _ => {
                let (file, reason) = ("--split".to_owned(), "there is no such way".to_owned());
                let hint = "there are random, time:COLUMN and group:COLUMN";
                Err(ColumnError::Split { file, split: text.to_owned(), reason, hint })
            }
        }
    }
}

impl std::fmt::Display for Splitting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Random => write!(f, "random"),
            Self::Time(column) => write!(f, "time:{}", shell_word(column)),
            Self::Group(column) => write!(f, "group:{}", shell_word(column)),
        }
    }
}

impl Splitting {
    /// Splits the rows of a frame into training, validation and test rows of the given fractions; a part whose fraction
    /// is zero is empty. The same frame, fractions and seed give the same parts, on every machine.
    ///
    /// Rows of one time stay together, as rows of one group do, so that the parts may differ from their fractions.
    ///
    /// # Errors
    ///
    /// A column that is not there, misses cells or holds no times; a part that would be empty.
    ///
    /// # Panics
    ///
    /// If a fraction is negative, or if they do not add up to one.
    pub fn split(&self, frame: &Frame, fractions: [f64; 3], seed: u64) -> Result<Parts, DataError> {
        let valid = fractions.iter().all(|fraction| *fraction >= 0.0);
        assert!(
            valid && (fractions.iter().sum::<f64>() - 1.0).abs() < 1e-9,
            "`fractions`: expected three shares that add up to 1, got {fractions:?}"
        );
        let rows = frame.rows();
        let wanted: Vec<usize> = (0..3).filter(|part| fractions[*part] > 0.0).collect();
        let mut blocks = self.blocks(frame, seed)?;
        if blocks.len() < wanted.len() {
            let (blocks, what) = (blocks.len(), self.block());
            let reason = format!("{blocks} {what} of {rows} rows cannot make {} parts", wanted.len());
            return Err(self.problem(frame, reason).into());
        }
        let ends = [fractions[0] * rows as f64, (fractions[0] + fractions[1]) * rows as f64];
        let mut part_of = by_middle(&blocks, ends);
        if !wanted.iter().all(|part| part_of.contains(part)) && matches!(self, Self::Group(_)) {
            // Of few or large groups the largest are learnt from.
            blocks.sort_by_key(|block| std::cmp::Reverse(block.len()));
            part_of = by_middle(&blocks, ends);
        }
        let mut parts = [vec![], vec![], vec![]];
        let (all, mut next) = (blocks.len(), 0);
        for (at, block) in blocks.into_iter().enumerate() {
            // A block goes where its middle falls, but no part is passed over, and for each one later there is a block left.
            let asked = wanted.iter().position(|part| *part >= part_of[at]).unwrap_or(wanted.len() - 1);
            let place =
                asked.clamp((wanted.len() + at).saturating_sub(all).max(next.max(1) - 1), next.min(wanted.len() - 1));
            next = next.max(place + 1);
            parts[wanted[place]].extend(block);
        }
        parts.iter_mut().for_each(|part| part.sort_unstable());
        let [train, validation, test] = parts;
        Ok(Parts { train, validation, test })
    }

    /// Cuts the rows of a frame into `k` folds of about the same size, each held out once. By time, the folds are
    /// stretches of time.
    ///
    /// # Errors
    ///
    /// Those of [`split`](Self::split), and fewer rows or groups than folds.
    ///
    /// # Panics
    ///
    /// If `k` is less than two.
    pub fn folds(&self, frame: &Frame, k: usize, seed: u64) -> Result<Vec<Fold>, DataError> {
        assert!(k >= 2, "`k`: expected at least two folds, got {k}");
        let rows = frame.rows();
        let mut fold_of = vec![0; rows];
        let mut before = 0;
        for block in self.blocks(frame, seed)? {
            let fold = ((2 * before + block.len()) * k / (2 * rows)).min(k - 1);
            before += block.len();
            block.into_iter().for_each(|row| fold_of[row] = fold);
        }
        let fold = |fold: usize| {
            let (held_out, train) = (0..rows).partition(|row| fold_of[*row] == fold);
            Fold { train, held_out }
        };
        let folds: Vec<Fold> = (0..k).map(fold).collect();
        match folds.iter().any(|fold| fold.held_out.is_empty()) {
            true => Err(self.problem(frame, format!("{rows} rows are too few for {k} folds")).into()),
            false => Ok(folds),
        }
    }

    /// Rows that stay together, in the order in which they are dealt out.
    fn blocks(&self, frame: &Frame, seed: u64) -> Result<Vec<Vec<usize>>, DataError> {
        let mut blocks: Vec<Vec<usize>> = match self {
            Self::Random => (0..frame.rows()).map(|row| vec![row]).collect(),
            Self::Time(name) => {
                let column = frame.column(name)?;
                let Some(values) = column.cells.values() else {
                    return Err(self
                        .problem(frame, format!("`{name}` holds text, and neither times nor numbers"))
                        .into());
                };
                self.check_missing(frame, name, &column.cells)?;
                let mut order: Vec<usize> = (0..frame.rows()).collect();
                order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
                return Ok(order.chunk_by(|a, b| values[*a] == values[*b]).map(<[usize]>::to_vec).collect());
            }
            Self::Group(name) => {
                let column = frame.column(name)?;
                self.check_missing(frame, name, &column.cells)?;
                let mut groups: Vec<Vec<usize>> = vec![];
                let mut known = std::collections::HashMap::new();
                for row in 0..frame.rows() {
                    let key = match &column.cells {
                        Cells::Words { codes, .. } => u64::from(codes[row]),
                        Cells::Numbers(values) | Cells::Times(values) => (values[row] + 0.0).to_bits(),
                    };
                    let place = *known.entry(key).or_insert(groups.len());
                    if place == groups.len() {
                        groups.push(vec![]);
                    }
                    groups[place].push(row);
                }
                groups
            }
        };
        blocks.shuffle(&mut generator(seed, 0));
        Ok(blocks)
    }

    /// What stays together, in a word.
    fn block(&self) -> &'static str {
        match self {
            Self::Random => "rows",
            Self::Time(_) => "times",
            Self::Group(_) => "groups",
        }
    }

    fn check_missing(&self, frame: &Frame, name: &str, cells: &Cells) -> Result<(), ColumnError> {
        match cells.missing() {
            0 => Ok(()),
            missing => Err(self.problem(frame, format!("{missing} cells of `{name}` are missing"))),
        }
    }

    fn problem(&self, frame: &Frame, reason: String) -> ColumnError {
        let hint = "`--split random` needs no column, and `--train`, `--val` and `--test` take files";
        ColumnError::Split { file: frame.origin().to_owned(), split: self.to_string(), reason, hint }
    }
}

/// The part in which the middle of each block falls, where parts end at these rows.
fn by_middle(blocks: &[Vec<usize>], ends: [f64; 2]) -> Vec<usize> {
    let mut before = 0;
    let part = |block: &Vec<usize>| {
        let middle = before as f64 + 0.5 * block.len() as f64;
        before += block.len();
        ends.iter().filter(|end| middle >= **end).count()
    };
    blocks.iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FrameColumn;

    fn frame(rows: usize) -> Frame {
        Frame::new(vec![
            FrameColumn::numbers("day", (0..rows).map(|row| (rows - row) as f64)),
            FrameColumn::words("who", (0..rows).map(|row| format!("p{}", row % 17))),
        ])
        .expect("good")
    }

    fn all(parts: &Parts) -> Vec<usize> {
        let mut all = [parts.train.clone(), parts.validation.clone(), parts.test.clone()].concat();
        all.sort_unstable();
        all
    }

    #[test]
    fn every_row_is_in_one_part_of_about_its_fraction() {
        for splitting in [Splitting::Random, Splitting::Time("day".into()), Splitting::Group("who".into())] {
            let parts = splitting.split(&frame(340), [0.8, 0.1, 0.1], 3).expect("enough rows");
            assert_eq!(all(&parts), (0..340).collect::<Vec<_>>(), "{splitting}");
            assert!((250..=292).contains(&parts.train.len()) && parts.test.len() >= 20, "{splitting}: {parts:?}");
            assert_eq!(splitting.split(&frame(340), [0.8, 0.1, 0.1], 3).expect("enough"), parts);
        }
        assert_ne!(
            Splitting::Random.split(&frame(340), [0.8, 0.1, 0.1], 3).expect("enough"),
            Splitting::Random.split(&frame(340), [0.8, 0.1, 0.1], 4).expect("enough")
        );
        let two = Splitting::Random.split(&frame(10), [0.5, 0.5, 0.0], 0).expect("enough");
        assert_eq!((two.train.len(), two.validation.len(), two.test.len()), (5, 5, 0));
    }

    #[test]
    fn time_is_never_learnt_from_the_future_and_groups_are_never_cut() {
        let parts = Splitting::Time("day".into()).split(&frame(100), [0.6, 0.2, 0.2], 0).expect("enough");
        // The first row is the last day.
        assert_eq!((parts.test[0], *parts.test.last().expect("some"), parts.train[0]), (0, 19, 40));
        let parts = Splitting::Group("who".into()).split(&frame(170), [0.5, 0.25, 0.25], 1).expect("enough");
        let groups = |rows: &[usize]| rows.iter().map(|row| row % 17).collect::<std::collections::BTreeSet<_>>();
        assert!(groups(&parts.train).is_disjoint(&groups(&parts.test)));
        assert!(groups(&parts.train).is_disjoint(&groups(&parts.validation)));
    }

    #[test]
    fn few_and_large_groups_and_times_leave_no_part_empty() {
        let sizes = |column: Vec<f64>, splitting: &str| {
            let frame = Frame::new(vec![FrameColumn::numbers("g", column)]).expect("good");
            let splitting: Splitting = splitting.parse().expect("a way");
            (0..20).map(move |seed| {
                let parts = splitting.split(&frame, [0.8, 0.1, 0.1], seed).expect("enough groups");
                [parts.train.len(), parts.validation.len(), parts.test.len()]
            })
        };
        let of = |sizes: &[usize]| -> Vec<f64> {
            sizes.iter().enumerate().flat_map(|(group, size)| vec![group as f64; *size]).collect()
        };
        // Three groups, one of them most of the rows; the largest is always learnt from.
        for parts in sizes(of(&[10, 70, 20]), "group:g") {
            assert!(parts[0] == 70 && parts[1] > 0 && parts[2] > 0, "{parts:?}");
        }
        for parts in sizes(of(&[50, 50, 50, 50]), "group:g") {
            assert_eq!(parts, [100, 50, 50]);
        }
        // Of times the order stays.
        for parts in sizes(of(&[2, 2, 96]), "time:g") {
            assert_eq!(parts, [2, 2, 96]);
        }
        for parts in sizes(of(&[96, 2, 2]), "time:g") {
            assert_eq!(parts, [96, 2, 2]);
        }
        let two = Frame::new(vec![FrameColumn::numbers("g", of(&[5, 5]))]).expect("good");
        let error = Splitting::Group("g".into()).split(&two, [0.8, 0.1, 0.1], 0).expect_err("two groups");
        assert!(error.to_string().contains("2 groups of 10 rows cannot make 3 parts"), "{error}");
        assert_eq!(Splitting::Group("g".into()).split(&two, [0.8, 0.0, 0.2], 0).expect("two").validation.len(), 0);
    }

    #[test]
    fn every_row_is_held_out_once() {
        for splitting in [Splitting::Random, Splitting::Time("day".into()), Splitting::Group("who".into())] {
            let folds = splitting.folds(&frame(103), 5, 2).expect("enough");
            let mut held: Vec<usize> = folds.iter().flat_map(|fold| fold.held_out.clone()).collect();
            held.sort_unstable();
            assert_eq!(held, (0..103).collect::<Vec<_>>());
            assert!(
                folds.iter().all(|fold| fold.train.len() + fold.held_out.len() == 103 && fold.held_out.len() >= 12)
            );
        }
    }

    #[test]
    fn what_cannot_be_split_is_said() {
        let message = |splitting: &str, rows: usize| {
            let splitting: Splitting = splitting.parse().expect("a way");
            splitting.split(&frame(rows), [0.8, 0.1, 0.1], 0).expect_err("impossible").to_string()
        };
        assert!(message("time:who", 50).contains("`who` holds text"));
        assert!(message("group:x", 50).contains("no column `x`"));
        assert!(message("random", 2).contains("2 rows of 2 rows cannot make 3 parts"), "{}", message("random", 2));
        assert!("daily".parse::<Splitting>().expect_err("no way").to_string().contains("random, time:COLUMN"));
        assert!(
            Splitting::Random.folds(&frame(3), 5, 0).expect_err("too few").to_string().contains("too few for 5 folds")
        );
    }
}
