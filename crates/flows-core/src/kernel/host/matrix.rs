//! Matrices of single precision in host memory, and their products.

use std::mem::MaybeUninit;

use burn::backend::TensorMetadata;
use burn::backend::flex::FlexTensor;
use burn::tensor::TensorData;

/// A view of a matrix: a row is `columns` numbers, `row` and `column` are the steps from one to the next.
#[derive(Clone, Copy)]
pub(super) struct Matrix<'a> {
    data: &'a [f32],
    rows: usize,
    columns: usize,
    row: usize,
    column: usize,
}

impl<'a> Matrix<'a> {
    /// Rows of so many numbers, one after the other.
    pub(super) fn new(data: &'a [f32], columns: usize) -> Self {
        let rows = data.len().checked_div(columns).unwrap_or(0);
        Self { data, rows, columns, row: columns, column: 1 }
    }

    pub(super) fn transposed(self) -> Self {
        let Self { data, rows, columns, row, column } = self;
        Self { data, rows: columns, columns: rows, row: column, column: row }
    }

    /// Some rows.
    pub(super) fn rows(self, from: usize, count: usize) -> Self {
        debug_assert!(from + count <= self.rows);
        Self { data: &self.data[(from * self.row).min(self.data.len())..], rows: count, ..self }
    }

    /// Some columns.
    pub(super) fn columns(self, from: usize, count: usize) -> Self {
        self.transposed().rows(from, count).transposed()
    }

    /// The numbers of a row, where they lie side by side.
    pub(super) fn row(&self, i: usize) -> &'a [f32] {
        debug_assert!(self.is_side_by_side());
        &self.data[i * self.row..][..self.columns]
    }

    /// Whether the numbers of a row lie side by side.
    pub(super) fn is_side_by_side(&self) -> bool {
        self.column == 1 || self.columns == 1
    }

    /// A single number.
    pub(super) fn at(&self, i: usize, j: usize) -> f32 {
        self.data[i * self.row + j * self.column]
    }

    pub(super) fn width(&self) -> usize {
        self.columns
    }

    pub(super) fn height(&self) -> usize {
        self.rows
    }

    /// The last number is within the slice: what the products rely on.
    fn is_within(&self) -> bool {
        self.rows == 0
            || self.columns == 0
            || (self.rows - 1) * self.row + (self.columns - 1) * self.column < self.data.len()
    }
}

/// A tensor of rank two as a matrix, without a copy where its strides are positive.
pub(super) fn matrix(x: &FlexTensor) -> Matrix<'_> {
    let layout = x.layout();
    let ([rows, columns], [row, column]) = (dims(x), [layout.strides()[0], layout.strides()[1]]);
    let step = |step: isize| usize::try_from(step).expect("`strided` has made the strides positive");
    let data = &x.storage::<f32>()[layout.start_offset()..];
    Matrix { data, rows, columns, row: step(row), column: step(column) }
}

/// The tensor itself, or a copy where a stride is negative.
pub(super) fn strided(x: &FlexTensor) -> FlexTensor {
    if x.layout().has_positive_strides() { x.clone() } else { x.to_contiguous() }
}

fn dims(x: &FlexTensor) -> [usize; 2] {
    let shape = x.shape();
    [shape[0], shape[1]]
}

/// A tensor of numbers.
pub(super) fn tensor<const D: usize>(data: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(data, shape))
}

/// `out += a b`, where `out` has rows of `stride` numbers of which the product takes the first ones.
///
/// # Panics
/// If the shapes do not fit, or a matrix leaves its memory.
pub(super) fn add_product(out: &mut [f32], stride: usize, a: Matrix<'_>, b: Matrix<'_>) {
    multiply(out.as_mut_ptr(), out.len(), stride, a, b, true);
}

/// `out = a b`, as [`add_product`]: what it takes of `out` need not have been written before.
pub(super) fn product(out: &mut [MaybeUninit<f32>], stride: usize, a: Matrix<'_>, b: Matrix<'_>) {
    multiply(out.as_mut_ptr().cast(), out.len(), stride, a, b, false);
}

