//! The networks inside coupling and autoregressive layers.

mod dropout;
mod mlp;
mod periodic;
mod range;
mod repeated;
mod traits;
mod with_class;
mod with_context;

pub use dropout::{Dropout, DropoutConfig};
pub use mlp::{Activation, Mlp, MlpConfig};
pub use periodic::{Periodic, PeriodicConfig};
pub use range::{NetworkRange, within_range, within_range_vjp};
pub use traits::{Conditioner, params_vjp};
pub use with_class::{ClassConfig, WithClass};
pub use with_context::{ContextConfig, WithContext};
