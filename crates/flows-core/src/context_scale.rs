//! Contexts brought to a common scale.

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData, assert_shape};

use crate::parameter::{Buffer, Initialized};
use crate::{ColumnStatistics, Context};

/// Brings a context to mean zero and unit variance a column.
///
/// ```text
/// seen = (context - mean) / std
/// ```
///
/// A conditional flow holds one, so that a year, a price or a mass in kilograms is as good a context as a number between
/// -1 and 1: networks learn nothing from inputs of 1e6, and little from inputs of 1e-6. It is the identity until
/// [`start`](Self::start) sets it, once, from the training rows; its numbers are saved and never trained.
///
/// A column that does not vary in the training rows is shifted alone: dividing by the rounding noise of a constant would
/// show the networks nothing but that noise.
///
/// # Shapes
/// - `context`: `[batch, width]`
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::ContextScale;
///
/// let device = Device::default();
/// let years = Tensor::<2>::from_data([[1950.0, 3.0], [2050.0, 3.0]], &device);
/// let scale = ContextScale::new(2, &device).start(&years);
/// assert_eq!(scale.apply(years).to_data(), [[-1.0f32, 0.0], [1.0, 0.0]].into());
/// ```
#[derive(Module, Debug)]
pub struct ContextScale {
    mean: Buffer<2>,
    std: Buffer<2>,
    initialized: Initialized,
}

impl ContextScale {
    /// The identity on contexts of the given width, waiting for data.
    pub fn new(width: usize, device: &Device) -> Self {
        Self {
            mean: Buffer::new(Tensor::zeros([1, width], device)),
            std: Buffer::new(Tensor::ones([1, width], device)),
            initialized: Initialized::no(device),
        }
    }

    /// Takes mean and scale from the columns of a context, in double precision; a scale that was set before stays.
    ///
    /// # Panics
    /// If the context has another width.
    pub fn start(mut self, context: &Tensor<2>) -> Self {
        let [_, width] = self.mean.get().dims();
        assert_shape!(context, [_, width]);
        if self.initialized.get() || context.dims()[0] == 0 {
            return self;
        }
        let columns = ColumnStatistics::of_elements(context);
        let row = |value: &dyn Fn(&ColumnStatistics) -> f64| {
            let values: Vec<f64> = columns.iter().map(value).collect();
            Tensor::from_data(TensorData::new(values, [1, width]), (&context.device(), context.dtype()))
        };
        self.mean.set(row(&|column| column.mean));
        self.std.set(row(&|column| if column.is_constant() { 1.0 } else { column.std }));
        self.initialized = self.initialized.set();
        self
    }

    /// The context as networks see it.
    ///
    /// # Panics
    /// If the context has another width.
    pub fn apply(&self, context: Tensor<2>) -> Tensor<2> {
        let (mut mean, mut std) = (self.mean.get(), self.std.get());
        let [_, width] = mean.dims();
        assert_shape!(context, [_, width]);
        if !context.is_autodiff() {
            (mean, std) = (mean.without_autodiff(), std.without_autodiff());
        }
        // The offset first: the difference of two numbers of one size is exact.
        (context - mean) / std
    }

    /// [`apply`](Self::apply) to a context of any kind: rows of numbers are scaled, all others stay as they are.
    pub(crate) fn applied<C: Context>(scale: &Option<Self>, context: &C) -> C {
        match (scale, context.columns()) {
            (Some(scale), Some(columns)) => context.with_columns(scale.apply(columns)),
            _ => context.clone(),
        }
    }

    /// [`start`](Self::start) from a context of any kind.
    pub(crate) fn started<C: Context>(scale: Option<Self>, context: &C) -> Option<Self> {
        match (scale, context.columns()) {
            (Some(scale), Some(columns)) => Some(scale.start(&columns)),
            (scale, _) => scale,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_that_does_not_vary_is_not_divided_by_its_rounding_noise() {
        let device = Device::default();
        let context = Tensor::<2>::full([1000, 1], 14.62, &device);
        let scale = ContextScale::new(1, &device).start(&context);
        assert_eq!(scale.apply(context).abs().max().into_scalar::<f32>(), 0.0);
        assert!((scale.apply(Tensor::full([1, 1], 15.62, &device)).into_scalar::<f32>() - 1.0).abs() < 1e-5);
    }

    #[test]
    fn the_scale_of_the_training_rows_is_kept_and_saved() {
        let device = Device::default();
        let rows = Tensor::<2>::from_data([[1e6], [1e6 + 2.0]], &device);
        let scale = ContextScale::new(1, &device).start(&rows).start(&Tensor::from_data([[0.0], [1.0]], &device));
        let loaded = ContextScale::new(1, &device).load_record(scale.into_record());
        assert_eq!(loaded.apply(rows).to_data(), [[-1.0f32], [1.0]].into());
    }
}
