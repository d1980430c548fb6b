//! The configuration of a flow in the units of its data.

use burn::module::ModuleDisplay;
use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use super::{Scaled, Scaling, ScalingConfig};
use crate::{FlowConfig, FlowError};

/// The configuration of a [`Scaled`] flow: that of the flow, and the scaling.
///
/// Saved, it holds the numbers of the scaling in double precision, so that one file restores the whole.
///
/// # Example
/// ```
/// use burn::tensor::Device;
/// use flows_core::{RealNvpConfig, ScaledConfig, ScalingConfig};
///
/// let rows = [1.7e9, 0.3, 1.7e9 + 60.0, -0.1, 1.7e9 + 90.0, 0.2];
/// let config = ScaledConfig::from_rows(RealNvpConfig::new(2), &rows, 2)?;
/// assert_eq!(config.init(&Device::default()).log_probs(&rows).len(), 3);
///
/// // The same, without maps for heavy tails.
/// let scaling = ScalingConfig::new().with_heavy_tails(false).fit(&rows, 2)?;
/// assert_eq!(ScaledConfig::new(RealNvpConfig::new(2), scaling.clone()).scaling, scaling);
/// # Ok::<(), flows_core::FlowError>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ScaledConfig<F> {
    /// The flow, which sees scaled rows.
    pub flow: F,
    /// The scaling.
    pub scaling: Scaling,
}

impl<F> ScaledConfig<F> {
    /// Puts a scaling before the flow of a configuration.
    pub fn new(flow: F, scaling: Scaling) -> Self {
        Self { flow, scaling }
    }

    /// Puts the scaling that [`ScalingConfig`] takes from training rows before the flow of a configuration.
    ///
    /// # Errors
    /// As [`ScalingConfig::fit`].
    ///
    /// # Panics
    /// If the values do not fill whole rows.
    pub fn from_rows(flow: F, rows: &[f64], columns: usize) -> Result<Self, FlowError> {
        Ok(Self::new(flow, ScalingConfig::new().fit(rows, columns)?))
    }
}

impl<F: FlowConfig<Flow: ModuleDisplay>> ScaledConfig<F> {
    /// Makes the flow, as yet untrained.
    pub fn init(&self, device: &Device) -> Scaled<F::Flow> {
        Scaled::new(self.flow.init(device), self.scaling.clone())
    }
}

impl<F: FlowConfig<Flow: ModuleDisplay>> FlowConfig for ScaledConfig<F> {
    const NAME: &'static str = F::NAME;
    type Flow = Scaled<F::Flow>;

    fn init(&self, device: &Device) -> Self::Flow {
        self.init(device)
    }
}
