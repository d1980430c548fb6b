//! What a flow answers on a device, and how far two answers are apart.

use burn::module::{Module, ModuleDisplay, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};
use flows_core::{Bijection, Density, Flow};

/// The data that a flow is asked about, and the latents that become samples: the same numbers on every device, for no
/// two backends have the same generator.
pub(crate) struct Questions {
    pub(crate) x: TensorData,
    pub(crate) z: TensorData,
}

/// What a flow answers.
#[derive(Debug, Clone)]
pub(crate) struct Answers {
    log_prob: Vec<f64>,
    /// Those of the mean log-density, one list a parameter.
    gradients: Vec<Vec<f64>>,
    samples: Vec<f64>,
}

/// How far two answers are apart: of log-densities and of samples the largest difference, absolute below one and relative
/// above; of gradients the largest of a parameter, relative to its largest gradient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Difference {
    pub(crate) log_prob: f64,
    pub(crate) gradients: f64,
    pub(crate) samples: f64,
}

impl Answers {
    /// Asks a flow that is on the device.
    pub(crate) fn of<const D: usize, B, P>(flow: &Flow<B, P>, questions: &Questions, device: &Device) -> Self
    where
        B: Bijection<D> + ModuleDisplay,
        P: Density<D> + ModuleDisplay,
    {
        let x = Tensor::<D>::from_data(questions.x.clone(), device);
        let z = Tensor::<D>::from_data(questions.z.clone(), device);
        let plain = flow.valid();
        let training = flow.clone().train();
        let (_, gradients) = training.gradients(x.clone(), &(), 1.0 / x.dims()[0] as f64);
        let mut lists = Lists { gradients, lists: vec![] };
        training.visit(&mut lists);
        Self { log_prob: host(plain.log_prob(x)), gradients: lists.lists, samples: host(plain.decode(z)) }
    }

    /// How far these are from others.
    pub(crate) fn difference(&self, other: &Self) -> Difference {
        let gradients = self.gradients.iter().zip(&other.gradients).map(|(a, b)| {
            let size = b.iter().fold(f64::MIN_POSITIVE, |size, b| size.max(b.abs()));
            largest(a.iter().zip(b).map(|(a, b)| (a - b).abs() / size))
        });
        Difference {
            log_prob: apart(&self.log_prob, &other.log_prob),
            gradients: largest(gradients),
            samples: apart(&self.samples, &other.samples),
        }
    }
}

fn apart(a: &[f64], b: &[f64]) -> f64 {
    largest(a.iter().zip(b).map(|(a, b)| (a - b).abs() / b.abs().max(1.0)))
}

/// The largest; of what is not a number, that.
fn largest(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, |largest, value| if value.is_nan() || value > largest { value } else { largest })
}

fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.try_into_vec_as().expect("the device answers")
}

/// Takes the gradients of a module's parameters in the order of its fields.
struct Lists {
    gradients: GradientsParams,
    lists: Vec<Vec<f64>>,
}

impl ModuleVisitor for Lists {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.lists.extend(self.gradients.remove::<D>(param.id).map(host));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_absolute_below_one_and_relative_above_and_gradients_relative_to_their_parameter() {
        let ours = Answers { log_prob: vec![0.5, -10.0], gradients: vec![vec![1e-3, 2e-3]], samples: vec![2.0] };
        let mut theirs = ours.clone();
        assert_eq!(ours.difference(&theirs), Difference { log_prob: 0.0, gradients: 0.0, samples: 0.0 });
        theirs.log_prob[1] = -10.1;
        theirs.gradients[0][0] = 1.2e-3;
        theirs.samples[0] = f64::NAN;
        let difference = theirs.difference(&ours);
        assert!((difference.log_prob - 0.01).abs() < 1e-12 && (difference.gradients - 0.1).abs() < 1e-12);
        assert!(difference.samples.is_nan());
    }
}
