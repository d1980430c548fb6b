//! Parquet and Arrow IPC, by the crates of Apache Arrow.

mod arrays;
mod batches;
mod collected;
mod damaged;
mod encoded;
mod ipc;
mod limit;
mod messages;
mod numbers;
mod pages;
mod parquet;
mod thrift;
mod writer;

pub(super) use ipc::read as read_ipc;
pub(super) use parquet::read as read_parquet;
pub(super) use writer::{BatchWriter, Form};
