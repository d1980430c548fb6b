//! The rational-quadratic spline as an elementwise map.

use burn::config::Config;
use burn::module::Module;
use burn::tensor::Tensor;

use super::spline::{RationalQuadraticKnots, rational_quadratic_forward, rational_quadratic_inverse};
use crate::Elementwise;
use crate::kernel::{Direction, FusedMap, fused_map};

/// What a spline does at the ends of its interval.
#[derive(Config, Debug, Copy, PartialEq)]
pub enum Tails {
    /// The identity outside; slope one at both ends.
    Linear,
    /// The interval is a circle: inputs are taken modulo its length, and the slopes at both ends are one parameter.
    Circular,
}

/// Configuration of [`RationalQuadratic`].
#[derive(Config, Debug, PartialEq)]
pub struct RationalQuadraticConfig {
    /// The number of bins.
    #[config(default = 8)]
    pub bins: usize,
    /// The lower end of the interval.
    #[config(default = -5.0)]
    pub lower: f64,
    /// The upper end of the interval.
    #[config(default = 5.0)]
    pub upper: f64,
    /// What happens at the ends.
    #[config(default = "Tails::Linear")]
    pub tails: Tails,
    /// The smallest width of a bin, as a share of the interval.
    #[config(default = 1e-3)]
    pub min_width: f64,
    /// The smallest height of a bin, as a share of the interval.
    #[config(default = 1e-3)]
    pub min_height: f64,
    /// The smallest slope at a knot.
    #[config(default = 1e-3)]
    pub min_slope: f64,
}

impl RationalQuadraticConfig {
    /// Makes the map.
    ///
    /// # Panics
    /// If there are fewer than two bins, the interval is empty, the smallest bins do not fit in it, or the smallest slope is not
    /// between 0 and 1.
    pub fn init(&self) -> RationalQuadratic {
        assert!(self.bins > 1, "`bins`: expected at least 2, got {}", self.bins);
        assert!(
            self.lower < self.upper && (self.upper - self.lower).is_finite(),
            "`lower..upper`: expected a finite interval, got {}..{}",
            self.lower,
            self.upper
        );
        for (name, size) in [("min_width", self.min_width), ("min_height", self.min_height)] {
            let limit = 1.0 / self.bins as f64;
            assert!(
                size > 0.0 && size < limit,
                "`{name}`: expected more than 0 and less than {limit} for {} bins, got {size}",
                self.bins
            );
        }
        let slope = self.min_slope;
        assert!(slope > 0.0 && slope < 1.0, "`min_slope`: expected between 0 and 1, got {slope}");
        RationalQuadratic { config: self.clone() }
    }
}

/// The monotone rational-quadratic spline: `K` bins of learnt width and height, learnt slopes between them.
///
/// ```text
/// y = y₀ + h (s t² + d₀ t(1-t)) / (s + (d₁ + d₀ - 2s) t(1-t)),   t = (x - x₀)/w,  s = h/w
/// log_det = Σ log [ s² (d₁ t² + 2 s t(1-t) + d₀ (1-t)²) / (s + (d₁ + d₀ - 2s) t(1-t))² ]
/// ```
///
/// where `(x₀, y₀)` is the lower left corner of the bin, `w` and `h` its width and height, `d₀` and `d₁` the slopes
/// at its ends. With [`Tails::Linear`] an element has `3K - 1` parameters (`K` widths, `K` heights, `K - 1` inner
/// slopes) and the map is the identity outside the interval; with [`Tails::Circular`] it has `3K`.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{Elementwise, RationalQuadraticConfig};
///
/// let spline = RationalQuadraticConfig::new().with_bins(4).init();
/// let x = Tensor::<2>::from_data([[-2.5, 9.0]], &Device::default());
/// let params = Tensor::<2>::zeros([1, 2 * spline.params_per_element()], &Device::default());
/// let (y, log_det) = spline.forward(x, params); // zero parameters: the identity
/// assert_eq!(y.to_data(), [[-2.5f32, 9.0]].into());
/// assert!(log_det.into_scalar::<f32>().abs() < 1e-6);
/// ```
///
/// # Notes
/// Inputs outside the interval are replaced before the arithmetic, not only masked after it, so that no gradient is
/// NaN. A NaN comes out as a NaN. With circular tails outputs lie in the interval.
///
/// # Reference
/// "Neural Spline Flows", Durkan, Bekasov, Murray, Papamakarios, 2019, <https://arxiv.org/abs/1906.04032>; circular:
/// "Normalizing Flows on Tori and Spheres", Rezende et al., 2020, <https://arxiv.org/abs/2002.02428>.
#[derive(Module, Debug)]
pub struct RationalQuadratic {
    #[module(skip)]
    config: RationalQuadraticConfig,
}

