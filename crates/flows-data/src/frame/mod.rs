//! Tables as they are in their files: columns of any kind, with nothing left out.

mod bytes;
mod cells;
mod column;
mod columnar;
mod dates;
mod digits;
mod format;
mod frame_of;
mod json;
mod json_rows;
mod mark;
mod numpy;
mod options;
mod out;
mod peek;
mod read;
mod text;
mod words;
mod writer;

pub use cells::{Cells, MISSING};
pub use column::{FrameColumn, Style};
pub use dates::{TimeStyle, Zone};
pub use digits::Digits;
pub use format::FileFormat;
pub use frame_of::Frame;
pub use mark::Mark;
pub use options::ReadOptions;
pub use peek::{Peek, RowCount};
pub use writer::FrameWriter;

pub(crate) use dates::whole_step;
