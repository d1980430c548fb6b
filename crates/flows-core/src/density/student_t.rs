//! Student's t density, a base with heavy tails.

use burn::config::Config;
use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};

use super::standard_normal::{assert_event, batch_shape};
use super::student_t_fit::{StudentTFit, fit};
use crate::numerics::{host, softplus};
use crate::parameter::replace;
use crate::statistics::of_tensor;
use crate::{Density, noise, sum_event, zero_density_beyond};

/// The fewest degrees of freedom: with fewer, samples would leave single precision.
pub(super) const FEWEST: f64 = 0.5;

/// Configuration of [`StudentT`].
#[derive(Config, Debug)]
pub struct StudentTConfig {
    /// The shape of one sample.
    pub event: Vec<usize>,
    /// The degrees of freedom that every coordinate starts with, more than 0.5.
    #[config(default = 10.0)]
    pub degrees: f64,
    /// Whether location, scale and degrees of freedom are trained.
    #[config(default = true)]
    pub trainable: bool,
}

impl StudentTConfig {
    /// Makes the density, at location zero and unit scale.
    ///
    /// # Panics
    /// Unless the event has one axis less than `D`, and there are more than 0.5 degrees of freedom.
    pub fn init<const D: usize>(&self, device: &Device) -> StudentT<D> {
        assert_eq!(self.event.len() + 1, D, "`event`: expected {} axes, got {:?}", D - 1, self.event);
        let good = self.degrees > FEWEST && self.degrees.is_finite();
        assert!(good, "`degrees`: expected a finite number above {FEWEST}, got {}", self.degrees);
        let shape: [usize; D] = batch_shape(1, &self.event);
        let param =
            |value: f64| Param::from_tensor(Tensor::full(shape, value, device)).set_require_grad(self.trainable);
        StudentT { loc: param(0.0), log_scale: param(0.0), free: param(inverse_softplus(self.degrees - FEWEST)) }
    }
}

/// Student's t density with its own location, scale and degrees of freedom in every coordinate: a base with heavy tails.
///
/// ```text
/// log p(x) = Σᵢ (log Γ((νᵢ+1)/2) - log Γ(νᵢ/2) - ½ log πνᵢ - sᵢ - (νᵢ+1)/2 log(1 + zᵢ²/νᵢ))
/// zᵢ = (xᵢ - μᵢ) / exp(sᵢ),   νᵢ = ½ + log(1 + exp(rᵢ))
/// ```
///
/// One degree of freedom is the Cauchy density, many the normal one. `init_from_data` sets all three by maximum
/// likelihood of the data, coordinate by coordinate. Samples carry gradients to all of them.
///
/// # Shapes
/// - `x`: `[batch, ...event]`, of rank `D`
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{Density, StudentTConfig};
///
/// // With one degree of freedom, 1 / (π (1 + x²)).
/// let cauchy = StudentTConfig::new(vec![1]).with_degrees(1.0).init::<2>(&Device::default());
/// let log_prob = cauchy.log_prob(Tensor::from_data([[3.0]], &Device::default()), &()).into_scalar::<f32>();
/// assert!((log_prob + (10.0 * std::f32::consts::PI).ln()).abs() < 1e-5);
/// ```
///
/// # Reference
/// "Tails of Lipschitz Triangular Flows", Jaini, Kobyzev, Yu, Brubaker, 2020, <https://arxiv.org/abs/1907.04481>;
/// sampling: "Polar Generation of Random Variates with the t-Distribution", Bailey, 1994,
/// <https://doi.org/10.1090/S0025-5718-1994-1219702-8>.
#[derive(Module, Debug)]
pub struct StudentT<const D: usize> {
    /// The location `μ`, `[1, ...event]`.
    pub loc: Param<Tensor<D>>,
    /// The logarithm of the scale, `s`, `[1, ...event]`.
    pub log_scale: Param<Tensor<D>>,
    /// What the degrees of freedom follow from, `r`, `[1, ...event]`.
    pub free: Param<Tensor<D>>,
}

impl<const D: usize> StudentT<D> {
    /// The degrees of freedom, `[1, ...event]`.
    pub fn degrees(&self) -> Tensor<D> {
        softplus(self.free.val()) + FEWEST
    }
}

