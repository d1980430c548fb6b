//! What trains: a flow on scaled rows, whose likelihoods are in the table's units and weighted.

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use flows_core::Density;

use crate::model::AnyFlow;

/// A flow whose context is what each row brings along: the log-determinant of its scaling, its weight, and what it is
/// given.
///
/// ```text
/// loss = -1/n Σᵢ wᵢ (log q(yᵢ | cᵢ) + log_detᵢ)
/// ```
#[derive(Module, Debug)]
pub(super) struct Trainee {
    pub(super) flow: AnyFlow,
    /// Whether weights differ; otherwise they need not be looked at.
    weighted: bool,
    /// The width of what rows are given.
    given: usize,
}

impl Trainee {
    pub(super) fn new(flow: AnyFlow, weighted: bool, given: usize) -> Self {
        Self { flow, weighted, given }
    }

    /// What the flow is given.
    fn context(&self, brought: &Tensor<2>) -> Tensor<2> {
        match self.given {
            0 => Tensor::empty([brought.dims()[0], 0], (&brought.device(), brought.dtype())),
            width => brought.clone().narrow(1, 2, width),
        }
    }
}

fn column(brought: &Tensor<2>, place: usize) -> Tensor<1> {
    brought.clone().narrow(1, place, 1).squeeze_dim(1)
}

impl Density<2, Tensor<2>> for Trainee {
    fn log_prob(&self, x: Tensor<2>, brought: &Tensor<2>) -> Tensor<1> {
        (Density::log_prob(&self.flow, x, &self.context(brought)) + column(brought, 0)) * column(brought, 1)
    }

    fn sample(&self, n: usize, brought: &Tensor<2>, device: &Device) -> Tensor<2> {
        Density::sample(&self.flow, n, &self.context(brought), device)
    }

    fn init_from_data(self, x: Tensor<2>, brought: &Tensor<2>) -> Self {
        let context = self.context(brought);
        Self { flow: Density::init_from_data(self.flow, x, &context), ..self }
    }

    fn recompute_statistics(self, x: Tensor<2>, brought: &Tensor<2>) -> Self {
        let context = self.context(brought);
        Self { flow: Density::recompute_statistics(self.flow, x, &context), ..self }
    }

    fn gradients(&self, x: Tensor<2>, brought: &Tensor<2>, weight: f64) -> (Tensor<1>, GradientsParams) {
        let (context, log_det) = (self.context(brought), column(brought, 0));
        if !self.weighted {
            let (log_prob, gradients) = Density::gradients(&self.flow, x, &context, weight);
            return (log_prob + log_det, gradients);
        }
        let weights = column(brought, 1);
        let (log_prob, gradients) = Density::weighted_gradients(&self.flow, x, &context, &(weights.clone() * weight));
        ((log_prob + log_det) * weights, gradients)
    }
}
