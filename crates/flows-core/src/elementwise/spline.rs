//! The arithmetic of the monotone rational-quadratic spline, on tensors.

use burn::tensor::{Tensor, activation};

use crate::numerics::softplus;

/// The knots of one spline an element, on the unit square: what the network's raw output means.
///
/// ```text
/// wₖ = w₀ + (1 - K w₀) softmax(u)ₖ        hₖ likewise        dₖ = d₀ + softplus(vₖ + ln(e^{1-d₀} - 1))
/// ```
///
/// so that raw zeros are the identity: equal bins of slope one.
///
/// # Shapes
/// - all: `[batch, bins, elements]`; `slopes` raw, `[batch, bins + 1, elements]`
#[derive(Debug, Clone)]
pub struct RationalQuadraticKnots {
    widths: Tensor<3>,
    lefts: Tensor<3>,
    heights: Tensor<3>,
    bottoms: Tensor<3>,
    raw_slopes: Tensor<3>,
    min_slope: f64,
}

impl RationalQuadraticKnots {
    /// From raw widths and heights, `[batch, bins, elements]`, and raw slopes at the knots,
    /// `[batch, bins + 1, elements]`; at least two bins.
    pub fn new(
        raw_widths: Tensor<3>,
        raw_heights: Tensor<3>,
        raw_slopes: Tensor<3>,
        min_width: f64,
        min_height: f64,
        min_slope: f64,
    ) -> Self {
        let (widths, lefts) = bins(raw_widths, min_width);
        let (heights, bottoms) = bins(raw_heights, min_height);
        Self { widths, lefts, heights, bottoms, raw_slopes, min_slope }
    }

    /// The bin of each element and its numbers. `edges` are the lower ends of the bins on the axis of `x`.
    fn bin(&self, x: &Tensor<3>, edges: &Tensor<3>) -> Bin {
        let bins = edges.dims()[1];
        // The first edge is below every x; a NaN compares false and lands in bin 0, where it stays a NaN.
        let index = x.clone().greater_equal(edges.clone().narrow(1, 1, bins - 1)).int().sum_dim(1);
        let at = |values: &Tensor<3>| values.clone().gather(1, index.clone());
        let slope = |index| {
            // softplus(v + c) + d₀ is one at v = 0.
            let c = ((1.0 - self.min_slope).exp() - 1.0).ln();
            softplus(self.raw_slopes.clone().gather(1, index) + c) + self.min_slope
        };
        Bin {
            width: at(&self.widths),
            left: at(&self.lefts),
            height: at(&self.heights),
            bottom: at(&self.bottoms),
            slope_left: slope(index.clone()),
            slope_right: slope(index.clone() + 1),
        }
    }
}

/// Sizes of the bins, and their lower ends. The first end is exactly zero.
fn bins(raw: Tensor<3>, min_size: f64) -> (Tensor<3>, Tensor<3>) {
    let bins = raw.dims()[1];
    let sizes = activation::softmax(raw, 1) * (1.0 - min_size * bins as f64) + min_size;
    let ends = sizes.clone().cumsum(1);
    let starts = ends - sizes.clone();
    (sizes, starts)
}

/// The numbers of the bin that each element lies in, `[batch, 1, elements]`.
struct Bin {
    width: Tensor<3>,
    left: Tensor<3>,
    height: Tensor<3>,
    bottom: Tensor<3>,
    slope_left: Tensor<3>,
    slope_right: Tensor<3>,
}

impl Bin {
    /// The height within the bin as a share of it, and the log-derivative, at the share `t` of its width.
    fn evaluate(&self, t: Tensor<3>) -> (Tensor<3>, Tensor<3>) {
        let s = self.height.clone() / self.width.clone();
        let rest = t.clone().neg() + 1.0;
        let mixed = t.clone() * rest.clone();
        let denominator =
            s.clone() + (self.slope_left.clone() + self.slope_right.clone() - s.clone() * 2.0) * mixed.clone();
        let share = (s.clone() * t.clone() * t.clone() + self.slope_left.clone() * mixed.clone()) / denominator.clone();
        let numerator = self.slope_right.clone() * t.clone() * t
            + s.clone() * mixed * 2.0
            + self.slope_left.clone() * rest.clone() * rest;
        let log_slope = (s.log() - denominator.log()) * 2.0 + numerator.log();
        (share, log_slope)
    }

