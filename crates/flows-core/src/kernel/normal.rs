//! The log-density of a standard normal.

use std::f64::consts::PI;

use burn::tensor::Tensor;

use crate::event::event_size;
use crate::sum_event;

/// `log N(x; 0, I) = -½ Σ xᵢ² - ½ n log 2π`, over the `n` elements of an event.
pub(crate) fn standard_normal_log_prob<const D: usize>(x: Tensor<D>) -> Tensor<1> {
    #[cfg(feature = "flex")]
    if super::host::takes(&x) {
        let op = super::host::HalfSquares { constant: constant(&x) as f32 };
        return Tensor::from_dispatch(super::host::apply(op, [x.into_dispatch()]).0);
    }
    ordinary(x)
}

pub(super) fn ordinary<const D: usize>(x: Tensor<D>) -> Tensor<1> {
    let constant = constant(&x);
    sum_event(x.clone() * x) * -0.5 + constant
}

fn constant<const D: usize>(x: &Tensor<D>) -> f64 {
    -0.5 * (2.0 * PI).ln() * event_size(x) as f64
}
