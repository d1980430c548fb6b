//! A product of matrices added to what is there.

use burn::tensor::Tensor;

/// `sum + a b`.
///
/// On flex, in single precision, outside of autodiff and with the crate's feature `flex`, the product is added where `sum`
/// lies in memory, if nobody else holds it.
///
/// # Shapes
/// - `sum`: `[rows, columns]`, `a`: `[rows, inner]`, `b`: `[inner, columns]`
///
/// # Panics
/// If the shapes do not fit.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::plus_product;
///
/// let number = |v: f32| Tensor::<2>::from_data([[v]], &Device::default());
/// assert_eq!(plus_product(number(1.0), number(2.0), number(3.0)).into_scalar::<f32>(), 7.0);
/// ```
pub fn plus_product(sum: Tensor<2>, a: Tensor<2>, b: Tensor<2>) -> Tensor<2> {
    #[cfg(feature = "flex")]
    if [&sum, &a, &b].into_iter().all(|x| super::host::takes(x) && !x.is_autodiff()) {
        return super::host::plus_product(sum, a, b);
    }
    sum + a.matmul(b)
}
