//! Parquet and Arrow IPC, by the crates of Apache Arrow.

mod arrays;
mod batches;
mod ipc;
mod parquet;
mod writer;

pub(super) use ipc::read as read_ipc;
pub(super) use parquet::read as read_parquet;
pub(super) use writer::BatchWriter;
