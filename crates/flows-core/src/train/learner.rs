//! The glue to burn's own `Learner`.

use std::marker::PhantomData;

use burn::module::{Module, ModuleDisplay};
use burn::tensor::{ExecutionError, Tensor, TensorReadError};
use burn::train::metric::{
    Adaptor, LossInput, Metric, MetricAttributes, MetricMetadata, MetricName, Numeric, NumericAttributes, NumericEntry,
    SerializedEntry, state::FormatOptions, state::NumericMetricState,
};
use burn::train::{InferenceStep, ItemLazy, TrainOutput, TrainStep};

use super::Batch;
use crate::context::assert_seen;
use crate::parameter::on_tape_of;
use crate::{Context, Density};

/// A density as burn's `Learner` trains it: a training and an inference step over [`Batch`]es.
///
/// See the example `learner` for a whole run, with dashboard, checkpoints and early stopping.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn::train::TrainStep;
/// use flows_core::RealNvpConfig;
/// use flows_core::train::{Rows, Trainee};
///
/// let device = Device::default().autodiff();
/// let trainee = Trainee::new(RealNvpConfig::new(2).init(&device));
/// let output = trainee.step(Rows::new(&Tensor::<2>::zeros([4, 2], &device)));
/// assert_eq!(output.item.loss.dims(), [4]);
/// ```
#[derive(Module, Debug)]
pub struct Trainee<F, const D: usize = 2, C: Context + std::fmt::Debug = ()> {
    /// The density.
    pub flow: F,
    #[module(skip)]
    marker: PhantomData<fn() -> (Tensor<D>, C)>,
}

impl<F, const D: usize, C: Context + std::fmt::Debug> Trainee<F, D, C> {
    /// Makes a density trainable by burn's `Learner`.
    pub fn new(flow: F) -> Self {
        Self { flow, marker: PhantomData }
    }
}

/// What a step gives to the metrics: the negative log-likelihood of each sample, in nats.
#[derive(Debug, Clone)]
pub struct NllOutput {
    /// `[batch]`
    pub loss: Tensor<1>,
}

impl ItemLazy for NllOutput {
    fn sync(self) -> Result<Self, ExecutionError> {
        self.loss.device().flush()?;
        Ok(Self { loss: self.loss.without_autodiff() })
    }
}

impl Adaptor<NllOutput> for NllOutput {
    fn adapt(&self) -> NllOutput {
        self.clone()
    }
}

impl Adaptor<LossInput> for NllOutput {
    fn adapt(&self) -> LossInput {
        LossInput::new(self.loss.clone())
    }
}

impl<F, const D: usize, C> TrainStep for Trainee<F, D, C>
where
    F: Density<D, C> + ModuleDisplay,
    C: Context + std::fmt::Debug + 'static,
{
    type Input = Batch<D, C>;
    type Output = NllOutput;

    fn step(&self, batch: Batch<D, C>) -> TrainOutput<NllOutput> {
        assert_seen(&batch.context, self.flow.sees_context());
        let loss = -self.flow.log_prob(on_tape_of(&self.flow, batch.x), &batch.context);
        let grads = loss.clone().mean().backward();
        TrainOutput::new(self, grads, NllOutput { loss })
    }
}

impl<F, const D: usize, C> InferenceStep for Trainee<F, D, C>
where
    F: Density<D, C> + ModuleDisplay,
    C: Context + std::fmt::Debug + 'static,
{
    type Input = Batch<D, C>;
    type Output = NllOutput;

    fn step(&self, batch: Batch<D, C>) -> NllOutput {
        NllOutput { loss: -self.flow.log_prob(batch.x, &batch.context) }
    }
}

/// The mean negative log-likelihood, in nats, as a metric of burn's `Learner`; lower is better.
#[derive(Clone)]
pub struct NllMetric {
    name: MetricName,
    state: NumericMetricState,
}

impl NllMetric {
    /// Makes the metric.
    pub fn new() -> Self {
        Self { name: MetricName::new("NLL".to_owned()), state: NumericMetricState::default() }
    }
}

impl Default for NllMetric {
    fn default() -> Self {
        Self::new()
    }
}

impl Metric for NllMetric {
    type Input = NllOutput;

    fn update(&mut self, output: &NllOutput, _: &MetricMetadata) -> Result<SerializedEntry, TensorReadError> {
        let [batch] = output.loss.dims();
        self.state.update(output.loss.clone().mean().try_into_scalar::<f64>()?, batch);
        Ok(self.state.compute_update(FormatOptions::new(self.name()).precision(4)))
    }

    fn compute(&mut self) -> Result<SerializedEntry, TensorReadError> {
        Ok(self.state.compute_final(FormatOptions::new(self.name()).precision(4)))
    }

    fn clear(&mut self) {
        self.state.reset();
    }

    fn name(&self) -> MetricName {
        self.name.clone()
    }

    fn attributes(&self) -> MetricAttributes {
        NumericAttributes { unit: Some("nats".to_owned()), higher_is_better: false }.into()
    }
}

impl Numeric for NllMetric {
    fn value(&self) -> Option<NumericEntry> {
        Some(self.state.current_value())
    }

    fn running_value(&self) -> Option<NumericEntry> {
        Some(self.state.running_value())
    }

    fn final_value(&self) -> NumericEntry {
        self.state.final_value()
    }
}
