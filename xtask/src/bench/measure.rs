//! What can be measured of a task.

use clap::ValueEnum;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Measure {
    /// A training step: the density of a batch, its gradient, Adam's update
    Train,
    /// The density of a batch
    #[value(name = "log_prob")]
    LogProb,
    /// 1,000 samples
    Sample,
}

impl Measure {
    /// The name by which the measuring programs know it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::LogProb => "log_prob",
            Self::Sample => "sample",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measure_has_the_same_name_here_as_in_the_programs() {
        for measure in Measure::value_variants() {
            assert_eq!(Measure::from_str(measure.name(), false), Ok(*measure));
        }
    }
}
