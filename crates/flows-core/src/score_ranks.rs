//! The ranks of scores among those of held-out rows.

use serde::{Deserialize, Serialize};

/// The log-densities of held-out rows, by which the score of a new row is ranked: is it an anomaly?
///
/// ```text
/// p(s) = (1 + #{i : sᵢ ≤ s}) / (n + 1)
/// ```
///
/// is the conformal p-value of a score `s`: of new rows that come from where the held-out rows came from, at most a
/// share `α` has `p(s) ≤ α`, whatever the density is worth. The rows must not have been trained on, as those score
/// higher than others.
///
/// The lowest [`EXACT`](Self::EXACT) scores are kept as they are, so that the share of a row in the tail, where anomalies
/// are, is right to one rank; of the others as many quantiles are kept, and ranks between them are interpolated.
///
/// # Example
/// ```
/// use flows_core::ScoreRanks;
///
/// let held_out = (0..999).map(f64::from);
/// let ranks = ScoreRanks::new(held_out);
/// assert_eq!(ranks.p_value(-1.0), 0.001); // less likely than all 999
/// assert_eq!(ranks.p_value(0.5), 0.002);
/// assert_eq!(ranks.p_value(1e9), 1.0);
/// assert!(ranks.p_value(f64::NAN).is_nan());
/// ```
///
/// # Notes
/// Scores are log-densities, the lower the less likely. Of scores that grow the other way, such as bits per dimension,
/// take the negatives. A held-out score of NaN counts as -∞.
///
/// # Reference
/// "Algorithmic Learning in a Random World", Vovk, Gammerman, Shafer, 2005; for anomalies: "Testing for Outliers with
/// Conformal p-values", Bates, Candès, Lei, Romano, Sesia, 2023, <https://arxiv.org/abs/2104.08279>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Kept")]
pub struct ScoreRanks {
    /// The number of held-out scores.
    count: usize,
    /// Those of them that are -∞, for which JSON has no number.
    infinite: usize,
    /// The lowest finite scores, in order.
    tail: Vec<f64>,
    /// Scores above them at equal steps of rank, from the first to the last.
    rest: Vec<f64>,
}

/// What a file says of ranks.
#[derive(Deserialize)]
struct Kept {
    count: usize,
    infinite: usize,
    tail: Vec<f64>,
    rest: Vec<f64>,
}

impl TryFrom<Kept> for ScoreRanks {
    type Error = String;

    fn try_from(Kept { count, infinite, tail, rest }: Kept) -> Result<Self, String> {
        let finite = count.checked_sub(infinite).ok_or("ranks: more scores are infinite than there are")?;
        let above = finite.saturating_sub(Self::EXACT);
        if tail.len() != finite.min(Self::EXACT) || rest.len() != above.min(Self::EXACT) {
            let (tail, rest) = (tail.len(), rest.len());
            return Err(format!("ranks: {tail} and {rest} scores are not what is kept of {count}"));
        }
        let scores = || tail.iter().chain(&rest);
        if scores().any(|score| !score.is_finite()) || !scores().is_sorted() {
            return Err("ranks: the scores are not in order".to_owned());
        }
        Ok(Self { count, infinite, tail, rest })
    }
}

impl ScoreRanks {
    /// So many of the lowest scores are kept as they are.
    pub const EXACT: usize = 1000;

    /// Takes the scores of held-out rows.
    pub fn new(scores: impl IntoIterator<Item = f64>) -> Self {
        let mut finite: Vec<f64> = scores.into_iter().map(|s| if s.is_nan() { f64::NEG_INFINITY } else { s }).collect();
        let count = finite.len();
        finite.retain(|score| *score > f64::NEG_INFINITY);
        finite.iter_mut().for_each(|score| *score = score.min(f64::MAX));
        finite.sort_unstable_by(f64::total_cmp);
        let infinite = count - finite.len();
        let mut tail = finite;
        let above = tail.split_off(Self::EXACT.min(tail.len()));
        let kept = above.len().min(Self::EXACT);
        let rest = (0..kept).map(|i| above[place(i, kept, above.len()).round() as usize]).collect();
        Self { count, infinite, tail, rest }
    }

