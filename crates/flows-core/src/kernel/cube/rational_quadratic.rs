//! The rational-quadratic spline, an element a thread. The equations are those of `kernel/host/rational_quadratic.rs`.

// The macros of CubeCL make items of their own beside each kernel.
#![allow(missing_docs, unreachable_pub)]

use cubecl::prelude::*;

/// The numbers of a spline, as a kernel takes them.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
pub struct Shape {
    pub elements: usize,
    pub lower: f32,
    pub length: f32,
    pub min_width: f32,
    /// `1 - K min_width`, what softmax has to share out.
    pub free_width: f32,
    pub min_height: f32,
    pub free_height: f32,
    pub min_slope: f32,
    /// `ln(e^{1-d₀} - 1)`: a raw slope of zero is a slope of one.
    pub offset: f32,
}

#[cube]
fn largest(raw: &Tensor<f32>, at: usize, step: usize, #[comptime] bins: usize) -> f32 {
    let mut largest = raw[at];
    for k in 1..bins {
        let v = raw[at + k * step];
        if v > largest {
            largest = v;
        }
    }
    largest
}

/// The reciprocal of the sum of the exponentials.
#[cube]
fn per_total(raw: &Tensor<f32>, at: usize, step: usize, largest: f32, #[comptime] bins: usize) -> f32 {
    let mut total = 0.0f32;
    for k in 0..bins {
        total += (raw[at + k * step] - largest).exp();
    }
    1.0f32 / total
}

#[cube]
fn softplus(v: f32) -> f32 {
    let mut positive = v;
    if v < 0.0f32 {
        positive = 0.0f32;
    }
    positive + (0.0f32 - v.abs()).exp().log1p()
}

#[cube]
fn sigmoid(v: f32) -> f32 {
    1.0f32 / (1.0f32 + (0.0f32 - v).exp())
}

#[cube]
fn within(t: f32) -> f32 {
    let mut kept = t;
    if t < 0.0f32 {
        kept = 0.0f32;
    }
    if t > 1.0f32 {
        kept = 1.0f32;
    }
    kept
}

/// The raw slope at a knot: none, which is zero, at the ends of an interval that is no circle.
#[cube]
fn raw_slope(
    raw: &Tensor<f32>,
    at: usize,
    step: usize,
    knot: usize,
    #[comptime] bins: usize,
    #[comptime] circular: bool,
) -> f32 {
    let mut slope = 0.0f32;
    if comptime!(circular) {
        slope = raw[at + (2 * bins + knot % bins) * step];
    } else if knot > 0 && knot < bins {
        slope = raw[at + (2 * bins + knot - 1) * step];
    }
    slope
}

/// Where the bin of an element is: index, left, width, bottom, height.
#[derive(CubeType)]
struct Bin {
    index: usize,
    left: f32,
    width: f32,
    bottom: f32,
    height: f32,
}

#[cube]
fn find(
    unit: f32,
    raw: &Tensor<f32>,
    at: usize,
    step: usize,
    shape: &Shape,
    #[comptime] bins: usize,
    #[comptime] by_height: bool,
) -> Bin {
    let at_heights = at + bins * step;
    let largest_width = largest(raw, at, step, bins);
    let largest_height = largest(raw, at_heights, step, bins);
    let per_width = per_total(raw, at, step, largest_width, bins);
    let per_height = per_total(raw, at_heights, step, largest_height, bins);
    let mut index = 0usize;
    let mut left = 0.0f32;
    let mut found_width = 1.0f32;
    let mut bottom = 0.0f32;
    let mut found_height = 1.0f32;
    let mut edge_width = 0.0f32;
    let mut edge_height = 0.0f32;
    for k in 0..bins {
        let width = (raw[at + k * step] - largest_width).exp() * per_width * shape.free_width + shape.min_width;
        let height =
            (raw[at_heights + k * step] - largest_height).exp() * per_height * shape.free_height + shape.min_height;
        let mut edge = edge_width;
        if comptime!(by_height) {
            edge = edge_height;
        }
        if k == 0 || unit >= edge {
            index = k;
            left = edge_width;
            found_width = width;
            bottom = edge_height;
            found_height = height;
        }
        edge_width += width;
        edge_height += height;
    }
    Bin { index, left, width: found_width, bottom, height: found_height }
}

