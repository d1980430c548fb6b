//! Dense layers.

#[cfg(feature = "flex")]
use burn::backend::DispatchTensor;
use burn::tensor::{Tensor, assert_shape};

use super::product;
use crate::Activation;

/// A dense layer and its nonlinearity.
///
/// ```text
/// y = φ(x W + b)
/// ```
///
/// On flex, in single precision and with the crate's feature `flex`, it is one operation with a backward of its own.
///
/// # Shapes
/// - `x`: `[batch, inputs]`, `weight`: `[inputs, outputs]`, `bias`: `[outputs]`; result: `[batch, outputs]`
///
/// # Panics
/// If the shapes do not fit.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{Activation, dense};
///
/// let device = Device::default();
/// let x = Tensor::<2>::from_data([[1.0, 2.0]], &device);
/// let weight = Tensor::<2>::from_data([[1.0, -1.0], [0.5, -1.0]], &device);
/// let bias = Tensor::<1>::from_data([0.5, 0.0], &device);
/// let y = dense(x, weight, bias, Some(Activation::Relu));
/// assert_eq!(y.to_data(), [[2.5f32, 0.0]].into());
/// ```
pub fn dense(x: Tensor<2>, weight: Tensor<2>, bias: Tensor<1>, activation: Option<Activation>) -> Tensor<2> {
    let width = x.dims()[1];
    DenseParts::new(width).with(0, weight, None, bias).apply(x, activation)
}

/// A dense layer whose outputs come in parts, each of which sees some of the inputs, side by side, through a mask or
/// without one.
///
/// ```text
/// y = φ([x₁ (W₁ ⊙ M₁) + b₁, x₂ (W₂ ⊙ M₂) + b₂, ...])        xᵢ the inputs that part i sees
/// ```
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::DenseParts;
///
/// let device = Device::default();
/// let number = |v: f32| Tensor::<2>::from_data([[v]], &device);
/// let bias = Tensor::<1>::zeros([1], &device);
/// // The first output sees the first input, the second one the second.
/// let parts = DenseParts::new(2).with(0, number(3.0), None, bias.clone()).with(1, number(5.0), None, bias);
/// let y = parts.apply(Tensor::from_data([[1.0, 10.0]], &device), None);
/// assert_eq!(y.to_data(), [[3.0f32, 50.0]].into());
/// ```
#[derive(Debug, Clone)]
pub struct DenseParts {
    inputs: usize,
    parts: Vec<Part>,
}

#[derive(Debug, Clone)]
struct Part {
    first: usize,
    weight: Tensor<2>,
    mask: Option<(usize, Tensor<2>)>,
    bias: Tensor<1>,
}

/// The way back through a dense layer: from the cotangent of its output to that of its input, and the gradients of weight
/// and bias of each part.
pub type DensePullBack<'a> = Box<dyn FnOnce(Tensor<2>) -> (Tensor<2>, Vec<(Tensor<2>, Tensor<1>)>) + 'a>;

impl DenseParts {
    /// A layer of so many inputs, without an output as yet.
    pub fn new(inputs: usize) -> Self {
        Self { inputs, parts: Vec::new() }
    }

    /// Adds outputs that see the inputs from `first` on: `weight` is `[seen, outputs]`, `bias` is `[outputs]`. The mask is
    /// that of the weights from a row on, `[rows, outputs]`; the others are whole.
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn with(mut self, first: usize, weight: Tensor<2>, mask: Option<(usize, Tensor<2>)>, bias: Tensor<1>) -> Self {
        let [seen, outputs] = weight.dims();
        assert!(
            first + seen <= self.inputs,
            "`weight`: expected at most {} rows after input {first}, got {seen}",
            self.inputs.saturating_sub(first)
        );
        assert_shape!(bias, [outputs]);
        if let Some((from, mask)) = &mask {
            assert_shape!(mask, [_, outputs]);
            let rows = mask.dims()[0];
            assert!(
                from + rows <= seen,
                "`mask`: expected at most {} rows from row {from} on, got {rows}",
                seen - from
            );
        }
        self.parts.push(Part { first, weight, mask, bias });
        self
    }

    /// The output for each row.
    ///
    /// # Panics
    /// If `x` has another number of columns than there are inputs, or there are no outputs.
    pub fn apply(self, x: Tensor<2>, activation: Option<Activation>) -> Tensor<2> {
        let inputs = self.inputs;
        assert_shape!(x, [_, inputs]);
        assert!(!self.parts.is_empty(), "a dense layer without outputs");
        #[cfg(feature = "flex")]
        if self.fits_host(&x) {
            return match activation {
                // Its error function is burn's.
                Some(activation @ Activation::Gelu) => activation.apply(self.on_host(x, None)),
                _ => self.on_host(x, activation),
            };
        }
        self.ordinary(x, activation)
    }

