//! Random numbers that belong to a row and a step.
//!
//! Dropout and the noise between whole numbers are drawn in the forward pass. From one shared generator they would depend
//! on which thread draws first, and on how much was drawn before; here every number follows from the seed, the step, the
//! row, and how many times the pass has drawn before. A row gets the same noise on one worker as on several, and in a run
//! that was cut off and resumed the same as in one that was not.
//!
//! [`scope`] says what seed, step and rows are; `train::fit` opens one for each step. Inside it [`uniform`], [`normal`] and
//! [`Dropout`](crate::Dropout) draw from a counter. Outside of any scope they draw from the generator of the device,
//! which `device.seed(..)` sets.
//!
//! # Notes
//! The numbers are made on the host, and are the same on every machine and backend (normal ones to rounding). The one exception is dropout on a GPU,
//! whose numbers are many: there they are the device's, seeded for each draw by the step and the first row, and repeat as
//! long as the batches do. Where several threads share the GPU they are made on the host, too.

mod draw;
mod numbers;
mod scope;

pub(crate) use draw::kept;
pub use draw::{normal, uniform};
pub use scope::{Parts, scope, step};
