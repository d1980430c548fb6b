//! What training makes small.

mod importance;
mod negative_log_likelihood;
mod reverse_kl;

pub use importance::{ImportanceSamples, importance_sample};
pub use negative_log_likelihood::negative_log_likelihood;
pub use reverse_kl::{reverse_kl, reverse_kl_path};
