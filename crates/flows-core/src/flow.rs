//! A bijection and a base density: together, a density.

use burn::module::{Module, ModuleDisplay};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};

use crate::context::{assert_rows, assert_seen, one_row_each};
use crate::density::{gradients, weighted_gradients};
use crate::empty_batch::{is_vacant, of_rows, vacant};
use crate::kernel::has_kernels;
use crate::threads::by_rows;
use crate::vjp::sweep;
use crate::{Bijection, Context, ContextScale, Density, zero_density_beyond};

/// A normalizing flow: a bijection from data to latent, and the density of the latent.
///
/// ```text
/// log q(x) = log p(f(x)) + log |det ∂f(x)/∂x|        x = f⁻¹(z),  z ~ p
/// ```
///
/// where `f` is [`bijection`](Flow::bijection) and `p` is [`base`](Flow::base). A flow is itself a [`Density`], so
/// flows nest: the base of one may be another.
///
/// The models' conditional flows standardise their context: once, for bijection and base alike, by the mean and deviation
/// of the training rows. Called by themselves, `bijection` and `base` take the context as [`seen`](Flow::seen).
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{Exp, Flow, Inverse, StandardNormal};
///
/// let device = Device::default();
/// // The logarithm of the data is normal: the log-normal density, p(1) = 1/√(2π).
/// let flow = Flow::new(Inverse::new(Exp::new()), StandardNormal::<2>::new([1]));
/// let log_prob = flow.log_prob(Tensor::from_data([[1.0]], &device)).into_scalar::<f32>();
/// assert!((log_prob + 0.918_938_5).abs() < 1e-6);
/// assert_eq!(flow.sample(5, &device).dims(), [5, 1]);
/// ```
///
/// # Reference
/// "Variational Inference with Normalizing Flows", Rezende, Mohamed, 2015, <https://arxiv.org/abs/1505.05770>.
#[derive(Module, Debug)]
pub struct Flow<B, P> {
    /// Data to latent.
    pub bijection: B,
    /// The density of the latent.
    pub base: P,
    context: Option<ContextScale>,
}

impl<B, P> Flow<B, P> {
    /// Puts a bijection before a base density.
    pub fn new(bijection: B, base: P) -> Self {
        Self { bijection, base, context: None }
    }

    /// Brings the context to a common scale before bijection and base see it; `init_from_data` sets the scale.
    ///
    /// Models that are made by `given(width)` have it; a flow composed by hand of layers that see a context should.
    ///
    /// # Example
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use flows_core::{ConditionalNormalConfig, ContextScale, Density, Exp, Flow};
    ///
    /// let device = Device::default();
    /// let base = ConditionalNormalConfig::new(vec![1], 1).init::<2>(&device);
    /// let flow = Flow::new(Exp::new(), base).with_context_scale(ContextScale::new(1, &device));
    /// let (x, years) = (Tensor::<2>::zeros([2, 1], &device), Tensor::<2>::from_data([[1950.0], [2050.0]], &device));
    /// let flow = flow.init_from_data(x, &years);
    /// assert_eq!(flow.seen(&years).to_data(), [[-1.0f32], [1.0]].into());
    /// ```
    pub fn with_context_scale(mut self, scale: impl Into<Option<ContextScale>>) -> Self {
        self.context = scale.into();
        self
    }

    /// A context as bijection and base see it: its columns standardised, where the flow does that.
    pub fn seen<C: Context>(&self, context: &C) -> C {
        ContextScale::applied(&self.context, context)
    }

    /// The log-density of each sample, in nats: `[batch]`.
    pub fn log_prob<const D: usize>(&self, x: Tensor<D>) -> Tensor<1>
    where
        Self: Density<D>,
    {
        Density::log_prob(self, x, &())
    }

    /// Draws `n` samples: `[n, ...event]`.
    ///
    /// Call it on [`valid()`](Module::valid) unless gradients through the samples are wanted.
    pub fn sample<const D: usize>(&self, n: usize, device: &Device) -> Tensor<D>
    where
        Self: Density<D>,
    {
        Density::sample(self, n, &(), device)
    }

