//! The affine map, an element a thread.

// The macros of CubeCL make items of their own beside each kernel.
#![allow(missing_docs, unreachable_pub)]

use cubecl::prelude::*;

/// How the logarithm of the scale is bounded.
pub(crate) const SOFT_SIGN: u32 = 0;
pub(crate) const TANH: u32 = 1;
pub(crate) const UNBOUNDED: u32 = 2;

#[cube]
fn log_scale(a: f32, bound: f32, #[comptime] kind: u32) -> f32 {
    let mut s = a;
    if comptime!(kind == SOFT_SIGN) {
        s = a / (a.abs() / bound + 1.0f32);
    }
    if comptime!(kind == TANH) {
        s = (a / bound).tanh() * bound;
    }
    s
}

/// The slope of the bounded logarithm of the scale.
#[cube]
fn bounded_slope(a: f32, bound: f32, #[comptime] kind: u32) -> f32 {
    let mut slope = 1.0f32;
    if comptime!(kind == SOFT_SIGN) {
        let shrink = 1.0f32 / (a.abs() / bound + 1.0f32);
        slope = shrink * shrink;
    }
    if comptime!(kind == TANH) {
        let t = (a / bound).tanh();
        slope = 1.0f32 - t * t;
    }
    slope
}

#[cube(launch)]
pub(super) fn affine_map(
    x: &Tensor<f32>,
    params: &Tensor<f32>,
    y: &mut Tensor<f32>,
    log_slope: &mut Tensor<f32>,
    elements: usize,
    bound: f32,
    #[comptime] kind: u32,
    #[comptime] inverse: bool,
) {
    if ABSOLUTE_POS >= y.len() {
        terminate!();
    }
    let step = elements;
    let at = ABSOLUTE_POS / step * 2 * step + ABSOLUTE_POS % step;
    let t = params[at];
    let s = log_scale(params[at + step], bound, kind);
    if comptime!(inverse) {
        y[ABSOLUTE_POS] = (x[ABSOLUTE_POS] - t) * (0.0f32 - s).exp();
        log_slope[ABSOLUTE_POS] = 0.0f32 - s;
    } else {
        y[ABSOLUTE_POS] = x[ABSOLUTE_POS] * s.exp() + t;
        log_slope[ABSOLUTE_POS] = s;
    }
}

/// `x` is the point on the data's side, in both directions.
#[cube(launch)]
pub(super) fn affine_map_backward(
    x: &Tensor<f32>,
    params: &Tensor<f32>,
    dy: &Tensor<f32>,
    d_log_slope: &Tensor<f32>,
    dx: &mut Tensor<f32>,
    d_params: &mut Tensor<f32>,
    elements: usize,
    bound: f32,
    #[comptime] kind: u32,
    #[comptime] inverse: bool,
) {
    if ABSOLUTE_POS >= dx.len() {
        terminate!();
    }
    let step = elements;
    let at = ABSOLUTE_POS / step * 2 * step + ABSOLUTE_POS % step;
    let a = params[at + step];
    let s = log_scale(a, bound, kind);
    let slope = bounded_slope(a, bound, kind);
    let g = dy[ABSOLUTE_POS];
    let dl = d_log_slope[ABSOLUTE_POS];
    if comptime!(inverse) {
        let back = g * (0.0f32 - s).exp();
        dx[ABSOLUTE_POS] = back;
        d_params[at] = 0.0f32 - back;
        d_params[at + step] = (0.0f32 - g * x[ABSOLUTE_POS] - dl) * slope;
    } else {
        let back = g * s.exp();
        dx[ABSOLUTE_POS] = back;
        d_params[at] = g;
        d_params[at + step] = (back * x[ABSOLUTE_POS] + dl) * slope;
    }
}
