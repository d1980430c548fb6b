//! Flows that are made from a configuration.

use burn::module::Module;
use burn::tensor::Device;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{ClassConfig, ContextConfig};

/// A configuration from which a flow can be rebuilt, so that one file can hold both it and the weights.
///
/// The models of this crate have one. A flow composed by hand gets one in a few lines, and with it
/// [`save`](crate::save) and [`load`](crate::load):
///
/// ```
/// use burn::tensor::Device;
/// use flows_core::{Affine, Coupling, Flow, FlowConfig, FeatureSplit, Mlp, MlpConfig, StandardNormal};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Small {
///     hidden: usize,
/// }
///
/// impl FlowConfig for Small {
///     const NAME: &'static str = "my-crate/Small";
///     type Flow = Flow<Coupling<Mlp, Affine>, StandardNormal<2>>;
///
///     fn init(&self, device: &Device) -> Self::Flow {
///         let network = MlpConfig::new(1, 2).with_hidden(vec![self.hidden]).init(device);
///         let split = FeatureSplit::halves(2, false, device);
///         Flow::new(Coupling::new(split, network, Affine::default()), StandardNormal::new([2]))
///     }
/// }
/// assert_eq!(Small { hidden: 4 }.init(&Device::default()).sample(3, &Device::default()).dims(), [3, 2]);
/// ```
pub trait FlowConfig: Serialize + DeserializeOwned {
    /// What a file says it holds; unique among the flows that a program reads.
    const NAME: &'static str;
    /// What the configuration makes.
    type Flow: Module;

    /// Makes the flow, as yet untrained.
    fn init(&self, device: &Device) -> Self::Flow;
}

/// A configuration whose flow can be conditioned on a context of a given width.
pub trait ConditionalFlowConfig: Serialize + DeserializeOwned {
    /// What a file says it holds.
    const NAME: &'static str;
    /// The flow that takes a `Tensor<2>` as context.
    type Flow: Module;

    /// Makes the flow, as yet untrained; with [`Flow::with_context_scale`](crate::Flow::with_context_scale) it
    /// standardises the context, as `context` says.
    fn init_given(&self, context: &ContextConfig, device: &Device) -> Self::Flow;
}

/// The configuration of a conditional flow: that of the flow, and that of the context.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::RealNvpConfig;
///
/// let device = Device::default();
/// let flow = RealNvpConfig::new(2).given(10).with_embedding(vec![32, 8]).init(&device);
/// let (x, context) = (Tensor::<2>::zeros([5, 2], &device), Tensor::<2>::zeros([5, 10], &device));
/// assert_eq!(flow.given(&context).log_prob(x).dims(), [5]);
/// ```
///
/// A conditional flow without its context does not compile:
///
/// ```compile_fail,E0277
/// # use burn::tensor::{Device, Tensor};
/// # use flows_core::RealNvpConfig;
/// let flow = RealNvpConfig::new(2).given(10).init(&Device::default());
/// flow.log_prob(Tensor::<2>::zeros([5, 2], &Device::default()));
/// ```
///
/// A context for a flow that was made without one compiles, as a layer that needs none fits any; `fit_given` refuses it
/// with an error, and `flow.given(&context)` panics.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Conditional<F> {
    /// The flow.
    pub flow: F,
    /// The context.
    pub context: ContextConfig,
}

impl<F> Conditional<F> {
    /// Conditions the flow of a configuration on a context of the given width.
    pub fn new(flow: F, width: usize) -> Self {
        Self { flow, context: ContextConfig::new(width) }
    }

    /// Shows the networks an embedding of the context: the widths of a network's hidden layers, and last that of the
    /// embedding.
    pub fn with_embedding(mut self, widths: Vec<usize>) -> Self {
        self.context.embedding = Some(widths);
        self
    }

    /// Whether the flow standardises the context, by mean and deviation of the training rows; it does unless told not
    /// to.
    ///
    /// # Example
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use flows_core::{Density, RealNvpConfig};
    ///
    /// let device = Device::default();
    /// let (x, years) = (Tensor::<2>::from_data([[0.0, 1.0], [1.0, 0.0]], &device), [[1950.0], [2050.0]]);
    /// let years = Tensor::<2>::from_data(years, &device);
    /// let flow = RealNvpConfig::new(2).given(1).init(&device).init_from_data(x.clone(), &years);
    /// assert_eq!(flow.seen(&years).to_data(), [[-1.0f32], [1.0]].into());
    /// let flow = RealNvpConfig::new(2).given(1).with_standardize(false).init(&device).init_from_data(x, &years);
    /// assert_eq!(flow.seen(&years).to_data(), years.to_data());
    /// ```
    pub fn with_standardize(mut self, standardize: bool) -> Self {
        self.context.standardize = standardize;
        self
    }
}

impl<F: ConditionalFlowConfig> Conditional<F> {
    /// Makes the flow, as yet untrained.
    pub fn init(&self, device: &Device) -> F::Flow {
        self.flow.init_given(&self.context, device)
    }
}

impl<F: ConditionalFlowConfig> FlowConfig for Conditional<F> {
    const NAME: &'static str = F::NAME;
    type Flow = F::Flow;

    fn init(&self, device: &Device) -> Self::Flow {
        self.flow.init_given(&self.context, device)
    }
}

/// A configuration whose flow can be conditioned on a class.
pub trait ClassFlowConfig: Serialize + DeserializeOwned {
    /// What a file says it holds.
    const NAME: &'static str;
    /// The flow that takes a `Tensor<1, Int>` as context: the class of each sample.
    type Flow: Module;

    /// Makes the flow, as yet untrained.
    fn init_by_class(&self, classes: &ClassConfig, device: &Device) -> Self::Flow;
}

/// The configuration of a flow that is conditioned on a class: that of the flow, and that of the classes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ByClass<F> {
    /// The flow.
    pub flow: F,
    /// The classes.
    pub classes: ClassConfig,
}

impl<F: ClassFlowConfig> ByClass<F> {
    /// Conditions the flow of a configuration on so many classes.
    pub fn new(flow: F, classes: usize) -> Self {
        Self { flow, classes: ClassConfig::new(classes) }
    }

    /// Makes the flow, as yet untrained.
    pub fn init(&self, device: &Device) -> F::Flow {
        self.flow.init_by_class(&self.classes, device)
    }
}

impl<F: ClassFlowConfig> FlowConfig for ByClass<F> {
    const NAME: &'static str = F::NAME;
    type Flow = F::Flow;

    fn init(&self, device: &Device) -> Self::Flow {
        self.flow.init_by_class(&self.classes, device)
    }
}
