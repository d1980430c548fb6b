//! The middle of numbers, and how far they lie apart.

/// The middle value, or the mean of the two in the middle.
pub(super) fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}

/// Half the distance of the quartiles, of two values and more.
pub(super) fn spread(values: &[f64]) -> Option<f64> {
    let (lower, upper) = (quantile(values, 0.25)?, quantile(values, 0.75)?);
    (values.len() > 1).then_some(0.5 * (upper - lower))
}

/// The value below which a share of the others lies; between two, in proportion.
fn quantile(values: &[f64], share: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = share * sorted.len().checked_sub(1)? as f64;
    let (lower, upper) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    Some(lower + place.fract() * (upper - lower))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle_and_the_spread_is_half_the_way_between_the_quartiles() {
        assert_eq!((median(&[5.0, 2.0, 3.0]), spread(&[5.0, 2.0, 3.0])), (Some(3.0), Some(0.75)));
        assert_eq!((median(&[1.0, 2.0]), spread(&[1.0, 2.0])), (Some(1.5), Some(0.25)));
    }

    #[test]
    fn there_is_none_of_too_few_values() {
        assert_eq!((median(&[]), spread(&[])), (None, None));
        assert_eq!((median(&[4.0]), spread(&[4.0])), (Some(4.0), None));
    }
}
