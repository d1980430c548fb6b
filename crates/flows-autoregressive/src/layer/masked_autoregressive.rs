//! The masked autoregressive layer.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;
use flows_core::{Bijection, Conditioner, Elementwise, PullBack, within_range, within_range_vjp};

use crate::AutoregressiveConditioner;
use crate::made::Generated;

/// A masked autoregressive layer: each feature goes through a map whose parameters a network makes of the features
/// before it.
///
/// ```text
/// yᵢ = map(xᵢ; network(x₁ .. xᵢ₋₁, context))        log_det = Σ log |∂yᵢ/∂xᵢ|
/// ```
///
/// The map is any [`Elementwise`]: affine, spline. `forward` is one pass through the network. `inverse` makes the
/// features one after the other, and costs about one pass too: see
/// [`AutoregressiveConditioner::generate`]. Both are made of ordinary tensor operations, and gradients go through both.
///
/// # Shapes
/// - `x`: `[batch, features]`; the network makes `[batch, params_per_element * features]` of it
///
/// # Panics
/// If the network makes another number of parameters than the map needs.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_autoregressive::{MadeConfig, MaskedAutoregressive};
/// use flows_core::{Affine, Bijection};
///
/// let device = Device::default();
/// let made = MadeConfig::new(3, 2).with_zero_last(false).init(&device);
/// let layer = MaskedAutoregressive::new(made, Affine::default());
/// let x = Tensor::<2>::from_data([[1.0, -2.0, 0.5]], &device);
/// let (y, log_det) = layer.forward(x.clone(), &());
/// let (back, log_det_back) = layer.inverse(y, &());
/// assert!((back - x).abs().max().into_scalar::<f32>() < 1e-5);
/// assert!((log_det + log_det_back).abs().into_scalar::<f32>() < 1e-5);
/// ```
///
/// # Notes
/// For very many features on an accelerator, where a step a feature is too many, see
/// [`inverse_by_iteration`](MaskedAutoregressive::inverse_by_iteration).
///
/// # Reference
/// "Masked Autoregressive Flow for Density Estimation", Papamakarios, Pavlakou, Murray, 2017,
/// <https://arxiv.org/abs/1705.07057>; with splines: "Neural Spline Flows", Durkan, Bekasov, Murray, Papamakarios,
/// 2019, <https://arxiv.org/abs/1906.04032>.
#[derive(Module, Debug)]
pub struct MaskedAutoregressive<N, E> {
    /// Makes the parameters.
    pub network: N,
    pub(super) map: E,
    range: Option<f64>,
}

impl<N, E> MaskedAutoregressive<N, E> {
    /// Maps each feature by `map`, with parameters from `network`.
    pub fn new(network: N, map: E) -> Self {
        Self { network, map, range: None }
    }

    /// Shows the network the features clipped to `-range..range`; see [`within_range`]. Samples then stay near the
    /// data even of a flow that has learnt its rows by heart.
    pub fn with_network_range(mut self, range: Option<f64>) -> Self {
        self.range = range;
        self
    }
}

impl<N, E: Elementwise> MaskedAutoregressive<N, E> {
    /// The parameters of every feature of `x`, in one pass.
    pub(super) fn params<C>(&self, x: Tensor<2>, context: &C) -> Tensor<2>
    where
        N: Conditioner<2, C>,
    {
        let features = x.dims()[1];
        let params = self.network.params(within_range(x, self.range), context);
        self.assert_params(&params, features);
        params
    }

    fn assert_params(&self, params: &Tensor<2>, features: usize) {
        let each = self.map.params_per_element();
        assert!(
            params.dims()[1] == each * features,
            "`network`: expected {} outputs ({each} parameters for each of {features} features), got {}",
            each * features,
            params.dims()[1]
        );
    }
}

impl<C, N, E> Bijection<2, C> for MaskedAutoregressive<N, E>
where
    N: AutoregressiveConditioner<C> + ModuleDisplay,
    E: Elementwise + ModuleDisplay,
{
    fn forward(&self, x: Tensor<2>, context: &C) -> (Tensor<2>, Tensor<1>) {
        let params = self.params(x.clone(), context);
        self.map.forward(x, params)
    }

    fn forward_vjp<'a>(&'a self, x: Tensor<2>, context: &'a C) -> (Tensor<2>, Tensor<1>, PullBack<'a, 2>) {
        let (seen, of_seen) = within_range_vjp(x.clone(), self.range);
        let (params, of_network) = self.network.params_vjp(seen, context);
        self.assert_params(&params, x.dims()[1]);
        let (y, log_det, of_map) = self.map.forward_vjp(x, params);
        let pull_back: PullBack<'a, 2> = Box::new(move |dy, d_log_det, grads| {
            let (dx, d_params) = of_map(dy, d_log_det, grads);
            dx + of_seen(of_network(d_params, grads))
        });
        (y, log_det, pull_back)
    }

    fn inverse(&self, y: Tensor<2>, context: &C) -> (Tensor<2>, Tensor<1>) {
        let [batch, features] = y.dims();
        let order = self.network.order();
        assert!(order.len() == features, "`y`: expected {} features, got {features}", order.len());
        let device = y.device();
        // A zero in a new shape means something else to burn.
        if batch == 0 {
            let none = Tensor::zeros([0], (&device, y.dtype()));
            return (y, none);
        }
        // A row a feature: each step takes one without a copy.
        let rows = y.transpose().reshape([features * batch]).reshape([features, 1, batch]);
        let mut log_slopes = Vec::with_capacity(features);
        let mut made = Generated::new(features, self.range);
        let seen = self.network.generate(batch, context, &device, &mut |feature, params| {
            let y = rows.clone().narrow(0, feature, 1);
            let (x, log_slope) = self.map.inverse_each(y, params.unsqueeze::<3>());
            log_slopes.push(log_slope);
            made.show(feature, x.reshape([1, batch]))
        });
        (made.features(seen), Tensor::cat(log_slopes, 0).sum_dim(0).reshape([batch]))
    }

    fn sees_context(&self) -> bool {
        self.network.sees_context()
    }
}
