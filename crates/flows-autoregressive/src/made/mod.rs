//! Masked networks.

mod config;
mod generate;
mod masked_linear;
mod network;
mod traits;

pub use config::MadeConfig;
pub use masked_linear::{MaskedLinear, MaskedPart};
pub use network::Made;
pub use traits::AutoregressiveConditioner;
