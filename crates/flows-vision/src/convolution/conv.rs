//! A convolution as one matrix product.

use burn::config::Config;
use burn::module::{Initializer, Module, Param};
use burn::tensor::module::conv2d;
use burn::tensor::ops::{ConvOptions, PadMode};
use burn::tensor::{Device, IndexingUpdateOp, Tensor, assert_shape};
use flows_core::budget::claim;
use flows_core::is_host;

use super::windows::{Geometry, Windows};

/// Images with the channels first: `[channels, batch, height, width]`.
///
/// A convolution is then one matrix product over all images. Networks turn images round once on the way in and once on
/// the way out.
pub type ImagesByChannel = Tensor<4>;

/// Configuration of [`Conv`].
#[derive(Config, Debug)]
pub struct ConvConfig {
    /// Channels in.
    pub inputs: usize,
    /// Channels out.
    pub outputs: usize,
    /// The height and width of the window, odd.
    pub kernel: usize,
    /// Whether there is a bias.
    #[config(default = true)]
    pub bias: bool,
    /// Whether the output starts at zero.
    #[config(default = false)]
    pub zero: bool,
    /// Whether the length of each output's weights is a parameter of its own.
    #[config(default = false)]
    pub weight_norm: bool,
}

impl ConvConfig {
    /// Makes the layer.
    ///
    /// # Panics
    /// If the kernel is even.
    pub fn init(&self, device: &Device) -> Conv {
        assert!(self.kernel % 2 == 1, "`kernel`: expected an odd number, got {}", self.kernel);
        claim([self.outputs, self.inputs, self.kernel, self.kernel]);
        let (shape, fan_in) = ([self.outputs, self.inputs, self.kernel, self.kernel], self.inputs * self.kernel.pow(2));
        let uniform = Initializer::KaimingUniform { gain: 1.0 / 3f64.sqrt(), fan_out_only: false };
        let drawn = if self.zero && !self.weight_norm { Initializer::Zeros } else { uniform.clone() };
        let weight = drawn.init_with::<4, _>(shape, Some(fan_in), None, device);
        let length = self.weight_norm.then(|| {
            let lengths = lengths(weight.val().without_autodiff());
            Param::from_tensor(if self.zero { lengths.zeros_like() } else { lengths })
        });
        let bias = self.bias.then(|| {
            let drawn = if self.zero { Initializer::Zeros } else { uniform };
            drawn.init_with([self.outputs], Some(fan_in), None, device)
        });
        Conv { weight, length, bias, windows: Windows::default() }
    }
}

/// The length of each output's weights, `[outputs]`.
fn lengths(weight: Tensor<4>) -> Tensor<1> {
    let [outputs, ..] = weight.dims();
    (weight.clone() * weight).sum_dims(&[1, 2, 3]).sqrt().reshape([outputs])
}

/// A convolution with stride one and a border of zeros, so that images keep their size.
///
/// ```text
/// y[o, p] = b[o] + Σ_{c, d} w[o, c, d] x[c, p + d]
/// ```
///
/// On the CPU one matrix product does it, in one of two ways that give the same to rounding:
///
/// - with fewer channels in than out, the windows are laid out first: `y = W · gather(x)`;
/// - with fewer channels out than in, the products are made first and laid together: `y = scatter(W · x)`.
///
/// Either way what is moved about is the side with few channels. A network of a coupling trains about three times as
/// fast as with burn's own `conv2d` (`flows-bench --convolution`). Both are ordinary tensor operations that run on every backend, but a GPU lays
/// products together slowly: there it is `conv2d`.
///
/// # Shapes
/// - `x`: `[inputs, batch, height, width]`, `y`: `[outputs, batch, height, width]`: channels first, then the images
/// - `weight`: `[outputs, inputs, kernel, kernel]`, as in burn and PyTorch
#[derive(Module, Debug)]
pub struct Conv {
    /// The weights; with weight normalisation, their directions.
    pub weight: Param<Tensor<4>>,
    /// With weight normalisation, the length of each output's weights, `[outputs]`.
    pub length: Option<Param<Tensor<1>>>,
    /// One number an output, `[outputs]`.
    pub bias: Option<Param<Tensor<1>>>,
    #[module(skip)]
    windows: Windows,
}

impl Conv {
    /// The images filtered.
    pub fn forward(&self, x: ImagesByChannel) -> ImagesByChannel {
        self.apply(x, None)
    }

    /// The images filtered, every output times a factor, `[outputs]`.
    pub(crate) fn forward_scaled(&self, x: ImagesByChannel, factor: Tensor<1>) -> ImagesByChannel {
        self.apply(x, Some(factor))
    }

    fn apply(&self, x: ImagesByChannel, factor: Option<Tensor<1>>) -> ImagesByChannel {
        let weight = self.weight.val();
        let [outputs, inputs, kernel, _] = weight.dims();
        assert_shape!(x, [inputs, _, _, _]);
        let [_, batch, height, width] = x.dims();
        if batch == 0 {
            return Tensor::empty([outputs, 0, height, width], (&x.device(), x.dtype()));
        }
        let geometry = Geometry { kernel, batch, height, width };
        let (weight, bias) = self.effective(weight, factor);
        if kernel > 1 && !is_host(&x.device()) {
            return by_conv2d(x, weight, bias);
        }
        let y = if kernel == 1 {
            weight.reshape([outputs, inputs]).matmul(x.reshape([inputs, batch * height * width]))
        } else if inputs <= outputs {
            self.gather(x, weight, geometry)
        } else {
            self.scatter(x, weight, geometry)
        };
        let y = match bias {
            Some(bias) => y + bias.reshape([outputs, 1]),
            None => y,
        };
        y.reshape([outputs, batch, height, width])
    }

