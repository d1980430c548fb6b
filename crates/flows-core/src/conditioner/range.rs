//! How far the networks inside a flow see.

use burn::config::Config;
use burn::tensor::Tensor;

/// How far the networks inside a flow see: each clips the features that it is shown to this range; see [`within_range`].
#[derive(Config, Debug, Copy, PartialEq)]
pub enum NetworkRange {
    /// [`NetworkRange::STANDARDIZED`] where the flow standardises its data, so that the unit is known; else no limit.
    Auto,
    /// Features are clipped to `-limit..limit`.
    Within {
        /// The limit, above zero.
        limit: f64,
    },
    /// Features are shown as they are.
    Unlimited,
}

impl NetworkRange {
    /// The limit for data of unit variance: few rows reach it, and no network has learnt what is far beyond.
    pub const STANDARDIZED: f64 = 10.0;

    /// The limit, in a flow that standardises its data or does not.
    ///
    /// # Panics
    /// If a limit is not above zero.
    pub fn limit(self, standardized: bool) -> Option<f64> {
        match self {
            Self::Auto => standardized.then_some(Self::STANDARDIZED),
            Self::Within { limit } => {
                assert!(limit > 0.0, "`limit`: expected more than 0, got {limit}");
                Some(limit)
            }
            Self::Unlimited => None,
        }
    }
}

/// What a network sees of the features: each clipped to `-range..range`, or all of it without a range.
///
/// A network of rectified units is linear far out. In the inverse of a flow its outputs become inputs of others, layer
/// after layer and, in autoregressive layers, feature after feature; a row that leaves the data by a little then leaves
/// it by more and more, until it overflows. A network that sees no further than the data ever is makes parameters that
/// are bounded too. Both directions of a layer show it the same, so that the layer is as invertible as before: the
/// features themselves are not clipped.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::within_range;
///
/// let x = Tensor::<2>::from_data([[-2.0, 1e30]], &Device::default());
/// assert_eq!(within_range(x.clone(), Some(20.0)).to_data(), [[-2.0f32, 20.0]].into());
/// assert_eq!(within_range(x.clone(), None).to_data(), x.to_data());
/// ```
pub fn within_range<const D: usize>(x: Tensor<D>, range: Option<f64>) -> Tensor<D> {
    match range {
        Some(range) => x.clamp(-range, range),
        None => x,
    }
}

/// [`within_range`], and the way back through it; the tensors are outside of any graph.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::within_range_vjp;
///
/// let x = Tensor::<2>::from_data([[-2.0, 1e30]], &Device::default());
/// let (seen, pull_back) = within_range_vjp(x, Some(20.0));
/// assert_eq!(pull_back(seen.ones_like()).to_data(), [[1.0f32, 0.0]].into());
/// ```
pub fn within_range_vjp<const D: usize>(
    x: Tensor<D>,
    range: Option<f64>,
) -> (Tensor<D>, impl FnOnce(Tensor<D>) -> Tensor<D>) {
    let seen = within_range(x.clone(), range);
    let clipped = range.map(|_| seen.clone().not_equal(x));
    let pull_back = move |d_seen: Tensor<D>| match clipped {
        Some(clipped) => d_seen.mask_fill(clipped, 0.0),
        None => d_seen,
    };
    (seen, pull_back)
}
