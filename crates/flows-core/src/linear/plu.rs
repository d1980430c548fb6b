//! A linear layer by its PLU decomposition.

use burn::config::Config;
use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, assert_shape};

use super::Permutation;
use crate::Bijection;

/// Configuration of [`Plu`].
#[derive(Config, Debug)]
pub struct PluConfig {
    /// The number of features.
    pub features: usize,
    /// The seed of the fixed permutation; none for the identity.
    pub permutation: Option<u64>,
}

impl PluConfig {
    /// Makes the layer: the identity, or the bare permutation.
    pub fn init(&self, device: &Device) -> Plu {
        let n = self.features;
        Plu {
            permutation: self.permutation.map(|seed| Permutation::random(n, seed, device)),
            lower: Param::from_tensor(Tensor::zeros([n, n], device)),
            upper: Param::from_tensor(Tensor::zeros([n, n], device)),
            log_diagonal: Param::from_tensor(Tensor::zeros([n], device)),
            bias: Param::from_tensor(Tensor::zeros([n], device)),
        }
    }
}

/// A linear layer by its PLU decomposition.
///
/// ```text
/// y = P L U x + b        log_det = Σ s
/// ```
///
/// with a fixed permutation `P`, `L` lower triangular with a diagonal of ones, and `U` upper triangular with the
/// diagonal `exp(s)`. No determinant is computed, and the inverse is two substitutions.
///
/// # Shapes
/// - `x`: `[batch, features]`
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{Bijection, PluConfig};
///
/// let device = Device::default();
/// let plu = PluConfig::new(3).init(&device);
/// let x = Tensor::<2>::from_data([[1.0, 2.0, 3.0]], &device);
/// assert_eq!(plu.forward(x.clone(), &()).0.to_data(), x.to_data());
/// ```
///
/// # Reference
/// "Glow: Generative Flow with Invertible 1x1 Convolutions", Kingma, Dhariwal, 2018, section 3.2,
/// <https://arxiv.org/abs/1807.03039>; on vectors: "Neural Spline Flows", Durkan et al., 2019,
/// <https://arxiv.org/abs/1906.04032>.
#[derive(Module, Debug)]
pub struct Plu {
    permutation: Option<Permutation>,
    /// `L` below its diagonal, `[features, features]`; the rest is not used.
    pub lower: Param<Tensor<2>>,
    /// `U` above its diagonal, `[features, features]`; the rest is not used.
    pub upper: Param<Tensor<2>>,
    /// `s`, `[features]`.
    pub log_diagonal: Param<Tensor<1>>,
    /// `b`, `[features]`.
    pub bias: Param<Tensor<1>>,
}

impl Plu {
    /// `L` and `U`.
    fn factors(&self) -> (Tensor<2>, Tensor<2>) {
        let (lower, upper) = (self.lower.val(), self.upper.val());
        let [n, _] = lower.dims();
        let eye = Tensor::<2>::eye(n, &lower.device()).cast(lower.dtype());
        let diagonal = eye.clone() * self.log_diagonal.val().exp().unsqueeze::<2>();
        (lower.tril(-1) + eye, upper.triu(1) + diagonal)
    }

    /// The dense matrix `W = P L U`, with `y = W x + b`.
    pub fn weight(&self) -> Tensor<2> {
        let (lower, upper) = self.factors();
        let product = lower.matmul(upper);
        match &self.permutation {
            // Rows of the product are permuted as the features of its output are.
            Some(p) => Bijection::<2>::forward(p, product.transpose(), &()).0.transpose(),
            None => product,
        }
    }

    fn log_det(&self, batch: usize) -> Tensor<1> {
        self.log_diagonal.val().sum().expand([batch])
    }
}

impl<C> Bijection<2, C> for Plu {
    fn forward(&self, x: Tensor<2>, _: &C) -> (Tensor<2>, Tensor<1>) {
        let (batch, [n]) = (x.dims()[0], self.bias.val().dims());
        assert_shape!(x, [batch, n]);
        (x.matmul(self.weight().transpose()) + self.bias.val().unsqueeze(), self.log_det(batch))
    }

