//! Columns of whole numbers under a continuous density.

use serde::{Deserialize, Serialize};

/// Points at which the noise of a row is evaluated.
const POINTS: usize = 64;

/// The columns of a table that hold whole numbers, and how a continuous density `p` describes them: a whole number stands
/// for the interval from it to the next one.
///
/// ```text
/// P(x) = ∫ p(x + u) du    u ∈ [0, 1) in these columns, 0 in the others
/// ```
///
/// A density that is trained on whole numbers as they are puts an ever higher peak on each of them, and its likelihood
/// grows without bound. Trained on [`with_noise`](Self::with_noise), it spreads each number over its interval, and `P` is a
/// probability for these columns (and a density for the others). [`log_probs`](Self::log_probs) estimates `P` from 64
/// evenly spread `u`, the same ones for every row; a mean of few points errs to the low side, so that the result is a
/// lower bound, close to `P`.
///
/// # Example
///
/// ```
/// use flows_data::WholeNumbers;
///
/// // The uniform density on [0, 4): each of four whole numbers has the probability 1/4.
/// let uniform = |rows: &[f64]| rows.iter().map(|_| -4f64.ln()).collect::<Vec<_>>();
/// let whole = WholeNumbers::new(1, [0]);
/// assert!((whole.log_probs(&[3.0, 0.5], uniform)[0] + 4f64.ln()).abs() < 1e-12);
/// assert_eq!(whole.log_probs(&[0.5], uniform), [f64::NEG_INFINITY]); // it is not whole
/// assert_eq!(whole.floored(vec![3.7, -0.2]), [3.0, -1.0]);
/// ```
///
/// # Reference
/// "A note on the evaluation of generative models", Theis, van den Oord, Bethge, 2016,
/// <https://arxiv.org/abs/1511.01844>; more than one point: "Importance Weighted Autoencoders", Burda, Grosse,
/// Salakhutdinov, 2016, <https://arxiv.org/abs/1509.00519>.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Places")]
pub struct WholeNumbers {
    columns: usize,
    places: Vec<usize>,
}

/// What a file says of them.
#[derive(Deserialize)]
struct Places {
    columns: usize,
    places: Vec<usize>,
}

impl TryFrom<Places> for WholeNumbers {
    type Error = String;

    fn try_from(Places { columns, places }: Places) -> Result<Self, String> {
        match places.iter().all(|place| *place < columns) {
            true => Ok(Self { columns, places }),
            false => Err(format!("`places`: expected less than {columns}, got {places:?}")),
        }
    }
}

impl WholeNumbers {
    /// The columns at `places` of a table with `columns` columns.
    ///
    /// # Panics
    ///
    /// If a place is none.
    pub fn new(columns: usize, places: impl IntoIterator<Item = usize>) -> Self {
        Self::try_from(Places { columns, places: places.into_iter().collect() })
            .unwrap_or_else(|problem| panic!("{problem}"))
    }

    /// The number of columns of the table.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The places of the columns.
    pub fn places(&self) -> &[usize] {
        &self.places
    }

    /// Adds uniform noise from [0, 1) to the columns; the noise belongs to the seed, the row and the column.
    #[must_use]
    pub fn with_noise(&self, mut values: Vec<f64>, seed: u64) -> Vec<f64> {
        for (row, cells) in values.chunks_exact_mut(self.columns).enumerate() {
            for &place in &self.places {
                // The next whole number is another interval.
                cells[place] =
                    (cells[place] + noise(seed, row as u64, place as u64)).min((cells[place] + 1.0).next_down());
            }
        }
        values
    }

    /// Rounds the columns down to whole numbers.
    #[must_use]
    pub fn floored(&self, mut values: Vec<f64>) -> Vec<f64> {
        for cells in values.chunks_exact_mut(self.columns) {
            self.places.iter().for_each(|place| cells[*place] = cells[*place].floor());
        }
        values
    }

