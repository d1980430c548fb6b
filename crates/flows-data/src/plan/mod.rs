//! What a model makes of each column of a table.

mod display;
mod make;
mod options;
mod planned;
mod rows;

pub use options::{MissingRows, PlanOptions};
pub use planned::{Plan, Planned, Role};