    /// The number of held-out scores.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The number of held-out scores that are no higher, a whole number in the tail; NaN for NaN.
    pub fn rank(&self, score: f64) -> f64 {
        if score.is_nan() {
            return f64::NAN;
        }
        let exact = self.infinite + self.tail.partition_point(|kept| *kept <= score);
        let above = self.rest.partition_point(|kept| *kept <= score);
        if above == 0 {
            return exact as f64;
        }
        let n = self.count - exact;
        // Every score kept stands for its place in order.
        let at = |i: usize| place(i, self.rest.len(), n).round() + 1.0;
        let Some(next) = self.rest.get(above) else { return self.count as f64 };
        let (low, high) = (self.rest[above - 1], *next);
        let between = (score - low) / (high - low) * (at(above) - at(above - 1) - 1.0);
        exact as f64 + at(above - 1) + between.floor()
    }

    /// The conformal p-value of a score, from `1 / (n + 1)` to 1; NaN for NaN.
    pub fn p_value(&self, score: f64) -> f64 {
        (self.rank(score) + 1.0) / (self.count as f64 + 1.0)
    }

    /// The held-out score below which a share of them lies, from 0 (the lowest) to 1 (the highest); -∞ where those are,
    /// and NaN where there are none.
    ///
    /// ```
    /// use flows_core::ScoreRanks;
    ///
    /// let ranks = ScoreRanks::new((0..=100).map(f64::from));
    /// assert_eq!((ranks.quantile(0.0), ranks.quantile(0.25), ranks.quantile(1.0)), (0.0, 25.0, 100.0));
    /// ```
    pub fn quantile(&self, share: f64) -> f64 {
        if self.count == 0 || share.is_nan() {
            return f64::NAN;
        }
        let wanted = share.clamp(0.0, 1.0) * (self.count - 1) as f64 - self.infinite as f64;
        if wanted < 0.0 {
            return f64::NEG_INFINITY;
        }
        let (last, n) = (self.tail.len() - 1, self.count - self.infinite - self.tail.len());
        if wanted <= last as f64 || self.rest.is_empty() {
            return between(&self.tail, wanted.min(last as f64));
        }
        let beyond = wanted - self.tail.len() as f64;
        if beyond < 0.0 {
            return self.tail[last] + (self.rest[0] - self.tail[last]) * (beyond + 1.0);
        }
        let steps = (self.rest.len() - 1) as f64 / (n - 1).max(1) as f64;
        between(&self.rest, (beyond * steps).min((self.rest.len() - 1) as f64))
    }
}

/// Where the `i`-th of `kept` scores lies among `n`.
fn place(i: usize, kept: usize, n: usize) -> f64 {
    if kept < 2 { 0.0 } else { i as f64 * (n - 1) as f64 / (kept - 1) as f64 }
}

