//! The names of the models.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The name of a model, as a command line or a file says it.
///
/// # Example
/// ```
/// use burn_flows::model::ModelKind;
///
/// assert_eq!("nsf-ar".parse(), Ok(ModelKind::NsfAr));
/// assert_eq!(ModelKind::MafMog.to_string(), "maf-mog");
/// let error = "nfs".parse::<ModelKind>().unwrap_err().to_string();
/// assert!(error.contains("`nfs`") && error.contains("real-nvp"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModelKind {
    /// A Gaussian with a full covariance; given a context, linear regression with correlated Gaussian errors.
    Gaussian,
    /// A mixture of Gaussians with full covariances.
    Mixture,
    /// Masked autoregressive flow.
    Maf,
    /// Masked autoregressive flow over a MADE with mixtures of Gaussians.
    MafMog,
    /// Rational-quadratic spline couplings, RQ-NSF (C).
    Nsf,
    /// Autoregressive rational-quadratic splines, RQ-NSF (AR).
    NsfAr,
    /// Affine couplings.
    RealNvp,
    /// MADE with Gaussian conditionals.
    Made,
    /// MADE with mixtures of Gaussians.
    MadeMog,
}

impl ModelKind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Gaussian,
        Self::Mixture,
        Self::Maf,
        Self::MafMog,
        Self::Nsf,
        Self::NsfAr,
        Self::RealNvp,
        Self::Made,
        Self::MadeMog,
    ];

    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gaussian => "gaussian",
            Self::Mixture => "mixture",
            Self::Maf => "maf",
            Self::MafMog => "maf-mog",
            Self::Nsf => "nsf",
            Self::NsfAr => "nsf-ar",
            Self::RealNvp => "real-nvp",
            Self::Made => "made",
            Self::MadeMog => "made-mog",
        }
    }

    /// Whether the model is fitted in closed form or by expectation-maximisation, and not by gradients.
    pub fn is_classical(self) -> bool {
        matches!(self, Self::Gaussian | Self::Mixture)
    }

    /// Whether a setting of its size says something of the model: `layers`, `mixing`, `hidden`,
    /// `bins`, `components` or `dropout`.
    ///
    /// # Example
    /// ```
    /// use burn_flows::model::ModelKind;
    ///
    /// assert!(ModelKind::Nsf.has("bins") && !ModelKind::Maf.has("bins"));
    /// ```
    pub fn has(self, setting: &str) -> bool {
        match setting {
            "layers" | "mixing" => !self.is_classical() && !matches!(self, Self::Made | Self::MadeMog),
            "bins" => matches!(self, Self::Nsf | Self::NsfAr),
            "components" => matches!(self, Self::Mixture | Self::MafMog | Self::MadeMog),
            "hidden" | "dropout" => !self.is_classical(),
            _ => false,
        }
    }

    /// Whether the model needs two columns, or one and a context.
    pub fn is_coupling(self) -> bool {
        matches!(self, Self::Nsf | Self::RealNvp)
    }
}

impl fmt::Display for ModelKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that no model has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no model is called `{name}`\nhint: one of gaussian, mixture, maf, maf-mog, nsf, nsf-ar, real-nvp, made, made-mog"
)]
pub struct UnknownModel {
    /// The name.
    pub name: String,
}

impl FromStr for ModelKind {
    type Err = UnknownModel;

    fn from_str(name: &str) -> Result<Self, UnknownModel> {
        Self::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| UnknownModel { name: name.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_back_and_is_the_one_in_files() {
        for kind in ModelKind::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
    }
}
