//! The gradients of a batch, by several threads.

use burn::optim::GradientsParams;
use burn::tensor::Tensor;

use super::Rows;
use crate::threads::Threads;
use crate::{Context, Density, add_gradients, noise};

/// Threads that share the rows of a batch: each makes the gradients of its rows, and the sum is taken.
///
/// On a CPU the matrices of a network are often too small for several threads to work on one; on rows of their own they
/// need not wait for each other.
///
/// # Notes
/// Two runs with as many workers are equal bit for bit. With another number, sums are taken in another order, and differ by
/// rounding; the noise of a row (dropout, dequantisation) is the same, inside a [`noise::scope`] as `fit` opens one.
/// BatchNorm normalises the rows of each thread by themselves, and its running statistics follow those of the first.
///
/// Each thread works on a [`fork`](burn::module::Module::fork) of the flow. Do so in threads of your own: burn 0.22.1
/// deadlocks where several threads train on clones, which share their parameters.
#[derive(Debug)]
pub struct Workers {
    /// None for a single worker.
    threads: Option<Threads>,
}

impl Workers {
    /// So many threads; with one, the calling thread does the work, and operations share it out as they will.
    ///
    /// # Panics
    /// If there are none, or the system starts no more threads.
    pub fn new(workers: usize) -> Self {
        assert!(workers > 0, "`workers`: expected at least 1, got 0");
        Self { threads: (workers > 1).then(|| Threads::new(workers)) }
    }

    /// The mean negative log-likelihood of the rows, `[1]`, and its gradients. The flow is in training.
    pub fn gradients<const D: usize, C: Context, F: Density<D, C>>(
        &self,
        flow: &F,
        rows: Rows<D, C>,
    ) -> (Tensor<1>, GradientsParams) {
        let total = rows.len();
        // Two rows each at least: of a single one there is no variance.
        let Some(threads) = self.threads.as_ref().filter(|threads| total >= 2 * threads.count()) else {
            return share(flow, rows, total);
        };
        let cut = |part: usize| part * total / threads.count();
        let part = |k: usize| (cut(k), flow.clone(), rows.range(cut(k), cut(k + 1) - cut(k)));
        let (size, parts): (_, Vec<_>) = (cut(1), (1..threads.count()).map(part).collect());
        let device = flow.devices().into_iter().next().expect("a flow with parameters");
        let noise = noise::Parts::on_threads(total);
        let mut others: Vec<Option<(Tensor<1>, GradientsParams)>> = parts.iter().map(|_| None).collect();
        let mut first = None;
        // The flow itself, not a clone, whose running statistics would be its own.
        let own = || first = Some(noise.run(0, size, || share(flow, rows.range(0, size), total)));
        threads.run_beside(own, parts.into_iter().zip(&mut others).collect(), &|((start, flow, rows), result)| {
            // A graph of its own on the same values.
            let flow = flow.fork(&device);
            *result = Some(noise.run(start, rows.len(), || share(&flow, rows, total)));
        });
        let sum = |(loss, mut grads): (Tensor<1>, GradientsParams), (other, more): (Tensor<1>, GradientsParams)| {
            add_gradients(flow, &mut grads, more);
            (loss + other, grads)
        };
        first.into_iter().chain(others.into_iter().flatten()).reduce(sum).expect("a part for each worker")
    }
}

/// The part that some rows have in the mean negative log-likelihood of all, and its gradients.
fn share<const D: usize, C: Context, F: Density<D, C>>(
    flow: &F,
    rows: Rows<D, C>,
    total: usize,
) -> (Tensor<1>, GradientsParams) {
    let weight = -1.0 / total as f64;
    let (log_prob, grads) = flow.gradients(rows.x, &rows.context, weight);
    (log_prob.sum() * weight, grads)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Activation, RealNvpConfig};
    use burn::module::{Module, ModuleVisitor, Param};
    use burn::tensor::{Device, Distribution};

    #[test]
    fn several_workers_make_the_gradients_of_one() {
        let device = Device::default();
        let config = RealNvpConfig::new(3).with_hidden(vec![8]).with_activation(Activation::Tanh);
        let flow = crate::testing::randomize(config.init(&device), 0.3, 1).train();
        let rows = Rows::new(&Tensor::<2>::random([11, 3], Distribution::Normal(0.0, 1.0), &device));
        let (loss, grads) = Workers::new(1).gradients(&flow, rows.clone());
        struct Compare<'a>(&'a GradientsParams, GradientsParams, usize);
        impl ModuleVisitor for Compare<'_> {
            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
                if let Some(one) = self.0.get::<D>(param.id) {
                    let several = self.1.remove::<D>(param.id).expect("a gradient");
                    assert!((one - several).abs().max().into_scalar::<f32>() < 1e-5);
                    self.2 += 1;
                }
            }
        }
        for workers in [2, 3, 8, 20] {
            let (again, several) = Workers::new(workers).gradients(&flow, rows.clone());
            assert!((loss.clone() - again).abs().into_scalar::<f32>() < 1e-5);
            let mut compare = Compare(&grads, several, 0);
            flow.visit(&mut compare);
            assert!(compare.2 > 0);
        }
    }
}