    /// Weights and bias as they are applied.
    fn effective(&self, weight: Tensor<4>, factor: Option<Tensor<1>>) -> (Tensor<4>, Option<Tensor<1>>) {
        let [outputs, ..] = weight.dims();
        let each = |factor: Tensor<1>| factor.reshape([outputs, 1, 1, 1]);
        let weight = match &self.length {
            Some(length) => weight.clone() * each(length.val() / lengths(weight)),
            None => weight,
        };
        let bias = self.bias.as_ref().map(|bias| bias.val());
        match factor {
            Some(factor) => (weight * each(factor.clone()), bias.map(|bias| bias * factor)),
            None => (weight, bias),
        }
    }

    /// `W · gather(x)`.
    fn gather(&self, x: Tensor<4>, weight: Tensor<4>, geometry: Geometry) -> Tensor<2> {
        let ([inputs, batch, height, width], [outputs, _, kernel, _]) = (x.dims(), weight.dims());
        let (places, border) = (kernel * kernel, geometry.border());
        let indices = self.windows.indices(geometry, &x.device());
        let padded = x.pad((border, border, border, border), PadMode::Constant(0.0));
        let columns = padded.reshape([inputs, geometry.padded()]).select(1, indices);
        weight.reshape([outputs, inputs * places]).matmul(columns.reshape([inputs * places, batch * height * width]))
    }

    /// `scatter(W · x)`.
    fn scatter(&self, x: Tensor<4>, weight: Tensor<4>, geometry: Geometry) -> Tensor<2> {
        let ([inputs, batch, height, width], [outputs, _, kernel, _]) = (x.dims(), weight.dims());
        let (places, border, pixels) = (kernel * kernel, geometry.border(), batch * height * width);
        let indices = self.windows.indices(geometry, &x.device());
        // What a pixel sees at a place is what it is seen by at the opposite one.
        let rows = weight.reshape([outputs, inputs, places]).swap_dims(1, 2).flip([1]);
        let products = rows.reshape([outputs * places, inputs]).matmul(x.reshape([inputs, pixels]));
        let empty = Tensor::zeros([outputs, geometry.padded()], (&products.device(), products.dtype()));
        let padded =
            empty.select_assign(1, indices, products.reshape([outputs, places * pixels]), IndexingUpdateOp::Add);
        let padded: Tensor<4> = padded.reshape([outputs, batch, height + 2 * border, width + 2 * border]);
        padded.narrow(2, border, height).narrow(3, border, width).reshape([outputs, pixels])
    }
}

/// The same by burn's own convolution.
fn by_conv2d(x: ImagesByChannel, weight: Tensor<4>, bias: Option<Tensor<1>>) -> ImagesByChannel {
    let border = weight.dims()[2] / 2;
    let options = ConvOptions::new([1, 1], [border, border], [1, 1], 1);
    conv2d(x.swap_dims(0, 1), weight, bias, options).swap_dims(0, 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Distribution, Tolerance};

    fn random<const D: usize>(shape: [usize; D]) -> Tensor<D> {
        Tensor::random(shape, Distribution::Normal(0.0, 1.0), &Device::default().autodiff())
    }

    /// Outputs and gradients against burn's own convolution.
    fn compare(inputs: usize, outputs: usize, kernel: usize) {
        let conv = ConvConfig::new(inputs, outputs, kernel).init(&Device::default().autodiff());
        let x = random([inputs, 2, 5, 4]).require_grad();
        let cotangent = random([2, outputs, 5, 4]).without_autodiff();
        let run = |y: Tensor<4>| {
            let grads = (y.clone().swap_dims(0, 1) * cotangent.clone()).sum().backward();
            let bias = conv.bias.as_ref().unwrap().val();
            let found = [x.grad(&grads).unwrap(), conv.weight.val().grad(&grads).unwrap()];
            (y.without_autodiff(), found, bias.grad(&grads).unwrap())
        };
        let bias = conv.bias.as_ref().map(|bias| bias.val());
        let (y, grads, bias_grad) = run(by_conv2d(x.clone(), conv.weight.val(), bias));
        let (ours, our_grads, our_bias_grad) = run(conv.forward(x.clone()));
        // Sums of up to 160 products of size one, in single precision and another order.
        let tolerance = Tolerance::rel_abs(1e-5, 2e-5);
        ours.into_data().assert_approx_eq::<f32>(&y.into_data(), tolerance);
        for (ours, burns) in our_grads.into_iter().zip(grads) {
            ours.into_data().assert_approx_eq::<f32>(&burns.into_data(), tolerance);
        }
        our_bias_grad.into_data().assert_approx_eq::<f32>(&bias_grad.into_data(), tolerance);
    }

    #[test]
    fn both_ways_are_burns_convolution_with_its_gradients() {
        compare(3, 7, 3);
        compare(7, 3, 3);
        compare(2, 2, 5);
        compare(4, 1, 5);
        compare(5, 4, 1);
    }

    #[test]
    fn normalised_weights_have_the_length_that_the_parameter_says() {
        let conv = ConvConfig::new(3, 2, 3).with_weight_norm(true).init(&Device::default());
        let plain = Conv { length: None, ..conv.clone() };
        let x = random([3, 2, 4, 4]).without_autodiff();
        let y = plain.forward(x.clone());
        // It starts as the layer of the weights that were drawn.
        conv.forward(x.clone()).into_data().assert_approx_eq::<f32>(&y.into_data(), Tolerance::absolute(1e-5));
        let zero = ConvConfig::new(3, 2, 3).with_weight_norm(true).with_zero(true).init(&Device::default());
        assert_eq!(zero.forward(x).abs().max().into_scalar::<f32>(), 0.0);
    }
}
