//! What most programs need: `use burn_flows::prelude::*;`.

pub use burn::module::Module;
pub use burn::tensor::{Device, Tensor};
#[cfg(feature = "autoregressive")]
pub use flows_autoregressive::{AutoregressiveSplineFlowConfig, MadeDensityConfig, MafConfig, MafMogConfig};
pub use flows_core::{
    Bijection, Context, Density, Flow, FlowConfig, FlowError, RealNvpConfig, SplineFlowConfig, StandardNormal, load,
    log_probs, mean_log_prob, save,
};

#[cfg(feature = "data")]
pub use flows_data::{Frame, ReadOptions, Table};

#[cfg(feature = "tables")]
pub use crate::model::{Gaussian, Made, Maf, MafMog, Mixture, ModelKind, Nsf, NsfAr, Quality, RealNvp};
#[cfg(feature = "tables")]
pub use crate::tables::{Fit, FitSettings, TableFlow, TableRows, Target, fit};
