//! A matrix on the features of vectors and of images.

use burn::tensor::{Tensor, assert_shape};

/// The features of each sample and pixel as a row, `[batch · pixels, n]`.
pub(super) fn rows<const D: usize>(x: Tensor<D>) -> Tensor<2> {
    let dims = x.dims();
    let pixels: usize = dims[2..].iter().product();
    match D {
        2 => x.reshape([dims[0], dims[1]]),
        _ => x.reshape([dims[0], dims[1], pixels]).swap_dims(1, 2).reshape([dims[0] * pixels, dims[1]]),
    }
}

/// `W x` for each sample, and for each pixel where samples are images: `[batch, n, ...]` by `[n, n]`.
pub(super) fn apply<const D: usize>(weight: Tensor<2>, x: Tensor<D>) -> Tensor<D> {
    let (dims, [n, _]) = (x.dims(), weight.dims());
    assert_shape!(x, [_, n, ..]);
    // The product of a batch of matrices of flex reads beyond the end of none.
    if dims[0] == 0 {
        return x;
    }
    if D == 2 {
        return x.reshape([dims[0], n]).matmul(weight.transpose()).reshape(dims);
    }
    let pixels: usize = dims[2..].iter().product();
    weight.unsqueeze::<3>().matmul(x.reshape([dims[0], n, pixels])).reshape(dims)
}
