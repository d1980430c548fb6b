//! A normal density whose mean and scale a network makes of a context.

use burn::config::Config;
use burn::module::{Module, ModuleDisplay};
use burn::tensor::{Device, Tensor};

use super::standard_normal::{assert_event, batch_shape, standard_normal_noise};
use crate::kernel::standard_normal_log_prob;
use crate::{Conditioner, ContextScale, Density, LogScaleBound, Mlp, MlpConfig, sum_event};

/// Configuration of [`ConditionalNormal`] with an [`Mlp`].
#[derive(Config, Debug)]
pub struct ConditionalNormalConfig {
    /// The shape of one sample.
    pub event: Vec<usize>,
    /// The width of the context.
    pub context: usize,
    /// The widths of the hidden layers.
    #[config(default = "vec![64, 64]")]
    pub hidden: Vec<usize>,
    /// How the logarithm of the scale is bounded.
    #[config(default = "LogScaleBound::default()")]
    pub bound: LogScaleBound,
    /// Whether the context is standardised, by mean and deviation of the rows that `init_from_data` sees.
    #[config(default = true)]
    pub standardize: bool,
}

impl ConditionalNormalConfig {
    /// Makes the density; it starts as the standard normal.
    ///
    /// # Panics
    /// Unless the event has one axis less than `D`.
    pub fn init<const D: usize>(&self, device: &Device) -> ConditionalNormal<D> {
        let outputs = 2 * self.event.iter().product::<usize>();
        let network = MlpConfig::new(self.context, outputs).with_hidden(self.hidden.clone()).init(device);
        let scale = self.standardize.then(|| ContextScale::new(self.context, device));
        ConditionalNormal::new(&self.event, network, self.bound).with_context_scale(scale)
    }
}

/// A normal density whose mean and scale a network makes of a context.
///
/// ```text
/// (μ, s) = network(context),   σ = exp(bound(s))
/// log p(x | context) = -½ Σᵢ ((xᵢ - μᵢ)² / σᵢ² + 2 log σᵢ + log 2π)
/// ```
///
/// # Shapes
/// - `x`: `[batch, ...event]`, of rank `D`
/// - `context`: `[batch, width]`; the network makes `[batch, 2 * event]` of it, means first
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{ConditionalNormalConfig, Density};
///
/// let device = Device::default();
/// let normal = ConditionalNormalConfig::new(vec![2], 1).init::<2>(&device);
/// let (x, years) = (Tensor::<2>::zeros([2, 2], &device), Tensor::<2>::from_data([[1950.0], [2050.0]], &device));
/// let log_prob = normal.init_from_data(x.clone(), &years).log_prob(x, &years);
/// assert!((log_prob.mean().into_scalar::<f32>() + (2.0 * std::f32::consts::PI).ln()).abs() < 1e-5);
/// ```
#[derive(Module, Debug)]
pub struct ConditionalNormal<const D: usize, N = Mlp> {
    event: Vec<usize>,
    /// Context to means and log-scales.
    pub network: N,
    #[module(skip)]
    bound: LogScaleBound,
    scale: Option<ContextScale>,
}

impl<const D: usize, N> ConditionalNormal<D, N> {
    /// A normal over events of the given shape with a network of one's own.
    ///
    /// # Panics
    /// Unless the event has one axis less than `D`.
    pub fn new(event: &[usize], network: N, bound: LogScaleBound) -> Self {
        assert_eq!(event.len() + 1, D, "`event`: expected {} axes for samples of rank {D}, got {event:?}", D - 1);
        Self { event: event.to_vec(), network, bound, scale: None }
    }

    /// Brings the context to a common scale before the network sees it; `init_from_data` sets the scale.
    pub fn with_context_scale(mut self, scale: impl Into<Option<ContextScale>>) -> Self {
        self.scale = scale.into();
        self
    }
}

impl<const D: usize, N: Conditioner<2> + ModuleDisplay> ConditionalNormal<D, N> {
    /// The mean and the logarithm of the scale, both `[batch, ...event]`.
    pub fn moments(&self, context: &Tensor<2>) -> (Tensor<D>, Tensor<D>) {
        let [batch, _] = context.dims();
        let size: usize = self.event.iter().product();
        let params = self.network.params(ContextScale::applied(&self.scale, context), &());
        burn::tensor::assert_shape!(params, [batch, 2 * size]);
        let shape = batch_shape::<D>(batch, &self.event);
        let loc = params.clone().narrow(1, 0, size).reshape(shape);
        let log_scale = self.bound.apply(params.narrow(1, size, size)).reshape(shape);
        (loc, log_scale)
    }
}

impl<const D: usize, N: Conditioner<2> + ModuleDisplay> Density<D, Tensor<2>> for ConditionalNormal<D, N> {
    fn log_prob(&self, x: Tensor<D>, context: &Tensor<2>) -> Tensor<1> {
        assert_event(&x, &self.event);
        let (loc, log_scale) = self.moments(context);
        standard_normal_log_prob((x - loc) * (-log_scale.clone()).exp()) - sum_event(log_scale)
    }

    fn sample(&self, n: usize, context: &Tensor<2>, device: &Device) -> Tensor<D> {
        let (loc, log_scale) = self.moments(context);
        standard_normal_noise(n, &self.event, device) * log_scale.exp() + loc
    }

    fn init_from_data(self, _: Tensor<D>, context: &Tensor<2>) -> Self {
        Self { scale: ContextScale::started(self.scale, context), ..self }
    }
}
