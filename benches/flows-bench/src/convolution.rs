//! The convolutions of a coupling's network, ours and burn's.

use burn::tensor::activation::relu;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Distribution, Tensor};
use flows_vision::{Conv, ConvConfig};

use crate::measure::repeat;

/// Times a forward and a backward pass through 3x3, 1x1 and 3x3 convolutions, of 6, 64, 64 and 12 channels, on 16 images
/// of 8 x 8 pixels, and prints a line of JSON.
pub(crate) fn run(repeats: Option<usize>, device: &Device) {
    let device = device.clone().autodiff();
    let layers = [(6, 64, 3), (64, 64, 1), (64, 12, 3)].map(|(i, o, k)| ConvConfig::new(i, o, k).init(&device));
    let x = Tensor::<4>::random([6, 16, 8, 8], Distribution::Normal(0.0, 1.0), &device).require_grad();
    let ours = time(&layers, &x, repeats, |layer, x| layer.forward(x));
    let turned = x.clone().without_autodiff().swap_dims(0, 1).autodiff().require_grad();
    let burns = time(&layers, &turned, repeats, |layer, x| {
        let border = layer.weight.val().dims()[2] / 2;
        let options = ConvOptions::new([1, 1], [border, border], [1, 1], 1);
        conv2d(x, layer.weight.val(), layer.bias.as_ref().map(|bias| bias.val()), options)
    });
    println!("{}", serde_json::json!({"task": "convolution", "ours_ms": ours, "conv2d_ms": burns}));
}

fn time(
    layers: &[Conv; 3],
    x: &Tensor<4>,
    repeats: Option<usize>,
    apply: impl Fn(&Conv, Tensor<4>) -> Tensor<4>,
) -> f64 {
    let [first, second, last] = layers;
    let run = || {
        let h = relu(apply(first, x.clone()));
        let y = apply(last, relu(apply(second, h)));
        let grads = (y.clone() * y).sum().backward();
        let _ = x.grad(&grads).map(Tensor::into_data);
    };
    repeat(repeats, run).median
}
