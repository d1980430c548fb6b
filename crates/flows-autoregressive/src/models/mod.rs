//! Flows ready to train.

mod block;
mod iaf;
mod made;
mod maf;
mod maf_mog;
mod spline;

pub use block::AutoregressiveBlock;
pub use iaf::{Iaf, IafConfig, IafLayers};
pub use made::{MadeDensity, MadeDensityConfig};
pub use maf::{Maf, MafConfig, MafLayers};
pub use maf_mog::{MafMog, MafMogConfig};
pub use spline::{AutoregressiveSplineFlow, AutoregressiveSplineFlowConfig, AutoregressiveSplineLayers};
