//! Rows that a density carries out of the range of its numbers.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Bool, Tensor};

use crate::{Context, is_host};

/// Sets the log-density of rows that leave the range of the numbers to -∞.
///
/// Of a row as far out as 1e38 layers make one infinity minus another, which is NaN, though the density there is zero to
/// any precision; so it is outside the domain of a logarithm. A NaN of any other origin stays: one in the row, in its
/// context or in a parameter. In training, all of them stay, so that training stops.
///
/// A [`Flow`](crate::Flow) applies it to its own log-densities; a density of your own that computes with `x` beyond a sum
/// of squares should too.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{Exp, zero_density_beyond};
///
/// let x = Tensor::<2>::from_data([[f32::INFINITY], [f32::NAN], [0.0]], &Device::default());
/// let log_prob = Tensor::<1>::from_data([f32::NAN, f32::NAN, -0.5], &Device::default());
/// let log_prob = zero_density_beyond(log_prob, &x, &(), &Exp::new()).try_into_vec_as::<f32>().unwrap();
/// assert!(log_prob[0] == f32::NEG_INFINITY && log_prob[1].is_nan() && log_prob[2] == -0.5);
/// ```
pub fn zero_density_beyond<const D: usize, C: Context, M: Module>(
    log_prob: Tensor<1>,
    x: &Tensor<D>,
    context: &C,
    density: &M,
) -> Tensor<1> {
    let [batch] = log_prob.dims();
    if batch == 0 || log_prob.is_autodiff() {
        return log_prob;
    }
    let undefined = log_prob.clone().is_nan();
    // On a GPU it would take longer to ask.
    if is_host(&log_prob.device()) && !undefined.clone().any().into_scalar::<bool>() {
        return log_prob;
    }
    let mut excused = rows_with(x.clone().without_autodiff().is_nan());
    if let Some(rows) = context.not_finite() {
        excused = excused.bool_or(rows);
    }
    let mut parameters = Parameters(None);
    density.visit(&mut parameters);
    if let Some(sum) = parameters.0 {
        excused = excused.bool_or(sum.is_nan().expand([batch]));
    }
    log_prob.mask_fill(undefined.bool_and(excused.bool_not()), f64::NEG_INFINITY)
}

/// The rows that hold a one: `[batch, ...event]` to `[batch]`.
pub(crate) fn rows_with<const D: usize>(elements: Tensor<D, Bool>) -> Tensor<1, Bool> {
    let dims = elements.dims();
    let size: usize = dims[1..].iter().product();
    if dims[0] == 0 {
        return Tensor::empty([0], &elements.device());
    }
    elements.reshape([dims[0], size]).any_dim(1).reshape([dims[0]])
}

/// A sum that is NaN where a parameter is not finite, and zero elsewhere.
struct Parameters(Option<Tensor<1>>);

impl ModuleVisitor for Parameters {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let zero = (param.val().without_autodiff() * 0.0).sum();
        self.0 = Some(match self.0.take() {
            Some(sum) => sum + zero,
            None => zero,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Density, DiagonalNormalConfig, Flow, LeakyRelu, NetworkRange, RealNvpConfig, replace};
    use burn::tensor::Device;

    fn scores(log_prob: Tensor<1>) -> Vec<f32> {
        log_prob.try_into_vec_as::<f32>().unwrap()
    }

    #[test]
    fn a_parameter_that_is_nan_hides_behind_no_infinity() {
        let device = Device::default();
        let mut base = DiagonalNormalConfig::new(vec![1]).init::<2>(&device);
        base.loc = replace(base.loc, Tensor::full([1, 1], f32::NAN, &device));
        let flow = Flow::new(LeakyRelu::new(0.5), base);
        let x = Tensor::<2>::from_data([[1.0], [f32::INFINITY]], &device);
        assert!(scores(flow.log_prob(x)).iter().all(|score| score.is_nan()));
    }

    #[test]
    fn a_context_that_is_nan_gives_a_density_that_is() {
        let device = Device::default();
        let flow = crate::testing::randomize(RealNvpConfig::new(2).given(1).init(&device), 0.3, 1);
        let x = Tensor::<2>::from_data([[1.0, 0.0], [1e38, 0.0], [1e38, 0.0]], &device);
        let context = Tensor::<2>::from_data([[f32::NAN], [f32::NAN], [0.5]], &device);
        let scores = scores(flow.given(&context).log_prob(x));
        assert!(scores[0].is_nan() && scores[1].is_nan() && scores[2] == f32::NEG_INFINITY, "{scores:?}");
    }

    #[test]
    fn in_training_a_nan_stays_one() {
        let device = Device::default();
        // A network that sees the infinity.
        let config = RealNvpConfig::new(2).with_network_range(NetworkRange::Unlimited);
        let flow = crate::testing::randomize(config.init(&device), 0.3, 1).train();
        let x = Tensor::<2>::from_data([[f32::INFINITY, 0.0]], &device.autodiff());
        assert!(scores(Density::log_prob(&flow, x, &()).without_autodiff())[0].is_nan());
    }
}
