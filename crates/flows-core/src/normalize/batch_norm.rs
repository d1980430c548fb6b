//! Batch normalisation as a bijection.

use burn::config::Config;
use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, assert_shape};

use super::{feature_moments, feature_shape, spatial_size};
use crate::Bijection;
use crate::budget::claim;
use crate::event::for_each_sample;
use crate::parameter::Buffer;

/// Configuration of [`BatchNorm`].
#[derive(Config, Debug)]
pub struct BatchNormConfig {
    /// The size of axis 1: features of a vector, channels of an image.
    pub features: usize,
    /// How much of a batch's statistics enters the running ones.
    #[config(default = 0.1)]
    pub momentum: f64,
    /// Added to the variance.
    #[config(default = 1e-5)]
    pub epsilon: f64,
}

impl BatchNormConfig {
    /// Makes the layer; its running statistics start at mean zero and unit variance.
    pub fn init(&self, device: &Device) -> BatchNorm {
        claim([self.features]);
        BatchNorm {
            log_gamma: Param::from_tensor(Tensor::zeros([self.features], device)),
            beta: Param::from_tensor(Tensor::zeros([self.features], device)),
            running_mean: Buffer::new(Tensor::zeros([self.features], device)),
            running_var: Buffer::new(Tensor::ones([self.features], device)),
            momentum: self.momentum,
            epsilon: self.epsilon,
        }
    }
}

/// Batch normalisation as a bijection.
///
/// ```text
/// y = (x - m) / √(v + ε) ⊙ exp(γ) + β        log_det = pixels · Σ (γ - ½ log(v + ε))
/// ```
///
/// In training (its parameters on a device with autodiff) `m` and `v` are mean and variance of the batch, gradients flow through
/// them, and the running statistics move towards them. Otherwise, and in `inverse` always, they are the running
/// statistics. `recompute_statistics` replaces those by the statistics of a whole data set, in double precision on the
/// host, as the authors of MAF do at every evaluation.
///
/// # Shapes
/// - `x`: `[batch, features, ...]`; `pixels` is the product of the axes after the second, 1 for vectors
///
/// # Panics
/// In training, if the batch is a single vector: it has no variance. `train::fit` makes no such batch.
///
/// # Notes
/// In training the samples of a batch depend on each other, and `inverse` does not undo `forward`. A clone keeps its
/// running statistics when the original trains on.
///
/// # Reference
/// "Density estimation using Real NVP", Dinh, Sohl-Dickstein, Bengio, 2017, appendix E,
/// <https://arxiv.org/abs/1605.08803>; whole-set statistics: "Masked Autoregressive Flow for Density Estimation",
/// Papamakarios, Pavlakou, Murray, 2017, appendix B, <https://arxiv.org/abs/1705.07057>.
#[derive(Module, Debug)]
pub struct BatchNorm {
    /// `γ`, the logarithm of the scale, `[features]`.
    pub log_gamma: Param<Tensor<1>>,
    /// `β`, `[features]`.
    pub beta: Param<Tensor<1>>,
    running_mean: Buffer<1>,
    running_var: Buffer<1>,
    momentum: f64,
    epsilon: f64,
}

impl BatchNorm {
    /// The running mean, `[features]`.
    pub fn running_mean(&self) -> Tensor<1> {
        self.running_mean.get()
    }

    /// The running variance, `[features]`.
    pub fn running_var(&self) -> Tensor<1> {
        self.running_var.get()
    }

    fn statistics<const D: usize>(&self, x: Tensor<D>) -> (Tensor<1>, Tensor<1>) {
        let features = self.features();
        let rows = x.swap_dims(0, 1).reshape([features as i64, -1]);
        let mean = rows.clone().mean_dim(1);
        let centred = rows - mean.clone();
        let var = (centred.clone() * centred).mean_dim(1);
        (mean.reshape([features]), var.reshape([features]))
    }

    fn features(&self) -> usize {
        self.beta.val().dims()[0]
    }

    fn scale_and_log_det<const D: usize>(&self, x: &Tensor<D>, var: Tensor<1>) -> (Tensor<1>, Tensor<1>) {
        let log_scale = self.log_gamma.val() - (var + self.epsilon).log() * 0.5;
        let log_det = for_each_sample(log_scale.clone().sum() * spatial_size(x) as f64, x);
        (log_scale.exp(), log_det)
    }
}