#[cube(launch)]
pub(super) fn spline_map(
    x: &Tensor<f32>,
    params: &Tensor<f32>,
    y: &mut Tensor<f32>,
    log_slope: &mut Tensor<f32>,
    shape: &Shape,
    #[comptime] bins: usize,
    #[comptime] circular: bool,
    #[comptime] inverse: bool,
) {
    if ABSOLUTE_POS >= y.len() {
        terminate!();
    }
    let step = shape.elements;
    let each = comptime!(if circular { 3 * bins } else { 3 * bins - 1 });
    let at = ABSOLUTE_POS / step * each * step + ABSOLUTE_POS % step;
    let from = x[ABSOLUTE_POS];
    let upper = shape.lower + shape.length;
    let mut unit = (from - shape.lower) / shape.length;
    let mut outside = false;
    if comptime!(circular) {
        unit = unit - unit.floor();
    } else {
        outside = from < shape.lower || from > upper;
    }
    if outside {
        unit = 0.5f32;
    }
    let bin = find(unit, params, at, step, shape, bins, inverse);
    let d0 = softplus(raw_slope(params, at, step, bin.index, bins, circular) + shape.offset) + shape.min_slope;
    let d1 = softplus(raw_slope(params, at, step, bin.index + 1, bins, circular) + shape.offset) + shape.min_slope;
    let s = bin.height / bin.width;
    let mut t = within((unit - bin.left) / bin.width);
    if comptime!(inverse) {
        let v = within((unit - bin.bottom) / bin.height);
        let bend = (d0 + d1 - 2.0f32 * s) * v;
        let a = s - d0 + bend;
        let b = d0 - bend;
        let c = s * v;
        let mut square = b * b + 4.0f32 * a * c;
        if square < 1e-30f32 {
            square = 1e-30f32;
        }
        let root = square.sqrt();
        let mut solved = 2.0f32 * c / (b + root);
        if b < 0.0f32 {
            solved = (root - b) / (2.0f32 * a);
        }
        t = within(solved);
    }
    let rest = 1.0f32 - t;
    let mixed = t * rest;
    let per = 1.0f32 / (s + (d1 + d0 - 2.0f32 * s) * mixed);
    let numerator = d1 * t * t + 2.0f32 * s * mixed + d0 * rest * rest;
    let mut slope = (s * per * numerator * (s * per)).ln();
    let mut to = bin.bottom + bin.height * ((s * t * t + d0 * mixed) * per);
    if comptime!(inverse) {
        to = t * bin.width + bin.left;
        slope = 0.0f32 - slope;
    }
    to = to * shape.length + shape.lower;
    if to < shape.lower {
        to = shape.lower;
    }
    if to > upper {
        to = upper;
    }
    if outside {
        to = from;
        slope = 0.0f32;
    }
    y[ABSOLUTE_POS] = to;
    log_slope[ABSOLUTE_POS] = slope;
}