    /// [`apply`](Self::apply), and the way back through it, outside of any graph: where there is a kernel.
    pub fn vjp<'a>(self, x: Tensor<2>, activation: Option<Activation>) -> Option<(Tensor<2>, DensePullBack<'a>)> {
        #[cfg(feature = "flex")]
        if activation != Some(Activation::Gelu) && self.fits_host(&x) {
            return Some(self.vjp_on_host(x, activation));
        }
        let _ = (x, activation);
        None
    }

    /// The first input that each part sees, and its weights.
    pub(super) fn weights(&self) -> impl Iterator<Item = (usize, &Tensor<2>)> {
        self.parts.iter().map(|part| (part.first, &part.weight))
    }

    pub(super) fn ordinary(self, x: Tensor<2>, activation: Option<Activation>) -> Tensor<2> {
        let parts = self.parts.into_iter().map(|Part { first, weight, mask, bias }| {
            let seen = weight.dims()[0];
            let x = if seen == self.inputs { x.clone() } else { x.clone().narrow(1, first, seen) };
            let weight = match mask {
                Some((from, mask)) => masked(weight, from, mask),
                None => weight,
            };
            product(x, weight, Some(bias))
        });
        let mut parts: Vec<Tensor<2>> = parts.collect();
        let y = if parts.len() == 1 { parts.remove(0) } else { Tensor::cat(parts, 1) };
        if let Some(activation) = activation { activation.apply(y) } else { y }
    }
}

/// The weights, those from a row on multiplied by their mask.
fn masked(weight: Tensor<2>, from: usize, mask: Tensor<2>) -> Tensor<2> {
    let ([seen, _], [rows, _]) = (weight.dims(), mask.dims());
    if rows == seen {
        return weight * mask;
    }
    let part = |start: usize, rows: usize| (rows > 0).then(|| weight.clone().narrow(0, start, rows));
    let after = from + rows;
    let blocks = [part(0, from), part(from, rows).map(|weight| weight * mask), part(after, seen - after)];
    Tensor::cat(blocks.into_iter().flatten().collect(), 0)
}

/// The largest number of parts that the host's operation is made for.
#[cfg(feature = "flex")]
const MOST: usize = 4;

#[cfg(feature = "flex")]
impl DenseParts {
    fn fits_host(&self, x: &Tensor<2>) -> bool {
        use super::host::{take, takes};
        let fits =
            |part: &Part| take(&part.weight, &part.bias) && part.mask.as_ref().is_none_or(|(_, mask)| takes(mask));
        self.parts.len() <= MOST && takes(x) && self.parts.iter().all(fits)
    }

    /// The host's operation, and its inputs.
    fn host_op(self, x: Tensor<2>, activation: Option<Activation>) -> (super::host::Dense, Vec<DispatchTensor>) {
        use super::host::{Dense, DensePart, constant};
        let mut inputs = vec![x.into_dispatch()];
        let mut parts = Vec::with_capacity(self.parts.len());
        for Part { first, weight, mask, bias } in self.parts {
            inputs.extend([weight.into_dispatch(), bias.into_dispatch()]);
            parts.push(DensePart { first, mask: mask.map(|(from, mask)| (from, constant(mask))) });
        }
        (Dense { parts, activation }, inputs)
    }

    fn on_host(self, x: Tensor<2>, activation: Option<Activation>) -> Tensor<2> {
        let (op, inputs) = self.host_op(x, activation);
        macro_rules! applied {
            ($($parts:literal),*) => {
                match op.parts.len() {
                    $($parts => match <[_; 1 + 2 * $parts]>::try_from(inputs) {
                        Ok(inputs) => super::host::apply(op, inputs).0,
                        Err(_) => unreachable!("two inputs a part"),
                    },)*
                    more => unreachable!("at most {MOST} parts, got {more}"),
                }
            };
        }
        Tensor::from_dispatch(applied!(1, 2, 3, 4))
    }

    fn vjp_on_host<'a>(self, x: Tensor<2>, activation: Option<Activation>) -> (Tensor<2>, DensePullBack<'a>) {
        use super::host::{constant, free, inner};
        let (op, inputs) = self.host_op(x, activation);
        let inputs: Vec<_> = inputs.into_iter().map(inner).collect();
        let (y, kept) = op.output(&inputs);
        let pull_back: DensePullBack<'a> = Box::new(move |dy| {
            let mut grads = vec![None; inputs.len()];
            op.gradients(&inputs, kept, constant(dy), &vec![true; inputs.len()], &mut grads);
            let mut grads = grads.into_iter().map(|grad| grad.expect("all are wanted"));
            let dx = free(grads.next().expect("that of the input"));
            let mut of_parts = Vec::with_capacity(op.parts.len());
            while let (Some(weight), Some(bias)) = (grads.next(), grads.next()) {
                of_parts.push((free(weight), free(bias)));
            }
            (dx, of_parts)
        });
        (free(y), pull_back)
    }
}
