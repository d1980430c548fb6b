//! Dropout whose noise belongs to rows and steps.

use burn::config::Config;
use burn::module::{Content, DisplaySettings, Flag, Module, ModuleDisplay, Param};
use burn::tensor::Tensor;

use crate::noise;

/// Configuration of [`Dropout`].
#[derive(Config, Debug)]
pub struct DropoutConfig {
    /// The probability of a number to become zero in training.
    pub prob: f64,
}

impl DropoutConfig {
    /// Makes the layer.
    ///
    /// # Panics
    /// If the probability is not in `0..1`.
    pub fn init(&self) -> Dropout {
        assert!((0.0..1.0).contains(&self.prob), "`prob`: expected 0 to less than 1, got {}", self.prob);
        Dropout { prob: self.prob, training: Param::from_bool(true) }
    }
}

/// Dropout: in training, numbers become zero at random.
///
/// ```text
/// y = x ⊙ m / (1 - prob),   m = 0 with probability prob, else 1
/// ```
///
/// It is burn's [`Dropout`](burn::nn::Dropout) but for the random numbers: inside a [`noise::scope`] those of a row follow
/// from the seed, the step and the row, so that a run is the same on any number of workers, and when it is cut off and
/// resumed. Outside of any scope they follow from the generator of the device. Saved files of either fit the other.
///
/// # Shapes
/// - `x`, `y`: `[batch, ...]`
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{DropoutConfig, noise};
///
/// let dropout = DropoutConfig::new(0.5).init();
/// let x = Tensor::<2>::ones([2, 8], &Device::default());
/// assert_eq!(dropout.forward(x.clone()).to_data(), x.to_data()); // not in training
/// let y = noise::scope(0, 1, &[3, 4], || dropout.forward(x.autodiff()));
/// assert!(y.into_data().iter::<f32>().all(|y| y == 0.0 || y == 2.0));
/// ```
///
/// # Reference
/// "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", Srivastava, Hinton, Krizhevsky, Sutskever,
/// Salakhutdinov, 2014, <https://jmlr.org/papers/v15/srivastava14a.html>.
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct Dropout {
    /// The probability of a number to become zero in training.
    pub prob: f64,
    /// Whether the layer takes part in training; `freeze` clears it.
    pub training: Param<Flag>,
}

impl Dropout {
    /// Drops numbers of `x`, where it is in training (on a device with autodiff) and the layer is not frozen.
    pub fn forward<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        self.forward_along(x, 0)
    }

    /// As [`forward`](Self::forward), with the rows on another axis than the first.
    ///
    /// # Panics
    /// If there is no such axis.
    pub fn forward_along<const D: usize>(&self, x: Tensor<D>, axis: usize) -> Tensor<D> {
        assert!(axis < D, "`axis`: expected less than {D}, got {axis}");
        if !self.is_active() || !x.is_autodiff() {
            return x;
        }
        let kept = noise::kept(self.prob, x.dims(), axis, (&x.device(), x.dtype()).into());
        x * kept
    }

    /// What `forward` multiplies `x` by in training; nothing where it drops nothing.
    pub(crate) fn factor<const D: usize>(&self, x: &Tensor<D>) -> Option<Tensor<D>> {
        let options = (&x.device().without_autodiff(), x.dtype());
        self.is_active().then(|| noise::kept(self.prob, x.dims(), 0, options.into()))
    }

    fn is_active(&self) -> bool {
        self.prob > 0.0 && self.training.is_enabled()
    }
}

impl ModuleDisplay for Dropout {
    fn custom_settings(&self) -> Option<DisplaySettings> {
        DisplaySettings::new().with_new_line_after_attribute(false).optional()
    }

    fn custom_content(&self, content: Content) -> Option<Content> {
        let content = content.add("prob", &self.prob);
        match self.training.is_enabled() {
            true => content.optional(),
            false => content.add("training", &self.training).optional(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    fn ones() -> Tensor<2> {
        Tensor::ones([50, 100], &Device::default().autodiff())
    }

    fn values<const D: usize>(x: Tensor<D>) -> Vec<f32> {
        x.try_into_vec_as().expect("the device answers")
    }

    #[test]
    fn a_share_is_dropped_and_the_mean_stays() {
        let rows: Vec<usize> = (0..50).collect();
        for prob in [0.1, 0.5, 0.9] {
            let dropout = DropoutConfig::new(prob).init();
            let outside = values(dropout.forward(ones()));
            let inside = noise::scope(1, 1, &rows, || values(dropout.forward(ones())));
            for y in [outside, inside] {
                let dropped = y.iter().filter(|y| **y == 0.0).count() as f64 / 5000.0;
                // A standard error of 0.007 at most.
                assert!((dropped - prob).abs() < 0.03, "{dropped} of {prob}");
                assert!(y.iter().all(|y| *y == 0.0 || (f64::from(*y) * (1.0 - prob) - 1.0).abs() < 1e-6));
            }
        }
    }

    #[test]
    fn what_is_frozen_or_not_in_training_stays_as_it_is() {
        let dropout = DropoutConfig::new(0.5).init();
        assert_eq!(values(dropout.clone().freeze().forward(ones())), values(ones()));
        assert_eq!(values(dropout.forward(ones().without_autodiff())), values(ones()));
        assert_eq!(values(DropoutConfig::new(0.0).init().forward(ones())), values(ones()));
        assert_eq!(dropout.to_string(), "Dropout {prob: 0.5}");
        assert_eq!(dropout.freeze().to_string(), "Dropout {prob: 0.5, training: disabled}");
    }

    #[test]
    fn a_row_is_dropped_alike_in_any_batch_and_on_any_axis() {
        let dropout = DropoutConfig::new(0.5).init();
        let device = Device::default().autodiff();
        let all = noise::scope(3, 4, &[7, 2, 5], || dropout.forward(Tensor::<3>::ones([3, 2, 6], &device)));
        let last = noise::scope(3, 4, &[5], || dropout.forward(Tensor::<3>::ones([1, 2, 6], &device)));
        assert_eq!(values(all.clone().narrow(0, 2, 1)), values(last));
        let second = noise::scope(3, 4, &[7, 2, 5], || dropout.forward_along(Tensor::<3>::ones([2, 3, 6], &device), 1));
        assert_eq!(values(second.swap_dims(0, 1)), values(all));
    }

    #[test]
    fn without_a_tape_it_multiplies_by_the_same() {
        let dropout = DropoutConfig::new(0.3).init();
        let rows: Vec<usize> = (0..50).collect();
        let y = noise::scope(5, 6, &rows, || values(dropout.forward(ones())));
        let factor = noise::scope(5, 6, &rows, || dropout.factor(&ones()).expect("it drops"));
        assert_eq!(y, values(factor));
    }
}
