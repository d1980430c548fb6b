//! Between the columns of a table and the numbers of a flow.

mod coded;
mod decode;
mod encode;
mod feature;
mod fitted;
mod given;
mod mark;
mod mixed;
mod modelled;

pub use coded::{Counted, Encoded, EncodedContext, Unknown};
pub use feature::{Condition, Feature};
pub use fitted::Codec;
pub use mixed::{ClassColumn, MixedCodec, MixedColumn, MixedRows};
pub use modelled::ModelledColumn;
