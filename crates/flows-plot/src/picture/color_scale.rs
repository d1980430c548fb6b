//! From densities to colours.

use std::ops::Range;

use super::check;
use super::output::Reason;

/// How densities become colours.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub enum ColorScale {
    /// In proportion to the density, from zero to its largest value.
    #[default]
    Linear,
    /// In proportion to the log-density, from its largest value down to this many nats below; what is lower gets the darkest
    /// colour. For densities over many orders of magnitude, of which a linear scale would show the highest peak alone.
    Log {
        /// The depth of the scale: 7 nats are a factor of about a thousand.
        nats: f64,
    },
}

/// What a map is made of: one value a cell.
#[derive(Debug, Clone)]
pub(crate) enum Values {
    Density(Vec<f64>),
    LogDensity(Vec<f64>),
}

/// The cells as they are coloured.
#[derive(Debug)]
pub(crate) struct Shades {
    /// From 0 to 1.
    pub(crate) values: Vec<f32>,
    /// What 0 and 1 stand for.
    pub(crate) ends: Range<f64>,
    pub(crate) label: &'static str,
}

impl Values {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Density(values) | Self::LogDensity(values) => values.len(),
        }
    }

    pub(crate) fn shades(&self, scale: ColorScale) -> Result<Shades, Reason> {
        let (what, values, log) = match self {
            Self::Density(values) => ("the densities", values, false),
            Self::LogDensity(values) => ("the log-densities", values, true),
        };
        let allowed = |value: f64| if log { value < f64::INFINITY } else { value.is_finite() && value >= 0.0 };
        if let Some((index, value)) = values.iter().enumerate().find(|&(_, &value)| !allowed(value)) {
            return Err(format!("{what}: value {index} is {value}"));
        }
        let zero = if log { f64::NEG_INFINITY } else { 0.0 };
        let highest = values.iter().copied().fold(zero, f64::max);
        if highest == zero {
            return Err(format!("{what}: the density is zero everywhere"));
        }
        match scale {
            ColorScale::Linear => {
                let end = if log { highest.exp() } else { highest };
                let ends = 0.0..end;
                check::range("the linear scale", &ends)
                    .map_err(|reason| format!("{what}: {reason}; a log scale can show them"))?;
                let part = |&value: &f64| if log { (value - highest).exp() } else { value / highest };
                Ok(Shades { values: values.iter().map(|value| part(value) as f32).collect(), ends, label: "density" })
            }
            ColorScale::Log { nats } => {
                check::positive("the depth of the log scale", nats)?;
                let in_nats = |value: f64| if log { value } else { value.ln() };
                let top = in_nats(highest);
                let ends = top - nats..top;
                check::range("the log scale", &ends)?;
                let part = |&value: &f64| (1.0 + (in_nats(value) - top) / nats).max(0.0);
                let values = values.iter().map(|value| part(value) as f32).collect();
                Ok(Shades { values, ends, label: "log density (nats)" })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_scale_ends_at_its_depth() {
        let values = Values::LogDensity(vec![0.0, -5.0, f64::NEG_INFINITY, -20.0]);
        let shades = values.shades(ColorScale::Log { nats: 10.0 }).unwrap();
        assert_eq!((shades.values, shades.ends), (vec![1.0, 0.5, 0.0, 0.0], -10.0..0.0));
        let densities = Values::Density(vec![1.0, 0.0, 1.0]);
        assert_eq!(densities.shades(ColorScale::Log { nats: 2.0 }).unwrap().values, [1.0, 0.0, 1.0]);
    }

    #[test]
    fn a_linear_scale_is_in_proportion_to_the_density() {
        let shades = Values::LogDensity(vec![2.0_f64.ln(), 0.0, f64::NEG_INFINITY]).shades(ColorScale::Linear).unwrap();
        assert_eq!(shades.values, [1.0, 0.5, 0.0]);
        assert!((shades.ends.end - 2.0).abs() < 1e-12);
        assert_eq!(Values::Density(vec![4.0, 1.0]).shades(ColorScale::Linear).unwrap().values, [1.0, 0.25]);
    }

    #[test]
    fn log_densities_that_overflow_ask_for_a_log_scale() {
        let values = Values::LogDensity(vec![1000.0, 0.0]);
        assert!(values.shades(ColorScale::Linear).unwrap_err().contains("a log scale can show them"));
        assert_eq!(values.shades(ColorScale::Log { nats: 2000.0 }).unwrap().values, [1.0, 0.5]);
    }
}
