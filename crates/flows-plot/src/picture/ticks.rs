//! Where an axis has its ticks, and what stands there.

use std::ops::Range;

/// A place on an axis, and its label.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tick {
    pub(crate) value: f64,
    pub(crate) label: String,
}

/// Ticks at round numbers: as many as `fits` allows, of at most `most`.
///
/// `fits` is asked with the ticks and the step from one to the next.
pub(crate) fn round(range: &Range<f64>, most: usize, fits: impl Fn(&[Tick], f64) -> bool) -> Vec<Tick> {
    for count in (1..=most.max(1)).rev() {
        let step = round_step((range.end - range.start) / count as f64);
        let ticks = every(range, step);
        if ticks.len() <= most.max(1) && fits(&ticks, step) {
            return ticks;
        }
    }
    Vec::new()
}

/// Ticks at every multiple of the step.
pub(crate) fn every(range: &Range<f64>, step: f64) -> Vec<Tick> {
    // A hair of room, so that a tick on the end of the range is kept when rounding pushes it out.
    let (first, last) = ((range.start / step - 1e-9).ceil(), (range.end / step + 1e-9).floor());
    let count = (last - first).clamp(-1.0, 1000.0) as i64;
    // Adding 0 turns a negative zero into a positive one.
    let values: Vec<f64> = (0..=count).map(|index| (first + index as f64) * step + 0.0).collect();
    let largest = values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    values.iter().map(|&value| Tick { value, label: label(value, step, largest) }).collect()
}

/// The smallest of 1, 2, 5 and, where the labels get no longer by it, 2.5 times a power of ten that is not below the given
/// step.
fn round_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    let quarter = if power >= 10.0 { 2.5 } else { 2.0 };
    let factor = [1.0, 2.0, quarter, 5.0, 10.0].into_iter().find(|factor| factor * power >= step * (1.0 - 1e-9));
    factor.unwrap_or(10.0) * power
}

/// Just enough figures to tell the steps apart, the same number for the whole axis.
fn label(value: f64, step: f64, largest: f64) -> String {
    let plain = (1e-4..1e6).contains(&largest) || largest == 0.0;
    let text = if plain {
        format!("{value:.*}", decimals(step))
    } else if value == 0.0 {
        "0".to_owned()
    } else {
        // The figures of the step, counted from the first figure of the value.
        let power = value.abs().log10().floor();
        format!("{value:.*e}", decimals(step / 10_f64.powf(power)))
    };
    // The sign of the same width and height as a plus, not a hyphen.
    text.replace('-', "\u{2212}")
}

fn decimals(step: f64) -> usize {
    (0..12)
        .find(|&places| {
            let shifted = step * 10_f64.powi(places);
            (shifted - shifted.round()).abs() < 1e-6 * shifted
        })
        .unwrap_or(12) as usize
}

/// A number for a text: four figures, and no more than it needs.
pub(crate) fn short(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let places = 3 - value.abs().log10().floor() as i32;
    let (figures, power) = if (-2..=6).contains(&places) {
        (format!("{value:.*}", places.max(0) as usize), None)
    } else {
        let text = format!("{value:.3e}");
        text.split_once('e')
            .map_or((text.clone(), None), |(figures, power)| (figures.to_owned(), Some(power.to_owned())))
    };
    let figures = if figures.contains('.') { figures.trim_end_matches('0').trim_end_matches('.') } else { &figures };
    let power = power.map_or(String::new(), |power| format!("e{power}"));
    format!("{figures}{power}").replace('-', "\u{2212}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(range: Range<f64>, most: usize) -> Vec<String> {
        round(&range, most, |_, _| true).into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn ticks_stand_at_round_numbers() {
        assert_eq!(labels(-1.1..2.1, 7), ["−1.0", "−0.5", "0.0", "0.5", "1.0", "1.5", "2.0"]);
        assert_eq!(labels(0.0..100.0, 6), ["0", "20", "40", "60", "80", "100"]);
        assert_eq!(labels(-180.0..180.0, 8), ["−150", "−100", "−50", "0", "50", "100", "150"]);
        assert_eq!(labels(-30.0..900.0, 4), ["0", "250", "500", "750"]);
        assert_eq!(labels(0.1..0.13, 4), ["0.10", "0.11", "0.12", "0.13"]);
    }

    #[test]
    fn very_large_and_very_small_numbers_have_an_exponent() {
        assert_eq!(labels(0.0..4e7, 5), ["0", "1e7", "2e7", "3e7", "4e7"]);
        assert_eq!(labels(0.0..3e-6, 4), ["0", "1e−6", "2e−6", "3e−6"]);
    }

    #[test]
    fn fewer_ticks_are_taken_until_they_fit() {
        let few = round(&(0.0..10.0), 10, |_, step| step >= 5.0);
        assert_eq!(few.iter().map(|tick| tick.value).collect::<Vec<_>>(), [0.0, 5.0, 10.0]);
        assert!(round(&(0.0..10.0), 10, |_, _| false).is_empty());
    }

    #[test]
    fn a_step_that_does_not_divide_the_range_is_kept() {
        let values: Vec<f64> = every(&(-180.0..180.0), 60.0).iter().map(|tick| tick.value).collect();
        assert_eq!(values, [-180.0, -120.0, -60.0, 0.0, 60.0, 120.0, 180.0]);
    }

    #[test]
    fn a_number_in_a_text_is_short() {
        let cases = [
            (0.0, "0"),
            (1.5, "1.5"),
            (-0.123456, "−0.1235"),
            (1234.56, "1235"),
            (1e12, "1e12"),
            (-2.5e-6, "−2.5e−6"),
            (120.0, "120"),
            (2.0, "2"),
        ];
        for (value, text) in cases {
            assert_eq!(short(value), text);
        }
    }
}
