//! Means and standard deviations of columns.

use crate::rows::Rows;

/// By what the sum of squares is divided.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Divisor {
    /// The number of rows, as numpy does.
    Count,
    /// One less, as pandas does.
    CountLessOne,
}

/// The mean and the standard deviation of every column.
pub(crate) struct Moments {
    mean: Vec<f64>,
    deviation: Vec<f64>,
}

impl Moments {
    /// Those of the first `count` rows.
    pub(crate) fn of_first(rows: &Rows, count: usize, divisor: Divisor) -> Self {
        let columns = rows.columns();
        let values = &rows.values[..count * columns];
        let mut mean = vec![0.0; columns];
        for row in values.chunks_exact(columns) {
            mean.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
        }
        mean.iter_mut().for_each(|sum| *sum /= count as f64);
        let mut deviation = vec![0.0; columns];
        for row in values.chunks_exact(columns) {
            let centred = row.iter().zip(&mean).map(|(value, mean)| value - mean);
            deviation.iter_mut().zip(centred).for_each(|(sum, value)| *sum += value * value);
        }
        let divisor = match divisor {
            Divisor::Count => count as f64,
            Divisor::CountLessOne => count as f64 - 1.0,
        };
        deviation.iter_mut().for_each(|sum| *sum = (*sum / divisor).sqrt());
        Self { mean, deviation }
    }

    /// Takes the mean from every row, and divides it by the deviation.
    pub(crate) fn standardise(&self, rows: &mut Rows) {
        let columns = rows.columns();
        for row in rows.values.chunks_exact_mut(columns) {
            for ((value, mean), deviation) in row.iter_mut().zip(&self.mean).zip(&self.deviation) {
                *value = (*value - mean) / deviation;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standardised(count: usize, divisor: Divisor) -> Vec<f64> {
        let mut rows = Rows { names: vec!["a".into()], values: vec![1.0, 3.0, 7.0] };
        Moments::of_first(&rows, count, divisor).standardise(&mut rows);
        rows.values
    }

    // Mean 2; deviation 1 over two rows, and the root of two over one.
    #[test]
    fn the_divisor_tells_numpy_from_pandas_and_rows_beyond_the_first_do_not_count() {
        assert_eq!(standardised(2, Divisor::Count), [-1.0, 1.0, 5.0]);
        let root = std::f64::consts::SQRT_2;
        assert_eq!(standardised(2, Divisor::CountLessOne), [-1.0 / root, 1.0 / root, 5.0 / root]);
    }
}