    /// Draws `n` samples together with their log-densities, at the cost of one pass.
    pub fn sample_with_log_prob<const D: usize>(&self, n: usize, device: &Device) -> (Tensor<D>, Tensor<1>)
    where
        Self: Density<D>,
    {
        Density::sample_with_log_prob(self, n, &(), device)
    }

    /// Data to latent.
    pub fn encode<const D: usize>(&self, x: Tensor<D>) -> Tensor<D>
    where
        B: Bijection<D>,
    {
        of_rows(x, |x| self.bijection.forward(x, &()).0)
    }

    /// Latent to data.
    pub fn decode<const D: usize>(&self, z: Tensor<D>) -> Tensor<D>
    where
        B: Bijection<D>,
    {
        of_rows(z, |z| self.bijection.inverse(z, &()).0)
    }

    /// The flow conditioned on a context: `flow.given(&context).log_prob(x)`.
    ///
    /// The context has one row a sample of `x`, or a single row for all of them.
    pub fn given<'a, C: Context>(&'a self, context: &'a C) -> Given<'a, Self, C> {
        Given { density: self, context }
    }
}

impl<const D: usize, C, B, P> Density<D, C> for Flow<B, P>
where
    C: Context,
    B: Bijection<D, C>,
    P: Density<D, C>,
{
    fn log_prob(&self, x: Tensor<D>, context: &C) -> Tensor<1> {
        assert_rows(context, x.dims()[0]);
        if is_vacant(x.dims()[0], &x.device()) {
            return vacant([0], &x.device());
        }
        let parts = by_rows(self, x.clone(), &self.seen(context), |flow, x, context| {
            let (z, log_det) = flow.bijection.forward(x, context);
            flow.base.log_prob(z, context) + log_det
        });
        zero_density_beyond(together(parts), &x, context, self)
    }

    fn sample(&self, n: usize, context: &C, device: &Device) -> Tensor<D> {
        assert_rows(context, n);
        if context.rows().is_none() && is_vacant(n, device) {
            return vacant(Density::sample(self, 1, context, device).dims(), device);
        }
        let context = &self.seen(context);
        let z = self.base.sample(n, context, device);
        let parts = by_rows(&self.bijection, z, context, |bijection, z, context| bijection.inverse(z, context).0);
        together(parts)
    }

    fn sample_with_log_prob(&self, n: usize, context: &C, device: &Device) -> (Tensor<D>, Tensor<1>) {
        assert_rows(context, n);
        if context.rows().is_none() && is_vacant(n, device) {
            return (Density::sample(self, 0, context, device), vacant([0], device));
        }
        let context = &self.seen(context);
        let (z, log_prob) = self.base.sample_with_log_prob(n, context, device);
        let parts = by_rows(&self.bijection, z, context, |bijection, z, context| bijection.inverse(z, context));
        let (x, log_det) = parts.into_iter().unzip();
        (together(x), log_prob - together(log_det))
    }

    fn init_from_data(self, x: Tensor<D>, context: &C) -> Self {
        let scale = ContextScale::started(self.context, context);
        let context = &ContextScale::applied(&scale, context);
        let (bijection, z) = self.bijection.init_from_data(x, context);
        Self { bijection, base: self.base.init_from_data(z, context), context: scale }
    }

    fn recompute_statistics(self, x: Tensor<D>, context: &C) -> Self {
        let context = &self.seen(context);
        let (bijection, z) = self.bijection.recompute_statistics(x, context);
        Self { bijection, base: self.base.recompute_statistics(z, context), context: self.context }
    }

    fn gradients(&self, x: Tensor<D>, context: &C, weight: f64) -> (Tensor<1>, GradientsParams) {
        if !has_kernels(&x) {
            return gradients(self, x, context, weight);
        }
        let context = &self.seen(context);
        let (mut grads, device) = (GradientsParams::new(), x.device());
        let (z, log_det, pull_back) = self.bijection.forward_vjp(x.without_autodiff(), context);
        let (log_prob, dz) = self.base.pull_back(z, context, weight, &mut grads);
        let d_log_det = log_det.ones_like() * weight;
        pull_back(dz, &d_log_det, &mut grads);
        sweep(&device);
        (log_prob + log_det, grads)
    }

    fn weighted_gradients(&self, x: Tensor<D>, context: &C, weights: &Tensor<1>) -> (Tensor<1>, GradientsParams) {
        if !has_kernels(&x) {
            return weighted_gradients(self, x, context, weights);
        }
        let context = &self.seen(context);
        let (mut grads, device) = (GradientsParams::new(), x.device());
        let (z, log_det, pull_back) = self.bijection.forward_vjp(x.without_autodiff(), context);
        let (log_prob, dz) = self.base.weighted_pull_back(z, context, weights, &mut grads);
        pull_back(dz, weights, &mut grads);
        sweep(&device);
        (log_prob + log_det, grads)
    }

    fn pull_back(&self, x: Tensor<D>, context: &C, weight: f64, grads: &mut GradientsParams) -> (Tensor<1>, Tensor<D>) {
        let context = &self.seen(context);
        let (z, log_det) = self.bijection.valid().forward(x, context);
        let (log_prob, dz) = self.base.pull_back(z.clone(), context, weight, grads);
        let d_log_det = log_det.ones_like() * weight;
        let (_, dx) = self.bijection.pull_back(z, dz, &d_log_det, context, grads);
        (log_prob + log_det, dx)
    }

    fn sees_context(&self) -> bool {
        self.bijection.sees_context() || self.base.sees_context()
    }
}