impl<const D: usize, C> Density<D, C> for StudentT<D> {
    fn log_prob(&self, x: Tensor<D>, _: &C) -> Tensor<1> {
        let (log_scale, degrees) = (self.log_scale.val(), self.degrees());
        assert_event(&x, &log_scale.dims()[1..]);
        let z = (x.clone() - self.loc.val()) * (-log_scale.clone()).exp() / degrees.clone().sqrt();
        let constant =
            log_gamma_step(degrees.clone() * 0.5) - (degrees.clone() * std::f64::consts::PI).log() * 0.5 - log_scale;
        let log_prob = sum_event(constant - (degrees + 1.0) * 0.5 * log_one_plus_square(z));
        zero_density_beyond(log_prob, &x, &(), self)
    }

    fn sample(&self, n: usize, _: &C, device: &Device) -> Tensor<D> {
        let (loc, degrees) = (self.loc.val(), self.degrees());
        let shape = batch_shape::<D>(n, &loc.dims()[1..]);
        let uniform = || noise::uniform::<D>(shape, device);
        // Bailey: √(ν (U^(-2/ν) - 1)) cos 2πV. The ends of the interval are left out: one has no logarithm, and at the
        // other the square root has no slope.
        let exponent = uniform().clamp(SMALLEST, 1.0 - SMALLEST).log() * -2.0 / degrees.clone();
        // eᵃ - 1 = 2 sinh(a/2) e^(a/2) keeps its digits for small a, of many degrees of freedom.
        let half = exponent * 0.5;
        let radius = (half.clone().sinh() * half.exp() * 2.0 * degrees).sqrt();
        let angle = uniform() * (2.0 * std::f64::consts::PI);
        radius * angle.cos() * self.log_scale.val().exp() + loc
    }

    fn sees_context(&self) -> bool {
        false
    }

    /// # Panics
    /// If a coordinate does not vary in the batch.
    fn init_from_data(self, x: Tensor<D>, _: &C) -> Self {
        let statistics = of_tensor(&x, 0, false);
        let values = host(x.clone().without_autodiff());
        let fits: Vec<StudentTFit> = statistics
            .iter()
            .enumerate()
            .map(|(i, column)| {
                let varies = column.not_finite == 0 && !column.is_constant();
                assert!(
                    varies,
                    "`x`: expected feature {i} to vary and to be finite, got a standard deviation of {}",
                    column.std
                );
                fit(&values.iter().skip(i).step_by(statistics.len()).copied().collect::<Vec<_>>(), column)
            })
            .collect();
        let shape = self.loc.val().dims();
        let numbers = |number: fn(&StudentTFit) -> f64| {
            let numbers: Vec<f64> = fits.iter().map(number).collect();
            Tensor::<D>::from_data(TensorData::new(numbers, shape), (&x.device(), x.dtype()))
        };
        Self {
            loc: replace(self.loc, numbers(|fit| fit.loc)),
            log_scale: replace(self.log_scale, numbers(|fit| fit.scale.ln())),
            free: replace(self.free, numbers(|fit| inverse_softplus(fit.degrees - FEWEST))),
        }
    }
}

/// The smallest distance of a random number from 0 and 1, that of numbers in single precision below one.
const SMALLEST: f64 = 6e-8;

/// Above it, `1 + z²` is `z²` to the last digit, in double precision too. Its reciprocal is exact.
const FAR: f64 = (1u64 << 27) as f64;

/// `log(1 + z²)`, also where the square is beyond the float type.
///
/// Nothing is divided by a number near the end of the float type: GPUs may make zero of that.
fn log_one_plus_square<const D: usize>(z: Tensor<D>) -> Tensor<D> {
    let size = z.abs();
    let far = size.clone().greater_elem(FAR);
    let near = size.clone().mask_fill(far.clone(), FAR);
    let beyond = size.mask_fill(far.bool_not(), FAR) * (1.0 / FAR);
    (near.clone() * near).log1p() + beyond.log() * 2.0
}

/// `log Γ(x + ½) - log Γ(x)`, without the difference: by its own asymptotic series eight steps further up.
///
/// ```text
/// g(x) = g(x + 1) - log(1 + 1/2x)
/// g(x) ~ ½ log x - 1/8x + 1/192x³ - 1/640x⁵ + 17/14336x⁷ - 31/18432x⁹
/// ```
fn log_gamma_step<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    let far = x.clone() + STEPS as f64;
    let inverse = far.clone().recip();
    let square = inverse.clone() * inverse.clone();
    let series = SERIES.iter().rev().fold(square.zeros_like(), |sum, c| sum * square.clone() + *c);
    let start = far.log() * 0.5 + series * inverse;
    (0..STEPS).fold(start, |sum, k| sum - ((x.clone() + k as f64).recip() * 0.5).log1p())
}

