//! A normal density with its own mean and scale in every coordinate.

use burn::config::Config;
use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};

use super::standard_normal::{assert_event, standard_normal_noise};
use crate::budget::claim;
use crate::kernel::standard_normal_log_prob;
use crate::parameter::replace;
use crate::{Density, sum_event};

/// Configuration of [`DiagonalNormal`].
#[derive(Config, Debug)]
pub struct DiagonalNormalConfig {
    /// The shape of one sample.
    pub event: Vec<usize>,
    /// Whether mean and scale are trained.
    #[config(default = true)]
    pub trainable: bool,
}

impl DiagonalNormalConfig {
    /// Makes the density, at mean zero and unit scale.
    ///
    /// # Panics
    /// Unless the event has one axis less than `D`.
    pub fn init<const D: usize>(&self, device: &Device) -> DiagonalNormal<D> {
        assert_eq!(self.event.len() + 1, D, "`event`: expected {} axes, got {:?}", D - 1, self.event);
        let shape: [usize; D] = super::standard_normal::batch_shape(1, &self.event);
        claim(shape);
        let param = || Param::from_tensor(Tensor::zeros(shape, device)).set_require_grad(self.trainable);
        DiagonalNormal { loc: param(), log_scale: param() }
    }
}

/// A normal density with its own mean and scale in every coordinate.
///
/// ```text
/// log p(x) = -½ Σᵢ ((xᵢ - μᵢ)² / σᵢ² + 2 log σᵢ + log 2π),   σᵢ = exp(sᵢ)
/// ```
///
/// `init_from_data` sets mean and scale to those of the data.
///
/// # Shapes
/// - `x`: `[batch, ...event]`, of rank `D`
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{Density, DiagonalNormalConfig};
///
/// let device = Device::default();
/// let x = Tensor::<2>::from_data([[1.0, -2.0], [3.0, 2.0]], &device);
/// let normal = DiagonalNormalConfig::new(vec![2]).init::<2>(&device).init_from_data(x, &());
/// assert_eq!(normal.loc.val().to_data(), [[2.0f32, 0.0]].into());
/// ```
#[derive(Module, Debug)]
pub struct DiagonalNormal<const D: usize> {
    /// The mean, `[1, ...event]`.
    pub loc: Param<Tensor<D>>,
    /// The logarithm of the standard deviation, `[1, ...event]`.
    pub log_scale: Param<Tensor<D>>,
}

impl<const D: usize, C> Density<D, C> for DiagonalNormal<D> {
    fn log_prob(&self, x: Tensor<D>, _: &C) -> Tensor<1> {
        let log_scale = self.log_scale.val();
        assert_event(&x, &log_scale.dims()[1..]);
        let z = (x - self.loc.val()) * (-log_scale.clone()).exp();
        standard_normal_log_prob(z) - sum_event(log_scale)
    }

    fn sample(&self, n: usize, _: &C, device: &Device) -> Tensor<D> {
        let loc = self.loc.val();
        let noise = standard_normal_noise(n, &loc.dims()[1..], device);
        noise * self.log_scale.val().exp() + loc
    }

    /// # Panics
    /// If a coordinate does not vary in the batch.
    fn init_from_data(self, x: Tensor<D>, _: &C) -> Self {
        let (loc, scale) = crate::normalize::mean_and_std(x, 0);
        Self { loc: replace(self.loc, loc), log_scale: replace(self.log_scale, scale.log()) }
    }

    fn sees_context(&self) -> bool {
        false
    }
}