    /// The share of the width at which the spline reaches the share `v` of the height.
    ///
    /// A root of `a t² + b t + c`; of the two forms of the formula the one that subtracts no close numbers is taken.
    fn solve(&self, v: Tensor<3>) -> Tensor<3> {
        let s = self.height.clone() / self.width.clone();
        let bend = (self.slope_left.clone() + self.slope_right.clone() - s.clone() * 2.0) * v.clone();
        let a = s.clone() - self.slope_left.clone() + bend.clone();
        let b = self.slope_left.clone() - bend;
        let c = s * v;
        // c here is minus the constant term; the discriminant of a monotone spline is not negative, but for rounding.
        let root = (b.clone() * b.clone() + a.clone() * c.clone() * 4.0).clamp_min(1e-30).sqrt();
        let negative = b.clone().lower_scalar(0.0);
        let numerator = (c * 2.0).mask_where(negative.clone(), root.clone() - b.clone());
        let denominator = (b + root).mask_where(negative, a * 2.0);
        (numerator / denominator).clamp(0.0, 1.0)
    }
}

/// The spline: from `[0, 1]` to `[0, 1]`, with the logarithm of its derivative.
///
/// # Shapes
/// - `x`, result: `[batch, 1, elements]`, `x` within `[0, 1]`
pub fn rational_quadratic_forward(x: Tensor<3>, knots: &RationalQuadraticKnots) -> (Tensor<3>, Tensor<3>) {
    let bin = knots.bin(&x, &knots.lefts);
    let t = ((x - bin.left.clone()) / bin.width.clone()).clamp(0.0, 1.0);
    let (share, log_slope) = bin.evaluate(t);
    (share * bin.height.clone() + bin.bottom.clone(), log_slope)
}

/// The inverse of the spline, with the logarithm of the inverse's derivative.
///
/// # Shapes
/// - `y`, result: `[batch, 1, elements]`, `y` within `[0, 1]`
pub fn rational_quadratic_inverse(y: Tensor<3>, knots: &RationalQuadraticKnots) -> (Tensor<3>, Tensor<3>) {
    let bin = knots.bin(&y, &knots.bottoms);
    let v = ((y - bin.bottom.clone()) / bin.height.clone()).clamp(0.0, 1.0);
    let t = bin.solve(v);
    let (_, log_slope) = bin.evaluate(t.clone());
    (t * bin.width.clone() + bin.left.clone(), log_slope.neg())
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    fn one_bin(width: f32, slope_left: f32, slope_right: f32) -> Bin {
        let number = |v: f32| Tensor::<3>::from_data([[[v]]], &Device::default());
        Bin {
            width: number(width),
            left: number(0.0),
            height: number(1.0),
            bottom: number(0.0),
            slope_left: number(slope_left),
            slope_right: number(slope_right),
        }
    }

    // distrax tests its safe root to 1e-5 against the exact one; the ends of a bin are where the textbook formulas
    // lose their digits, each at other slopes.
    #[test]
    fn the_root_keeps_its_digits_where_either_textbook_formula_loses_them() {
        for (left, right) in [(1e3, 1e-3), (1e-3, 1e3), (1e3, 1e3), (1e-3, 1e-3), (1.0, 1.0), (1e3, 1.0)] {
            for t in [1e-4f32, 0.1, 0.5, 0.9, 0.9999] {
                let bin = one_bin(1.0, left, right);
                let (share, log_slope) = bin.evaluate(Tensor::from_data([[[t]]], &Device::default()));
                let slope = log_slope.into_scalar::<f32>().exp();
                let back = bin.solve(share).into_scalar::<f32>();
                // An error of one rounding of the share, carried back through the slope.
                let allowed = 4.0 * f32::EPSILON / slope.min(1.0) + 4.0 * f32::EPSILON;
                assert!((back - t).abs() < allowed, "slopes {left}, {right}: {t} came back as {back}, slope {slope}");
            }
        }
    }
}
