//! How heavy the tail of importance weights is.

/// The shape `k̂` of the generalised Pareto distribution that the largest importance weights have.
///
/// ```text
/// P(w > u + y | w > u) ≈ (1 + k y / σ)^(-1/k)        fitted to the 3 √n largest of n weights
/// ```
///
/// Weights have `1/k` finite moments. Below 0.5 their variance is finite and estimates are as good as their standard
/// errors say; above 0.7 estimates from any practical number of draws are unreliable, and above 1 the mean itself is
/// unknown. The value is pulled a little towards 0.5 where the tail has few weights, as in the authors' own code.
///
/// Infinity where fewer than 25 weights, or no five different ones, are above zero: nothing can be told; zero where
/// the largest weights are all equal. NaN where a weight is NaN.
///
/// # Example
/// ```
/// use flows_core::pareto_k;
///
/// // The quantiles of a Pareto distribution of shape 0.5.
/// let log_weights: Vec<f64> = (0..1000).map(|i| -0.5 * (1.0 - (i as f64 + 0.5) / 1000.0).ln()).collect();
/// assert!((pareto_k(&log_weights) - 0.497).abs() < 1e-3);
/// ```
///
/// # Reference
/// "Pareto Smoothed Importance Sampling", Vehtari, Simpson, Gelman, Yao, Gabry, 2024,
/// <https://arxiv.org/abs/1507.02646>; the fit: "A New and Efficient Estimation Method for the Generalized Pareto
/// Distribution", Zhang, Stephens, 2009, <https://doi.org/10.1198/tech.2009.08017>.
pub fn pareto_k(log_weights: &[f64]) -> f64 {
    if log_weights.iter().any(|w| w.is_nan()) {
        return f64::NAN;
    }
    let n = log_weights.len();
    let mut sorted = log_weights.to_vec();
    sorted.sort_by(f64::total_cmp);
    let tail = (n / 5).min((3.0 * (n as f64).sqrt()).ceil() as usize);
    let Some(max) = sorted.last().copied().filter(|max| tail >= FEWEST && max.is_finite()) else {
        return f64::INFINITY;
    };
    let weight = |log: f64| (log - max).exp().max(f64::MIN_POSITIVE);
    let cutoff = weight(sorted[n - tail - 1]);
    if cutoff == 1.0 {
        return 0.0;
    }
    let exceedances: Vec<f64> = sorted[n - tail..].iter().map(|w| weight(*w) - cutoff).filter(|e| *e > 0.0).collect();
    if exceedances.len() < FEWEST { f64::INFINITY } else { shape(&exceedances) }
}

/// The fewest weights that a shape is fitted to.
const FEWEST: usize = 5;

/// The shape of a generalised Pareto distribution, from sorted draws of it: the posterior mean of Zhang and Stephens.
fn shape(draws: &[f64]) -> f64 {
    let n = draws.len() as f64;
    let candidates = 30 + n.sqrt() as usize;
    let quartile = draws[(n / 4.0 + 0.5) as usize - 1];
    let largest = draws[draws.len() - 1];
    let mean_log = |b: f64| draws.iter().map(|y| (-b * y).ln_1p()).sum::<f64>() / n;
    let at = |i: usize| (1.0 - (candidates as f64 / (i as f64 + 0.5)).sqrt()) / (3.0 * quartile) + 1.0 / largest;
    let profile = |b: f64| {
        let k = mean_log(b);
        (b, n * ((-b / k).ln() - k - 1.0))
    };
    let profiles: Vec<(f64, f64)> = (0..candidates).map(at).map(profile).filter(|(_, l)| l.is_finite()).collect();
    let best = profiles.iter().map(|(_, l)| *l).fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = profiles.iter().map(|(_, l)| (l - best).exp()).sum();
    let b = profiles.iter().map(|(b, l)| b * (l - best).exp()).sum::<f64>() / total;
    (n * mean_log(b) + 0.5 * 10.0) / (n + 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pareto(k: f64) -> Vec<f64> {
        (0..1000).map(|i| -k * (-(f64::from(i) + 0.5) / 1000.0).ln_1p()).collect()
    }

    // From arviz 0.23.4, `psislw`.
    #[test]
    fn shapes_are_those_of_arviz() {
        for (k, expected) in
            [(0.2, 0.236_787_735_857_503_6), (0.5, 0.497_085_961_262_521_1), (0.9, 0.844_266_433_403_068_2)]
        {
            let got = pareto_k(&pareto(k));
            assert!((got - expected).abs() < 1e-9, "{k}: {got}, expected {expected}");
        }
    }

    #[test]
    fn weights_that_say_nothing_are_no_shape() {
        assert_eq!(pareto_k(&[0.0; 10]), f64::INFINITY);
        assert_eq!(pareto_k(&[f64::NEG_INFINITY; 100]), f64::INFINITY);
        assert_eq!(pareto_k(&[-7.0; 100]), 0.0);
        assert!(pareto_k(&[f64::NAN; 100]).is_nan());
        let mut one = vec![0.0; 100];
        one[3] = 500.0;
        assert!(pareto_k(&one) > 0.7);
    }
}
