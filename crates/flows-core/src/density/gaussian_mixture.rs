//! A learnable mixture of Gaussians.

use burn::config::Config;
use burn::module::{Module, Param};
use burn::tensor::{DType, Device, Tensor, TensorData, activation};

use super::FittedMixture;
use super::standard_normal::{assert_event, batch_shape, standard_normal_noise};
use crate::budget::claim;
use crate::event::{flatten_event, zero_log_det};
use crate::numerics::{host, log_sum_exp};
use crate::parameter::{Buffer, replace};
use crate::{Density, zero_density_beyond};

/// Configuration of [`GaussianMixture`].
#[derive(Config, Debug)]
pub struct GaussianMixtureConfig {
    /// The shape of one sample.
    pub event: Vec<usize>,
    /// The number of components.
    pub components: usize,
    /// Steps of expectation-maximisation in `init_from_data`; it stops before when the likelihood no longer grows.
    #[config(default = 100)]
    pub iterations: usize,
    /// Choices of the first centres, of which the best is kept.
    #[config(default = 5)]
    pub starts: usize,
    /// Seeds the choice of the first centres.
    #[config(default = 0)]
    pub seed: u64,
}

impl GaussianMixtureConfig {
    /// Makes the mixture: equal weights, unit covariances, and means drawn from the standard normal.
    ///
    /// # Panics
    /// Unless the event has one axis less than `D` and there is a component.
    pub fn init<const D: usize>(&self, device: &Device) -> GaussianMixture<D> {
        assert_eq!(self.event.len() + 1, D, "`event`: expected {} axes, got {:?}", D - 1, self.event);
        assert!(self.components > 0, "`components`: expected at least 1, got 0");
        let (k, features) = (self.components, self.event.iter().product());
        claim([k, features, features]);
        GaussianMixture {
            event: self.event.clone(),
            iterations: self.iterations,
            starts: self.starts,
            seed: self.seed,
            shift: Buffer::new(Tensor::zeros([1, features], device)),
            scale: Buffer::new(Tensor::ones([1, features], device)),
            logits: Param::from_tensor(Tensor::zeros([k], device)),
            loc: Param::from_tensor(standard_normal_noise(k, &[features], device)),
            log_diagonal: Param::from_tensor(Tensor::zeros([k, features], device)),
            lower: Param::from_tensor(Tensor::zeros([k, features, features], device)),
        }
    }
}

/// A learnable mixture of Gaussians with full covariances.
///
/// ```text
/// log p(x) = log Σₖ wₖ N(u; μₖ, (AₖᵀAₖ)⁻¹) - Σ log scale,   w = softmax(logits),   u = (x - shift) / scale
/// ```
///
/// where `Aₖ`, the Cholesky factor of the precision, is lower triangular with diagonal `exp(log_diagonal)`: evaluation
/// needs no solve and no determinant. Events of any shape are seen as vectors. Shift and scale of each feature are not
/// trained: they make the units of the data those of the parameters.
///
/// `init_from_data` fits the mixture to the batch in double precision
/// ([`GaussianMixtureConfig::fit`]); training goes on from there by gradient. For a
/// score in double precision keep the [`FittedMixture`] itself.
///
/// # Shapes
/// - `x`: `[batch, ...event]`, of rank `D`
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{Density, GaussianMixtureConfig};
///
/// let device = Device::default();
/// let x = Tensor::<2>::from_data([[-5.0], [-5.2], [-4.8], [5.0], [5.1], [4.9]], &device);
/// let mixture = GaussianMixtureConfig::new(vec![1], 2).init::<2>(&device).init_from_data(x, &());
/// let mut means = mixture.means().try_into_vec_as::<f32>().unwrap();
/// means.sort_by(f32::total_cmp);
/// assert!((means[0] + 5.0).abs() < 1e-3 && (means[1] - 5.0).abs() < 1e-3);
/// ```
///
/// # Notes
/// Samples carry no gradient to the weights, as the choice of a component is discrete; means and covariances get
/// theirs.
#[derive(Module, Debug)]
pub struct GaussianMixture<const D: usize> {
    event: Vec<usize>,
    iterations: usize,
    starts: usize,
    seed: u64,
    shift: Buffer<2>,
    scale: Buffer<2>,
    /// Logarithms of the weights up to a constant, `[components]`.
    pub logits: Param<Tensor<1>>,
    /// Means, `[components, features]`, in the units of `scale` and relative to `shift`.
    pub loc: Param<Tensor<2>>,
    /// Logarithm of the diagonal of the precision's Cholesky factor, `[components, features]`.
    pub log_diagonal: Param<Tensor<2>>,
    /// The precision's Cholesky factor below the diagonal, `[components, features, features]`.
    pub lower: Param<Tensor<3>>,
}

impl<const D: usize> GaussianMixture<D> {
    /// The means, `[components, features]`, in the units of the data.
    pub fn means(&self) -> Tensor<2> {
        self.loc.val() * self.scale.get() + self.shift.get()
    }