/// `out = a₁ b₁ + a₂ b₂ + ...`, where `b` comes in blocks of rows, and `a` in as many columns.
///
/// # Panics
/// As [`add_product`]; also if there is no block.
pub(super) fn product_of_blocks(out: &mut [MaybeUninit<f32>], stride: usize, a: Matrix<'_>, blocks: &[Matrix<'_>]) {
    assert!(!blocks.is_empty(), "a product of nothing");
    let mut first = 0;
    for (i, block) in blocks.iter().enumerate() {
        // The first block writes what the others add to.
        multiply(out.as_mut_ptr().cast(), out.len(), stride, a.columns(first, block.rows), *block, i > 0);
        first += block.rows;
    }
}

fn multiply(out: *mut f32, length: usize, stride: usize, a: Matrix<'_>, b: Matrix<'_>, add: bool) {
    let (m, k, n) = (a.rows, a.columns, b.columns);
    assert!(k == b.rows && a.is_within() && b.is_within(), "matrices that do not fit");
    if m == 0 || n == 0 {
        return;
    }
    assert!(n <= stride && (m - 1) * stride + n <= length, "a product that does not fit");
    let step = |step: usize| step as isize;
    #[allow(unsafe_code)]
    // SAFETY: the asserts above keep every index of the three matrices within its memory, and `out` is borrowed alone.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            out,
            1,
            step(stride),
            add,
            a.data.as_ptr(),
            step(a.column),
            step(a.row),
            b.data.as_ptr(),
            step(b.column),
            step(b.row),
            1.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

/// Memory for so many numbers, nothing written to it.
pub(super) fn memory(length: usize) -> Vec<MaybeUninit<f32>> {
    let mut memory = Vec::with_capacity(length);
    memory.resize_with(length, MaybeUninit::uninit);
    memory
}

/// Memory whose every number has been written.
///
/// # Safety
/// Every number has been written.
#[allow(unsafe_code)]
pub(super) unsafe fn written(memory: &mut [MaybeUninit<f32>]) -> &mut [f32] {
    // SAFETY: what the caller promises; the two have the same layout.
    unsafe { &mut *(std::ptr::from_mut(memory) as *mut [f32]) }
}

/// As [`written`], for memory that is owned.
///
/// # Safety
/// Every number has been written.
#[allow(unsafe_code)]
pub(super) unsafe fn all_written(memory: Vec<MaybeUninit<f32>>) -> Vec<f32> {
    let mut memory = std::mem::ManuallyDrop::new(memory);
    // SAFETY: what the caller promises; pointer, length and capacity are those of a vector of the same layout.
    unsafe { Vec::from_raw_parts(memory.as_mut_ptr().cast(), memory.len(), memory.capacity()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_of_views_are_those_of_their_numbers() {
        let a: Vec<f32> = (0..6).map(|v| v as f32).collect(); // [2, 3]
        let b: Vec<f32> = (0..12).map(|v| v as f32).collect(); // [3, 4]
        let (a, b) = (Matrix::new(&a, 3), Matrix::new(&b, 4));
        let mut out = vec![1.0; 2 * 5];
        add_product(&mut out, 5, a, b);
        assert_eq!(out, [21.0, 24.0, 27.0, 30.0, 1.0, 57.0, 69.0, 81.0, 93.0, 1.0]);
        add_product(&mut out, 5, a.columns(1, 2), b.rows(1, 2).columns(2, 2));
        assert_eq!(out[..2], [21.0 + 26.0, 24.0 + 29.0]);
        let mut gram = memory(9);
        product(&mut gram, 3, a.transposed(), a);
        #[allow(unsafe_code)]
        // SAFETY: the product has written all nine.
        let gram = unsafe { all_written(gram) };
        assert_eq!(gram, [9.0, 12.0, 15.0, 12.0, 17.0, 22.0, 15.0, 22.0, 29.0]);
    }

    #[test]
    #[should_panic(expected = "matrices that do not fit")]
    fn a_matrix_that_leaves_its_memory_panics() {
        let numbers = [0.0; 5];
        let a = Matrix { data: &numbers, rows: 2, columns: 3, row: 3, column: 1 };
        add_product(&mut [0.0; 4], 2, a, Matrix::new(&[0.0; 6], 2));
    }
}
