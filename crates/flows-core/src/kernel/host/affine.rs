//! The affine map on the host.

use super::lanes::{LANES, Lane, ScalarMap};
use super::math::{exp, tanh};

/// How the logarithm of the scale is bounded.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bound {
    SoftSign(f32),
    Tanh(f32),
    Unbounded,
}

/// `y = x exp(s) + t`, `s = bound(a)`, with the parameters `t` and `a`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AffineMap(pub(crate) Bound);

impl AffineMap {
    /// The bounded logarithm of the scale, and its slope in `a`.
    #[inline(always)]
    fn log_scale(self, a: &Lane) -> (Lane, Lane) {
        let (mut s, mut slope) = (*a, [1.0; LANES]);
        match self.0 {
            Bound::SoftSign(bound) => {
                let by = 1.0 / bound;
                for i in 0..LANES {
                    let shrink = 1.0 / (a[i].abs() * by + 1.0);
                    s[i] = a[i] * shrink;
                    slope[i] = shrink * shrink;
                }
            }
            Bound::Tanh(bound) => {
                let by = 1.0 / bound;
                for i in 0..LANES {
                    let t = tanh(a[i] * by);
                    s[i] = t * bound;
                    slope[i] = 1.0 - t * t;
                }
            }
            Bound::Unbounded => {}
        }
        (s, slope)
    }
}

impl ScalarMap for AffineMap {
    fn params(&self) -> usize {
        2
    }

    fn cost(&self) -> f64 {
        4.0
    }

    #[inline(always)]
    fn forward(&self, x: &Lane, params: &[Lane], _: &mut [Lane]) -> (Lane, Lane) {
        let (t, (s, _)) = (&params[0], self.log_scale(&params[1]));
        let mut y = [0.0; LANES];
        for i in 0..LANES {
            y[i] = x[i] * exp(s[i]) + t[i];
        }
        (y, s)
    }

    #[inline(always)]
    fn inverse(&self, y: &Lane, params: &[Lane], _: &mut [Lane]) -> (Lane, Lane) {
        let (t, (s, _)) = (&params[0], self.log_scale(&params[1]));
        let (mut x, mut log_slope) = ([0.0; LANES], [0.0; LANES]);
        for i in 0..LANES {
            log_slope[i] = -s[i];
            x[i] = (y[i] - t[i]) * exp(log_slope[i]);
        }
        (x, log_slope)
    }

    #[inline(always)]
    fn backward(
        &self,
        x: &Lane,
        params: &[Lane],
        (dy, dl): (&Lane, &Lane),
        d_params: &mut [Lane],
        _: &mut [Lane],
    ) -> Lane {
        let (s, slope) = self.log_scale(&params[1]);
        let mut dx = [0.0; LANES];
        for i in 0..LANES {
            dx[i] = dy[i] * exp(s[i]);
            d_params[0][i] = dy[i];
            d_params[1][i] = (dx[i] * x[i] + dl[i]) * slope[i];
        }
        dx
    }
}
