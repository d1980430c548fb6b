//! Parquet and Arrow IPC into files and streams.

use std::io;

use arrow_ipc::writer::FileWriter;
use arrow_schema::SchemaRef;
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, ZstdLevel},
    file::properties::WriterProperties,
};

use super::super::{FileFormat, Frame, writer::Target};
use super::batches::{batch, schema};

/// A file that takes rows in batches; its types are those of the first rows.
pub(in crate::frame) struct BatchWriter {
    schema: SchemaRef,
    out: Out,
}

enum Out {
    Parquet(Box<ArrowWriter<Target>>),
    Arrow(Box<FileWriter<Target>>),
}

impl std::fmt::Debug for BatchWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BatchWriter").field("schema", &self.schema).finish_non_exhaustive()
    }
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::other(error)
}

impl BatchWriter {
    /// Starts a file for rows such as those of a frame.
    pub(in crate::frame) fn start(target: Target, format: FileFormat, frame: &Frame) -> io::Result<Self> {
        let schema = schema(frame);
        let out = match format {
            FileFormat::Parquet => {
                let level = ZstdLevel::default();
                let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level)).build();
                let writer = ArrowWriter::try_new(target, schema.clone(), Some(properties));
                Out::Parquet(Box::new(writer.map_err(failed)?))
            }
            _ => Out::Arrow(Box::new(FileWriter::try_new(target, &schema).map_err(failed)?)),
        };
        Ok(Self { schema, out })
    }

    /// Writes the rows of a frame.
    pub(in crate::frame) fn write(&mut self, frame: &Frame) -> io::Result<()> {
        let batch = batch(frame, &self.schema).map_err(failed)?;
        match &mut self.out {
            Out::Parquet(writer) => writer.write(&batch).map_err(failed),
            Out::Arrow(writer) => writer.write(&batch).map_err(failed),
        }
    }

    /// Ends the file.
    pub(in crate::frame) fn finish(self) -> io::Result<Target> {
        match self.out {
            Out::Parquet(writer) => writer.into_inner().map_err(failed),
            Out::Arrow(writer) => writer.into_inner().map_err(failed),
        }
    }
}
