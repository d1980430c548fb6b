//! What training makes small.

mod importance;
mod negative_log_likelihood;
mod pareto;
mod reverse_kl;

pub use importance::{ImportanceSamples, importance_sample};
pub use negative_log_likelihood::negative_log_likelihood;
pub use pareto::pareto_k;
pub use reverse_kl::{reverse_kl, reverse_kl_path};
