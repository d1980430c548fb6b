//! The coupling layer.

use burn::module::{Module, ModuleDisplay, Param};
use burn::tensor::{Device, Tensor};

use super::FeatureSplit;
use crate::budget::claim;
use crate::normalize::feature_shape;
use crate::{Bijection, Conditioner, Elementwise, PullBack, forward_vjp, within_range, within_range_vjp};

/// A coupling layer: some features stay, and a network makes of them the parameters of a map of the others.
///
/// ```text
/// y_kept = x_kept        y_moved = map(x_moved; network(x_kept, context))        log_det = that of the map
/// ```
///
/// The map is any [`Elementwise`]: additive, affine, spline. Both directions cost one pass through the network.
/// Optionally ([`with_kept_map`](Coupling::with_kept_map)) the kept features are mapped too, each by a map of its own
/// whose parameters are learnt directly, as in neural spline flows; otherwise they are bit-identical in the output.
///
/// # Shapes
/// - `x`: `[batch, features, ...]`; the network sees `[batch, kept, ...]` and makes
///   `[batch, params_per_element * moved, ...]` of it
///
/// # Panics
/// If the network makes another number of parameters than the map needs.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{Affine, Bijection, Coupling, FeatureSplit, MlpConfig};
///
/// let device = Device::default();
/// let split = FeatureSplit::halves(3, false, &device); // keeps two, moves one
/// let coupling = Coupling::new(split, MlpConfig::new(2, 2).init(&device), Affine::default());
/// let x = Tensor::<2>::from_data([[1.0, 2.0, 3.0]], &device);
/// let (y, log_det) = coupling.forward(x.clone(), &());
/// assert_eq!(y.to_data(), x.to_data()); // the last layer is zero: the identity
/// assert_eq!(log_det.into_scalar::<f32>(), 0.0);
/// ```
///
/// # Reference
/// "NICE: Non-linear Independent Components Estimation", Dinh, Krueger, Bengio, 2014,
/// <https://arxiv.org/abs/1410.8516>; "Density estimation using Real NVP", Dinh, Sohl-Dickstein, Bengio, 2017,
/// <https://arxiv.org/abs/1605.08803>.
#[derive(Module, Debug)]
pub struct Coupling<N, E> {
    split: FeatureSplit,
    /// Makes the parameters.
    pub network: N,
    map: E,
    kept_params: Option<Param<Tensor<1>>>,
    range: Option<f64>,
}

impl<N, E> Coupling<N, E> {
    /// Couples the features of `split` by `network` and `map`.
    pub fn new(split: FeatureSplit, network: N, map: E) -> Self {
        Self { split, network, map, kept_params: None, range: None }
    }
}

impl<N, E> Coupling<N, E> {
    /// Shows the network the kept features clipped to `-range..range`; see [`within_range`]. Samples then stay near
    /// the data even of a flow that has learnt its rows by heart.
    pub fn with_network_range(mut self, range: Option<f64>) -> Self {
        self.range = range;
        self
    }
}

impl<N, E: Elementwise> Coupling<N, E> {
    /// Maps the kept features too, each by the same kind of map with parameters of its own, starting as the identity.
    /// Where nothing is kept, nothing changes.
    pub fn with_kept_map(mut self, device: &Device) -> Self {
        if self.split.kept().is_empty() {
            return self;
        }
        let params = self.map.params_per_element() * self.split.kept().len();
        claim([params]);
        self.kept_params = Some(Param::from_tensor(Tensor::zeros([params], device)));
        self
    }

    fn moved_params<const D: usize, C>(&self, kept: Tensor<D>, context: &C) -> Tensor<D>
    where
        N: Conditioner<D, C>,
    {
        let params = self.network.params(within_range(kept, self.range), context);
        self.assert_params(&params);
        params
    }

    fn assert_params<const D: usize>(&self, params: &Tensor<D>) {
        let expected = self.map.params_per_element() * self.split.moved().len();
        assert!(
            params.dims()[1] == expected,
            "`network`: expected {expected} outputs ({} parameters for each of {} moved features), got {}",
            self.map.params_per_element(),
            self.split.moved().len(),
            params.dims()[1]
        );
    }

    fn kept_params_like<const D: usize>(&self, kept: &Tensor<D>) -> Option<Tensor<D>> {
        let params = self.kept_params.as_ref()?.val();
        let width = params.dims()[0];
        let mut shape = kept.dims();
        shape[1] = width;
        // burn reads a zero in a new shape as "as it was".
        if shape[0] == 0 {
            return Some(Tensor::empty(shape, (&kept.device(), kept.dtype())));
        }
        Some(params.reshape(feature_shape::<D>(width)).expand(shape))
    }
}

impl<const D: usize, C, N, E> Bijection<D, C> for Coupling<N, E>
where
    N: Conditioner<D, C> + ModuleDisplay,
    E: Elementwise + ModuleDisplay,
{
    fn forward(&self, x: Tensor<D>, context: &C) -> (Tensor<D>, Tensor<1>) {
        let (kept, moved) = self.split.take(x);
        let params = self.moved_params(kept.clone(), context);
        let (moved, log_det) = self.map.forward(moved, params);
        let (kept, log_det) = match self.kept_params_like(&kept) {
            Some(params) => {
                let (kept, own) = self.map.forward(kept, params);
                (kept, log_det + own)
            }
            None => (kept, log_det),
        };
        (self.split.put(kept, moved), log_det)
    }

    fn inverse(&self, y: Tensor<D>, context: &C) -> (Tensor<D>, Tensor<1>) {
        let (kept, moved) = self.split.take(y);
        let (kept, own) = match self.kept_params_like(&kept) {
            Some(params) => {
                let (kept, own) = self.map.inverse(kept, params);
                (kept, Some(own))
            }
            None => (kept, None),
        };
        let params = self.moved_params(kept.clone(), context);
        let (moved, log_det) = self.map.inverse(moved, params);
        let log_det = match own {
            Some(own) => log_det + own,
            None => log_det,
        };
        (self.split.put(kept, moved), log_det)
    }

    fn forward_vjp<'a>(&'a self, x: Tensor<D>, context: &'a C) -> (Tensor<D>, Tensor<1>, PullBack<'a, D>) {
        if self.kept_params.is_some() {
            return forward_vjp(self, x, context);
        }
        let (kept, moved) = self.split.take(x);
        let (seen, of_seen) = within_range_vjp(kept.clone(), self.range);
        let (params, of_network) = self.network.params_vjp(seen, context);
        self.assert_params(&params);
        let (moved, log_det, of_map) = self.map.forward_vjp(moved, params);
        let pull_back: PullBack<'a, D> = Box::new(move |dy, d_log_det, grads| {
            let (d_kept, d_moved) = self.split.take(dy);
            let (d_moved, d_params) = of_map(d_moved, d_log_det, grads);
            let through_network = of_network(d_params, grads);
            let d_kept = if self.split.kept().is_empty() { d_kept } else { d_kept + of_seen(through_network) };
            self.split.put(d_kept, d_moved)
        });
        (self.split.put(kept, moved), log_det, pull_back)
    }

    fn recompute_statistics(self, x: Tensor<D>, context: &C) -> (Self, Tensor<D>) {
        let (kept, _) = self.split.take(x.clone());
        let kept = within_range(kept, self.range);
        let layer = Self { network: self.network.recompute_statistics(kept, context), ..self };
        let (y, _) = layer.valid().forward(x, context);
        (layer, y)
    }

    fn sees_context(&self) -> bool {
        self.network.sees_context()
    }
}
