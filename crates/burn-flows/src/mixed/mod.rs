//! Densities of tables whose columns are of any kind and any of whose cells may be missing.
//!
//! [`MixedFit`] makes a [`MixedFlow`] of a [`MixedTable`]; a [`MixedFlow`] is one file. It scores rows by the cells that they have,
//! draws what is missing, and says what goes with the rest of a row and what does not.

mod contender;
mod density;
mod exact;
mod expected;
mod factor;
mod figures;
mod fit;
mod flow;
mod folds;
mod hold_out;
mod latent;
mod network;
mod preparation;
mod prepared;
mod settings;
mod table;

pub use density::{MixedModel, Networks};
pub use expected::{CellExplanation, Expected};
pub use figures::{Family, MixedCandidate, MixedFigures};
pub use fit::{FittedMixed, MixedFit};
pub use flow::{EncodedMixed, MixedFlow, MixedFlowConfig};
pub use latent::LatentClasses;
pub use preparation::MixedPreparation;
pub use settings::MixedSettings;
pub use table::{Holds, MixedTable};
