//! What to compare the flow with: a Gaussian, a mixture of Gaussians, and a kernel density estimate.

use burn::tensor::{Device, Tensor};
use flows_core::{Density, GaussianMixtureConfig, mean_log_prob};
use flows_data::Table;

/// The mean log-density of the test rows, in nats, under a mixture of Gaussians with full covariances.
pub(crate) fn mixture(components: usize, train: &Table, test: &Table, seed: u64, device: &Device) -> f64 {
    let x: Tensor<2> = train.to_tensor(device);
    let mixture = GaussianMixtureConfig::new(vec![2], components).with_seed(seed).init::<2>(device);
    let mixture = mixture.init_from_data(x, &());
    mean_log_prob(&mixture, &test.to_tensor(device), &()).0
}

/// The kernel density estimate with the bandwidth that is best on the validation rows: its bandwidth in degrees, and
/// the mean log-density of the test rows.
pub(crate) fn kernel(train: &Table, validation: &Table, test: &Table) -> (f64, f64) {
    let bandwidths: Vec<f64> = (0..10).map(|i| 0.2 * 1.3f64.powi(i)).collect();
    let score = |bandwidth: f64| kernel_log_density(train, validation, bandwidth);
    let best = bandwidths
        .into_iter()
        .map(|bandwidth| (bandwidth, score(bandwidth)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map_or(1.0, |(bandwidth, _)| bandwidth);
    (best, kernel_log_density(train, test, best))
}

/// Mean of `log 1/n Σ N(x; xᵢ, h² I)`, with longitudes the short way round.
fn kernel_log_density(train: &Table, rows: &Table, bandwidth: f64) -> f64 {
    // Sorted by latitude, so that only neighbours within nine bandwidths are summed; the rest is below e⁻⁴⁰.
    let mut points: Vec<(f64, f64)> = train.column(0).zip(train.column(1)).collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let reach = 9.0 * bandwidth;
    let norm = points.len() as f64 * 2.0 * std::f64::consts::PI * bandwidth * bandwidth;
    let total: f64 = rows
        .column(0)
        .zip(rows.column(1))
        .map(|(lat, lng)| {
            let from = points.partition_point(|p| p.0 < lat - reach);
            let to = points.partition_point(|p| p.0 <= lat + reach);
            let sum: f64 = points[from..to]
                .iter()
                .map(|p| {
                    let apart = (p.1 - lng).abs();
                    let apart = apart.min(360.0 - apart);
                    (-((p.0 - lat).powi(2) + apart * apart) / (2.0 * bandwidth * bandwidth)).exp()
                })
                .sum();
            // Nothing near: at least the density of one neighbour at the edge of reach.
            (sum.max((-40.5f64).exp()) / norm).ln()
        })
        .sum();
    total / rows.rows() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_estimate_of_one_point_is_its_gaussian_across_the_date_line() {
        let train = Table::new(["lat", "lng"], vec![0.0, 179.5]).unwrap();
        let test = Table::new(["lat", "lng"], vec![0.0, -179.5]).unwrap();
        let expected = -0.5 - (2.0 * std::f64::consts::PI).ln();
        assert!((kernel_log_density(&train, &test, 1.0) - expected).abs() < 1e-12);
    }
}
