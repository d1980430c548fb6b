//! A linear layer by its PLU decomposition.

use burn::config::Config;
use burn::module::{Module, Param, ParamId};
use burn::tensor::{Device, Int, Tensor, TensorData, assert_shape};

use super::Permutation;
use super::channels::{apply, rows};
use super::rotation::Matrix;
use crate::bijection::forward_vjp;
use crate::budget::claim;
use crate::event::for_each_sample;
use crate::normalize::{feature_shape, spatial_size};
use crate::numerics::host;
use crate::vjp::is_computed;
use crate::{Bijection, PullBack, add_gradient};

/// How a [`Plu`] starts.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub enum PluStart {
    /// As the identity.
    Identity,
    /// As a random permutation of this seed.
    Permutation(u64),
    /// As a random rotation of this seed, as in Glow.
    Rotation(u64),
}

/// Configuration of [`Plu`].
#[derive(Config, Debug)]
pub struct PluConfig {
    /// The number of features; of channels, for images.
    pub features: usize,
    /// How the layer starts.
    #[config(default = "PluStart::Identity")]
    pub start: PluStart,
    /// Whether there is a bias.
    #[config(default = true)]
    pub bias: bool,
}

impl PluConfig {
    /// Makes the layer.
    pub fn init(&self, device: &Device) -> Plu {
        let n = self.features;
        claim([n, n]);
        let zeros = || Param::from_tensor(Tensor::zeros([n, n], device));
        let bias = self.bias.then(|| Param::from_tensor(Tensor::zeros([n], device)));
        let plain = Plu {
            permutation: None,
            signs: None,
            lower: zeros(),
            upper: zeros(),
            log_diagonal: Param::from_tensor(Tensor::zeros([n], device)),
            bias,
        };
        match self.start {
            PluStart::Identity => plain,
            PluStart::Permutation(seed) => Plu { permutation: Some(Permutation::random(n, seed, device)), ..plain },
            PluStart::Rotation(seed) => factored(plain, &Matrix::rotation(n, seed), device),
        }
    }
}

/// The layer of a matrix.
fn factored(plain: Plu, matrix: &Matrix, device: &Device) -> Plu {
    let n = matrix.n;
    let (order, lu) = matrix.factors().expect("`weight`: expected a matrix with an inverse, got a singular one");
    // Row order[i] of the matrix is row i of L U, so output order[i] is input i of the permutation.
    let mut from = vec![0; n];
    order.iter().enumerate().for_each(|(i, &row)| from[row] = i);
    let triangle = |inside: &dyn Fn(usize, usize) -> bool| {
        let values: Vec<f64> = (0..n * n).map(|at| if inside(at / n, at % n) { lu.values[at] } else { 0.0 }).collect();
        Param::from_tensor(Tensor::from_data(TensorData::new(values, [n, n]), device))
    };
    let diagonal: Vec<f64> = (0..n).map(|i| lu.values[i * n + i]).collect();
    let signs: Vec<i64> = diagonal.iter().map(|d| if *d < 0.0 { -1 } else { 1 }).collect();
    let logs: Vec<f64> = diagonal.iter().map(|d| d.abs().ln()).collect();
    Plu {
        permutation: Some(Permutation::new(&from, device)),
        signs: Some(Param::initialized(ParamId::new(), Tensor::from_data(signs.as_slice(), device))),
        lower: triangle(&|i, j| j < i),
        upper: triangle(&|i, j| j > i),
        log_diagonal: Param::from_tensor(Tensor::from_data(TensorData::new(logs, [n]), device)),
        ..plain
    }
}

