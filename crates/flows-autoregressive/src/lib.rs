//! Autoregressive flows for [burn](https://burn.dev): MADE, MAF, IAF and autoregressive splines, on the traits of
//! `flows-core`.
//!
//! # In short
//! - The models, each from a configuration: [`Maf`], [`Iaf`], [`AutoregressiveSplineFlow`], [`MafMog`], and
//!   [`MadeDensity`] with Gaussian, mixture or Bernoulli conditionals. All may have a context:
//!   `MafConfig::new(features).given(width)`.
//! - The layer: [`MaskedAutoregressive`] of any [`Elementwise`](flows_core::Elementwise) map with any
//!   [`AutoregressiveConditioner`]; [`Inverse`](flows_core::Inverse) turns it round.
//! - The network: [`Made`], plain or residual, and its degrees and masks ([`mask`]).
//! - [`AutoregressiveDensity`] of any [`ConditionalFamily`]; [`MaskEnsemble`] for order-agnostic training.
//! - [`AnyOrder`]: a density over numbers, counts, categories and atoms ([`Measure`]), of any columns given any others, some of
//!   which may be unknown.
//!
//! # Sampling
//! The inverse of an autoregressive layer makes its features one after the other. It does not run the network once a
//! feature: hidden units are computed when the features they see are there, and all features together cost about one
//! pass. See [`AutoregressiveConditioner::generate`]; for many features on an accelerator there is
//! [`MaskedAutoregressive::inverse_by_iteration`].

mod conditionals;
mod density;
mod layer;
mod made;
pub mod mask;
mod mixed;
mod models;

pub use conditionals::{Bernoulli, ConditionalFamily, Conditionals, ConditionalsConfig, Gaussian, MixtureOfGaussians};
pub use density::{AutoregressiveDensity, MaskEnsemble, Masks, Remask};
pub use layer::{FixedPoint, FixedPointInverse, MaskedAutoregressive};
pub use made::{AutoregressiveConditioner, Made, MadeConfig, MaskedLinear, MaskedPart};
pub use mixed::{AnyOrder, AnyOrderConfig, Measure};
pub use models::{
    AutoregressiveBlock, AutoregressiveSplineFlow, AutoregressiveSplineFlowConfig, AutoregressiveSplineLayers, Iaf,
    IafConfig, IafLayers, MadeDensity, MadeDensityConfig, Maf, MafConfig, MafLayers, MafMog, MafMogConfig,
};
