//! The rational-quadratic spline on the host, with the derivatives written out.

use super::lanes::{LANES, Lane, ScalarMap};
use super::math::{exp, ln, sigmoid, softplus};

/// The spline of [`RationalQuadratic`](crate::RationalQuadratic), whose equations these are. Raw parameters are `bins`
/// widths, as many heights, and the slopes at the inner knots (`circular`: at all knots, the first being the last).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spline {
    pub(crate) bins: usize,
    pub(crate) lower: f32,
    pub(crate) upper: f32,
    pub(crate) min_width: f32,
    pub(crate) min_height: f32,
    pub(crate) min_slope: f32,
    pub(crate) circular: bool,
}

/// The bin that each element lies in.
struct Bin {
    index: Lane,
    left: Lane,
    width: Lane,
    bottom: Lane,
    height: Lane,
    raw_left: Lane,
    raw_right: Lane,
    slope_left: Lane,
    slope_right: Lane,
}

impl Spline {
    /// The number of the raw slope at a knot, where it has one.
    #[inline(always)]
    fn slope_at(&self, knot: usize) -> Option<usize> {
        match self.circular {
            true => Some(knot % self.bins),
            false => (1..self.bins).contains(&knot).then(|| knot - 1),
        }
    }

    /// `ln(e^{1-d₀} - 1)`: a raw slope of zero is a slope of one.
    #[inline(always)]
    fn raw_offset(&self) -> f32 {
        f64::from(1.0 - self.min_slope).exp_m1().ln() as f32
    }

    /// Where an element lies on the unit interval, and whether it is outside of it and stays what it is.
    #[inline(always)]
    fn on_unit(&self, x: &Lane) -> (Lane, [bool; LANES]) {
        let per_length = 1.0 / (self.upper - self.lower);
        let (mut unit, mut outside) = ([0.0; LANES], [false; LANES]);
        for i in 0..LANES {
            let u = (x[i] - self.lower) * per_length;
            if self.circular {
                unit[i] = u - u.floor();
            } else {
                outside[i] = x[i] < self.lower || x[i] > self.upper;
                unit[i] = if outside[i] { 0.5 } else { u };
            }
        }
        (unit, outside)
    }

    /// Finds the bins by the widths, or by the heights; the shares that softmax gives to the widths and then to the
    /// heights stay in `shares`.
    #[inline(always)]
    fn bin(&self, at: &Lane, raw: &[Lane], by_height: bool, shares: &mut [Lane]) -> Bin {
        let bins = self.bins;
        let (widths, heights) = shares.split_at_mut(bins);
        softmax(&raw[..bins], widths);
        softmax(&raw[bins..2 * bins], heights);
        let none = [0.0; LANES];
        let (index, left, width, bottom, height) = if by_height {
            let (index, bottom, height) = search(at, heights, self.min_height);
            let (left, width) = pick(&index, widths, self.min_width);
            (index, left, width, bottom, height)
        } else {
            let (index, left, width) = search(at, widths, self.min_width);
            let (bottom, height) = pick(&index, heights, self.min_height);
            (index, left, width, bottom, height)
        };
        let (mut raw_left, mut raw_right) = (none, none);
        for k in 0..bins {
            for (side, knot) in [(&mut raw_left, k), (&mut raw_right, k + 1)] {
                if let Some(slope) = self.slope_at(knot) {
                    let slope = &raw[2 * bins + slope];
                    for i in 0..LANES {
                        side[i] = if index[i] == k as f32 { slope[i] } else { side[i] };
                    }
                }
            }
        }
        let (offset, mut slope_left, mut slope_right) = (self.raw_offset(), none, none);
        for i in 0..LANES {
            slope_left[i] = softplus(raw_left[i] + offset) + self.min_slope;
            slope_right[i] = softplus(raw_right[i] + offset) + self.min_slope;
        }
        Bin { index, left, width, bottom, height, raw_left, raw_right, slope_left, slope_right }
    }

