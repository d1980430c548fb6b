//! What chance alone may do: the band of a binomial share.

use std::ops::Range;

/// The shares that a count of `rows` draws, each with this probability, has in 19 of 20 cases.
///
/// # Notes
/// The quantiles are those of the exact distribution, with the tails beyond 12 standard deviations left out. Weighted rows
/// have an effective number, which is rounded.
pub(super) fn binomial(rows: f64, probability: f64) -> Range<f64> {
    let rows = if rows.is_finite() { rows.round().max(0.0) } else { 0.0 };
    if rows < 1.0 || !(probability > 0.0 && probability < 1.0) {
        return probability..probability;
    }
    let mean = rows * probability;
    let reach = 12.0 * (mean * (1.0 - probability)).sqrt() + 12.0;
    let (low, high) = ((mean - reach).max(0.0).floor(), (mean + reach).min(rows).ceil());
    let mode = mean.floor().clamp(low, high);
    let odds = probability / (1.0 - probability);
    // Relative to the mode, whose probability may itself be too small to compute.
    let (mut below, mut above) = (vec![], vec![1.0]);
    let (mut weight, mut count) = (1.0, mode);
    while count > low {
        weight *= count / (rows - count + 1.0) / odds;
        count -= 1.0;
        below.push(weight);
    }
    (weight, count) = (1.0, mode);
    while count < high {
        weight *= (rows - count) / (count + 1.0) * odds;
        count += 1.0;
        above.push(weight);
    }
    let weights: Vec<f64> = below.into_iter().rev().chain(above).collect();
    let total: f64 = weights.iter().sum();
    let quantile = |part: f64| {
        let mut sum = 0.0;
        let index = weights.iter().position(|weight| {
            sum += weight;
            sum >= part * total
        });
        (low + index.unwrap_or(weights.len() - 1) as f64) / rows
    };
    quantile(0.025)..quantile(0.975)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quantiles_are_those_of_the_binomial_distribution() {
        // Sums of the probabilities by log-gamma in Python: n and p of (10, 0.5), (1000, 0.05), (100000, 0.9).
        assert_eq!(binomial(10.0, 0.5), 0.2..0.8);
        assert_eq!(binomial(1000.0, 0.05), 0.037..0.064);
        let band = binomial(100_000.0, 0.9);
        assert!((band.start - 0.89814).abs() < 2e-5 && (band.end - 0.90186).abs() < 2e-5, "{band:?}");
    }

    #[test]
    fn a_band_of_nothing_has_no_width() {
        assert_eq!(binomial(0.0, 0.3), 0.3..0.3);
        assert_eq!(binomial(f64::NAN, 0.3), 0.3..0.3);
        assert_eq!(binomial(10.0, 1.0), 1.0..1.0);
    }
}
