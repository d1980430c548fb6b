//! Lower triangular matrices on the host, row-major, `[n, n]`.

/// `L` of `Σ = L Lᵀ`, from the lower triangle of `Σ`; no pivot is less than `floor`.
pub(super) fn cholesky(covariance: &[f64], n: usize, floor: f64) -> Vec<f64> {
    let mut l = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..=i {
            let dot: f64 = (0..j).map(|k| l[i * n + k] * l[j * n + k]).sum();
            let rest = covariance[i * n + j] - dot;
            l[i * n + j] = if i == j { rest.max(floor).sqrt() } else { rest / l[j * n + j] };
        }
    }
    l
}

/// `L⁻¹`.
pub(super) fn inverse(l: &[f64], n: usize) -> Vec<f64> {
    let mut inverse = vec![0.0; n * n];
    for column in 0..n {
        for i in column..n {
            let unit = if i == column { 1.0 } else { 0.0 };
            let dot: f64 = (column..i).map(|k| l[i * n + k] * inverse[k * n + column]).sum();
            inverse[i * n + column] = (unit - dot) / l[i * n + i];
        }
    }
    inverse
}

/// `A B`.
pub(super) fn product(a: &[f64], b: &[f64], n: usize) -> Vec<f64> {
    let element = |i: usize, j: usize| (j..=i).map(|k| a[i * n + k] * b[k * n + j]).sum();
    (0..n * n).map(|at| if at % n <= at / n { element(at / n, at % n) } else { 0.0 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inverse_cholesky_factor_whitens_the_covariance() {
        let covariance = [4.0, 0.0, 0.0, 1.0, 3.0, 0.0, 0.5, -0.2, 2.0];
        let l = cholesky(&covariance, 3, 0.0);
        let a = inverse(&l, 3);
        let full = |i: usize, j: usize| covariance[i.max(j) * 3 + i.min(j)];
        for i in 0..3 {
            for j in 0..3 {
                let sum: f64 = (0..9).map(|kl| a[i * 3 + kl / 3] * full(kl / 3, kl % 3) * a[j * 3 + kl % 3]).sum();
                assert!((sum - if i == j { 1.0 } else { 0.0 }).abs() < 1e-14, "({i}, {j}): {sum}");
            }
        }
        let one = product(&a, &l, 3);
        assert!((0..9).all(|at| (one[at] - if at % 4 == 0 { 1.0 } else { 0.0 }).abs() < 1e-15), "{one:?}");
    }

    #[test]
    fn a_column_that_follows_from_others_has_the_floor_for_a_pivot() {
        let l = cholesky(&[1.0, 0.0, 1.0, 1.0], 2, 1e-6);
        assert_eq!(l, [1.0, 0.0, 1.0, 1e-3]);
    }
}