    /// From the unit interval back, elements outside as they were.
    #[inline(always)]
    fn off_unit(&self, unit: &Lane, outside: &[bool; LANES], x: &Lane, log_slope: &mut Lane) -> Lane {
        let mut y = [0.0; LANES];
        for i in 0..LANES {
            let v = unit[i] * (self.upper - self.lower) + self.lower;
            let v = if v < self.lower { self.lower } else { v };
            let v = if v > self.upper { self.upper } else { v };
            y[i] = if outside[i] { x[i] } else { v };
            log_slope[i] = if outside[i] { 0.0 } else { log_slope[i] };
        }
        y
    }
}

#[inline(always)]
fn softmax(raw: &[Lane], shares: &mut [Lane]) {
    let mut largest = raw[0];
    for raw in &raw[1..] {
        for i in 0..LANES {
            largest[i] = if raw[i] > largest[i] { raw[i] } else { largest[i] };
        }
    }
    let mut sum = [0.0; LANES];
    for (share, raw) in shares.iter_mut().zip(raw) {
        for i in 0..LANES {
            share[i] = exp(raw[i] - largest[i]);
            sum[i] += share[i];
        }
    }
    let part = sum.map(|sum| 1.0 / sum);
    for share in shares {
        for i in 0..LANES {
            share[i] *= part[i];
        }
    }
}

/// The bin of each element along its own axis: number, start and size. The first starts below every element; a NaN
/// compares false and lands in it, where it stays a NaN.
#[inline(always)]
fn search(at: &Lane, shares: &[Lane], min: f32) -> (Lane, Lane, Lane) {
    let scale = 1.0 - min * shares.len() as f32;
    let (mut index, mut start, mut size, mut edge) = ([0.0; LANES], [0.0; LANES], [0.0; LANES], [0.0; LANES]);
    for (k, share) in shares.iter().enumerate() {
        for i in 0..LANES {
            let this = share[i] * scale + min;
            let reached = k == 0 || at[i] >= edge[i];
            index[i] = if reached { k as f32 } else { index[i] };
            start[i] = if reached { edge[i] } else { start[i] };
            size[i] = if reached { this } else { size[i] };
            edge[i] += this;
        }
    }
    (index, start, size)
}

/// Start and size of the bin with this number on the other axis.
#[inline(always)]
fn pick(index: &Lane, shares: &[Lane], min: f32) -> (Lane, Lane) {
    let scale = 1.0 - min * shares.len() as f32;
    let (mut start, mut size, mut edge) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
    for (k, share) in shares.iter().enumerate() {
        for i in 0..LANES {
            let this = share[i] * scale + min;
            let reached = index[i] == k as f32;
            start[i] = if reached { edge[i] } else { start[i] };
            size[i] = if reached { this } else { size[i] };
            edge[i] += this;
        }
    }
    (start, size)
}

/// Keeps a share of a bin between its ends; a NaN stays one.
#[inline(always)]
fn within(t: f32) -> f32 {
    let t = if t < 0.0 { 0.0 } else { t };
    if t > 1.0 { 1.0 } else { t }
}

impl Bin {
    /// The share of the height that is reached at the share `t` of the width, and the logarithm of the slope.
    #[inline(always)]
    fn evaluate(&self, t: &Lane) -> (Lane, Lane) {
        let (mut share, mut log_slope) = ([0.0; LANES], [0.0; LANES]);
        for i in 0..LANES {
            let (t, d0, d1) = (t[i], self.slope_left[i], self.slope_right[i]);
            let (s, rest) = (self.height[i] / self.width[i], 1.0 - t);
            let mixed = t * rest;
            let per = 1.0 / (s + (d1 + d0 - 2.0 * s) * mixed);
            share[i] = (s * t * t + d0 * mixed) * per;
            let numerator = d1 * t * t + 2.0 * s * mixed + d0 * rest * rest;
            // In this order, nothing on the way is larger or smaller than what goes in and what comes out.
            log_slope[i] = ln(s * per * numerator * (s * per));
        }
        (share, log_slope)
    }

