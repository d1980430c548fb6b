//! What a check found.

use std::fmt;

use super::error::place;

/// What a check of a fitted target found; the text says what to do about it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum TargetWarning {
    /// The weights of the flow's samples have a heavy tail: `log Z` and its error cannot be trusted.
    HeavyWeights {
        /// `k̂` of the weights.
        pareto_k: f64,
    },
    /// The samples of the flow are worth few of the target's.
    FewEffective {
        /// The effective sample size as a share of the draws.
        share: f64,
    },
    /// Draws from outside find mass that the flow does not have.
    MissedMass {
        /// `log Z` from the flow.
        inside: f64,
        /// `log Z` from outside.
        outside: f64,
    },
    /// The target pulls at the flow's samples: there is more mass that way, or the fit was cut short.
    Pulled {
        /// The feature along which it pulls most.
        feature: usize,
        /// `sd · E[∂ log p̃]`.
        pull: f64,
    },
    /// Draws of the start lie where the target has mass and the flow has little.
    DrawsUncovered {
        /// How many.
        count: usize,
        /// Of how many.
        draws: usize,
    },
    /// The target is NaN at draws from outside, which count as without mass.
    NotANumber {
        /// How many.
        count: usize,
        /// The first of them.
        at: Vec<f64>,
    },
}

impl fmt::Display for TargetWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HeavyWeights { pareto_k } => write!(
                f,
                "the importance weights have a heavy tail (k = {pareto_k:.2}, above 0.7): log Z is unreliable; fit for \
                 more steps or with a larger flow"
            ),
            Self::FewEffective { share } => write!(
                f,
                "samples are worth {:.2} % of as many of the target: fit for more steps or with a larger flow",
                100.0 * share
            ),
            Self::MissedMass { inside, outside } => write!(
                f,
                "the flow misses mass: log Z is {inside:.3} from its samples and {outside:.3} with draws from around the \
                 start; start wider, or from draws that reach all modes"
            ),
            Self::Pulled { feature, pull } => write!(
                f,
                "the target pulls at feature {feature} of the samples (by {pull:.2} of its standard deviations): there is \
                 more mass that way; start wider or nearer, or fit for more steps"
            ),
            Self::DrawsUncovered { count, draws } => write!(
                f,
                "{count} of {draws} draws of the start lie where the target has mass and the flow has less than a \
                 hundredth of it; start wider, or fit for more steps"
            ),
            Self::NotANumber { count, at } => {
                write!(f, "the target is NaN at {count} draws far out, the first at x = {}", place(at))
            }
        }
    }
}
