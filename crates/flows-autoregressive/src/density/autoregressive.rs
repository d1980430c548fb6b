//! An autoregressive density.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::{Device, Tensor};
use flows_core::{Context, Density, sum_event, within_range, zero_density_beyond};

use crate::made::Generated;
use crate::{AutoregressiveConditioner, ConditionalFamily};

/// A density as the product of its conditionals, their parameters from one network.
///
/// ```text
/// log p(x) = Σᵢ log p(xᵢ | x₁ .. xᵢ₋₁, context)
/// ```
///
/// `log_prob` is one pass through the network; sampling costs about one too.
///
/// # Shapes
/// - `x`: `[batch, features]`; the network makes `[batch, params_per_feature * features]` of it
///
/// # Panics
/// If the network makes another number of parameters than the family needs.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_autoregressive::{AutoregressiveDensity, Bernoulli, MadeConfig};
/// use flows_core::Density;
///
/// let device = Device::default();
/// let density = AutoregressiveDensity::new(MadeConfig::new(3, 1).init(&device), Bernoulli::new());
/// let log_prob = density.log_prob(Tensor::from_data([[0.0, 1.0, 1.0]], &device), &());
/// assert!((log_prob.into_scalar::<f32>() - 0.125f32.ln()).abs() < 1e-6); // three fair coins at the start
/// ```
///
/// # Reference
/// "MADE: Masked Autoencoder for Distribution Estimation", Germain, Gregor, Murray, Larochelle, 2015,
/// <https://arxiv.org/abs/1502.03509>.
#[derive(Module, Debug)]
pub struct AutoregressiveDensity<N, F> {
    /// Makes the parameters.
    pub network: N,
    /// The conditionals.
    pub conditionals: F,
    pub(super) range: Option<f64>,
}

impl<N, F> AutoregressiveDensity<N, F> {
    /// The density of the given conditionals, with parameters from `network`.
    pub fn new(network: N, conditionals: F) -> Self {
        Self { network, conditionals, range: None }
    }

    /// Shows the network the features clipped to `-range..range`; see [`within_range`]. Samples then stay near the
    /// data even of a density that has learnt its rows by heart.
    pub fn with_network_range(mut self, range: Option<f64>) -> Self {
        self.range = range;
        self
    }
}

impl<C, N, F> Density<2, C> for AutoregressiveDensity<N, F>
where
    C: Context,
    N: AutoregressiveConditioner<C> + ModuleDisplay,
    F: ConditionalFamily + ModuleDisplay,
{
    fn log_prob(&self, x: Tensor<2>, context: &C) -> Tensor<1> {
        let features = x.dims()[1];
        let params = self.network.params(within_range(x.clone(), self.range), context);
        let each = self.conditionals.params_per_feature();
        assert!(
            params.dims()[1] == each * features,
            "`network`: expected {} outputs ({each} parameters for each of {features} features), got {}",
            each * features,
            params.dims()[1]
        );
        let log_prob = sum_event(self.conditionals.log_prob(x.clone(), params));
        zero_density_beyond(log_prob, &x, context, self)
    }

    fn sample(&self, n: usize, context: &C, device: &Device) -> Tensor<2> {
        let mut made = Generated::new(self.network.order().len(), self.range);
        let seen = self.network.generate(n, context, device, &mut |feature, params| {
            made.show(feature, self.conditionals.sample(params.unsqueeze::<3>()).reshape([1, n]))
        });
        made.features(seen)
    }

    fn sample_with_log_prob(&self, n: usize, context: &C, device: &Device) -> (Tensor<2>, Tensor<1>) {
        let mut log_probs = Vec::new();
        let mut made = Generated::new(self.network.order().len(), self.range);
        let seen = self.network.generate(n, context, device, &mut |feature, params| {
            let params = params.unsqueeze::<3>();
            let x: Tensor<3> = self.conditionals.sample(params.clone());
            log_probs.push(self.conditionals.log_prob(x.clone(), params));
            made.show(feature, x.reshape([1, n]))
        });
        let x = made.features(seen);
        if n == 0 {
            let none = self.log_prob(x.clone(), context);
            return (x, none);
        }
        (x, Tensor::cat(log_probs, 0).sum_dim(0).reshape([n]))
    }

    fn sees_context(&self) -> bool {
        self.network.sees_context()
    }
}