/// Steps up before the series is used.
pub(super) const STEPS: usize = 8;
/// The coefficients of `1/x`, `1/x³`, ...
pub(super) const SERIES: [f64; 5] = [-1.0 / 8.0, 1.0 / 192.0, -1.0 / 640.0, 17.0 / 14336.0, -31.0 / 18432.0];

/// `log(eˣ - 1)`, for positive `x`.
fn inverse_softplus(x: f64) -> f64 {
    let x = x.max(1e-6);
    x + (-(-x).exp_m1()).ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ColumnStatistics;
    use crate::log_probs;
    use burn::tensor::Tolerance;

    // mpmath: loggamma(x + 0.5) - loggamma(x) to twenty digits.
    #[test]
    fn the_ratio_of_gammas_is_right_from_small_to_large() {
        let x = Tensor::<1>::from_data([0.25, 0.5, 1.0, 2.5, 50.0, 1e4], &Device::default());
        let expected = [-1.0847416, -0.572_365, -0.120_782_24, 0.408_464_3, 1.953_511_5, 4.605_158f32];
        log_gamma_step(x).to_data().assert_approx_eq::<f32>(&expected.into(), Tolerance::absolute(2e-6));
    }

    #[test]
    fn a_far_value_has_the_density_of_its_tail() {
        let device = Device::default();
        let cauchy = StudentTConfig::new(vec![1]).with_degrees(1.0).init::<2>(&device);
        let x = Tensor::<2>::from_data([[1e25], [-1e25], [0.0]], &device);
        let tail = -(std::f32::consts::PI).ln() - 2.0 * 1e25f32.ln();
        let expected = [tail, tail, -(std::f32::consts::PI).ln()];
        // Twelve steps of rounding at a size of 100.
        cauchy.log_prob(x, &()).to_data().assert_approx_eq::<f32>(&expected.into(), Tolerance::absolute(1e-4));
    }

    #[test]
    fn data_gives_its_location_scale_and_degrees_of_freedom_back() {
        let device = Device::default();
        for (degrees, tolerance) in [(1.0, 0.15), (3.0, 0.5)] {
            device.seed(5);
            let true_density = StudentTConfig::new(vec![1]).with_degrees(degrees).init::<2>(&device);
            let x = true_density.sample(20_000, &(), &device) * 0.5 - 40.0;
            let fitted = StudentTConfig::new(vec![1]).init::<2>(&device).init_from_data(x.clone(), &());
            let scalar = |x: Tensor<2>| x.into_scalar::<f64>();
            assert!((scalar(fitted.loc.val()) + 40.0).abs() < 0.05);
            assert!((scalar(fitted.log_scale.val()) - 0.5f64.ln()).abs() < 0.1);
            assert!((scalar(fitted.degrees()) - degrees).abs() < tolerance, "{}", scalar(fitted.degrees()));
            let mean = |scores: Vec<f64>| scores.iter().sum::<f64>() / scores.len() as f64;
            let best = mean(log_probs(&true_density, &((x.clone() + 40.0) * 2.0), &())) + 2f64.ln();
            assert!(mean(log_probs(&fitted, &x, &())) > best - 0.01);
        }
    }

    #[test]
    fn samples_have_the_quartiles_of_the_density() {
        let device = Device::default();
        device.seed(9);
        // Quartiles at 0 ± 1 for one degree of freedom, and at ± 0.6745 for very many.
        for (degrees, quartile) in [(1.0, 1.0), (1e4, 0.6745)] {
            let t = StudentTConfig::new(vec![1]).with_degrees(degrees).init::<2>(&device);
            let mut x = host(t.sample(40_000, &(), &device));
            x.sort_by(f64::total_cmp);
            // Five standard errors of a quartile of 40,000 numbers.
            assert!((x[30_000] - quartile).abs() < 0.04 && (x[10_000] + quartile).abs() < 0.04, "{}", x[30_000]);
        }
        let fewest = StudentTConfig::new(vec![1]).with_degrees(0.501).init::<2>(&device);
        assert!(ColumnStatistics::of_elements(&fewest.sample(40_000, &(), &device))[0].not_finite == 0);
    }
}
