//! Activation normalisation.

use burn::config::Config;
use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, assert_shape};

use super::{feature_shape, mean_and_std, spatial_size};
use crate::Bijection;
use crate::budget::claim;
use crate::event::for_each_sample;
use crate::parameter::{Initialized, replace};

/// Configuration of [`ActNorm`].
#[derive(Config, Debug)]
pub struct ActNormConfig {
    /// The size of axis 1: features of a vector, channels of an image.
    pub features: usize,
}

impl ActNormConfig {
    /// Makes the layer; it is the identity until `init_from_data` or training changes it.
    pub fn init(&self, device: &Device) -> ActNorm {
        claim([self.features]);
        ActNorm {
            loc: Param::from_tensor(Tensor::zeros([self.features], device)),
            log_scale: Param::from_tensor(Tensor::zeros([self.features], device)),
            initialized: Initialized::no(device),
        }
    }
}

/// Activation normalisation: a learnable shift and scale a feature, started from a batch so that its output has mean
/// zero and unit variance.
///
/// ```text
/// y = (x - μ) ⊙ exp(s)        log_det = pixels · Σ s
/// ```
///
/// # Shapes
/// - `x`: `[batch, features, ...]`; `pixels` is the product of the axes after the second, 1 for vectors
///
/// # Panics
/// `init_from_data` panics if a feature does not vary in the batch, beyond the rounding of its values;
/// [`ColumnStatistics::constant`](crate::ColumnStatistics::constant) tells before.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{ActNormConfig, Bijection};
///
/// let x = Tensor::<2>::from_data([[1.0], [5.0]], &Device::default());
/// let (_, y) = ActNormConfig::new(1).init(&Device::default()).init_from_data(x, &());
/// assert_eq!(y.to_data(), [[-1.0f32], [1.0]].into());
/// ```
///
/// # Notes
/// Initialisation happens once: that it happened is saved with the weights, so that a loaded layer is not started
/// anew by further data.
///
/// # Reference
/// "Glow: Generative Flow with Invertible 1x1 Convolutions", Kingma, Dhariwal, 2018,
/// <https://arxiv.org/abs/1807.03039>.
#[derive(Module, Debug)]
pub struct ActNorm {
    /// `μ`, `[features]`.
    pub loc: Param<Tensor<1>>,
    /// `s`, `[features]`.
    pub log_scale: Param<Tensor<1>>,
    initialized: Initialized,
}

impl ActNorm {
    /// Whether the layer has been started from data.
    pub fn is_initialized(&self) -> bool {
        self.initialized.get()
    }

    fn log_det<const D: usize>(&self, x: &Tensor<D>) -> Tensor<1> {
        for_each_sample(self.log_scale.val().sum() * spatial_size(x) as f64, x)
    }

    fn params<const D: usize>(&self, x: &Tensor<D>) -> (Tensor<D>, Tensor<D>) {
        let features = self.loc.val().dims()[0];
        assert_shape!(x, [_, features, ..]);
        let shape = feature_shape::<D>(features);
        (self.loc.val().reshape(shape), self.log_scale.val().reshape(shape))
    }
}

impl<const D: usize, C> Bijection<D, C> for ActNorm {
    fn forward(&self, x: Tensor<D>, _: &C) -> (Tensor<D>, Tensor<1>) {
        let (loc, log_scale) = self.params(&x);
        let log_det = self.log_det(&x);
        ((x - loc) * log_scale.exp(), log_det)
    }

    fn inverse(&self, y: Tensor<D>, _: &C) -> (Tensor<D>, Tensor<1>) {
        let (loc, log_scale) = self.params(&y);
        let log_det = -self.log_det(&y);
        (y * (-log_scale).exp() + loc, log_det)
    }

    fn init_from_data(mut self, x: Tensor<D>, context: &C) -> (Self, Tensor<D>) {
        if !self.is_initialized() {
            self.params(&x);
            let (mean, std) = mean_and_std(x.clone(), D - 2);
            let shape = self.loc.val().dims();
            self.loc = replace(self.loc, mean.reshape(shape));
            self.log_scale = replace(self.log_scale, -std.reshape(shape).log());
            self.initialized = self.initialized.set();
        }
        let (y, _) = self.valid().forward(x, context);
        (self, y)
    }

    fn sees_context(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Distribution, Tolerance};

    fn batch(seed: f64) -> Tensor<2> {
        Tensor::random([512, 3], Distribution::Normal(seed, 3.0), &Device::default())
    }

    // FrEIA tests the same: mean to 1e-7 and a standard deviation of about one.
    #[test]
    fn the_first_batch_comes_out_with_mean_zero_and_unit_deviation() {
        let (_, y) = ActNormConfig::new(3).init(&Device::default()).init_from_data(batch(5.0), &());
        let (mean, std) = mean_and_std(y, 0);
        // Sums of 512 terms of size one, in single precision.
        mean.to_data().assert_approx_eq::<f32>(&[[0.0f32; 3]].into(), Tolerance::absolute(1e-5));
        std.to_data().assert_approx_eq::<f32>(&[[1.0f32; 3]].into(), Tolerance::absolute(1e-5));
    }

    // nflows' issue 4: the flag was not part of the saved state, and a loaded layer was started anew.
    #[test]
    fn a_loaded_layer_is_not_started_anew_by_further_data() {
        let (layer, _) = ActNormConfig::new(3).init(&Device::default()).init_from_data(batch(5.0), &());
        let loaded = ActNormConfig::new(3).init(&Device::default()).load_record(layer.clone().into_record());
        assert!(loaded.is_initialized());
        let (loaded, _) = loaded.init_from_data(batch(-40.0), &());
        assert_eq!(loaded.loc.val().to_data(), layer.loc.val().to_data());
    }

    #[test]
    #[should_panic(expected = "expected feature 1 to vary")]
    fn a_constant_feature_is_named() {
        let x = Tensor::<2>::from_data([[1.0, 2.0], [3.0, 2.0]], &Device::default());
        ActNormConfig::new(2).init(&Device::default()).init_from_data(x, &());
    }
}
