//! Models that are chosen when the program runs: a name, sizes for it, its configuration, and the flow.
//!
//! [`AnyFlow`] is one type for all of them; [`Nsf`], [`Maf`] and the others are the names that a program writes down.

mod any_flow;
mod config;
mod gaussian_mixture;
mod kind;
mod preset;
mod size;

pub use any_flow::AnyFlow;
pub use config::{Family, Model};
pub use gaussian_mixture::{ConditionalMixture, ConditionalMixtureConfig};
pub use kind::{ModelKind, UnknownModel};
pub use preset::{Gaussian, Made, Maf, MafMog, Mixture, Nsf, NsfAr, Preset, RealNvp};
pub use size::{Quality, Size};
