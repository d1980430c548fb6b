//! Three targets whose normalisers are known.

use burn::tensor::{Tensor, TensorData};
use flows_core::sum_event;
use flows_core::train::Start;

/// An unnormalised density, where its mass roughly is, and the logarithm of its normaliser.
pub(crate) struct Target {
    pub(crate) name: &'static str,
    pub(crate) log_density: fn(Tensor<2>) -> Tensor<1>,
    pub(crate) start: Start,
    pub(crate) log_z: f64,
    /// How `log_z` is known.
    pub(crate) source: &'static str,
    /// The features that the picture shows, with their names.
    pub(crate) shown: [(usize, &'static str); 2],
}

/// All of them.
pub(crate) fn all() -> [Target; 3] {
    let log_two_pi = (2.0 * std::f64::consts::PI).ln();
    [
        Target {
            name: "banana",
            log_density: banana,
            start: Start::normal(&[0.0, 5.0], &[20.0, 20.0]),
            log_z: log_two_pi + 10f64.ln(),
            source: "exact",
            shown: [(0, "x1"), (1, "x2")],
        },
        Target {
            name: "funnel",
            log_density: funnel,
            start: Start::normal(&[0.0; FUNNEL], &[4.0; FUNNEL]),
            log_z: 0.0,
            source: "exact",
            shown: [(1, "x"), (0, "v")],
        },
        Target {
            name: "eight-schools",
            log_density: eight_schools,
            start: Start::normal(&[&[5.0, 1.0][..], &[0.0; 8]].concat(), &[&[8.0, 2.0][..], &[2.0; 8]].concat()),
            log_z: eight_schools_log_z(),
            source: "quadrature",
            shown: [(0, "mu"), (1, "log tau")],
        },
    ]
}

fn column(x: &Tensor<2>, feature: usize) -> Tensor<2> {
    x.clone().narrow(1, feature, 1)
}

/// `log N(x; mean, e^(2 log_sd))`, element by element.
fn normal(x: Tensor<2>, mean: Tensor<2>, log_sd: Tensor<2>) -> Tensor<2> {
    let z = (x - mean) * (-log_sd.clone()).exp();
    z.powi_scalar(2) * -0.5 - log_sd - 0.5 * (2.0 * std::f64::consts::PI).ln()
}

/// A bent normal: `x₁ ~ N(0, 10)`, `x₂ ~ N(0.03 x₁² - 3, 1)`, without their normalisers.
fn banana(x: Tensor<2>) -> Tensor<1> {
    let (first, second) = (column(&x, 0), column(&x, 1));
    let bent = second - (first.clone().powi_scalar(2) * 0.03 - 3.0);
    sum_event((first * 0.1).powi_scalar(2) + bent.powi_scalar(2)) * -0.5
}

const FUNNEL: usize = 10;

/// Neal's funnel: `v ~ N(0, 3)` and nine `xᵢ ~ N(0, e^(v/2))`.
fn funnel(x: Tensor<2>) -> Tensor<1> {
    let v = column(&x, 0);
    let of_v = normal(v.clone(), v.zeros_like(), v.ones_like() * 3f64.ln());
    let others = x.narrow(1, 1, FUNNEL - 1);
    let log_sd = v.repeat_dim(1, FUNNEL - 1) * 0.5;
    sum_event(of_v) + sum_event(normal(others.clone(), others.zeros_like(), log_sd))
}

/// What coaching did for the scores of eight schools, and the standard errors.
const EFFECTS: [f64; 8] = [28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0];
const ERRORS: [f64; 8] = [15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0];

/// The eight schools: `μ ~ N(0, 5)`, `τ ~ half-Cauchy(5)`, `θᵢ = μ + τ ηᵢ` with `ηᵢ ~ N(0, 1)`, `yᵢ ~ N(θᵢ, σᵢ)`.
///
/// In coordinates `μ`, `log τ`, `η₁ .. η₈`.
fn eight_schools(x: Tensor<2>) -> Tensor<1> {
    let device = x.device();
    let row = |values: [f64; 8]| Tensor::<2>::from_data(TensorData::from([values]), (&device, x.dtype()));
    let (mu, log_tau, eta) = (column(&x, 0), column(&x, 1), x.clone().narrow(1, 2, 8));
    let of_mu = normal(mu.clone(), mu.zeros_like(), mu.ones_like() * 5f64.ln());
    let tau = log_tau.clone().exp();
    // The half-Cauchy density 2 / (5π (1 + (τ/5)²)), times dτ / d log τ = τ.
    let of_tau =
        ((tau.clone() * 0.2).powi_scalar(2) + 1.0).log() * -1.0 + log_tau + (2.0 / (5.0 * std::f64::consts::PI)).ln();
    let theta = mu.repeat_dim(1, 8) + tau.repeat_dim(1, 8) * eta.clone();
    let log_sigma = row(ERRORS.map(f64::ln)).expand(theta.dims());
    let likelihood = normal(row(EFFECTS).expand(theta.dims()), theta, log_sigma);
    let of_eta = normal(eta.clone(), eta.zeros_like(), eta.zeros_like());
    sum_event(of_mu + of_tau) + sum_event(of_eta + likelihood)
}

/// `log ∫∫ N(μ; 0, 5) half-Cauchy(τ; 5) Π N(yᵢ; μ, √(σᵢ² + τ²)) dμ dτ`: the effects integrate out by hand, `μ` and `log τ`
/// on a grid.
fn eight_schools_log_z() -> f64 {
    let log_normal = |x: f64, sd: f64| -0.5 * (x / sd).powi(2) - sd.ln() - 0.5 * (2.0 * std::f64::consts::PI).ln();
    let (mus, log_taus) = (linspace(-30.0, 40.0), linspace(-25.0, 12.0));
    let cell = (mus[1] - mus[0]) * (log_taus[1] - log_taus[0]);
    let mut sum = 0.0;
    for log_tau in &log_taus {
        let tau = log_tau.exp();
        let prior = (2.0 / (5.0 * std::f64::consts::PI)).ln() - (1.0 + (tau / 5.0).powi(2)).ln() + log_tau;
        for mu in &mus {
            let school = |(y, sigma): (&f64, &f64)| log_normal(y - mu, (sigma * sigma + tau * tau).sqrt());
            let likelihood: f64 = EFFECTS.iter().zip(&ERRORS).map(school).sum();
            sum += (prior + log_normal(*mu, 5.0) + likelihood).exp() * cell;
        }
    }
    sum.ln()
}

fn linspace(from: f64, to: f64) -> Vec<f64> {
    const POINTS: usize = 1500;
    (0..POINTS).map(|i| from + (to - from) * i as f64 / (POINTS - 1) as f64).collect()
}
