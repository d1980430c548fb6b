//! Fixed scalar bijections, and reshaping.

mod exp;
mod leaky_relu;
mod reshape;
mod sigmoid;
mod softplus;
mod tanh;

pub use exp::Exp;
pub use leaky_relu::LeakyRelu;
pub use reshape::Reshape;
pub use sigmoid::{Logit, Sigmoid};
pub use softplus::Softplus;
pub use tanh::Tanh;
