//! Adam in one pass over memory.

use burn::config::Config;
use burn::optim::{AdaptiveMomentumState, ModuleOptimizer, Optimizer};
use burn::tensor::{DType, Device, Tensor, TensorData};
use rayon::prelude::*;

use crate::is_host;

/// Configuration of [`Adam`].
#[derive(Config, Debug)]
pub struct AdamConfig {
    /// `β₁`, the decay of the mean of the gradients.
    #[config(default = 0.9)]
    pub beta_1: f64,
    /// `β₂`, the decay of the mean of their squares.
    #[config(default = 0.999)]
    pub beta_2: f64,
    /// Added to the root of the squares.
    #[config(default = 1e-8)]
    pub epsilon: f64,
    /// `λ`, the decoupled weight decay: none at zero.
    #[config(default = 0.0)]
    pub weight_decay: f64,
}

impl AdamConfig {
    /// Makes the optimizer of a whole module.
    pub fn init(&self) -> ModuleOptimizer {
        ModuleOptimizer::from(Adam { config: self.clone() })
    }
}

/// Adam, with decoupled weight decay where it is asked for, in one pass over memory.
///
/// ```text
/// m ← β₁ m + (1 - β₁) g        v ← β₂ v + (1 - β₂) g²
/// w ← (1 - η λ) w - η m / (1 - β₁ᵗ) / (√(v / (1 - β₂ᵗ)) + ε)
/// ```
///
/// burn's own makes a dozen passes, a tensor operation each. For large networks and small batches they take as long as
/// the gradients. Single precision on the host goes through this one; elsewhere the same is done by tensor operations.
///
/// # Example
/// ```
/// use burn::optim::GradientsParams;
/// use burn::tensor::{Device, Tensor};
/// use flows_core::train::AdamConfig;
/// use flows_core::{RealNvpConfig, negative_log_likelihood};
///
/// let device = Device::default().autodiff();
/// let flow = RealNvpConfig::new(2).init(&device);
/// let mut adam = AdamConfig::new().init();
/// let loss = negative_log_likelihood(&flow, Tensor::<2>::ones([8, 2], &device), &());
/// let grads = GradientsParams::from_grads(loss.backward(), &flow);
/// let flow = adam.step(1e-3, flow, grads);
/// # let _ = flow;
/// ```
///
/// # Reference
/// "Adam: A Method for Stochastic Optimization", Kingma, Ba, 2015, <https://arxiv.org/abs/1412.6980>; decoupled decay:
/// "Decoupled Weight Decay Regularization", Loshchilov, Hutter, 2019, <https://arxiv.org/abs/1711.05101>.
#[derive(Debug, Clone)]
pub struct Adam {
    config: AdamConfig,
}

/// What one step multiplies by.
#[derive(Debug, Clone, Copy)]
struct Factors {
    beta_1: f64,
    beta_2: f64,
    keep: f64,
    rate: f64,
    unbiased: f64,
    epsilon: f64,
}

impl Adam {
    fn factors(&self, rate: f64, time: usize) -> Factors {
        let AdamConfig { beta_1, beta_2, epsilon, weight_decay } = self.config;
        let time = time as f64;
        Factors {
            beta_1,
            beta_2,
            keep: 1.0 - rate * weight_decay,
            rate: rate / (1.0 - beta_1.powf(time)),
            unbiased: 1.0 / (1.0 - beta_2.powf(time)),
            epsilon,
        }
    }
}

impl Optimizer for Adam {
    type State<const D: usize> = AdaptiveMomentumState<D>;

    fn step<const D: usize>(
        &self,
        rate: f64,
        w: Tensor<D>,
        g: Tensor<D>,
        state: Option<Self::State<D>>,
    ) -> (Tensor<D>, Option<Self::State<D>>) {
        let AdaptiveMomentumState { time, moment_1: m, moment_2: v, .. } =
            state.unwrap_or_else(|| AdaptiveMomentumState::new(0, g.zeros_like(), g.zeros_like()));
        let time = time + 1;
        let factors = self.factors(rate, time);
        let device = w.device();
        let step = if w.dtype() == DType::F32 && is_host(&device) { step_on_host } else { step_by_tensors };
        let [w, m, v] = step([w, m, v], g, factors);
        (w, Some(AdaptiveMomentumState::new(time, m, v)))
    }

    fn to_device<const D: usize>(state: Self::State<D>, device: &Device) -> Self::State<D> {
        state.to_device(device)
    }
}

