//! Rows that cannot be drawn.

/// The rows whose values are all finite, and the number of the others.
///
/// A flow may draw a row that is not finite: one of thousands is no reason to lose the picture of a training run. Rows of
/// another width, which is an error of its own, stay as they are.
pub(super) fn finite_rows(values: Vec<f64>, width: usize) -> (Vec<f64>, usize) {
    if width == 0 || !values.len().is_multiple_of(width) {
        return (values, 0);
    }
    let rows = values.len() / width;
    let finite: Vec<f64> =
        values.chunks(width).filter(|row| row.iter().all(|v| v.is_finite())).flatten().copied().collect();
    let left_out = rows - finite.len() / width;
    (finite, left_out)
}

/// As [`finite_rows`], of points.
pub(super) fn finite_points(points: Vec<[f64; 2]>) -> (Vec<[f64; 2]>, usize) {
    let count = points.len();
    let finite: Vec<_> = points.into_iter().filter(|point| point.iter().all(|v| v.is_finite())).collect();
    let left_out = count - finite.len();
    (finite, left_out)
}

/// A name with the number of what is left out, if anything is: `samples (3 not finite)`.
pub(super) fn noted(name: &str, left_out: usize) -> String {
    match (left_out, name) {
        (0, _) => name.to_owned(),
        (_, "") => format!("({left_out} not finite)"),
        _ => format!("{name} ({left_out} not finite)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_with_one_bad_value_is_left_out_whole_and_counted() {
        let (rows, left_out) = finite_rows(vec![1.0, 2.0, f64::NAN, 3.0, 4.0, f64::INFINITY, 5.0, 6.0], 2);
        assert_eq!((rows, left_out), (vec![1.0, 2.0, 5.0, 6.0], 2));
        assert_eq!(finite_rows(vec![f64::NAN; 3], 2).1, 0);
        assert_eq!(finite_points(vec![[f64::NAN, 0.0], [1.0, 2.0]]), (vec![[1.0, 2.0]], 1));
    }

    #[test]
    fn a_name_tells_how_many_are_left_out() {
        assert_eq!(noted("samples", 0), "samples");
        assert_eq!(noted("samples", 3), "samples (3 not finite)");
        assert_eq!(noted("", 3), "(3 not finite)");
    }
}