    /// The share of the width at which the spline reaches the share `v` of the height: a root of `a t² + b t - c`, by
    /// that of the two formulas that subtracts no close numbers.
    #[inline(always)]
    fn solve(&self, v: &Lane) -> Lane {
        let mut t = [0.0; LANES];
        for i in 0..LANES {
            let (v, d0, d1, s) = (v[i], self.slope_left[i], self.slope_right[i], self.height[i] / self.width[i]);
            let bend = (d0 + d1 - 2.0 * s) * v;
            let (a, b, c) = (s - d0 + bend, d0 - bend, s * v);
            let square = b * b + 4.0 * a * c;
            let root = (if square < 1e-30 { 1e-30 } else { square }).sqrt();
            let numerator = if b < 0.0 { root - b } else { 2.0 * c };
            let denominator = if b < 0.0 { 2.0 * a } else { b + root };
            t[i] = within(numerator / denominator);
        }
        t
    }
}

impl ScalarMap for Spline {
    fn params(&self) -> usize {
        if self.circular { 3 * self.bins } else { 3 * self.bins - 1 }
    }

    fn scratch(&self) -> usize {
        2 * self.bins
    }

    fn cost(&self) -> f64 {
        6.0 * self.bins as f64
    }

    #[inline(always)]
    fn forward(&self, x: &Lane, params: &[Lane], scratch: &mut [Lane]) -> (Lane, Lane) {
        let (unit, outside) = self.on_unit(x);
        let bin = self.bin(&unit, params, false, scratch);
        let mut t = [0.0; LANES];
        for i in 0..LANES {
            t[i] = within((unit[i] - bin.left[i]) / bin.width[i]);
        }
        let (mut v, mut log_slope) = bin.evaluate(&t);
        for (i, v) in v.iter_mut().enumerate() {
            *v = *v * bin.height[i] + bin.bottom[i];
        }
        (self.off_unit(&v, &outside, x, &mut log_slope), log_slope)
    }

    #[inline(always)]
    fn inverse(&self, y: &Lane, params: &[Lane], scratch: &mut [Lane]) -> (Lane, Lane) {
        let (unit, outside) = self.on_unit(y);
        let bin = self.bin(&unit, params, true, scratch);
        let mut v = [0.0; LANES];
        for i in 0..LANES {
            v[i] = within((unit[i] - bin.bottom[i]) / bin.height[i]);
        }
        let mut t = bin.solve(&v);
        let (_, mut log_slope) = bin.evaluate(&t);
        for i in 0..LANES {
            t[i] = t[i] * bin.width[i] + bin.left[i];
            log_slope[i] = -log_slope[i];
        }
        (self.off_unit(&t, &outside, y, &mut log_slope), log_slope)
    }