fn step_by_tensors<const D: usize>([w, m, v]: [Tensor<D>; 3], g: Tensor<D>, by: Factors) -> [Tensor<D>; 3] {
    let m = m * by.beta_1 + g.clone() * (1.0 - by.beta_1);
    let v = v * by.beta_2 + g.clone() * g * (1.0 - by.beta_2);
    let change = m.clone() / ((v.clone() * by.unbiased).sqrt() + by.epsilon);
    [w * by.keep - change * by.rate, m, v]
}

/// Elements a thread takes at a time.
const CHUNK: usize = 1 << 15;

fn step_on_host<const D: usize>(tensors: [Tensor<D>; 3], g: Tensor<D>, by: Factors) -> [Tensor<D>; 3] {
    let device = tensors[0].device();
    // On the host a tensor that nobody else holds becomes its data, and back, without a copy.
    let [mut w, mut m, mut v] = tensors.map(Tensor::into_data);
    let g = g.into_data();
    {
        let [w, m, v] = [&mut w, &mut m, &mut v].map(numbers);
        let g: &[f32] = g.as_slice().expect("gradients have the float type of their parameters");
        if g.len() <= CHUNK {
            update(w, m, v, g, by);
        } else {
            let chunks = w.par_chunks_mut(CHUNK).zip(m.par_chunks_mut(CHUNK)).zip(v.par_chunks_mut(CHUNK));
            chunks.zip(g.par_chunks(CHUNK)).for_each(|(((w, m), v), g)| update(w, m, v, g, by));
        }
    }
    [w, m, v].map(|data| Tensor::from_data(data, &device))
}

fn numbers(data: &mut TensorData) -> &mut [f32] {
    data.as_mut_slice().expect("single precision, as was asked")
}

fn update(w: &mut [f32], m: &mut [f32], v: &mut [f32], g: &[f32], by: Factors) {
    let [beta_1, beta_2, keep] = [by.beta_1 as f32, by.beta_2 as f32, by.keep as f32];
    let [rate, unbiased, epsilon] = [by.rate as f32, by.unbiased as f32, by.epsilon as f32];
    let (rest_1, rest_2) = ((1.0 - by.beta_1) as f32, (1.0 - by.beta_2) as f32);
    for (((w, m), v), g) in w.iter_mut().zip(m).zip(v).zip(g) {
        *m = beta_1 * *m + rest_1 * g;
        *v = beta_2 * *v + rest_2 * g * g;
        *w = keep * *w - rate * *m / ((unbiased * *v).sqrt() + epsilon);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Distribution, Tolerance};

    fn random(n: usize) -> Tensor<2> {
        Tensor::random([n, 3], Distribution::Normal(0.0, 1.0), &Device::default())
    }

    #[test]
    fn one_pass_does_what_tensor_operations_do() {
        let adam = Adam { config: AdamConfig::new().with_weight_decay(0.1) };
        // More than a chunk, and not whole chunks of it.
        let n = CHUNK / 3 * 2 + 5;
        let start = [random(n), random(n), random(n).abs()];
        let (mut host, mut tensors) = (start.clone(), start);
        for time in 1..4 {
            let g = random(n);
            host = step_on_host(host, g.clone(), adam.factors(1e-2, time));
            tensors = step_by_tensors(tensors, g, adam.factors(1e-2, time));
        }
        for (a, b) in host.into_iter().zip(tensors) {
            // A few roundings a step.
            a.into_data().assert_approx_eq::<f32>(&b.into_data(), Tolerance::rel_abs(1e-5, 1e-6));
        }
    }

    #[test]
    fn it_is_the_adam_of_burn() {
        let ours = Adam { config: AdamConfig::new().with_weight_decay(0.01) };
        let burns = burn::optim::AdamWConfig::new().with_epsilon(1e-8).with_weight_decay(0.01).build();
        let (mut a, mut b) = (random(50), None);
        let mut w = a.clone();
        let mut state = None;
        for _ in 0..5 {
            let g = random(50);
            (a, state) = ours.step(1e-2, a, g.clone(), state);
            (w, b) = burns.step(1e-2, w, g, b);
        }
        a.into_data().assert_approx_eq::<f32>(&w.into_data(), Tolerance::rel_abs(1e-5, 1e-6));
    }

    #[test]
    fn the_first_step_is_as_long_as_the_learning_rate() {
        let g = Tensor::<1>::from_data([3.0, -0.001, 0.0], &Device::default());
        let (w, _) = Adam { config: AdamConfig::new() }.step(0.1, g.zeros_like(), g, None);
        w.into_data().assert_approx_eq::<f32>(&[-0.1f32, 0.1, 0.0].into(), Tolerance::absolute(1e-5));
    }
}
