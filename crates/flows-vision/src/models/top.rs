//! The prior of the last latent.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;
use flows_core::{Affine, Bijection, Conditioner, Elementwise};

/// The prior of the last latent: a mean and a scale for each channel, made of the context alone.
///
/// ```text
/// y = x · exp(s) + t,   (t, s) = network(ones, context)        log_det = Σ s
/// ```
///
/// Before a standard normal it is a normal prior whose mean and scale are learnt, and differ from class to class.
///
/// # Shapes
/// - `x`: `[batch, channels, height, width]`; the network sees a plane of ones, `[batch, 1, height, width]`
///
/// # Reference
/// "Glow: Generative Flow with Invertible 1x1 Convolutions", Kingma, Dhariwal, 2018, in the authors' code,
/// <https://github.com/openai/glow>.
#[derive(Module, Debug)]
pub struct TopPrior<N> {
    /// Makes the shifts, then the log-scales, of all channels.
    pub network: N,
    map: Affine,
}

impl<N> TopPrior<N> {
    /// A prior whose parameters the network makes.
    pub fn new(network: N) -> Self {
        Self { network, map: Affine::default() }
    }

    fn params<C>(&self, x: &Tensor<4>, context: &C) -> Tensor<4>
    where
        N: Conditioner<4, C>,
    {
        let [batch, _, height, width] = x.dims();
        self.network.params(Tensor::ones([batch, 1, height, width], (&x.device(), x.dtype())), context)
    }
}

impl<C, N: Conditioner<4, C> + ModuleDisplay> Bijection<4, C> for TopPrior<N> {
    fn forward(&self, x: Tensor<4>, context: &C) -> (Tensor<4>, Tensor<1>) {
        let params = self.params(&x, context);
        Elementwise::forward(&self.map, x, params)
    }

    fn inverse(&self, y: Tensor<4>, context: &C) -> (Tensor<4>, Tensor<1>) {
        let params = self.params(&y, context);
        Elementwise::inverse(&self.map, y, params)
    }

    fn sees_context(&self) -> bool {
        self.network.sees_context()
    }
}
