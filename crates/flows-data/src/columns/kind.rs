//! What a column is.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a column is, which decides what a model makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A number.
    Number,
    /// A whole number.
    Whole,
    /// A place on a circle: an hour, a direction.
    Circle {
        /// One turn.
        period: f64,
    },
    /// A point in time.
    Time,
    /// A number above a bound, better seen by its logarithm.
    Above {
        /// The bound.
        lower: f64,
    },
    /// A number below a bound.
    Below {
        /// The bound.
        upper: f64,
    },
    /// A number of an interval.
    Between {
        /// Its lower end.
        lower: f64,
        /// Its upper end.
        upper: f64,
    },
    /// One of several words or codes.
    Category,
    /// Yes or no.
    YesNo,
    /// What only tells rows apart.
    Identifier,
    /// Text that is none of these.
    Text,
}

impl Kind {
    /// Whether a column of this kind has a density, and can be modelled.
    pub fn has_density(self) -> bool {
        !matches!(self, Self::Category | Self::YesNo | Self::Identifier | Self::Text)
    }

    /// Whether a column of this kind can be a condition.
    pub fn can_be_given(self) -> bool {
        !matches!(self, Self::Identifier | Self::Text)
    }

    /// How `--as` calls it.
    pub fn flag(self) -> String {
        match self {
            Self::Number => "number".to_owned(),
            Self::Whole => "count".to_owned(),
            Self::Circle { period } => format!("circle:{period}"),
            Self::Time => "time".to_owned(),
            Self::Above { lower: 0.0 } => "log".to_owned(),
            Self::Above { lower } => format!("min:{lower}"),
            Self::Below { upper } => format!("max:{upper}"),
            Self::Between { lower, upper } => format!("interval:{lower}:{upper}"),
            Self::Category => "category".to_owned(),
            Self::YesNo => "yes-no".to_owned(),
            Self::Identifier | Self::Text => "skip".to_owned(),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number => write!(f, "number"),
            Self::Whole => write!(f, "whole number"),
            Self::Circle { period } => write!(f, "circle of {period}"),
            Self::Time => write!(f, "time"),
            Self::Above { lower } => write!(f, "above {lower}"),
            Self::Below { upper } => write!(f, "below {upper}"),
            Self::Between { lower, upper } => write!(f, "{lower} to {upper}"),
            Self::Category => write!(f, "category"),
            Self::YesNo => write!(f, "yes or no"),
            Self::Identifier => write!(f, "identifier"),
            Self::Text => write!(f, "text"),
        }
    }
}
