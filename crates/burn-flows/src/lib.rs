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
//! A table in any units, and what it knows; training stops by itself:
//!
//! ```
//! use burn_flows::prelude::*;
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     # let folder = std::env::temp_dir().join(format!("burn-flows-doc-{}", std::process::id()));
//!     # std::fs::create_dir_all(&folder)?;
//!     # std::env::set_current_dir(&folder)?;
//!     # std::fs::write("cars.csv", cars())?;
//!     let cars = Frame::read("cars.csv", &ReadOptions::new())?.select(&"mpg,weight,horsepower".parse()?)?;
//!     let (train, test) = TableRows::from(&cars.drop_missing().to_table()?).split(0.9, 0);
//!
//!     let flow = fit(Nsf::new(3), &train)?; // columns in any units; training stops by itself
//!     println!("{}", flow.evaluate(&test)?); // log-likelihood, coverage, samples against rows, baselines
//!     println!("{}", flow.sample(5, 0)?); // a table with the names of the columns
//!     flow.save("cars.flow")?; // one file; `TableFlow::load` reads it on any device
//!
//!     let mpg = fit(Nsf::new(1).given(2), train.target(&["mpg"])?)?; // p(mpg | weight, horsepower)
//!     let [low, middle, high] = mpg.given([2800.0, 95.0])?.quantiles([0.05, 0.5, 0.95])?;
//!     println!("{middle:.1} mpg, between {low:.1} and {high:.1} with a probability of 90 %");
//!     # assert!(low < middle && middle < high);
//!     # std::env::set_current_dir(std::env::temp_dir())?;
//!     # std::fs::remove_dir_all(folder)?;
//!     Ok(())
//! }
//! # fn cars() -> String {
//! #     let wave = |i: u32, step: f64| (f64::from(i) * step).sin();
//! #     let line = |i: u32| {
//! #         let weight = 3000.0 + 800.0 * wave(i, 0.7);
//! #         let power = 0.03 * weight + 20.0 * wave(i, 1.9);
//! #         format!("{:.2},{weight:.1},{power:.1}\n", 46.0 - 0.006 * weight - 0.05 * power + 2.0 * wave(i, 2.3))
//! #     };
//! #     String::from("mpg,weight,horsepower\n") + &(0..300).map(line).collect::<String>()
//! # }
//! ```
//!
//! # Features
//! - `train`: `fit`; `data`: tables from files; `plot`: pictures; `vision`: image flows; `autoregressive`: MADE, MAF and their
//!   kin.
//! - `tables` (on by default, with `train`, `data` and `autoregressive`): models of tables; see [`tables`].
//! - `cpu` (on by default), `wgpu`, `vulkan`, `cuda`: the backends.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "tables")]
pub mod mixed;
#[cfg(feature = "tables")]
pub mod model;
#[cfg(all(any(test, doctest), feature = "tables"))]
mod pages;
pub mod prelude;
#[cfg(feature = "tables")]
pub mod tables;

pub use burn;
#[cfg(feature = "autoregressive")]
pub use flows_autoregressive as autoregressive;
pub use flows_core as core;
#[cfg(feature = "data")]
pub use flows_data as data;
#[cfg(feature = "plot")]
pub use flows_plot as plot;
#[cfg(feature = "vision")]
pub use flows_vision as vision;
