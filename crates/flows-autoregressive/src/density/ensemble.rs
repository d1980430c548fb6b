//! One network under several masks.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use burn::module::{Module, ModuleDisplay};
use burn::tensor::{Device, Int, Tensor};
use flows_core::{Context, Density, WithContext, log_sum_exp, noise};

use super::AutoregressiveDensity;
use crate::mask::Connectivity;
use crate::{AutoregressiveConditioner, ConditionalFamily, Made};

/// A masked network that can be looked at under other masks.
pub trait Remask: Module {
    /// The same network, with the same parameters, under the masks of another connectivity.
    ///
    /// # Panics
    /// If it is one of another network.
    fn under(&self, masks: &Masks) -> Self;
}

impl Remask for Made {
    fn under(&self, masks: &Masks) -> Self {
        Made::under(self, &masks.connectivity, &masks.layers)
    }
}

impl Remask for WithContext<Made> {
    fn under(&self, masks: &Masks) -> Self {
        let mut network = self.clone();
        network.network = Remask::under(&self.network, masks);
        network
    }
}

/// A connectivity and its masks.
#[derive(Module, Debug)]
pub struct Masks {
    #[module(skip)]
    connectivity: Connectivity,
    layers: Vec<Tensor<2>>,
}

impl Masks {
    /// The masks of a connectivity, on a device.
    pub fn new(connectivity: Connectivity, device: &Device) -> Self {
        let layers = connectivity.mask_tensors(device);
        Self { connectivity, layers }
    }
}

/// One network under several masks: trained under one after the other, evaluated as the mixture of all.
///
/// ```text
/// training:    log p(x) = log pₖ(x), the next k at every step
/// evaluation:  p(x) = 1/K Σₖ pₖ(x)
/// ```
///
/// With masks of different input orders it is order-agnostic training, with masks of different hidden degrees
/// connectivity-agnostic training. With one mask it is the density it is made of.
///
/// # Shapes
/// - `x`: `[batch, features]`
///
/// # Notes
/// In training (its parameters on a device with autodiff) a call takes the masks whose turn it is. Inside a
/// [`noise::scope`], as `fit` opens one for each step, the turn is the step's, on all workers and after a restart.
/// Outside of any scope, each call is a turn; those are shared by clones, and not saved. A sample of the mixture comes from one of its members, chosen at random.
///
/// # Reference
/// "MADE: Masked Autoencoder for Distribution Estimation", Germain, Gregor, Murray, Larochelle, 2015, sections 4.1 and
/// 4.2, <https://arxiv.org/abs/1502.03509>.
#[derive(Module, Debug)]
pub struct MaskEnsemble<N, F> {
    /// The density under the first masks.
    pub density: AutoregressiveDensity<N, F>,
    others: Vec<Masks>,
    #[module(skip)]
    turn: Arc<AtomicUsize>,
}

impl<N, F> MaskEnsemble<N, F> {
    /// The density under its own masks and under others.
    pub fn new(density: AutoregressiveDensity<N, F>, others: Vec<Masks>) -> Self {
        Self { density, others, turn: Arc::default() }
    }

    /// The number of members.
    pub fn members(&self) -> usize {
        1 + self.others.len()
    }
}

impl<N: Remask, F: Clone> MaskEnsemble<N, F> {
    /// The density under one of the masks.
    ///
    /// # Panics
    /// If there are fewer members.
    pub fn member(&self, k: usize) -> AutoregressiveDensity<N, F> {
        let AutoregressiveDensity { network, conditionals, range } = &self.density;
        let network = if k == 0 { network.clone() } else { network.under(&self.others[k - 1]) };
        AutoregressiveDensity::new(network, conditionals.clone()).with_network_range(*range)
    }

    /// The masks whose turn it is.
    fn next(&self) -> AutoregressiveDensity<N, F> {
        let members = self.members();
        self.member(match noise::step() {
            Some(step) => (step % members as u64) as usize,
            None => self.turn.fetch_add(1, Ordering::Relaxed) % members,
        })
    }
}

impl<C, N, F> Density<2, C> for MaskEnsemble<N, F>
where
    C: Context,
    N: AutoregressiveConditioner<C> + Remask + ModuleDisplay,
    F: ConditionalFamily + ModuleDisplay,
{
    fn log_prob(&self, x: Tensor<2>, context: &C) -> Tensor<1> {
        let in_training = self.density.network.devices().iter().any(Device::is_autodiff);
        if self.members() == 1 || in_training {
            return self.next().log_prob(x, context);
        }
        if x.dims()[0] == 0 {
            return self.density.log_prob(x, context);
        }
        let [batch, _] = x.dims();
        let members = self.members();
        let log_probs = (0..members).map(|k| self.member(k).log_prob(x.clone(), context).unsqueeze()).collect();
        log_sum_exp(Tensor::<2>::cat(log_probs, 0), 0).reshape([batch]) - (members as f64).ln()
    }

    fn sample(&self, n: usize, context: &C, device: &Device) -> Tensor<2> {
        if self.members() == 1 || n == 0 {
            return self.density.sample(n, context, device);
        }
        let members = self.members();
        let uniform = noise::uniform([n], device);
        let drawn = uniform.try_into_vec_as::<f64>().expect("the device answers");
        let drawn: Vec<usize> = drawn.iter().map(|u| ((u * members as f64) as usize).min(members - 1)).collect();
        // Rows of one member after those of another, then each in its place, beside its own context.
        let mut rows: Vec<usize> = (0..n).collect();
        rows.sort_by_key(|row| drawn[*row]);
        let indices = |rows: &[usize]| {
            let rows: Vec<i64> = rows.iter().map(|row| *row as i64).collect();
            Tensor::<1, Int>::from_data(rows.as_slice(), device)
        };
        let samples = rows
            .chunk_by(|a, b| drawn[*a] == drawn[*b])
            .map(|chunk| {
                let context = context.select_rows(&indices(chunk));
                self.member(drawn[chunk[0]]).sample(chunk.len(), &context, device)
            })
            .collect();
        let mut place = vec![0; n];
        rows.iter().enumerate().for_each(|(i, row)| place[*row] = i);
        Tensor::cat(samples, 0).select(0, indices(&place))
    }

    fn sees_context(&self) -> bool {
        self.density.network.sees_context()
    }
}
