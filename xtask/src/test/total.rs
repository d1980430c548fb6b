//! What the test runners counted.

use std::{fmt, iter::Sum};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Total {
    passed: u64,
    failed: u64,
    skipped: u64,
}

impl Total {
    /// Adds the numbers of a line such as `test result: ok. 3 passed; 0 failed; 1 ignored; ...`; other lines add nothing.
    pub(super) fn add(&mut self, line: &str) {
        let Some((_, counts)) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". ")) else {
            return;
        };
        for count in counts.split(';') {
            let Some((number, what)) = count.trim().split_once(' ') else { continue };
            let Ok(number) = number.parse::<u64>() else { continue };
            match what {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" | "filtered out" => self.skipped += number,
                _ => {}
            }
        }
    }

    /// How many tests came to an end.
    pub(super) fn ran(&self) -> u64 {
        self.passed + self.failed
    }
}

impl<'a> Sum<&'a Total> for Total {
    fn sum<I: Iterator<Item = &'a Total>>(totals: I) -> Self {
        totals.fold(Self::default(), |sum, total| Self {
            passed: sum.passed + total.passed,
            failed: sum.failed + total.failed,
            skipped: sum.skipped + total.skipped,
        })
    }
}

impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 { write!(f, ", {} skipped", self.skipped) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counts_of_several_runners_are_added_up() {
        let mut total = Total::default();
        total.add("test result: ok. 65 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.19s\n");
        total
            .add("test result: FAILED. 5 passed; 2 failed; 1 ignored; 0 measured; 3 filtered out; finished in 1.02s\n");
        assert_eq!(total, Total { passed: 70, failed: 2, skipped: 4 });
        assert_eq!(total.to_string(), "70 passed, 2 failed, 4 skipped");
        assert_eq!([total.clone(), total].iter().sum::<Total>().to_string(), "140 passed, 4 failed, 8 skipped");
    }

    #[test]
    fn other_lines_add_nothing() {
        let mut total = Total::default();
        total.add("test tests::a_name ... ok\n");
        total.add("all doctests ran in 1.35s; merged doctests compilation took 1.31s\n");
        total.add("running 5 tests\n");
        assert_eq!((total.ran(), total.to_string()), (0, "0 passed, 0 failed".to_owned()));
    }
}
