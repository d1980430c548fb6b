//! Which columns say the same as others.

/// Which columns stay if, of columns with a correlation above the limit, the first is dropped until there are no two.
///
/// Only positive correlations count, as in the authors' code. A constant column correlates with none.
pub(crate) fn uncorrelated(columns: &[&[f64]], limit: f64) -> Vec<bool> {
    let centred: Vec<Vec<f64>> = columns.iter().map(|column| centred(column)).collect();
    let count = columns.len();
    let mut close = vec![vec![false; count]; count];
    for i in 0..count {
        for j in 0..i {
            let product: f64 = centred[i].iter().zip(&centred[j]).map(|(a, b)| a * b).sum();
            close[i][j] = product > limit;
            close[j][i] = close[i][j];
        }
    }
    let mut stays = vec![true; count];
    let has_close = |stays: &[bool], i: usize| stays[i] && (0..count).any(|j| stays[j] && close[i][j]);
    while let Some(first) = (0..count).find(|&i| has_close(&stays, i)) {
        stays[first] = false;
    }
    stays
}

/// The column less its mean, scaled so that its squares add up to one.
fn centred(column: &[f64]) -> Vec<f64> {
    let mean = column.iter().sum::<f64>() / column.len() as f64;
    let norm = column.iter().map(|value| (value - mean).powi(2)).sum::<f64>().sqrt();
    column.iter().map(|value| (value - mean) / norm).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const UP: [f64; 4] = [1.0, 2.0, 3.0, 4.0];
    const UP_TOO: [f64; 4] = [10.0, 20.0, 30.0, 41.0];
    const DOWN: [f64; 4] = [4.0, 3.0, 2.0, 1.0];
    const OTHER: [f64; 4] = [1.0, -1.0, -1.0, 1.0];

    #[test]
    fn of_two_columns_that_say_the_same_the_first_is_dropped() {
        assert_eq!(uncorrelated(&[&OTHER, &UP, &UP_TOO], 0.98), [true, false, true]);
    }

    #[test]
    fn of_three_the_last_stays() {
        assert_eq!(uncorrelated(&[&UP, &UP_TOO, &UP], 0.98), [false, false, true]);
    }

    #[test]
    fn opposite_and_constant_columns_stay() {
        assert_eq!(uncorrelated(&[&UP, &DOWN, &[3.0; 4]], 0.98), [true, true, true]);
    }
}
