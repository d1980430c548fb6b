//! A linear layer with some of its connections missing.

use std::ops::Range;

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::{Tensor, assert_shape};
use flows_core::{Activation, DenseLayer, DenseParts};

/// A linear layer with some of its connections missing.
///
/// ```text
/// y = x (W ⊙ M) + b
/// ```
///
/// The mask `M` follows from the configuration of the network and is not saved; weights that it hides get no gradient.
///
/// Between wide layers whose units are sorted by degree the mask is a staircase. The layer then has its outputs in a few
/// parts, each with weights for the inputs up to its step alone: what lies above the stairs is not stored, multiplied or
/// trained.
///
/// # Shapes
/// - `x`: `[batch, inputs]`, result: `[batch, outputs]`, `W` and `M`: `[inputs, outputs]`
#[derive(Module, Debug)]
pub struct MaskedLinear {
    /// Parts of the outputs, one after the other.
    pub parts: Vec<MaskedPart>,
    inputs: usize,
}

/// Some outputs of a [`MaskedLinear`], which see some of its inputs.
#[derive(Module, Debug)]
pub struct MaskedPart {
    /// The rows of `W` for the inputs that are seen, before the mask, `[seen, outputs]`.
    pub weight: Param<Tensor<2>>,
    /// `b`, `[outputs]`.
    pub bias: Param<Tensor<1>>,
    /// The mask of the rows of `W` from `masked` on; the others are whole.
    mask: Tensor<2>,
    masked: usize,
    first: usize,
}

/// The narrowest part: below it a product is too small for what cutting it out costs.
const NARROWEST: usize = 128;
/// The largest number of parts: four leave out three eighths of a staircase, more hardly more.
const MOST: usize = 4;

impl MaskedLinear {
    /// Hides the connections of a linear layer where `mask`, `[inputs, outputs]`, is zero.
    ///
    /// # Panics
    /// If the layer has no bias, or the mask another shape than the weight.
    pub fn new(linear: Linear, mask: Tensor<2>) -> Self {
        let (weight, bias) = (linear.weight.val(), linear.bias.expect("a linear layer with a bias").val());
        let [inputs, outputs] = weight.dims();
        assert_shape!(mask, [inputs, outputs]);
        let ones: Vec<f32> = mask.clone().try_into_vec_as().expect("a mask on a device that answers");
        let part = |(columns, seen): (Range<usize>, Range<usize>)| {
            let whole = |input: &usize| ones[input * outputs..][columns.clone()].iter().all(|one| *one == 1.0);
            let from = seen.clone().find(|input| !whole(input)).unwrap_or(seen.start);
            let to = seen.clone().rfind(|input| !whole(input)).map_or(from + 1, |last| last + 1);
            MaskedPart {
                weight: cut(&weight, [seen.clone(), columns.clone()]),
                bias: cut(&bias, [columns.clone()]),
                mask: contiguous(mask.clone().slice([from..to, columns])),
                masked: from - seen.start,
                first: seen.start,
            }
        };
        Self { parts: stairs(&ones, [inputs, outputs]).into_iter().map(part).collect(), inputs }
    }

    /// The same layer, with the same parameters, under another mask; what the staircase of this layer left out stays
    /// missing.
    ///
    /// # Panics
    /// If the mask has another shape.
    pub fn under(&self, mask: &Tensor<2>) -> Self {
        let (mut outputs, shape) = (0, mask.dims());
        let part = |part: &MaskedPart| {
            let [seen, width] = part.weight.val().dims();
            let place = [part.first..part.first + seen, outputs..outputs + width];
            outputs += width;
            MaskedPart { mask: mask.clone().slice(place), masked: 0, ..part.clone() }
        };
        let parts = self.parts.iter().map(part).collect();
        assert_eq!(shape, [self.inputs, outputs], "`mask`: expected another shape");
        Self { parts, inputs: self.inputs }
    }

    /// All weights, those that the mask hides among them or zero in their place, `[inputs, outputs]`.
    pub fn weight(&self) -> Tensor<2> {
        let parts = self.parts.iter().map(|part| {
            let weight = part.weight.val();
            let [seen, outputs] = weight.dims();
            let zeros = |rows: usize| Tensor::zeros([rows, outputs], (&weight.device(), weight.dtype()));
            let (above, below) = (part.first, self.inputs - part.first - seen);
            let rows = [(above > 0).then(|| zeros(above)), Some(weight.clone()), (below > 0).then(|| zeros(below))];
            let rows: Vec<Tensor<2>> = rows.into_iter().flatten().collect();
            if rows.len() == 1 { weight } else { Tensor::cat(rows, 0) }
        });
        together(parts.collect())
    }

    /// `b`, `[outputs]`.
    pub fn bias(&self) -> Tensor<1> {
        let parts: Vec<Tensor<1>> = self.parts.iter().map(|part| part.bias.val()).collect();
        Tensor::cat(parts, 0)
    }

    /// The output for each row, after the nonlinearity if one is given.
    pub fn forward(&self, x: Tensor<2>, activation: Option<Activation>) -> Tensor<2> {
        self.layer().parts.apply(x, activation)
    }

    /// The layer as the kernels of dense layers have it.
    pub(super) fn layer(&self) -> DenseLayer<'_> {
        let with = |layer: DenseParts, part: &MaskedPart| {
            let (weight, mask) = (part.weight.val(), part.mask.clone());
            // A module may have been cast to another precision; its mask is no parameter and has not.
            let mask = if mask.dtype() == weight.dtype() { mask } else { mask.cast(weight.dtype()) };
            layer.with(part.first, weight, Some((part.masked, mask)), part.bias.val())
        };
        let parts = self.parts.iter().fold(DenseParts::new(self.inputs), with);
        DenseLayer { parts, params: self.parts.iter().map(|part| (&part.weight, &part.bias)).collect() }
    }
}

