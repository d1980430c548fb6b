//! Normalizing flows for [burn](https://burn.dev), in one crate: exact densities, exact sampling and exact inversion as
//! ordinary modules, and models of tables that need no tensor.
//!
//! ```
//! use burn_flows::prelude::*;
//!
//! let device = Device::default();
//! let flow = RealNvpConfig::new(2).init(&device);
//! let (x, log_prob) = flow.sample_with_log_prob(10, &device);
//! assert_eq!((x.dims(), log_prob.dims()), ([10, 2], [10]));
//! ```
//!
//! # Features
//! - `train`: `fit`; `data`: tables from files; `plot`: pictures; `vision`: image flows; `autoregressive`: MADE, MAF and their
//!   kin.
//! - `tables` (on by default, with `train`, `data` and `autoregressive`): models of tables; see [`tables`].
//! - `cpu` (on by default), `wgpu`, `vulkan`, `cuda`: the backends.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "tables")]
pub mod model;
pub mod prelude;
#[cfg(feature = "tables")]
pub mod tables;

pub use burn;
#[cfg(feature = "autoregressive")]
pub use flows_autoregressive as autoregressive;
pub use flows_core as core;
#[cfg(feature = "vision")]
pub use flows_vision as vision;