    fn inverse(&self, y: Tensor<2>, context: &C) -> (Tensor<2>, Tensor<1>) {
        let (batch, [n]) = (y.dims()[0], self.bias.val().dims());
        assert_shape!(y, [batch, n]);
        let (lower, upper) = self.factors();
        let y = y - self.bias.val().unsqueeze();
        let y = match &self.permutation {
            Some(p) => p.inverse(y, context).0,
            None => y,
        };
        let x = back_substitution(upper, forward_substitution(lower, y));
        (x, -self.log_det(batch))
    }
}

/// Solves `L x = y` for every row `y`, `L` lower triangular with a diagonal of ones.
fn forward_substitution(lower: Tensor<2>, y: Tensor<2>) -> Tensor<2> {
    let [_, n] = y.dims();
    let (mut rest, mut solved) = (y, Vec::with_capacity(n));
    for i in 0..n {
        let x = rest.clone().narrow(1, 0, 1);
        if i + 1 < n {
            let below = lower.clone().slice([i + 1..n, i..i + 1]).transpose();
            rest = rest.narrow(1, 1, n - i - 1) - x.clone() * below;
        }
        solved.push(x);
    }
    Tensor::cat(solved, 1)
}

/// Solves `U x = y` for every row `y`, `U` upper triangular.
fn back_substitution(upper: Tensor<2>, y: Tensor<2>) -> Tensor<2> {
    let [_, n] = y.dims();
    let (mut rest, mut solved) = (y, Vec::with_capacity(n));
    for i in (0..n).rev() {
        let x = rest.clone().narrow(1, i, 1) / upper.clone().slice([i..i + 1, i..i + 1]);
        if i > 0 {
            let above = upper.clone().slice([0..i, i..i + 1]).transpose();
            rest = rest.narrow(1, 0, i) - x.clone() * above;
        }
        solved.push(x);
    }
    solved.reverse();
    Tensor::cat(solved, 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::randomize;
    use burn::tensor::{Distribution, Tolerance};

    fn layer() -> Plu {
        randomize(PluConfig::new(5).with_permutation(Some(3)).init(&Device::default()), 0.3, 7)
    }

    // nflows compares its LU layer with the dense matrix to 1e-5; so do these two tests.
    #[test]
    fn the_layer_is_its_dense_matrix() {
        let (layer, x) = (layer(), Tensor::<2>::random([8, 5], Distribution::Default, &Device::default()));
        let dense = x.clone().matmul(layer.weight().transpose()) + layer.bias.val().unsqueeze();
        let (y, _) = layer.forward(x.clone(), &());
        y.to_data().assert_approx_eq::<f32>(&dense.to_data(), Tolerance::absolute(1e-5));
        // P: the layer without L and U.
        let bare = Plu { lower: Param::from_tensor(x.clone().zeros_like().slice([0..5, 0..5])), ..layer.clone() };
        let (p, _) = Bijection::<2>::forward(layer.permutation.as_ref().unwrap(), x.clone(), &());
        let bare = Plu {
            upper: bare.lower.clone(),
            log_diagonal: Param::from_tensor(Tensor::zeros([5], &Device::default())),
            bias: Param::from_tensor(Tensor::zeros([5], &Device::default())),
            ..bare
        };
        assert_eq!(bare.forward(x, &()).0.to_data(), p.to_data());
    }

    #[test]
    fn substitution_inverts_the_dense_matrix() {
        let (layer, x) = (layer(), Tensor::<2>::random([8, 5], Distribution::Default, &Device::default()));
        let (y, log_det) = layer.forward(x.clone(), &());
        let (back, back_log_det) = layer.inverse(y, &());
        back.to_data().assert_approx_eq::<f32>(&x.to_data(), Tolerance::absolute(1e-5));
        assert_eq!((log_det + back_log_det).to_data(), [0.0f32; 8].into());
    }
}