/// The parts of a batch, one after the other.
fn together<const D: usize>(mut parts: Vec<Tensor<D>>) -> Tensor<D> {
    if parts.len() == 1 { parts.remove(0) } else { Tensor::cat(parts, 0) }
}

/// A density with its context filled in; made by [`Flow::given`].
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::RealNvpConfig;
///
/// let device = Device::default();
/// let flow = RealNvpConfig::new(2).given(1).init(&device);
/// let context = Tensor::<2>::from_data([[0.0], [1.0], [2.0]], &device);
/// // Four samples for each of the three rows: rows 0..4 are of the first, 4..8 of the second.
/// assert_eq!(flow.given(&context).sample(4, &device).dims(), [12, 2]);
/// ```
#[derive(Debug)]
pub struct Given<'a, F, C> {
    density: &'a F,
    context: &'a C,
}

impl<F, C: Context> Given<'_, F, C> {
    /// The log-density of each sample, in nats: `[batch]`.
    ///
    /// # Panics
    /// If the context has neither one row nor as many rows as `x`, or nothing in the flow depends on it.
    pub fn log_prob<const D: usize>(&self, x: Tensor<D>) -> Tensor<1>
    where
        F: Density<D, C>,
    {
        assert_seen(self.context, F::sees_context(self.density));
        let context = one_row_each(self.context, x.dims()[0]);
        self.density.log_prob(x, &context)
    }

    /// Draws `n` samples for each row of the context: `[rows * n, ...event]`, those of the first row first.
    pub fn sample<const D: usize>(&self, n: usize, device: &Device) -> Tensor<D>
    where
        F: Density<D, C>,
    {
        assert_seen(self.context, F::sees_context(self.density));
        let rows = self.context.rows().unwrap_or(1);
        self.density.sample(rows * n, &self.context.repeat_rows(n), device)
    }

    /// Draws `n` samples for each row of the context, with their log-densities.
    pub fn sample_with_log_prob<const D: usize>(&self, n: usize, device: &Device) -> (Tensor<D>, Tensor<1>)
    where
        F: Density<D, C>,
    {
        assert_seen(self.context, F::sees_context(self.density));
        let rows = self.context.rows().unwrap_or(1);
        self.density.sample_with_log_prob(rows * n, &self.context.repeat_rows(n), device)
    }
}

impl<B: ModuleDisplay, P: ModuleDisplay, C: Context> Given<'_, Flow<B, P>, C> {
    /// Data to latent.
    pub fn encode<const D: usize>(&self, x: Tensor<D>) -> Tensor<D>
    where
        B: Bijection<D, C>,
    {
        let context = self.density.seen(&one_row_each(self.context, x.dims()[0]));
        self.density.bijection.forward(x, &context).0
    }

    /// Latent to data.
    pub fn decode<const D: usize>(&self, z: Tensor<D>) -> Tensor<D>
    where
        B: Bijection<D, C>,
    {
        let context = self.density.seen(&one_row_each(self.context, z.dims()[0]));
        self.density.bijection.inverse(z, &context).0
    }
}
