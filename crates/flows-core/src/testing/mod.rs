//! The laws that every bijection and density obeys, as checks for tests.
//!
//! ```
//! use burn::tensor::{Device, Distribution, Tensor};
//! use flows_core::testing::{Laws, randomize};
//! use flows_core::{Affine, Coupling, FeatureSplit, MlpConfig};
//!
//! let device = Device::default();
//! let network = MlpConfig::new(2, 4).with_hidden(vec![8]).init(&device);
//! let coupling = Coupling::new(FeatureSplit::halves(4, false, &device), network, Affine::default());
//! let x = Tensor::<2>::random([3, 4], Distribution::Normal(0.0, 1.0), &device);
//! Laws::new().check(&randomize(coupling, 0.3, 0), x, &());
//! ```

mod density_laws;
mod determinant;
mod laws;
mod randomize;

pub use density_laws::check_density;
pub use determinant::log_abs_determinant;
pub use laws::{Laws, jacobian};
pub use randomize::randomize;
