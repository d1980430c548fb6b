//! Densities of tables whose columns are of any kind and any of whose cells may be missing.
//!
//! [`MixedFit`] makes a [`MixedFlow`] of a [`MixedTable`]; a [`MixedFlow`] is one file. It scores rows by the cells that they have,
//! draws what is missing, and says what goes with the rest of a row and what does not.

mod density;
mod figures;
mod fit;
mod flow;
mod latent;
mod network;
mod preparation;
mod table;

pub use density::{MixedModel, Networks};
pub use figures::{Family, MixedCandidate, MixedFigures};
pub use fit::{FittedMixed, MixedFit, MixedSettings};
pub use flow::{CellExplanation, EncodedMixed, Expected, MixedFlow, MixedFlowConfig};
pub use latent::LatentClasses;
pub use preparation::MixedPreparation;
pub use table::{Holds, MixedTable};
