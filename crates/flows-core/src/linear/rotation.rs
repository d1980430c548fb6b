//! Random rotations and their triangular factors, on the host and in double precision.

use rand::RngExt;

use crate::generator::{Generator, generator};

/// A square matrix, row-major.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Matrix {
    pub(super) n: usize,
    pub(super) values: Vec<f64>,
}

impl Matrix {
    pub(super) fn row(&self, i: usize) -> &[f64] {
        &self.values[i * self.n..(i + 1) * self.n]
    }

    /// A random orthogonal matrix, uniform over all of them: the rows of a matrix of normal numbers, made orthogonal
    /// one after the other.
    pub(super) fn rotation(n: usize, seed: u64) -> Self {
        let mut rng = generator(seed, 0);
        let mut rotation = Self { n, values: vec![0.0; n * n] };
        for i in 0..n {
            let mut row: Vec<f64> = (0..n).map(|_| normal(&mut rng)).collect();
            // Twice: what rounding left of the earlier rows goes with the second pass.
            for _ in 0..2 {
                for j in 0..i {
                    let along: f64 = row.iter().zip(rotation.row(j)).map(|(a, b)| a * b).sum();
                    row.iter_mut().zip(rotation.row(j)).for_each(|(a, b)| *a -= along * b);
                }
            }
            let norm = row.iter().map(|a| a * a).sum::<f64>().sqrt();
            rotation.values[i * n..(i + 1) * n].iter_mut().zip(&row).for_each(|(out, a)| *out = a / norm);
        }
        rotation
    }

    /// `A = P L U` with the largest pivot of each column: row `order[i]` of `A` is row `i` of `L U`. Both factors are
    /// in one matrix, that of `L` below the diagonal, which is one.
    ///
    /// Nothing, where the matrix is singular.
    pub(super) fn factors(&self) -> Option<(Vec<usize>, Self)> {
        let n = self.n;
        let mut order: Vec<usize> = (0..n).collect();
        let mut lu = self.clone();
        for column in 0..n {
            let at = |lu: &Self, row: usize| lu.values[row * n + column].abs();
            let pivot = (column..n).max_by(|&a, &b| at(&lu, a).total_cmp(&at(&lu, b)))?;
            if at(&lu, pivot) == 0.0 || !at(&lu, pivot).is_finite() {
                return None;
            }
            order.swap(column, pivot);
            (0..n).for_each(|j| lu.values.swap(column * n + j, pivot * n + j));
            for row in column + 1..n {
                let factor = lu.values[row * n + column] / lu.values[column * n + column];
                lu.values[row * n + column] = factor;
                for j in column + 1..n {
                    lu.values[row * n + j] -= factor * lu.values[column * n + j];
                }
            }
        }
        Some((order, lu))
    }

    /// The inverse and `log |det|`, where there is an inverse.
    pub(super) fn inverse(&self) -> Option<(Self, f64)> {
        let n = self.n;
        let (order, lu) = self.factors()?;
        let log_det = (0..n).map(|i| lu.values[i * n + i].abs().ln()).sum();
        let mut inverse = Self { n, values: vec![0.0; n * n] };
        for column in 0..n {
            let mut x = vec![0.0; n];
            for i in 0..n {
                let right = if order[i] == column { 1.0 } else { 0.0 };
                x[i] = right - (0..i).map(|j| lu.values[i * n + j] * x[j]).sum::<f64>();
            }
            for i in (0..n).rev() {
                let rest: f64 = (i + 1..n).map(|j| lu.values[i * n + j] * x[j]).sum();
                x[i] = (x[i] - rest) / lu.values[i * n + i];
            }
            (0..n).for_each(|i| inverse.values[i * n + column] = x[i]);
        }
        Some((inverse, log_det))
    }
}

/// A standard normal number (Box, Muller).
fn normal(rng: &mut Generator) -> f64 {
    let (u, v): (f64, f64) = (1.0 - rng.random::<f64>(), rng.random());
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(a: &Matrix, b: &Matrix) -> Matrix {
        let n = a.n;
        let values = (0..n * n).map(|at| (0..n).map(|k| a.row(at / n)[k] * b.row(k)[at % n]).sum()).collect();
        Matrix { n, values }
    }

    fn assert_identity(matrix: &Matrix) {
        for (at, value) in matrix.values.iter().enumerate() {
            let expected = if at / matrix.n == at % matrix.n { 1.0 } else { 0.0 };
            assert!((value - expected).abs() < 1e-12, "{at}: {value}");
        }
    }

    #[test]
    fn the_rows_of_a_rotation_are_orthonormal() {
        let rotation = Matrix::rotation(7, 3);
        let transposed = Matrix { n: 7, values: (0..49).map(|at| rotation.row(at % 7)[at / 7]).collect() };
        assert_identity(&product(&rotation, &transposed));
        let (_, log_det) = rotation.inverse().unwrap();
        assert!(log_det.abs() < 1e-12);
    }

    #[test]
    fn the_inverse_inverts_and_a_singular_matrix_has_none() {
        let matrix = Matrix { n: 3, values: vec![0.0, 2.0, 1.0, 1.0, 0.5, -1.0, 3.0, 1.0, 1.0] };
        let (inverse, log_det) = matrix.inverse().unwrap();
        assert_identity(&product(&matrix, &inverse));
        // det = 0·(0.5 + 1) - 2·(1 + 3) + 1·(1 - 1.5) = -8.5
        assert!((log_det - 8.5f64.ln()).abs() < 1e-12);
        assert!(Matrix { n: 2, values: vec![1.0, 2.0, 2.0, 4.0] }.inverse().is_none());
    }
}