impl<const D: usize, C> Bijection<D, C> for BatchNorm {
    fn forward(&self, x: Tensor<D>, _: &C) -> (Tensor<D>, Tensor<1>) {
        let features = self.features();
        assert_shape!(x, [_, features, ..]);
        let (mean, var) = if self.beta.val().is_autodiff() {
            // A variance of zero: the log-determinant would be -½ log ε a feature, and the gradients nothing.
            assert!(
                x.shape().num_elements() != features,
                "`x`: expected at least 2 rows to normalise by in training, got 1"
            );
            let (mean, var) = self.statistics(x.clone());
            let moved = |old: Tensor<1>, new: Tensor<1>| {
                old.without_autodiff() * (1.0 - self.momentum) + new.without_autodiff() * self.momentum
            };
            self.running_mean.set(moved(self.running_mean.get(), mean.clone()));
            self.running_var.set(moved(self.running_var.get(), var.clone()));
            (mean, var)
        } else {
            (self.running_mean.get(), self.running_var.get())
        };
        let (scale, log_det) = self.scale_and_log_det(&x, var);
        let shape = feature_shape::<D>(features);
        let y = (x - mean.reshape(shape)) * scale.reshape(shape) + self.beta.val().reshape(shape);
        (y, log_det)
    }

    fn inverse(&self, y: Tensor<D>, _: &C) -> (Tensor<D>, Tensor<1>) {
        let features = self.features();
        assert_shape!(y, [_, features, ..]);
        let (scale, log_det) = self.scale_and_log_det(&y, self.running_var.get());
        let shape = feature_shape::<D>(features);
        let centred = (y - self.beta.val().reshape(shape)) / scale.reshape(shape);
        (centred + self.running_mean.get().reshape(shape), -log_det)
    }

    fn recompute_statistics(self, x: Tensor<D>, context: &C) -> (Self, Tensor<D>) {
        let features = self.features();
        assert_shape!(x, [_, features, ..]);
        let (mean, var) = feature_moments(&x);
        self.running_mean.set(mean);
        self.running_var.set(var);
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

    fn batch(mean: f64, device: &Device) -> Tensor<2> {
        Tensor::random([256, 3], Distribution::Normal(mean, 2.0), device)
    }

    // nflows tests the output in training against a reference to 1e-4; here the mean and variance of it.
    #[test]
    fn in_training_the_batch_comes_out_normalised() {
        let device = Device::default().autodiff();
        let (y, log_det) = BatchNormConfig::new(3).init(&device).forward(batch(4.0, &device), &());
        let (mean, std) = super::super::mean_and_std(y.without_autodiff(), 0);
        mean.to_data().assert_approx_eq::<f32>(&[[0.0f32; 3]].into(), Tolerance::absolute(1e-5));
        std.to_data().assert_approx_eq::<f32>(&[[1.0f32; 3]].into(), Tolerance::absolute(1e-4));
        assert_eq!(log_det.dims(), [256]);
    }

    #[test]
    fn a_clone_keeps_its_statistics_when_the_original_trains_on() {
        let device = Device::default().autodiff();
        let layer = BatchNormConfig::new(3).init(&device);
        layer.forward(batch(4.0, &device), &());
        let best_so_far = layer.clone();
        let before = best_so_far.running_mean().to_data();
        layer.forward(batch(-9.0, &device), &());
        assert_eq!(best_so_far.running_mean().to_data(), before);
        assert_ne!(layer.running_mean().to_data(), before);
    }

    #[test]
    fn recomputed_statistics_are_those_of_the_whole_set_and_survive_saving() {
        let device = Device::default();
        let x = batch(7.0, &device);
        let (layer, y) = BatchNormConfig::new(3).init(&device).recompute_statistics(x.clone(), &());
        let tolerance = Tolerance::absolute(1e-5);
        layer
            .running_mean()
            .to_data()
            .assert_approx_eq::<f32>(&x.clone().mean_dim(0).reshape([3]).to_data(), tolerance);
        let loaded = BatchNormConfig::new(3).init(&device).load_record(layer.into_record());
        let (back, _) = Bijection::<2>::inverse(&loaded, y, &());
        back.to_data().assert_approx_eq::<f32>(&x.to_data(), tolerance);
    }
}
