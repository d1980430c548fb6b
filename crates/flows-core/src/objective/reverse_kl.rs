//! Variational inference: the reverse Kullback-Leibler divergence.

use burn::tensor::{Device, Tensor};

use crate::Density;

/// The reverse Kullback-Leibler divergence to an unnormalised density, up to its normaliser: `[1]`.
///
/// ```text
/// L = 1/n Σᵢ (log q(xᵢ) - log p̃(xᵢ)),  xᵢ ~ q        = KL(q ‖ p) - log Z
/// ```
///
/// `-L` is the evidence lower bound. Gradients flow through the samples, so that the density must be reparametrised,
/// as every flow over a normal or uniform base is.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{StandardNormal, reverse_kl, sum_event};
///
/// // The target is the normal itself without its normaliser, Z = √(2π): the divergence is zero, L = -log Z.
/// let log_target = |x: Tensor<2>| sum_event(x.clone() * x) * -0.5;
/// let q = StandardNormal::<2>::new([1]);
/// let loss = reverse_kl(&q, 10, &(), &Device::default(), log_target).into_scalar::<f32>();
/// assert!((loss + 0.918_938_5).abs() < 1e-5);
/// ```
///
/// # Reference
/// "Variational Inference with Normalizing Flows", Rezende, Mohamed, 2015, <https://arxiv.org/abs/1505.05770>.
pub fn reverse_kl<const D: usize, C, P: Density<D, C>>(
    density: &P,
    n: usize,
    context: &C,
    device: &Device,
    log_target: impl Fn(Tensor<D>) -> Tensor<1>,
) -> Tensor<1> {
    let (x, log_prob) = density.sample_with_log_prob(n, context, device);
    (log_prob - log_target(x)).mean()
}

/// The reverse Kullback-Leibler divergence with the path gradient: `[1]`.
///
/// Its value is that of [`reverse_kl`]; its gradient leaves out the score of `q`, whose mean is zero, and so has less
/// variance near the optimum, and none at it. It costs one more pass.
///
/// # Reference
/// "Sticking the Landing: Simple, Lower-Variance Gradient Estimators for Variational Inference", Roeder, Wu, Duvenaud,
/// 2017, <https://arxiv.org/abs/1703.09194>.
pub fn reverse_kl_path<const D: usize, C, P: Density<D, C>>(
    density: &P,
    n: usize,
    context: &C,
    device: &Device,
    log_target: impl Fn(Tensor<D>) -> Tensor<1>,
) -> Tensor<1> {
    let x = density.sample(n, context, device);
    // The parameters of a snapshot are constants: only the path through the samples is left.
    let log_prob = density.valid().log_prob(x.clone(), context);
    (log_prob - log_target(x)).mean()
}
