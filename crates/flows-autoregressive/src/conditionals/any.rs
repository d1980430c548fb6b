//! One of the families, chosen by a configuration.

use burn::config::Config;
use burn::module::Module;
use burn::tensor::Tensor;
use flows_core::LogScaleBound;

use super::{Bernoulli, ConditionalFamily, Gaussian, MixtureOfGaussians};

/// Which family the conditionals are of.
#[derive(Config, Debug, Copy, PartialEq)]
pub enum ConditionalsConfig {
    /// [`Gaussian`].
    Gaussian {
        /// How the logarithm of the scale is bounded.
        bound: LogScaleBound,
    },
    /// [`MixtureOfGaussians`].
    Mixture {
        /// The number of components.
        components: usize,
        /// How the logarithms of the scales are bounded.
        bound: LogScaleBound,
    },
    /// [`Bernoulli`].
    Bernoulli,
}

impl ConditionalsConfig {
    /// [`Gaussian`], bounded as usual.
    pub fn gaussian() -> Self {
        Self::Gaussian { bound: LogScaleBound::default() }
    }

    /// [`MixtureOfGaussians`] of so many components, bounded as usual.
    pub fn mixture(components: usize) -> Self {
        Self::Mixture { components, bound: LogScaleBound::default() }
    }

    /// Makes the family.
    ///
    /// # Panics
    /// If there are no components.
    pub fn init(self) -> Conditionals {
        match self {
            Self::Gaussian { bound } => Conditionals::Gaussian(Gaussian::new(bound)),
            Self::Mixture { components, bound } => Conditionals::Mixture(MixtureOfGaussians::new(components, bound)),
            Self::Bernoulli => Conditionals::Bernoulli(Bernoulli::new()),
        }
    }
}

/// One of the families, chosen by a [`ConditionalsConfig`].
#[derive(Module, Debug)]
pub enum Conditionals {
    /// Normal densities.
    Gaussian(Gaussian),
    /// Mixtures of normal densities.
    Mixture(MixtureOfGaussians),
    /// Probabilities of binary values.
    Bernoulli(Bernoulli),
}

impl ConditionalFamily for Conditionals {
    fn params_per_feature(&self) -> usize {
        match self {
            Self::Gaussian(family) => family.params_per_feature(),
            Self::Mixture(family) => family.params_per_feature(),
            Self::Bernoulli(family) => family.params_per_feature(),
        }
    }

    fn log_prob<const D: usize>(&self, x: Tensor<D>, params: Tensor<D>) -> Tensor<D> {
        match self {
            Self::Gaussian(family) => family.log_prob(x, params),
            Self::Mixture(family) => family.log_prob(x, params),
            Self::Bernoulli(family) => family.log_prob(x, params),
        }
    }

    fn sample<const D: usize>(&self, params: Tensor<D>) -> Tensor<D> {
        match self {
            Self::Gaussian(family) => family.sample(params),
            Self::Mixture(family) => family.sample(params),
            Self::Bernoulli(family) => family.sample(params),
        }
    }
}