    /// The logarithm of `P` of each row, from a function that gives the log-densities of rows; -∞ where a number is not
    /// whole. Without columns of whole numbers it is that function.
    pub fn log_probs(&self, values: &[f64], log_density: impl Fn(&[f64]) -> Vec<f64>) -> Vec<f64> {
        if self.places.is_empty() {
            return log_density(values);
        }
        let rows = values.len() / self.columns;
        let mut sums: Vec<(f64, f64)> = vec![(f64::NEG_INFINITY, 0.0); rows];
        let mut shifted = values.to_vec();
        for point in 0..POINTS {
            let offsets = self.point(point);
            for (to, from) in shifted.chunks_exact_mut(self.columns).zip(values.chunks_exact(self.columns)) {
                self.places.iter().zip(&offsets).for_each(|(&place, u)| to[place] = from[place] + u);
            }
            sums.iter_mut().zip(log_density(&shifted)).for_each(|(sum, value)| *sum = added(*sum, value));
        }
        let whole = |row: &[f64]| self.places.iter().all(|place| row[*place].fract() == 0.0 || row[*place].is_nan());
        let log_prob = |((largest, sum), row): ((f64, f64), &[f64])| match whole(row) {
            true => largest + (sum / POINTS as f64).ln(),
            false => f64::NEG_INFINITY,
        };
        sums.into_iter().zip(values.chunks_exact(self.columns)).map(log_prob).collect()
    }

    /// A point of a sequence that fills the unit cube evenly: midpoints in one dimension, else Roberts' generalisation of
    /// the golden ratio.
    fn point(&self, point: usize) -> Vec<f64> {
        let dimensions = self.places.len();
        if dimensions == 1 {
            return vec![(point as f64 + 0.5) / POINTS as f64];
        }
        // The root of x^(d + 1) = x + 1 above 1.
        let ratio = (0..60).fold(2.0_f64, |x, _| (1.0 + x).powf(1.0 / (dimensions as f64 + 1.0)));
        (1..=dimensions).map(|j| (0.5 + (point + 1) as f64 / ratio.powi(j as i32)).fract()).collect()
    }
}

/// Adds `exp(value)` to `exp(largest) · sum`.
fn added((largest, sum): (f64, f64), value: f64) -> (f64, f64) {
    match value {
        f64::NEG_INFINITY => (largest, sum),
        value if value <= largest => (largest, sum + (value - largest).exp()),
        value => (value, sum * (largest - value).exp() + 1.0),
    }
}

/// A number in [0, 1) from three others, as SplitMix64 mixes them.
fn noise(seed: u64, row: u64, column: u64) -> f64 {
    let mix = |mut z: u64| {
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let step = 0x9e37_79b9_7f4a_7c15_u64;
    let state = [row, column]
        .into_iter()
        .fold(mix(seed.wrapping_add(step)), |state, next| mix(state ^ next.wrapping_add(1).wrapping_mul(step)));
    (state >> 11) as f64 * 2f64.powi(-53)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_uniform_belongs_to_its_cell_and_leaves_the_other_columns_alone() {
        let whole = WholeNumbers::new(2, [0]);
        let values: Vec<f64> = (0..20_000).map(f64::from).collect();
        let noisy = whole.with_noise(values.clone(), 7);
        assert_eq!(noisy, whole.with_noise(values.clone(), 7));
        assert_ne!(noisy, whole.with_noise(values.clone(), 8));
        assert!(noisy.chunks(2).zip(values.chunks(2)).all(|(a, b)| a[1] == b[1] && a[0].floor() == b[0]));
        let mean = noisy.iter().zip(&values).map(|(a, b)| a - b).sum::<f64>() / 1e4;
        // The standard error of 10,000 uniform numbers is 0.0029.
        assert!((mean - 0.5).abs() < 0.01, "{mean}");
    }

    // A normal density of unit variance over whole numbers: P(0) = Φ(1) - Φ(0) = 0.341345.
    #[test]
    fn the_probability_is_the_integral_over_the_interval() {
        let normal = |rows: &[f64]| rows.iter().map(|x| -0.5 * x * x - 0.918_938_533_204_672_7).collect::<Vec<_>>();
        let one = WholeNumbers::new(1, [0]).log_probs(&[0.0, f64::NAN], normal);
        assert!((one[0].exp() - 0.341_345).abs() < 1e-5 && one[1].is_nan(), "{one:?}");
        let rows = |rows: &[f64]| rows.chunks(2).map(|row| normal(row).iter().sum()).collect::<Vec<f64>>();
        let two = WholeNumbers::new(2, [0, 1]).log_probs(&[0.0, -1.0], rows)[0].exp();
        // Products of intervals of equal probability; 64 points are good for a percent.
        assert!((two / 0.116_516 - 1.0).abs() < 0.01, "{two}");
    }

    #[test]
    fn probabilities_beyond_the_range_of_numbers_are_zero_and_no_nan() {
        let none = |rows: &[f64]| vec![f64::NEG_INFINITY; rows.len()];
        assert_eq!(WholeNumbers::new(1, [0]).log_probs(&[1e300], none), [f64::NEG_INFINITY]);
    }
}