/// A linear layer by its PLU decomposition; on images, the invertible 1x1 convolution of Glow.
///
/// ```text
/// y = P L U x + b        log_det = pixels · Σ s
/// ```
///
/// with a fixed permutation `P`, `L` lower triangular with a diagonal of ones, and `U` upper triangular with the
/// diagonal `± exp(s)`, whose signs are fixed. No determinant is computed, and the inverse is two substitutions.
///
/// # Shapes
/// - `x`: `[batch, features, ...]`; `pixels` is the product of the axes after the second, 1 for vectors
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{Bijection, PluConfig, PluStart};
///
/// let device = Device::default();
/// let plu = PluConfig::new(3).init(&device);
/// let x = Tensor::<2>::from_data([[1.0, 2.0, 3.0]], &device);
/// assert_eq!(plu.forward(x.clone(), &()).0.to_data(), x.to_data());
///
/// let rotation = PluConfig::new(3).with_start(PluStart::Rotation(7)).with_bias(false).init(&device);
/// let (y, log_det) = rotation.forward(Tensor::<4>::ones([1, 3, 4, 4], &device), &());
/// assert!((y.powi_scalar(2).sum().into_scalar::<f32>() - 48.0).abs() < 1e-4); // lengths stay
/// assert!(log_det.into_scalar::<f32>().abs() < 1e-5);
/// ```
///
/// # Reference
/// "Glow: Generative Flow with Invertible 1x1 Convolutions", Kingma, Dhariwal, 2018, section 3.2,
/// <https://arxiv.org/abs/1807.03039>; on vectors: "Neural Spline Flows", Durkan et al., 2019,
/// <https://arxiv.org/abs/1906.04032>.
#[derive(Module, Debug)]
pub struct Plu {
    permutation: Option<Permutation>,
    /// The signs of the diagonal of `U`, where not all are positive.
    signs: Option<Param<Tensor<1, Int>>>,
    /// `L` below its diagonal, `[features, features]`; the rest is not used.
    pub lower: Param<Tensor<2>>,
    /// `U` above its diagonal, `[features, features]`; the rest is not used.
    pub upper: Param<Tensor<2>>,
    /// `s`, `[features]`.
    pub log_diagonal: Param<Tensor<1>>,
    /// `b`, `[features]`.
    pub bias: Option<Param<Tensor<1>>>,
}

impl Plu {
    /// The layer of a given matrix, `[features, features]`, without a bias: for weights from elsewhere.
    ///
    /// # Panics
    /// If the matrix is not square, or singular.
    pub fn from_weight(weight: &Tensor<2>) -> Self {
        let (device, [n, columns]) = (weight.device().without_autodiff(), weight.dims());
        assert_eq!(n, columns, "`weight`: expected a square matrix, got {n} x {columns}");
        let plain = PluConfig::new(n).with_bias(false).init(&device);
        factored(plain, &Matrix { n, values: host(weight.clone().without_autodiff()) }, &device)
    }

    /// `L` and `U`.
    fn factors(&self) -> (Tensor<2>, Tensor<2>) {
        let (lower, upper) = (self.lower.val(), self.upper.val());
        let [n, _] = lower.dims();
        let eye = Tensor::<2>::eye(n, &lower.device()).cast(lower.dtype());
        let mut diagonal = self.log_diagonal.val().exp();
        if let Some(signs) = &self.signs {
            diagonal = diagonal * signs.val().float().cast(lower.dtype());
        }
        (lower.tril(-1) + eye.clone(), upper.triu(1) + eye * diagonal.unsqueeze::<2>())
    }

    /// The dense matrix `W = P L U`, with `y = W x + b`.
    pub fn weight(&self) -> Tensor<2> {
        let (lower, upper) = self.factors();
        self.permuted(lower.matmul(upper))
    }

    /// `P M`: rows of a matrix are permuted as the features of its output are.
    fn permuted(&self, matrix: Tensor<2>) -> Tensor<2> {
        match &self.permutation {
            Some(p) => Bijection::<2>::forward(p, matrix.transpose(), &()).0.transpose(),
            None => matrix,
        }
    }

    /// `Pᵀ M`.
    fn unpermuted(&self, matrix: Tensor<2>) -> Tensor<2> {
        match &self.permutation {
            Some(p) => Bijection::<2>::inverse(p, matrix.transpose(), &()).0.transpose(),
            None => matrix,
        }
    }

    /// The matrix `W⁻¹ = U⁻¹ L⁻¹ Pᵀ`, by substitution in the identity.
    fn inverse_weight(&self) -> Tensor<2> {
        let (lower, upper) = self.factors();
        let [n, _] = lower.dims();
        let eye = Tensor::<2>::eye(n, &lower.device()).cast(lower.dtype());
        let columns = match &self.permutation {
            Some(p) => Bijection::<2>::inverse(p, eye, &()).0,
            None => eye,
        };
        back_substitution(upper, forward_substitution(lower, columns)).transpose()
    }

    fn log_det<const D: usize>(&self, x: &Tensor<D>) -> Tensor<1> {
        for_each_sample(self.log_diagonal.val().sum() * spatial_size(x) as f64, x)
    }

    fn bias_like<const D: usize>(&self, _: &Tensor<D>) -> Option<Tensor<D>> {
        let bias = self.bias.as_ref()?.val();
        let shape = feature_shape::<D>(bias.dims()[0]);
        Some(bias.reshape(shape))
    }
}

impl<const D: usize, C> Bijection<D, C> for Plu {
    fn forward(&self, x: Tensor<D>, _: &C) -> (Tensor<D>, Tensor<1>) {
        let [n] = self.log_diagonal.val().dims();
        assert_shape!(x, [_, n, ..]);
        let log_det = self.log_det(&x);
        let y = apply(self.weight(), x);
        match self.bias_like(&y) {
            Some(bias) => (y + bias, log_det),
            None => (y, log_det),
        }
    }

