//! The configuration of a model that is chosen when the program runs.

use burn::tensor::Device;
use flows_autoregressive::{AutoregressiveSplineFlowConfig, MadeDensityConfig, MafConfig, MafMogConfig};
use flows_core::{ConditionalFlowConfig, ContextConfig, FlowConfig, Mixing, RealNvpConfig, SplineFlowConfig};
use serde::{Deserialize, Serialize};

use super::{AnyFlow, ConditionalMixtureConfig, ModelKind};

/// The family of a model, with its configuration.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Family {
    /// See [`ModelKind::Gaussian`].
    Gaussian(ConditionalMixtureConfig),
    /// See [`ModelKind::Mixture`].
    Mixture(ConditionalMixtureConfig),
    /// See [`ModelKind::Maf`].
    Maf(MafConfig),
    /// See [`ModelKind::MafMog`].
    MafMog(MafMogConfig),
    /// See [`ModelKind::Nsf`].
    Nsf(SplineFlowConfig),
    /// See [`ModelKind::NsfAr`].
    NsfAr(AutoregressiveSplineFlowConfig),
    /// See [`ModelKind::RealNvp`].
    RealNvp(RealNvpConfig),
    /// See [`ModelKind::Made`].
    Made(MadeDensityConfig),
    /// See [`ModelKind::MadeMog`].
    MadeMog(MadeDensityConfig),
}

/// The configuration of an [`AnyFlow`]: the family, and the width of the context, 0 for none.
///
/// # Example
/// ```
/// use burn_flows::core::{FlowConfig, SplineFlowConfig};
/// use burn_flows::model::{Family, Model, ModelKind};
/// use burn_flows::prelude::*;
///
/// let model = Model { family: Family::Nsf(SplineFlowConfig::new(1).with_layers(2)), context: 3 };
/// assert_eq!((model.kind(), model.features()), (ModelKind::Nsf, 1));
/// let device = Device::default();
/// let (x, context) = (Tensor::<2>::zeros([5, 1], &device), Tensor::<2>::zeros([5, 3], &device));
/// assert_eq!(model.init(&device).log_prob(x, &context).dims(), [5]);
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Model {
    /// The family.
    pub family: Family,
    /// The width of the context, 0 for none.
    pub context: usize,
}

impl Model {
    /// The name of the family.
    pub fn kind(&self) -> ModelKind {
        match self.family {
            Family::Gaussian(_) => ModelKind::Gaussian,
            Family::Mixture(_) => ModelKind::Mixture,
            Family::Maf(_) => ModelKind::Maf,
            Family::MafMog(_) => ModelKind::MafMog,
            Family::Nsf(_) => ModelKind::Nsf,
            Family::NsfAr(_) => ModelKind::NsfAr,
            Family::RealNvp(_) => ModelKind::RealNvp,
            Family::Made(_) => ModelKind::Made,
            Family::MadeMog(_) => ModelKind::MadeMog,
        }
    }

    /// The number of features.
    pub fn features(&self) -> usize {
        match &self.family {
            Family::Gaussian(config) | Family::Mixture(config) => config.features,
            Family::Maf(config) => config.features,
            Family::MafMog(config) => config.maf.features,
            Family::Nsf(config) => config.features,
            Family::NsfAr(config) => config.features,
            Family::RealNvp(config) => config.features,
            Family::Made(config) | Family::MadeMog(config) => config.features,
        }
    }

    /// The same with other mixing between its layers; a model without layers stays as it is.
    ///
    /// # Example
    /// ```
    /// use burn_flows::core::Mixing;
    /// use burn_flows::model::Model;
    /// use burn_flows::prelude::*;
    ///
    /// let parameters = |model: Model| Module::num_params(&model.init(&Device::default()));
    /// let model = Nsf::new(3).model(4);
    /// assert!(parameters(model.clone().with_mixing(Mixing::Permutation)) < parameters(model));
    /// ```
    pub fn with_mixing(mut self, mixing: Mixing) -> Self {
        match &mut self.family {
            Family::Maf(config) => config.mixing = mixing,
            Family::MafMog(config) => config.maf.mixing = mixing,
            Family::Nsf(config) => config.mixing = mixing,
            Family::NsfAr(config) => config.mixing = mixing,
            Family::RealNvp(config) => config.mixing = mixing,
            Family::Gaussian(_) | Family::Mixture(_) | Family::Made(_) | Family::MadeMog(_) => {}
        }
        self
    }

    /// Whether running statistics (BatchNorm) have to be recomputed before the model is evaluated.
    pub fn has_running_statistics(&self) -> bool {
        use flows_core::Normalization::BatchNorm;
        let normalization = match &self.family {
            Family::Maf(config) => config.normalization,
            Family::MafMog(config) => config.maf.normalization,
            Family::Nsf(config) => config.normalization,
            Family::NsfAr(config) => config.normalization,
            Family::RealNvp(config) => config.normalization,
            _ => return false,
        };
        normalization == BatchNorm
    }
}

impl FlowConfig for Model {
    const NAME: &'static str = "burn-flows/model";
    type Flow = AnyFlow;

    /// # Panics
    /// If the configuration of the family does not hold together, or a Gaussian is of another context.
    fn init(&self, device: &Device) -> AnyFlow {
        self.init(device)
    }
}

impl Model {
    /// Makes the flow, as yet untrained.
    ///
    /// # Panics
    /// If the configuration of the family does not hold together, or a Gaussian is of another context.
    pub fn init(&self, device: &Device) -> AnyFlow {
        if let Family::Gaussian(config) | Family::Mixture(config) = &self.family {
            let width = self.context;
            assert_eq!(config.context, width, "`context`: expected {width}, got {}", config.context);
            return AnyFlow::Mixture(config.init(device));
        }
        if self.context == 0 {
            return match &self.family {
                Family::Gaussian(config) | Family::Mixture(config) => AnyFlow::Mixture(config.init(device)),
                Family::Maf(config) => AnyFlow::Maf(config.init(device)),
                Family::MafMog(config) => AnyFlow::MafMog(config.init(device)),
                Family::Nsf(config) => AnyFlow::Nsf(config.init(device)),
                Family::NsfAr(config) => AnyFlow::NsfAr(config.init(device)),
                Family::RealNvp(config) => AnyFlow::RealNvp(config.init(device)),
                Family::Made(config) | Family::MadeMog(config) => AnyFlow::Made(config.init(device)),
            };
        }
        let context = ContextConfig::new(self.context);
        match &self.family {
            Family::Gaussian(config) | Family::Mixture(config) => AnyFlow::Mixture(config.init(device)),
            Family::Maf(config) => AnyFlow::MafGiven(config.init_given(&context, device)),
            Family::MafMog(config) => AnyFlow::MafMogGiven(config.init_given(&context, device)),
            Family::Nsf(config) => AnyFlow::NsfGiven(config.init_given(&context, device)),
            Family::NsfAr(config) => AnyFlow::NsfArGiven(config.init_given(&context, device)),
            Family::RealNvp(config) => AnyFlow::RealNvpGiven(config.init_given(&context, device)),
            Family::Made(config) | Family::MadeMog(config) => AnyFlow::MadeGiven(config.init_given(&context, device)),
        }
    }
}
