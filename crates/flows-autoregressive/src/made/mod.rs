//! Masked networks.

mod config;
mod generate;
mod generated;
mod in_place;
mod masked_linear;
mod network;
mod substitution;
mod traits;

pub use config::MadeConfig;
pub(crate) use generated::Generated;
pub use masked_linear::{MaskedLinear, MaskedPart};
pub use network::Made;
pub use traits::AutoregressiveConditioner;
