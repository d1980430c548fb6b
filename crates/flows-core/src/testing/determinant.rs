//! A determinant on the host, to compare with.

/// `log |det A|` of a row-major square matrix, by elimination with pivots in double precision.
///
/// ```
/// let a = [0.0, 2.0, 3.0, 1.0]; // determinant -6
/// assert!((flows_core::testing::log_abs_determinant(&a) - 6f64.ln()).abs() < 1e-15);
/// ```
///
/// # Panics
/// Unless the number of elements is a square.
pub fn log_abs_determinant(matrix: &[f64]) -> f64 {
    let n = matrix.len().isqrt();
    assert_eq!(n * n, matrix.len(), "`matrix`: expected a square number of elements, got {}", matrix.len());
    let mut a = matrix.to_vec();
    let mut log_det = 0.0;
    for column in 0..n {
        let pivot =
            (column..n).max_by(|&i, &j| a[i * n + column].abs().total_cmp(&a[j * n + column].abs())).unwrap_or(column);
        (0..n).for_each(|j| a.swap(column * n + j, pivot * n + j));
        let head = a[column * n + column];
        log_det += head.abs().ln();
        for row in column + 1..n {
            let factor = a[row * n + column] / head;
            for j in column..n {
                a[row * n + j] -= factor * a[column * n + j];
            }
        }
    }
    log_det
}
