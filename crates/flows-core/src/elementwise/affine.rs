//! The affine map of RealNVP, MAF and Glow.

use burn::config::Config;
use burn::module::Module;
use burn::tensor::Tensor;

use crate::Elementwise;
use crate::kernel::{Direction, FusedMap, fused_map};

/// How the logarithm of a scale is kept within bounds: a raw exponential of a network's output is the commonest
/// source of NaN in flows.
///
/// Every kind maps 0 to 0 and has slope 1 there.
#[derive(Config, Debug, Copy, PartialEq)]
pub enum LogScaleBound {
    /// `s = a / (1 + |a| / bound)`; cheap, its slope falls off slowly. With `bound = ln 1000` it is zuko's.
    SoftSign {
        /// `|s|` stays below it.
        bound: f64,
    },
    /// `s = bound · tanh(a / bound)`, as in FrEIA.
    Tanh {
        /// `|s|` stays below it.
        bound: f64,
    },
    /// `s = bound · 2/π · atan(π/2 · a / bound)`.
    Arctan {
        /// `|s|` stays below it.
        bound: f64,
    },
    /// `s = a`, as in the papers. Training may overflow.
    Unbounded,
}

impl Default for LogScaleBound {
    /// `SoftSign` with `bound = ln 1000`: scales between 0.001 and 1000.
    fn default() -> Self {
        Self::SoftSign { bound: 1000f64.ln() }
    }
}

impl LogScaleBound {
    /// The bounded log-scale.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use flows_core::LogScaleBound;
    ///
    /// let a = Tensor::<1>::from_data([0.0, 2.0, 1e30], &Device::default());
    /// let s = LogScaleBound::SoftSign { bound: 2.0 }.apply(a);
    /// assert_eq!(s.to_data(), [0.0f32, 1.0, 2.0].into());
    /// ```
    pub fn apply<const D: usize>(self, a: Tensor<D>) -> Tensor<D> {
        match self {
            // Multiplied by reciprocals: burn differentiates a division by a scalar in single precision.
            Self::SoftSign { bound } => a.clone() / (a.abs() * (1.0 / bound) + 1.0),
            Self::Tanh { bound } => (a * (1.0 / bound)).tanh() * bound,
            Self::Arctan { bound } => {
                let slope = std::f64::consts::FRAC_PI_2 / bound;
                (a * slope).atan() * (1.0 / slope)
            }
            Self::Unbounded => a,
        }
    }
}

/// The affine map of RealNVP, MAF and Glow.
///
/// ```text
/// y = x · exp(s) + t,   s = bound(a)        log_det = Σ s
/// ```
///
/// Two parameters an element: `t`, then `a`. See [`LogScaleBound`] for how `s` is bounded.
///
/// # Reference
/// "Density estimation using Real NVP", Dinh, Sohl-Dickstein, Bengio, 2017, <https://arxiv.org/abs/1605.08803>.
#[derive(Module, Debug, Default)]
pub struct Affine {
    #[module(skip)]
    bound: LogScaleBound,
}

impl Affine {
    /// An affine map with the given bound of its log-scale.
    pub fn new(bound: LogScaleBound) -> Self {
        Self { bound }
    }
}

impl FusedMap for Affine {
    #[cfg(feature = "flex")]
    type Host = crate::kernel::host::AffineMap;

    #[cfg(feature = "flex")]
    fn host(&self) -> Option<Self::Host> {
        use crate::kernel::host::{AffineMap, Bound};
        match self.bound {
            LogScaleBound::SoftSign { bound } => Some(AffineMap(Bound::SoftSign(bound as f32))),
            LogScaleBound::Tanh { bound } => Some(AffineMap(Bound::Tanh(bound as f32))),
            LogScaleBound::Arctan { .. } => None,
            LogScaleBound::Unbounded => Some(AffineMap(Bound::Unbounded)),
        }
    }

    #[cfg(feature = "cube")]
    fn cube(&self) -> Option<crate::kernel::CubeMapKind> {
        use crate::kernel::{CubeMapKind, SOFT_SIGN, TANH, UNBOUNDED};
        match self.bound {
            LogScaleBound::SoftSign { bound } => Some(CubeMapKind::Affine(SOFT_SIGN, bound as f32)),
            LogScaleBound::Tanh { bound } => Some(CubeMapKind::Affine(TANH, bound as f32)),
            LogScaleBound::Arctan { .. } => None,
            LogScaleBound::Unbounded => Some(CubeMapKind::Affine(UNBOUNDED, 1.0)),
        }
    }

    fn ordinary<const D: usize>(
        &self,
        x: Tensor<D>,
        params: Tensor<D>,
        direction: Direction,
    ) -> (Tensor<D>, Tensor<D>) {
        let half = params.dims()[1] / 2;
        let shift = params.clone().narrow(1, 0, half);
        let log_scale = self.bound.apply(params.narrow(1, half, half));
        match direction {
            Direction::Forward => (x * log_scale.clone().exp() + shift, log_scale),
            Direction::Inverse => {
                let log_slope = -log_scale;
                ((x - shift) * log_slope.clone().exp(), log_slope)
            }
        }
    }
}

impl Elementwise for Affine {
    fn params_per_element(&self) -> usize {
        2
    }

    fused_map!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, Tolerance};

    #[test]
    fn every_bound_is_the_identity_near_zero_and_keeps_its_promise_far_out() {
        let bound = 3.0;
        for kind in [LogScaleBound::SoftSign { bound }, LogScaleBound::Tanh { bound }, LogScaleBound::Arctan { bound }]
        {
            let a = Tensor::<1>::from_data([0.0, 1e-4, -1e30, 1e30], &Device::default());
            let s = kind.apply(a).try_into_vec_as::<f32>().unwrap();
            assert_eq!(s[0], 0.0, "{kind}");
            assert!((s[1] - 1e-4).abs() < 1e-8, "{kind}: {}", s[1]);
            assert!((s[2] + 3.0).abs() < 1e-5 && (s[3] - 3.0).abs() < 1e-5, "{kind}: {s:?}");
        }
    }

    #[test]
    fn extreme_parameters_and_inputs_stay_finite() {
        let device = Device::default();
        let x = Tensor::<2>::from_data([[1e30, -1e30, 1e-30, 0.0]], &device);
        let params = Tensor::<2>::from_data([[0.0, 1.0, 0.0, 0.0, 1e30, -1e30, 1e30, -1e30]], &device);
        let map = Affine::default();
        let (y, log_det) = map.forward(x.clone(), params.clone());
        assert!(y.clone().is_finite().all().into_scalar::<bool>());
        assert!(log_det.is_finite().all().into_scalar::<bool>());
        let (back, _) = map.inverse(y, params);
        // One exponential and its reciprocal: a few units in the last place.
        back.to_data().assert_approx_eq::<f32>(&x.to_data(), Tolerance::rel_abs(1e-5, 1e-6));
    }
}
