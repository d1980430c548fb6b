//! What the pictures ask of their input.

use std::ops::Range;

use super::output::Reason;

/// Slices of any float, as `f64`.
pub(crate) fn to_f64<T: Copy + Into<f64>>(values: &[T]) -> Vec<f64> {
    values.iter().map(|&value| value.into()).collect()
}

/// Points of any float, as `f64`.
pub(crate) fn points_to_f64<T: Copy + Into<f64>>(points: &[[T; 2]]) -> Vec<[f64; 2]> {
    points.iter().map(|&[x, y]| [x.into(), y.into()]).collect()
}

/// Refuses an empty list and values that are not finite, with the place of the first.
pub(crate) fn finite(what: &str, values: impl IntoIterator<Item = f64>) -> Result<(), Reason> {
    let mut count = 0;
    for (index, value) in values.into_iter().enumerate() {
        if !value.is_finite() {
            return Err(format!("{what}: value {index} is {value}"));
        }
        count += 1;
    }
    if count == 0 { Err(format!("{what}: there are no values")) } else { Ok(()) }
}

/// As [`finite`], for points.
pub(crate) fn finite_points(what: &str, points: &[[f64; 2]]) -> Result<(), Reason> {
    if let Some((index, [x, y])) = points.iter().enumerate().find(|(_, [x, y])| !(x.is_finite() && y.is_finite())) {
        return Err(format!("{what}: point {index} is ({x}, {y})"));
    }
    if points.is_empty() { Err(format!("{what}: there are no points")) } else { Ok(()) }
}

/// Refuses what is not a number above zero.
pub(crate) fn positive(what: &str, value: f64) -> Result<(), Reason> {
    if value.is_finite() && value > 0.0 { Ok(()) } else { Err(format!("{what} must be above zero, it is {value}")) }
}

/// Refuses a range that is empty, turned round, not finite, or too wide or too narrow to compute with.
pub(crate) fn range(what: &str, range: &Range<f64>) -> Result<(), Reason> {
    let width = range.end - range.start;
    let magnitude = range.start.abs().max(range.end.abs());
    if width.is_finite() && width > 1e-12 * magnitude && width > 1e-300 {
        Ok(())
    } else {
        Err(format!("{what}: {range:?} is not a range from a number to a larger one"))
    }
}

/// Refuses a picture without room for its labels, or that memory has no room for.
pub(crate) fn size((width, height): (u32, u32)) -> Result<(), Reason> {
    let allowed = 160..=12_000;
    if allowed.contains(&width) && allowed.contains(&height) {
        Ok(())
    } else {
        Err(format!("a size of {width} x {height} pixels: each side must be from {allowed:?}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_the_first_bad_value_is_told() {
        assert_eq!(finite("data", [0.0, f64::NAN, f64::INFINITY]).unwrap_err(), "data: value 1 is NaN");
        assert_eq!(finite("data", []).unwrap_err(), "data: there are no values");
        assert_eq!(finite_points("data", &[[0.0, f64::INFINITY]]).unwrap_err(), "data: point 0 is (0, inf)");
        assert_eq!(finite_points("data", &[]).unwrap_err(), "data: there are no points");
        assert!(finite("data", [1.0]).is_ok() && finite_points("data", &[[0.0, 1.0]]).is_ok());
    }

    #[test]
    fn a_range_must_go_up_by_what_a_float_can_show() {
        for bad in [1.0..1.0, 2.0..1.0, 0.0..f64::INFINITY, f64::NAN..1.0, 1e9..1e9 + 1e-7, f64::MIN..f64::MAX] {
            assert!(range("x", &bad).is_err(), "{bad:?}");
        }
        assert!(range("x", &(-1.0..1.0)).is_ok() && range("x", &(0.0..1e-9)).is_ok());
    }

    #[test]
    fn a_size_must_have_room_for_the_labels() {
        assert!(size((900, 600)).is_ok());
        assert!(size((900, 10)).unwrap_err().contains("900 x 10"));
        assert!(size((u32::MAX, u32::MAX)).is_err());
    }
}
