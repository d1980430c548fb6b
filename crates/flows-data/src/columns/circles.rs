//! Columns that are circles by their names and values.

/// Names of circles, with the smallest value, the largest one and the turn.
const CIRCLES: [(&[&str], f64, f64, f64); 9] = [
    (&["hour", "hr", "hour_of_day", "hourofday"], 0.0, 23.999_999, 24.0),
    (&["month", "mon", "mnth"], 1.0, 12.0, 12.0),
    (&["weekday", "dow", "day_of_week", "dayofweek"], 0.0, 7.0, 7.0),
    (&["day_of_year", "dayofyear", "doy", "yday"], 1.0, 366.0, 365.25),
    (&["minute", "min_of_hour"], 0.0, 59.999_999, 60.0),
    (&["wind_dir", "wind_direction", "winddir", "bearing", "azimuth", "heading", "aspect"], 0.0, 360.0, 360.0),
    (&["angle_deg", "angle_degrees", "phase_deg"], 0.0, 360.0, 360.0),
    (&["longitude", "lon", "lng", "long"], -180.0, 180.0, 360.0),
    (&["ra", "right_ascension"], 0.0, 360.0, 360.0),
];

/// The turn of a column, if its name is that of a circle, and its values lie on one and reach around most of it.
pub(super) fn by_name(name: &str, min: f64, max: f64) -> Option<f64> {
    let name = name.to_lowercase();
    let (_, first, last, period) = CIRCLES.into_iter().find(|(names, ..)| names.contains(&name.as_str()))?;
    let around = max - min >= 0.75 * (last - first);
    (min >= first && max <= last && around).then_some(period)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_together_make_a_circle() {
        assert_eq!(by_name("Hour", 0.0, 23.0), Some(24.0));
        assert_eq!(by_name("month", 1.0, 12.0), Some(12.0));
        assert_eq!(by_name("wind_dir", 0.0, 360.0), Some(360.0));
        // Some hours of a day, a month of the other kind, another name.
        assert_eq!(by_name("hour", 8.0, 16.0), None);
        assert_eq!(by_name("month", 1.0, 240.0), None);
        assert_eq!(by_name("x", 0.0, 23.0), None);
    }
}
