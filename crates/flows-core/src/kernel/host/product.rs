//! Products added to what is there, on the host.

use burn::tensor::Tensor;

use super::matrix::{add_product, matrix, strided, tensor};
use super::share::{Buffer, product_cost, share_rows};
use super::tensors::{constant, free};

/// `sum + a b`, in the memory of `sum` if nobody else holds it.
pub(crate) fn plus_product(sum: Tensor<2>, a: Tensor<2>, b: Tensor<2>) -> Tensor<2> {
    let ([rows, columns], [height, inner], [depth, width]) = (sum.dims(), a.dims(), b.dims());
    assert!(
        rows == height && inner == depth && columns == width,
        "`sum`, `a`, `b`: shapes [{rows}, {columns}], [{height}, {inner}], [{depth}, {width}] do not fit"
    );
    let (a, b) = (strided(&constant(a)), strided(&constant(b)));
    let (a, b) = (matrix(&a), matrix(&b));
    let mut out = constant(sum).into_data().try_into_vec::<f32>().expect("single precision, as was asked");
    share_rows(0..rows, [Buffer::new(&mut out, columns)], product_cost(inner * columns), &|rows, [out]| {
        add_product(out, columns, a.rows(rows.start, rows.len()), b);
    });
    free(tensor(out, [rows, columns]))
}