impl RationalQuadratic {
    /// The interval on which the spline lives.
    pub fn interval(&self) -> (f64, f64) {
        (self.config.lower, self.config.upper)
    }

    /// Raw network output, `[batch, params * features, ...]`, to knots.
    fn knots<const D: usize>(&self, params: Tensor<D>, elements: usize) -> RationalQuadraticKnots {
        let RationalQuadraticConfig { bins, min_width, min_height, min_slope, tails, .. } = self.config;
        let batch = params.dims()[0];
        let blocks: Tensor<3> = params.reshape([batch, self.params_per_element(), elements]);
        let raw_widths = blocks.clone().narrow(1, 0, bins);
        let raw_heights = blocks.clone().narrow(1, bins, bins);
        let raw_slopes = match tails {
            Tails::Linear => {
                // A raw slope of zero is a slope of one.
                let end = Tensor::zeros([batch, 1, elements], (&blocks.device(), blocks.dtype()));
                Tensor::cat(vec![end.clone(), blocks.narrow(1, 2 * bins, bins - 1), end], 1)
            }
            Tails::Circular => {
                let first = blocks.clone().narrow(1, 2 * bins, 1);
                Tensor::cat(vec![blocks.narrow(1, 2 * bins, bins), first], 1)
            }
        };
        RationalQuadraticKnots::new(raw_widths, raw_heights, raw_slopes, min_width, min_height, min_slope)
    }
}

impl FusedMap for RationalQuadratic {
    #[cfg(feature = "flex")]
    type Host = crate::kernel::host::Spline;

    #[cfg(feature = "flex")]
    fn host(&self) -> Option<Self::Host> {
        let RationalQuadraticConfig { bins, lower, upper, tails, min_width, min_height, min_slope } = self.config;
        let [lower, upper] = [lower, upper].map(|end| end as f32);
        let [min_width, min_height, min_slope] = [min_width, min_height, min_slope].map(|min| min as f32);
        let circular = tails == Tails::Circular;
        Some(crate::kernel::host::Spline { bins, lower, upper, min_width, min_height, min_slope, circular })
    }

    #[cfg(feature = "cube")]
    fn cube(&self) -> Option<crate::kernel::CubeMapKind> {
        let RationalQuadraticConfig { bins, lower, upper, tails, min_width, min_height, min_slope } = self.config;
        let mins = [min_width, min_height, min_slope].map(|min| min as f32);
        let circular = tails == Tails::Circular;
        let (lower, length) = (lower as f32, (upper - lower) as f32);
        Some(crate::kernel::CubeMapKind::Spline { bins, circular, lower, length, mins })
    }

    fn ordinary<const D: usize>(
        &self,
        x: Tensor<D>,
        params: Tensor<D>,
        direction: Direction,
    ) -> (Tensor<D>, Tensor<D>) {
        let spline = match direction {
            Direction::Forward => rational_quadratic_forward,
            Direction::Inverse => rational_quadratic_inverse,
        };
        let dims = x.dims();
        let elements = dims[1..].iter().product();
        let (lower, upper) = self.interval();
        // burn differentiates a division by a scalar in single precision; a product is exact.
        let (length, per_length) = (upper - lower, 1.0 / (upper - lower));
        let knots = self.knots(params, elements);
        let x: Tensor<3> = x.reshape([dims[0], 1, elements]);
        let (y, log_slope) = match self.config.tails {
            Tails::Linear => {
                let outside = x.clone().lower_scalar(lower).bool_or(x.clone().greater_scalar(upper));
                let inner = x.clone().mask_fill(outside.clone(), 0.5 * (lower + upper));
                let (v, log_slope) = spline((inner - lower) * per_length, &knots);
                let y = (v * length + lower).clamp(lower, upper);
                (y.mask_where(outside.clone(), x), log_slope.mask_fill(outside, 0.0))
            }
            Tails::Circular => {
                let turns = (x - lower) * per_length;
                let (v, log_slope) = spline(turns.clone() - turns.detach().floor(), &knots);
                ((v * length + lower).clamp(lower, upper), log_slope)
            }
        };
        (y.reshape(dims), log_slope.reshape(dims))
    }
}

impl Elementwise for RationalQuadratic {
    fn params_per_element(&self) -> usize {
        match self.config.tails {
            Tails::Linear => 3 * self.config.bins - 1,
            Tails::Circular => 3 * self.config.bins,
        }
    }

    fused_map!();
}