    // One index for a dozen arrays reads better than a dozen iterators.
    #[allow(clippy::needless_range_loop)]
    #[inline(always)]
    fn backward(
        &self,
        x: &Lane,
        params: &[Lane],
        (dy, dl): (&Lane, &Lane),
        d_params: &mut [Lane],
        scratch: &mut [Lane],
    ) -> Lane {
        let (unit, outside) = self.on_unit(x);
        let bin = self.bin(&unit, params, false, scratch);
        let length = self.upper - self.lower;
        let none = [0.0; LANES];
        let (mut dx, mut d_left, mut d_width, mut d_bottom, mut d_height) = (none, none, none, none, none);
        let (mut d_raw_left, mut d_raw_right) = (none, none);
        let offset = self.raw_offset();
        for i in 0..LANES {
            // Outside nothing comes back through the spline.
            let dv = if outside[i] { 0.0 } else { dy[i] * length };
            let dl = if outside[i] { 0.0 } else { dl[i] };
            let (w, h, d0, d1) = (bin.width[i], bin.height[i], bin.slope_left[i], bin.slope_right[i]);
            let (s, t) = (h / w, within((unit[i] - bin.left[i]) / w));
            let (rest, per_width) = (1.0 - t, 1.0 / w);
            let mixed = t * rest;
            let bend = d1 + d0 - 2.0 * s;
            let per = 1.0 / (s + bend * mixed);
            let share = (s * t * t + d0 * mixed) * per;
            let numerator = d1 * t * t + 2.0 * s * mixed + d0 * rest * rest;
            let per_numerator = 1.0 / numerator;
            // v = bottom + h share, log_slope = 2 log s - 2 log denominator + log numerator.
            let d_share = dv * h;
            let slope_of_share = s * per * numerator * per;
            let numerator_t = 2.0 * (d1 * t + s * (1.0 - 2.0 * t) - d0 * rest);
            let log_slope_t = numerator_t * per_numerator - 2.0 * bend * (1.0 - 2.0 * t) * per;
            let dt = d_share * slope_of_share + dl * log_slope_t;
            let ds = d_share * (t * t - share * (1.0 - 2.0 * mixed)) * per
                + dl * 2.0 * (1.0 / s - (1.0 - 2.0 * mixed) * per + mixed * per_numerator);
            let d0_too = d_share * mixed * (1.0 - share) * per + dl * (rest * rest * per_numerator - 2.0 * mixed * per);
            let d1_too = dl * (t * t * per_numerator - 2.0 * mixed * per) - d_share * share * mixed * per;
            // t = (unit - left) / w, s = h / w.
            let d_unit = dt * per_width;
            d_left[i] = -d_unit;
            d_width[i] = -(d_unit * t + ds * s * per_width);
            d_bottom[i] = dv;
            d_height[i] = dv * share + ds * per_width;
            d_raw_left[i] = d0_too * sigmoid(bin.raw_left[i] + offset);
            d_raw_right[i] = d1_too * sigmoid(bin.raw_right[i] + offset);
            dx[i] = if outside[i] { dy[i] } else { d_unit / length };
        }
        let (bins, (widths, heights)) = (self.bins, scratch.split_at(self.bins));
        let (d_widths, rest) = d_params.split_at_mut(bins);
        let (d_heights, d_slopes) = rest.split_at_mut(bins);
        softmax_backward(&bin.index, widths, self.min_width, (&d_left, &d_width), d_widths);
        softmax_backward(&bin.index, heights, self.min_height, (&d_bottom, &d_height), d_heights);
        d_slopes.fill(none);
        for k in 0..bins {
            for (side, knot) in [(&d_raw_left, k), (&d_raw_right, k + 1)] {
                if let Some(slope) = self.slope_at(knot) {
                    let slope = &mut d_slopes[slope];
                    for i in 0..LANES {
                        slope[i] += if bin.index[i] == k as f32 { side[i] } else { 0.0 };
                    }
                }
            }
        }
        dx
    }
}

/// The gradients of the raw sizes, from those of the start and the size of the bin: the start is the sum of the sizes
/// before it.
#[inline(always)]
fn softmax_backward(index: &Lane, shares: &[Lane], min: f32, (d_start, d_size): (&Lane, &Lane), d_raw: &mut [Lane]) {
    let scale = 1.0 - min * shares.len() as f32;
    let mut mean = [0.0; LANES];
    for (k, (share, d_raw)) in shares.iter().zip(&mut *d_raw).enumerate() {
        for i in 0..LANES {
            let before = if index[i] > k as f32 { d_start[i] } else { 0.0 };
            let d = if index[i] == k as f32 { d_size[i] } else { before };
            d_raw[i] = d;
            mean[i] += share[i] * d;
        }
    }
    for (share, d_raw) in shares.iter().zip(d_raw) {
        for i in 0..LANES {
            d_raw[i] = scale * share[i] * (d_raw[i] - mean[i]);
        }
    }
}