    fn inverse(&self, y: Tensor<D>, context: &C) -> (Tensor<D>, Tensor<1>) {
        let [n] = self.log_diagonal.val().dims();
        assert_shape!(y, [_, n, ..]);
        let log_det = -self.log_det(&y);
        let y = match self.bias_like(&y) {
            Some(bias) => y - bias,
            None => y,
        };
        if D > 2 {
            return (apply(self.inverse_weight(), y), log_det);
        }
        let y = match &self.permutation {
            Some(p) => p.inverse(y, context).0,
            None => y,
        };
        let (dims, (lower, upper)) = (y.dims(), self.factors());
        let y = y.reshape([dims[0], n]);
        (back_substitution(upper, forward_substitution(lower, y)).reshape(dims), log_det)
    }

    fn forward_vjp<'a>(&'a self, x: Tensor<D>, context: &'a C) -> (Tensor<D>, Tensor<1>, PullBack<'a, D>) {
        let matrices_are_computed = is_computed(&self.lower) || is_computed(&self.upper);
        let vectors_are_computed = is_computed(&self.log_diagonal) || self.bias.as_ref().is_some_and(is_computed);
        if x.dims()[0] == 0 || matrices_are_computed || vectors_are_computed {
            return forward_vjp(self, x, context);
        }
        let plain = self.valid();
        let (lower, upper) = plain.factors();
        let weight = plain.permuted(lower.clone().matmul(upper.clone()));
        let (log_det, pixels) = (plain.log_det(&x), spatial_size(&x) as f64);
        let y = apply(weight.clone(), x.clone());
        let y = match plain.bias_like(&y) {
            Some(bias) => y + bias,
            None => y,
        };
        let pull_back: PullBack<'a, D> = Box::new(move |dy, d_log_det, grads| {
            let (of_y, of_x) = (rows(dy.clone()), rows(x));
            if let Some(bias) = &self.bias {
                add_gradient(grads, bias, of_y.clone().sum_dim(0).squeeze_dim(0));
            }
            let d_product = plain.unpermuted(of_y.transpose().matmul(of_x));
            let d_lower = d_product.clone().matmul(upper.clone().transpose());
            let d_upper = lower.transpose().matmul(d_product);
            // That of exp is exp itself.
            let d_diagonal = (d_upper.clone() * upper).tril(0).triu(0).sum_dim(1).squeeze_dim(1);
            add_gradient(grads, &self.lower, d_lower.tril(-1));
            add_gradient(grads, &self.upper, d_upper.triu(1));
            add_gradient(grads, &self.log_diagonal, d_diagonal + d_log_det.clone().sum() * pixels);
            apply(weight.transpose(), dy)
        });
        (y, log_det, pull_back)
    }

    fn sees_context(&self) -> bool {
        false
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

    fn layer(start: PluStart) -> Plu {
        randomize(PluConfig::new(5).with_start(start).init(&Device::default()), 0.3, 7)
    }

    fn x() -> Tensor<2> {
        Tensor::random([8, 5], Distribution::Default, &Device::default())
    }

    // nflows compares its LU layer with the dense matrix to 1e-5; so do these tests.
    #[test]
    fn the_layer_is_its_dense_matrix() {
        for start in [PluStart::Identity, PluStart::Permutation(3), PluStart::Rotation(3)] {
            let (layer, x) = (layer(start), x());
            let bias = layer.bias.as_ref().unwrap().val();
            let dense = x.clone().matmul(layer.weight().transpose()) + bias.unsqueeze();
            let (y, _) = layer.forward(x.clone(), &());
            y.to_data().assert_approx_eq::<f32>(&dense.to_data(), Tolerance::absolute(1e-5));
            let inverse = layer.weight().matmul(layer.inverse_weight());
            let eye = Tensor::<2>::eye(5, &Device::default());
            inverse.to_data().assert_approx_eq::<f32>(&eye.to_data(), Tolerance::absolute(1e-5));
        }
    }

    #[test]
    fn without_factors_the_layer_is_its_permutation() {
        let (layer, x) = (PluConfig::new(5).with_start(PluStart::Permutation(3)).init(&Device::default()), x());
        let (p, _) = Bijection::<2>::forward(layer.permutation.as_ref().unwrap(), x.clone(), &());
        assert_eq!(layer.forward(x, &()).0.to_data(), p.to_data());
    }

    #[test]
    fn substitution_inverts_the_dense_matrix() {
        for start in [PluStart::Permutation(3), PluStart::Rotation(3)] {
            let (layer, x) = (layer(start), x());
            let (y, log_det) = layer.forward(x.clone(), &());
            let (back, back_log_det) = layer.inverse(y, &());
            back.to_data().assert_approx_eq::<f32>(&x.to_data(), Tolerance::absolute(1e-5));
            assert_eq!((log_det + back_log_det).to_data(), [0.0f32; 8].into());
        }
    }

    #[test]
    fn a_rotation_is_the_one_of_its_seed() {
        let layer = PluConfig::new(5).with_start(PluStart::Rotation(3)).init(&Device::default());
        let rotation: Vec<f32> = Matrix::rotation(5, 3).values.iter().map(|v| *v as f32).collect();
        let expected = TensorData::new(rotation, [5, 5]);
        layer.weight().to_data().assert_approx_eq::<f32>(&expected, Tolerance::absolute(1e-6));
    }

    #[test]
    fn a_given_matrix_is_the_one_that_the_layer_has() {
        let weight = Tensor::<2>::from_data([[0.0, 2.0, 1.0], [1.0, 0.5, -1.0], [3.0, 1.0, 1.0]], &Device::default());
        let layer = Plu::from_weight(&weight);
        layer.weight().into_data().assert_approx_eq::<f32>(&weight.into_data(), Tolerance::absolute(1e-6));
        let (_, log_det) = layer.forward(Tensor::<2>::ones([1, 3], &Device::default()), &());
        // det = 0·(0.5 + 1) - 2·(1 + 3) + 1·(1 - 1.5) = -8.5
        assert!((log_det.into_scalar::<f32>() - 8.5f32.ln()).abs() < 1e-5);
    }

    #[test]
    #[should_panic(expected = "expected a matrix with an inverse")]
    fn a_singular_matrix_panics() {
        Plu::from_weight(&Tensor::<2>::from_data([[1.0, 2.0], [2.0, 4.0]], &Device::default()));
    }

    /// The gradients of a layer and of what it sees, by its own way back or by autodiff.
    fn gradients<const D: usize>(layer: &Plu, x: Tensor<D>, by_itself: bool) -> Vec<Vec<f64>> {
        let (y, log_det, pull_back) = match by_itself {
            true => Bijection::<D>::forward_vjp(layer, x, &()),
            false => forward_vjp::<D, (), _>(layer, x, &()),
        };
        let mut grads = burn::optim::GradientsParams::new();
        let slopes = (log_det.ones_like() * 0.7, y.clone().sin() + 0.3);
        let dx = pull_back(slopes.1, &slopes.0, &mut grads);
        let matrices = [&layer.lower, &layer.upper].map(|param| host(grads.get::<2>(param.id).unwrap()));
        let vectors = [&layer.log_diagonal, layer.bias.as_ref().unwrap()].map(|p| host(grads.get::<1>(p.id).unwrap()));
        [vec![host(y), host(log_det), host(dx)], matrices.to_vec(), vectors.to_vec()].concat()
    }

    #[test]
    fn its_own_way_back_is_that_of_the_tape() {
        for start in [PluStart::Identity, PluStart::Permutation(3), PluStart::Rotation(3)] {
            let layer = layer(start).train();
            let image = Tensor::<4>::random([2, 5, 3, 2], Distribution::Default, &Device::default());
            let x = x();
            let pairs = [
                [true, false].map(|own| gradients(&layer, x.clone(), own)),
                [true, false].map(|own| gradients(&layer, image.clone(), own)),
            ];
            for [own, tape] in pairs {
                for (own, tape) in own.iter().flatten().zip(tape.iter().flatten()) {
                    assert!((own - tape).abs() < 1e-4 * (1.0 + tape.abs()), "{own} for {tape}");
                }
            }
        }
    }

    #[test]
    fn every_pixel_of_an_image_is_mapped_as_a_vector_is() {
        let layer = layer(PluStart::Rotation(1));
        let image = Tensor::<4>::random([2, 5, 3, 2], Distribution::Default, &Device::default());
        let (y, log_det) = layer.forward(image.clone(), &());
        let rows = |image: Tensor<4>| image.permute([0, 2, 3, 1]).reshape([12, 5]);
        let (expected, one) = Bijection::<2>::forward(&layer, rows(image), &());
        rows(y).to_data().assert_approx_eq::<f32>(&expected.to_data(), Tolerance::absolute(1e-5));
        let (log_det, one) = (log_det.into_data(), one.narrow(0, 0, 2) * 6.0);
        log_det.assert_approx_eq::<f32>(&one.into_data(), Tolerance::absolute(1e-5));
    }
}
