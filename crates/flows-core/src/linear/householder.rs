//! A rotation as a product of Householder reflections.

use burn::config::Config;
use burn::module::{Module, Param};
use burn::tensor::{Device, Distribution, Tensor, assert_shape};

use crate::Bijection;
use crate::budget::claim;
use crate::event::zero_log_det;
use crate::kernel::product;

/// Configuration of [`Householder`].
#[derive(Config, Debug)]
pub struct HouseholderConfig {
    /// The number of features.
    pub features: usize,
    /// The number of pairs of reflections; `features / 2` reach every rotation.
    #[config(default = 1)]
    pub pairs: usize,
}

impl HouseholderConfig {
    /// Makes the layer. Two equal reflections undo each other, so that it starts as the identity.
    pub fn init(&self, device: &Device) -> Householder {
        assert!(self.pairs > 0, "`pairs`: expected at least 1, got 0");
        claim([self.pairs, self.features]);
        let half = Tensor::<2>::random([self.pairs, self.features], Distribution::Normal(0.0, 1.0), device);
        // Each reflection next to its equal.
        let vectors = Tensor::stack::<3>(vec![half.clone(), half], 1).reshape([2 * self.pairs, self.features]);
        Householder { vectors: Param::from_tensor(vectors) }
    }
}

/// A rotation as a product of Householder reflections.
///
/// ```text
/// y = H₁ H₂ … x,   H = I - 2 v vᵀ / ‖v‖²        log_det = 0
/// ```
///
/// # Shapes
/// - `x`: `[batch, features]`
///
/// # Reference
/// "Improving Variational Auto-Encoders using Householder Flow", Tomczak, Welling, 2016,
/// <https://arxiv.org/abs/1611.09630>.
#[derive(Module, Debug)]
pub struct Householder {
    /// The normals of the mirrors, `[reflections, features]`.
    pub vectors: Param<Tensor<2>>,
}

impl Householder {
    /// The dense orthogonal matrix `Q`, with `y = Q x`.
    pub fn matrix(&self) -> Tensor<2> {
        let vectors = self.vectors.val();
        let [reflections, features] = vectors.dims();
        let norms = (vectors.clone() * vectors.clone()).sum_dim(1);
        let scaled = vectors.clone() / norms * 2.0;
        let mut q = Tensor::<2>::eye(features, &vectors.device()).cast(vectors.dtype());
        for i in 0..reflections {
            let v = vectors.clone().narrow(0, i, 1);
            q = q.clone() - q.matmul(v.transpose()).matmul(scaled.clone().narrow(0, i, 1));
        }
        q
    }

    fn apply(&self, x: Tensor<2>, q: Tensor<2>) -> (Tensor<2>, Tensor<1>) {
        assert_shape!(x, [_, q.dims()[0]]);
        let log_det = zero_log_det(&x);
        (product(x, q, None), log_det)
    }
}

impl<C> Bijection<2, C> for Householder {
    fn forward(&self, x: Tensor<2>, _: &C) -> (Tensor<2>, Tensor<1>) {
        self.apply(x, self.matrix().transpose())
    }

    fn inverse(&self, y: Tensor<2>, _: &C) -> (Tensor<2>, Tensor<1>) {
        self.apply(y, self.matrix())
    }

    fn sees_context(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::randomize;
    use burn::tensor::Tolerance;

    // nflows tests orthogonality to 1e-5.
    #[test]
    fn the_matrix_is_orthogonal_and_starts_as_the_identity() {
        let device = Device::default();
        let start = HouseholderConfig::new(6).with_pairs(3).init(&device);
        let eye = Tensor::<2>::eye(6, &device).to_data();
        start.matrix().to_data().assert_approx_eq::<f32>(&eye, Tolerance::absolute(1e-5));
        let q = randomize(start, 1.0, 3).matrix();
        q.clone().matmul(q.transpose()).to_data().assert_approx_eq::<f32>(&eye, Tolerance::absolute(1e-5));
    }
}