    /// Takes its parameters from a mixture that was fitted on the host.
    ///
    /// # Panics
    /// If it has other numbers of components or features.
    pub fn with_fit(self, fit: &FittedMixture) -> Self {
        let loc = self.loc.val();
        let (device, dtype) = (loc.device(), loc.dtype());
        let [k, features] = loc.dims();
        let fitted = [fit.mixture.log_weights.len(), fit.features()];
        assert_eq!(fitted, [k, features], "`fit`: expected [components, features] {:?}, got {fitted:?}", [k, features]);
        fn tensor<const R: usize>(values: Vec<f64>, shape: [usize; R], (device, dtype): (&Device, DType)) -> Tensor<R> {
            Tensor::from_data(TensorData::new(values, shape), (device, dtype))
        }
        let options = (&device, dtype);
        let shift: Tensor<2> = tensor(fit.shift.clone(), [1, features], options);
        // What rounding takes from the shift the means get back.
        let kept = host(shift.clone());
        let lost = |column: usize| (fit.shift[column] - kept[column]) / fit.scale[column];
        let means = fit.mixture.means.iter().enumerate().map(|(i, mean)| mean + lost(i % features)).collect();
        let diagonal = |at: usize| fit.mixture.factors[at * features + at % features].ln();
        let log_diagonal = (0..k * features).map(diagonal).collect();
        self.shift.set(shift);
        self.scale.set(tensor(fit.scale.clone(), [1, features], options));
        Self {
            logits: replace(self.logits, tensor(fit.mixture.log_weights.clone(), [k], options)),
            loc: replace(self.loc, tensor(means, [k, features], options)),
            log_diagonal: replace(self.log_diagonal, tensor(log_diagonal, [k, features], options)),
            lower: replace(self.lower, tensor(fit.mixture.factors.clone(), [k, features, features], options).tril(-1)),
            ..self
        }
    }

    /// The Cholesky factors of the precisions, `[components, features, features]`.
    fn factors(&self) -> Tensor<3> {
        let log_diagonal = self.log_diagonal.val();
        let [_, features] = log_diagonal.dims();
        let eye = Tensor::<2>::eye(features, &log_diagonal.device()).cast(log_diagonal.dtype());
        self.lower.val().tril(-1) + log_diagonal.exp().unsqueeze_dim::<3>(2) * eye.unsqueeze::<3>()
    }
}

impl<const D: usize, C> Density<D, C> for GaussianMixture<D> {
    fn log_prob(&self, x: Tensor<D>, _: &C) -> Tensor<1> {
        assert_event(&x, &self.event);
        let x = flatten_event(x);
        if x.dims()[0] == 0 {
            return zero_log_det(&x);
        }
        let rows = x.clone();
        let [batch, features] = x.dims();
        let scale = self.scale.get();
        let x = (x - self.shift.get()) / scale.clone();
        let centred = x.unsqueeze::<3>() - self.loc.val().unsqueeze_dim::<3>(1); // [k, batch, features]
        let z = centred.matmul(self.factors().swap_dims(1, 2));
        let constant = 0.5 * features as f64 * (2.0 * std::f64::consts::PI).ln();
        let log_weight = activation::log_softmax(self.logits.val(), 0).unsqueeze_dim::<2>(1);
        let log_prob =
            (z.clone() * z).sum_dim(2).squeeze_dim::<2>(2) * -0.5 + self.log_diagonal.val().sum_dim(1) + log_weight
                - constant;
        let log_prob = log_sum_exp(log_prob, 0).reshape([batch]) - scale.log().sum();
        zero_density_beyond(log_prob, &rows, &(), self)
    }

    fn sample(&self, n: usize, _: &C, device: &Device) -> Tensor<D> {
        if n == 0 {
            return Tensor::empty(batch_shape::<D>(0, &self.event), device);
        }
        let component = activation::softmax(self.logits.val().detach(), 0).categorical(n);
        let loc = self.loc.val();
        let [_, features] = loc.dims();
        let noise: Tensor<2> = standard_normal_noise(n, &[features], device);
        let factors = self.factors().select(0, component.clone());
        // A d = noise, row by row.
        let mut solved: Vec<Tensor<2>> = Vec::with_capacity(features);
        for i in 0..features {
            let row = factors.clone().narrow(1, i, 1).reshape([n, features]);
            let mut rest = noise.clone().narrow(1, i, 1);
            for (j, d) in solved.iter().enumerate() {
                rest = rest - row.clone().narrow(1, j, 1) * d.clone();
            }
            solved.push(rest / row.narrow(1, i, 1));
        }
        let x = (Tensor::cat(solved, 1) + loc.select(0, component)) * self.scale.get() + self.shift.get();
        x.reshape(batch_shape::<D>(n, &self.event))
    }

    /// # Panics
    /// If there are fewer rows than components, a value is not finite, or a feature does not vary.
    fn init_from_data(self, x: Tensor<D>, _: &C) -> Self {
        let config = GaussianMixtureConfig {
            event: self.event.clone(),
            components: self.logits.val().dims()[0],
            iterations: self.iterations,
            starts: self.starts,
            seed: self.seed,
        };
        match config.fit(&host(flatten_event(x.without_autodiff()))) {
            Ok(fit) => self.with_fit(&fit),
            Err(error) => panic!("`x`: {error}"),
        }
    }

    fn sees_context(&self) -> bool {
        false
    }
}
