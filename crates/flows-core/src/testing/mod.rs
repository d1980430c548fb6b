//! The laws that every bijection and density obeys, as checks for tests.
//!
//! ```
//! use burn::tensor::Device;
//! use flows_core::testing::{Laws, randomize, uniform};
//! use flows_core::{Affine, Coupling, FeatureSplit, MlpConfig};
//!
//! let device = Device::default();
//! let network = MlpConfig::new(2, 4).with_hidden(vec![8]).init(&device);
//! let coupling = Coupling::new(FeatureSplit::halves(4, false, &device), network, Affine::default());
//! let x = uniform([3, 4], -2.0, 2.0, 1, &device);
//! Laws::new().check(&randomize(coupling, 0.3, 0), x, &());
//! ```

mod density_laws;
mod determinant;
mod file_laws;
mod inputs;
mod laws;
mod randomize;

pub use density_laws::check_density;
pub use determinant::log_abs_determinant;
pub use file_laws::{check_files, check_files_with};
pub use inputs::{by_precision, precise_device, uniform};
pub use laws::{Laws, jacobian};
pub use randomize::randomize;