fn between(sorted: &[f64], place: f64) -> f64 {
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (sorted[above] - sorted[below]) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scores as flows give them: a long tail to the left.
    fn scores(n: usize) -> Vec<f64> {
        (0..n).map(|i| ((i as f64 + 0.5) / n as f64).ln() * 7.0 - 3.0).collect()
    }

    fn counted(scores: &[f64], score: f64) -> f64 {
        scores.iter().filter(|s| **s <= score).count() as f64
    }

    #[test]
    fn a_rank_in_the_tail_is_exact_and_elsewhere_within_a_thousandth() {
        let held_out = scores(100_000);
        let ranks = ScoreRanks::new(held_out.iter().copied().rev());
        for (i, score) in held_out.iter().enumerate().step_by(7) {
            for score in [*score, score + 1e-9, score - 1e-9] {
                let (rank, right) = (ranks.rank(score), counted(&held_out, score));
                let allowed = if i < 990 { 0.0 } else { 110.0 };
                assert!((rank - right).abs() <= allowed, "{score}: rank {rank}, counted {right}");
            }
        }
    }

    #[test]
    fn few_scores_are_all_exact() {
        for n in [0, 1, 2, 999, 1000, 1001, 1002, 1999, 2000] {
            let held_out = scores(n);
            let ranks = ScoreRanks::new(held_out.clone());
            for score in held_out.iter().flat_map(|s| [*s, s - 1e-12]).chain([-1e9, 1e9]) {
                assert_eq!(ranks.rank(score), counted(&held_out, score), "{score} of {n}");
            }
            assert_eq!((ranks.p_value(-1e9), ranks.p_value(1e9)), (1.0 / (n as f64 + 1.0), 1.0));
        }
    }

    #[test]
    fn p_values_of_rows_like_the_held_out_ones_are_uniform() {
        let held_out = scores(5000);
        let ranks = ScoreRanks::new(held_out);
        // Scores half way between two held-out ones each.
        for share in [0.001, 0.01, 0.05, 0.5] {
            let below = (0..4999).filter(|i| {
                let score = ((f64::from(*i) + 1.0) / 5000.0).ln() * 7.0 - 3.0;
                ranks.p_value(score) <= share
            });
            assert!((below.count() as f64 / 4999.0 - share).abs() < 1e-3, "{share}");
        }
    }

    #[test]
    fn equal_and_infinite_scores_are_counted() {
        let ranks = ScoreRanks::new([1.0, 1.0, 1.0, f64::NEG_INFINITY, f64::NAN, 5.0, f64::INFINITY]);
        assert_eq!([f64::NEG_INFINITY, 0.0, 1.0, 5.0, 1e300].map(|s| ranks.rank(s)), [2.0, 2.0, 5.0, 6.0, 6.0]);
        assert_eq!(ranks.rank(f64::INFINITY), 7.0);
        assert_eq!(ranks.quantile(0.0), f64::NEG_INFINITY);
        let same = ScoreRanks::new(vec![2.0; 5000]);
        assert_eq!((same.rank(1.9), same.rank(2.0), same.quantile(0.7)), (0.0, 5000.0, 2.0));
    }

    #[test]
    fn quantiles_are_those_of_the_scores() {
        let held_out = scores(50_000);
        let ranks = ScoreRanks::new(held_out.clone());
        for share in [0.0, 1e-4, 0.01, 0.02, 0.0200004, 0.3, 0.5, 0.99, 1.0] {
            let right = between(&held_out, share * 49_999.0);
            // Between quantiles kept a thousandth apart.
            assert!((ranks.quantile(share) - right).abs() < 1e-3, "{share}: {} for {right}", ranks.quantile(share));
        }
    }

    #[test]
    fn json_keeps_every_rank() {
        let ranks = ScoreRanks::new(scores(3000).into_iter().chain([f64::NEG_INFINITY]));
        let json = serde_json::to_string(&ranks).expect("numbers");
        assert_eq!(serde_json::from_str::<ScoreRanks>(&json).expect("its own"), ranks);
    }

    #[test]
    fn ranks_that_cannot_be_are_an_error() {
        let json = serde_json::to_value(ScoreRanks::new(scores(1500))).expect("numbers");
        for (key, wrong) in [("count", 1499), ("count", 0), ("infinite", 1), ("infinite", 5000), ("tail", 3)] {
            let mut lie = json.clone();
            match key {
                "tail" => lie[key][wrong] = 7.0.into(),
                _ => lie[key] = wrong.into(),
            }
            assert!(serde_json::from_value::<ScoreRanks>(lie).is_err(), "{key}: {wrong}");
        }
        for count in [0, 1, 999, 1000, 1001, 1999, 2000, 2001] {
            let json = serde_json::to_value(ScoreRanks::new(scores(count))).expect("numbers");
            assert!(serde_json::from_value::<ScoreRanks>(json).is_ok(), "{count}");
        }
    }
}
