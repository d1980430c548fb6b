//! What trains: a flow on scaled rows, whose likelihoods are in the table's units and weighted.

use burn::module::{Module, ModuleDisplay};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};
use flows_core::train::Rows;
use flows_core::{Density, Scaling};

use crate::source::Part;

/// A flow whose context is what each row brings along: `[rows, 2]`, the log-determinant of its scaling and its weight.
///
/// ```text
/// loss = -1/n Σᵢ wᵢ (log q(yᵢ) + log_detᵢ)
/// ```
#[derive(Module, Debug)]
pub(crate) struct Trainee<F> {
    pub(crate) flow: F,
    /// Whether weights differ; otherwise they need not be looked at.
    weighted: bool,
}

impl<F> Trainee<F> {
    pub(crate) fn new(flow: F, weighted: bool) -> Self {
        Self { flow, weighted }
    }
}

/// The rows of a part with what they bring along; `values` are the table's, maybe with noise.
pub(crate) fn rows(scaling: &Scaling, values: &[f64], part: &Part, device: &Device) -> Rows<2, Tensor<2>> {
    let (y, log_dets) = scaling.forward(values);
    let weights = part.weights.clone().unwrap_or_else(|| vec![1.0; log_dets.len()]);
    let (rows, columns) = (log_dets.len(), scaling.columns().len());
    let context: Vec<f64> = log_dets.into_iter().zip(weights).flat_map(|(log_det, weight)| [log_det, weight]).collect();
    let x = Tensor::<2>::from_data(TensorData::new(y, [rows, columns]), device);
    Rows::given(&x, &Tensor::<2>::from_data(TensorData::new(context, [rows, 2]), device))
}

fn column(context: &Tensor<2>, place: usize) -> Tensor<1> {
    context.clone().narrow(1, place, 1).squeeze_dim(1)
}

impl<F: Density<2> + ModuleDisplay> Density<2, Tensor<2>> for Trainee<F> {
    fn log_prob(&self, x: Tensor<2>, context: &Tensor<2>) -> Tensor<1> {
        (self.flow.log_prob(x, &()) + column(context, 0)) * column(context, 1)
    }

    fn sample(&self, n: usize, _: &Tensor<2>, device: &Device) -> Tensor<2> {
        self.flow.sample(n, &(), device)
    }

    fn init_from_data(self, x: Tensor<2>, _: &Tensor<2>) -> Self {
        Self { flow: self.flow.init_from_data(x, &()), ..self }
    }

    fn recompute_statistics(self, x: Tensor<2>, _: &Tensor<2>) -> Self {
        Self { flow: self.flow.recompute_statistics(x, &()), ..self }
    }

    fn gradients(&self, x: Tensor<2>, context: &Tensor<2>, weight: f64) -> (Tensor<1>, GradientsParams) {
        if !self.weighted {
            let log_det = column(context, 0);
            let (log_prob, gradients) = self.flow.gradients(x, &(), weight);
            return (log_prob + log_det, gradients);
        }
        let log_prob = self.log_prob(x.autodiff(), &context.clone().autodiff());
        let gradients = (log_prob.clone().sum() * weight).backward();
        (log_prob.without_autodiff(), GradientsParams::from_grads(gradients, self))
    }
}
