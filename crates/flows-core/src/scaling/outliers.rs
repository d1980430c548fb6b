//! Values that cannot belong to their column.

use super::ScalingError;

/// The share of a column's values that may be outliers.
const SHARE: f64 = 0.01;
/// In fewer values nothing can be told.
const FEWEST: usize = 10;

/// Looks for a gap in the distances from the median: few values, at most one in a hundred, that are more than `max_gap`
/// times as far away as all others.
///
/// Heavy tails have no such gaps: of Cauchy variables the largest is a million times the second largest once in a
/// million tables.
pub(super) fn check(column: usize, values: &[f64], max_gap: f64) -> Result<(), ScalingError> {
    let n = values.len();
    let suspects = ((n as f64 * SHARE) as usize).max(1);
    if n < FEWEST {
        return Ok(());
    }
    let mut distances = values.to_vec();
    let (_, &mut median, _) = distances.select_nth_unstable_by(n / 2, f64::total_cmp);
    distances.iter_mut().for_each(|value| *value = (*value - median).abs());
    // The suspects and the largest of the others.
    let (_, _, top) = distances.select_nth_unstable_by(n - suspects - 2, f64::total_cmp);
    top.sort_unstable_by(f64::total_cmp);
    let Some(pair) = top.windows(2).find(|pair| pair[0] > 0.0 && pair[1] / pair[0] > max_gap) else { return Ok(()) };
    let rows = values.iter().enumerate().filter(|(_, value)| (**value - median).abs() >= pair[1]);
    Err(ScalingError::Outliers { column, rows: rows.map(|(row, value)| (row, *value)).collect(), largest: pair[0] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fill_values_are_found_with_their_rows() {
        let mut values: Vec<f64> = (0..2000).map(|i| f64::from(i) / 100.0).collect();
        assert_eq!(check(0, &values, 1e6), Ok(()));
        for row in [11, 500, 1500] {
            values[row] = 9.96920996838687e36;
        }
        let Err(ScalingError::Outliers { rows, largest, .. }) = check(0, &values, 1e6) else {
            panic!("they are there")
        };
        assert_eq!(rows.iter().map(|(row, _)| *row).collect::<Vec<_>>(), [11, 500, 1500]);
        assert!(largest < 20.0);
    }

    #[test]
    fn one_absurd_row_of_ten_is_found() {
        let mut values: Vec<f64> = (0..10).map(f64::from).collect();
        values[3] = -1e20;
        assert!(matches!(check(0, &values, 1e6), Err(ScalingError::Outliers { rows, .. }) if rows == [(3, -1e20)]));
    }

    #[test]
    fn rare_values_heavy_tails_and_short_columns_are_no_outliers() {
        let mut rare = vec![0.0; 200];
        rare[3] = 1.0;
        assert_eq!(check(0, &rare, 1e6), Ok(()), "the others do not vary");
        // The quantiles of a Cauchy variable.
        let n = 100_000;
        let cauchy: Vec<f64> =
            (0..n).map(|i| (std::f64::consts::PI * ((i as f64 + 0.5) / n as f64 - 0.5)).tan()).collect();
        assert_eq!(check(0, &cauchy, 1e6), Ok(()));
        assert_eq!(check(0, &[1.0, 1e30], 1e6), Ok(()));
        assert_eq!(check(0, &[], 1e6), Ok(()));
    }
}