/// The rows in memory one after the other: every step reads them, and a view with gaps is read slowly.
pub(super) fn contiguous(x: Tensor<2>) -> Tensor<2> {
    let [rows, columns] = x.dims();
    x.reshape([rows * columns]).reshape([rows, columns])
}

fn together(mut parts: Vec<Tensor<2>>) -> Tensor<2> {
    if parts.len() == 1 { parts.remove(0) } else { Tensor::cat(parts, 1) }
}

/// A part of a parameter as a parameter of its own.
fn cut<const D: usize>(whole: &Tensor<D>, place: [Range<usize>; D]) -> Param<Tensor<D>> {
    let part = whole.clone().without_autodiff().slice(place);
    Param::from_tensor(match whole.gradient_checkpointing_strategy() {
        Some(strategy) => part.autodiff().with_gradient_checkpointing_strategy(strategy),
        None => part,
    })
}

/// Which outputs each part has, and which inputs they see; a single part of everything where the mask is no staircase.
fn stairs(ones: &[f32], [inputs, outputs]: [usize; 2]) -> Vec<(Range<usize>, Range<usize>)> {
    let whole = vec![(0..outputs, 0..inputs)];
    let parts = (outputs / NARROWEST).min(MOST);
    if parts < 2 || inputs < NARROWEST {
        return whole;
    }
    let seen = |columns: &Range<usize>| {
        let sees = |input: &usize| ones[input * outputs..][columns.clone()].iter().any(|one| *one != 0.0);
        let first = (0..inputs).find(sees).unwrap_or(0);
        first..(first..inputs).rfind(sees).map_or(first + 1, |last| last + 1)
    };
    let edge = |part: usize| part * outputs / parts;
    let cut: Vec<_> = (0..parts).map(|part| edge(part)..edge(part + 1)).map(|c| (c.clone(), seen(&c))).collect();
    let stored: usize = cut.iter().map(|(columns, seen)| columns.len() * seen.len()).sum();
    // Less than a tenth is not worth the cuts.
    if stored * 10 > inputs * outputs * 9 { whole } else { cut }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::hidden_mask;
    use burn::nn::LinearConfig;
    use burn::tensor::{Device, Distribution, TensorData, Tolerance};

    #[test]
    fn hidden_weights_have_no_effect_and_no_gradient() {
        let device = Device::default().autodiff();
        let mask = Tensor::<2>::from_data([[1.0, 0.0], [1.0, 1.0]], &device);
        let layer = MaskedLinear::new(LinearConfig::new(2, 2).init(&device), mask);
        let x = Tensor::<2>::from_data([[1.0, 2.0]], &device).require_grad();
        let grads = layer.forward(x.clone(), None).narrow(1, 1, 1).sum().backward();
        assert_eq!(x.grad(&grads).unwrap().into_data().try_into_vec_as::<f32>().unwrap()[0], 0.0);
        let weight = layer.parts[0].weight.val().grad(&grads).unwrap().try_into_vec_as::<f32>().unwrap();
        assert_eq!(weight, [0.0, 0.0, 0.0, 2.0]);
    }

    fn masked(from: &[usize], to: &[usize], device: &Device) -> (MaskedLinear, Tensor<2>) {
        let shape = [from.len(), to.len()];
        let ones: Vec<f32> = hidden_mask(from, to).into_iter().map(|one| f32::from(u8::from(one))).collect();
        let mask = Tensor::<2>::from_data(TensorData::new(ones, shape), device);
        (MaskedLinear::new(LinearConfig::new(shape[0], shape[1]).init(device), mask.clone()), mask)
    }

    #[test]
    fn a_staircase_in_parts_is_the_masked_layer() {
        let device = Device::default();
        let ascending: Vec<usize> = (0..512).map(|unit| unit / 8).collect();
        let descending: Vec<usize> = ascending.iter().rev().copied().collect();
        for (from, to) in [(&ascending, &ascending), (&descending, &ascending), (&ascending, &descending)] {
            let (layer, mask) = masked(from, to, &device);
            let stored: usize = layer.parts.iter().map(|part| part.weight.val().shape().num_elements()).sum();
            assert_eq!((layer.parts.len(), stored), (4, 512 * 512 * 5 / 8));
            let x = Tensor::<2>::random([5, 512], Distribution::Normal(0.0, 1.0), &device);
            let dense = x.clone().matmul(layer.weight() * mask) + layer.bias().unsqueeze();
            // Sums of 512 products in another order.
            layer.forward(x, None).into_data().assert_approx_eq::<f32>(&dense.into_data(), Tolerance::absolute(1e-5));
        }
    }

    #[test]
    fn a_mask_that_is_no_staircase_stays_whole() {
        let shuffled: Vec<usize> = (0..512).map(|unit| unit * 7 % 64).collect();
        let (layer, _) = masked(&shuffled, &shuffled, &Device::default());
        assert_eq!(layer.parts.len(), 1);
    }

    #[test]
    #[should_panic]
    fn a_mask_of_another_shape_panics() {
        let device = Device::default();
        MaskedLinear::new(LinearConfig::new(2, 3).init(&device), Tensor::ones([3, 2], &device));
    }
}