/// `x` is the point on the data's side, in both directions.
#[cube(launch)]
pub(super) fn spline_map_backward(
    x: &Tensor<f32>,
    params: &Tensor<f32>,
    dy: &Tensor<f32>,
    d_log_slope: &Tensor<f32>,
    dx: &mut Tensor<f32>,
    d_params: &mut Tensor<f32>,
    shape: &Shape,
    #[comptime] bins: usize,
    #[comptime] circular: bool,
    #[comptime] inverse: bool,
) {
    if ABSOLUTE_POS >= dx.len() {
        terminate!();
    }
    let step = shape.elements;
    let each = comptime!(if circular { 3 * bins } else { 3 * bins - 1 });
    let at = ABSOLUTE_POS / step * each * step + ABSOLUTE_POS % step;
    let from = x[ABSOLUTE_POS];
    let mut unit = (from - shape.lower) / shape.length;
    let mut outside = false;
    if comptime!(circular) {
        unit = unit - unit.floor();
    } else {
        outside = from < shape.lower || from > shape.lower + shape.length;
    }
    if outside {
        unit = 0.5f32;
    }
    let bin = find(unit, params, at, step, shape, bins, false);
    let raw0 = raw_slope(params, at, step, bin.index, bins, circular) + shape.offset;
    let raw1 = raw_slope(params, at, step, bin.index + 1, bins, circular) + shape.offset;
    let d0 = softplus(raw0) + shape.min_slope;
    let d1 = softplus(raw1) + shape.min_slope;
    let per_width = 1.0f32 / bin.width;
    let s = bin.height * per_width;
    let t = within((unit - bin.left) * per_width);
    let rest = 1.0f32 - t;
    let mixed = t * rest;
    let bend = d1 + d0 - 2.0f32 * s;
    let per = 1.0f32 / (s + bend * mixed);
    let share = (s * t * t + d0 * mixed) * per;
    let numerator = d1 * t * t + 2.0f32 * s * mixed + d0 * rest * rest;
    let per_numerator = 1.0f32 / numerator;
    let log_slope_t = 2.0f32 * (d1 * t + s * (1.0f32 - 2.0f32 * t) - d0 * rest) * per_numerator
        - 2.0f32 * bend * (1.0f32 - 2.0f32 * t) * per;
    let mut g = dy[ABSOLUTE_POS];
    let mut dl = d_log_slope[ABSOLUTE_POS];
    let mut back = g;
    if comptime!(inverse) {
        // λ = (dx + dl ∂l/∂x) / f'(x), with l = -log f'(x).
        let slope = s * per * numerator * (s * per);
        back = (g - dl * log_slope_t * per_width / shape.length) / slope;
        g = 0.0f32 - back;
        dl = 0.0f32 - dl;
    }
    if outside {
        back = dy[ABSOLUTE_POS];
        g = 0.0f32;
        dl = 0.0f32;
    }
    let dv = g * shape.length;
    let d_share = dv * bin.height;
    let dt = d_share * (s * per * numerator * per) + dl * log_slope_t;
    let ds = d_share * (t * t - share * (1.0f32 - 2.0f32 * mixed)) * per
        + dl * 2.0f32 * (1.0f32 / s - (1.0f32 - 2.0f32 * mixed) * per + mixed * per_numerator);
    let d_d0 = d_share * mixed * (1.0f32 - share) * per + dl * (rest * rest * per_numerator - 2.0f32 * mixed * per);
    let d_d1 = dl * (t * t * per_numerator - 2.0f32 * mixed * per) - d_share * share * mixed * per;
    let d_unit = dt * per_width;
    if comptime!(!inverse) {
        if !outside {
            back = d_unit / shape.length;
        }
    }
    dx[ABSOLUTE_POS] = back;
    let d_width = 0.0f32 - (d_unit * t + ds * s * per_width);
    let d_height = dv * share + ds * per_width;
    sizes_backward(params, d_params, at, step, bin.index, shape.free_width, 0.0f32 - d_unit, d_width, bins);
    sizes_backward(params, d_params, at + bins * step, step, bin.index, shape.free_height, dv, d_height, bins);
    let at_slopes = at + 2 * bins * step;
    for k in 0..(each - 2 * bins) {
        let mut d = 0.0f32;
        let mut knot = k + 1;
        if comptime!(circular) {
            knot = k;
        }
        if knot == bin.index {
            d += d_d0 * sigmoid(raw0);
        }
        let mut next = bin.index + 1;
        if comptime!(circular) {
            next = next % bins;
        }
        if knot == next {
            d += d_d1 * sigmoid(raw1);
        }
        d_params[at_slopes + k * step] = d;
    }
}

/// The gradients of the raw sizes, from those of the start and the size of the bin.
#[cube]
fn sizes_backward(
    raw: &Tensor<f32>,
    d_raw: &mut Tensor<f32>,
    at: usize,
    step: usize,
    index: usize,
    free: f32,
    d_start: f32,
    d_size: f32,
    #[comptime] bins: usize,
) {
    let most = largest(raw, at, step, bins);
    let per = per_total(raw, at, step, most, bins);
    let mut mean = 0.0f32;
    for k in 0..bins {
        let share = (raw[at + k * step] - most).exp() * per;
        if k < index {
            mean += share * d_start;
        }
        if k == index {
            mean += share * d_size;
        }
    }
    for k in 0..bins {
        let share = (raw[at + k * step] - most).exp() * per;
        let mut d = 0.0f32;
        if k < index {
            d = d_start;
        }
        if k == index {
            d = d_size;
        }
        d_raw[at + k * step] = free * share * (d - mean);
    }
}
