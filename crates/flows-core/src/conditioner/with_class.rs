//! A network that also sees the class of a sample.

use burn::config::Config;
use burn::module::{Module, ModuleDisplay, Param};
use burn::tensor::{Device, Distribution, Int, Tensor, assert_shape};

use super::with_context::append;
use crate::Conditioner;
use crate::budget::claim;

/// The classes that a flow is conditioned on, and how the networks see them.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub struct ClassConfig {
    /// The number of classes.
    pub classes: usize,
    /// The width of the vector that stands for a class.
    #[config(default = 16)]
    pub width: usize,
}

impl ClassConfig {
    /// Gives a network, which has room for `width` more inputs, the class.
    pub fn wrap<N>(&self, network: N, device: &Device) -> WithClass<N> {
        claim([self.classes, self.width]);
        let table = Tensor::random([self.classes, self.width], Distribution::Normal(0.0, 1.0), device);
        WithClass { network, table: Param::from_tensor(table) }
    }
}

/// A network that also sees the class of a sample: its inputs, with the vector of the class appended.
///
/// ```text
/// params = network([x, table[class]])
/// ```
///
/// # Shapes
/// - `x`: `[batch, kept, ...]`, `class`: `[batch]`, from 0; the network sees `[batch, kept + width, ...]`
///
/// # Panics
/// If there is not one class a sample. A class that is not in the table panics on the CPU and is not seen on a GPU.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Int, Tensor};
/// use flows_core::{ClassConfig, Conditioner, MlpConfig};
///
/// let device = Device::default();
/// let classes = ClassConfig::new(10).with_width(4);
/// let network = classes.wrap(MlpConfig::new(2 + 4, 3).init(&device), &device);
/// let class = Tensor::<1, Int>::from_data([7, 0], &device);
/// assert_eq!(network.params(Tensor::<2>::zeros([2, 2], &device), &class).dims(), [2, 3]);
/// ```
#[derive(Module, Debug)]
pub struct WithClass<N> {
    /// The network.
    pub network: N,
    /// One row a class, `[classes, width]`.
    pub table: Param<Tensor<2>>,
}

impl<const D: usize, N: Conditioner<D> + ModuleDisplay> Conditioner<D, Tensor<1, Int>> for WithClass<N> {
    fn params(&self, x: Tensor<D>, class: &Tensor<1, Int>) -> Tensor<D> {
        let seen = self.seen(x, class);
        self.network.params(seen, &())
    }

    fn recompute_statistics(self, x: Tensor<D>, class: &Tensor<1, Int>) -> Self {
        let seen = self.valid().seen(x, class);
        Self { network: self.network.recompute_statistics(seen, &()), ..self }
    }
}

impl<N> WithClass<N> {
    /// What the network sees of samples and their classes.
    fn seen<const D: usize>(&self, x: Tensor<D>, class: &Tensor<1, Int>) -> Tensor<D> {
        let batch = x.dims()[0];
        assert_shape!(class, [batch]);
        append(x, self.table.val().select(0, class.clone()))
    }
}
