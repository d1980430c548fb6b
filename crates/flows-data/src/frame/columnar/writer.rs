//! Parquet and Arrow IPC into files and streams.

use std::{io, mem};

use arrow_array::RecordBatch;
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_schema::{ArrowError, SchemaRef};
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, ZstdLevel},
    errors::ParquetError,
    file::properties::WriterProperties,
};

use super::super::{Frame, out::Target};
use super::batches::{batch, schema};
use crate::table::TableError;

/// A group of rows of a Parquet file ends when it has as many: a reader skips whole groups, and the writer keeps one in
/// memory.
const GROUP: usize = 1 << 16;

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::frame) enum Form {
    Parquet,
    /// An Arrow file, which has its table of contents at its end.
    File,
    /// An Arrow stream, which can be read while it is written.
    Stream,
}

/// A file that takes rows in batches; its types are those of the first rows.
pub(in crate::frame) struct BatchWriter {
    form: Form,
    schema: Option<SchemaRef>,
    out: Out,
}

enum Out {
    /// Nothing is written yet.
    Ahead(Target),
    Parquet(Box<ArrowWriter<Target>>),
    File(Box<FileWriter<Target>>),
    Stream(Box<StreamWriter<Target>>),
    /// The disk or the pipe failed.
    Failed,
}

impl std::fmt::Debug for BatchWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BatchWriter").field("form", &self.form).field("schema", &self.schema).finish_non_exhaustive()
    }
}

impl BatchWriter {
    /// A writer that begins with the first rows.
    pub(in crate::frame) fn new(target: Target, form: Form) -> Self {
        Self { form, schema: None, out: Out::Ahead(target) }
    }

    /// The rows of a frame as they are written.
    pub(in crate::frame) fn batch(&mut self, file: &str, frame: &Frame) -> Result<RecordBatch, TableError> {
        batch(file, frame, self.schema.get_or_insert_with(|| schema(frame)))
    }

    /// Writes rows.
    pub(in crate::frame) fn write(&mut self, batch: &RecordBatch) -> io::Result<()> {
        let mut out = match mem::replace(&mut self.out, Out::Failed) {
            Out::Ahead(target) => self.start(target, batch.schema())?,
            out => out,
        };
        match &mut out {
            Out::Parquet(writer) => {
                writer.write(batch).map_err(of_parquet)?;
                if writer.in_progress_rows() >= GROUP {
                    writer.flush().map_err(of_parquet)?;
                }
            }
            Out::File(writer) => writer.write(batch).map_err(of_arrow)?,
            Out::Stream(writer) => writer.write(batch).map_err(of_arrow)?,
            Out::Ahead(_) | Out::Failed => return Err(earlier()),
        }
        self.out = out;
        Ok(())
    }

    fn start(&self, target: Target, schema: SchemaRef) -> io::Result<Out> {
        Ok(match self.form {
            Form::Parquet => {
                let zstd = Compression::ZSTD(ZstdLevel::default());
                let properties = WriterProperties::builder().set_compression(zstd).build();
                let writer = ArrowWriter::try_new(target, schema, Some(properties));
                Out::Parquet(Box::new(writer.map_err(of_parquet)?))
            }
            Form::File => Out::File(Box::new(FileWriter::try_new(target, &schema).map_err(of_arrow)?)),
            Form::Stream => Out::Stream(Box::new(StreamWriter::try_new(target, &schema).map_err(of_arrow)?)),
        })
    }

    /// Ends the file.
    pub(in crate::frame) fn finish(self) -> io::Result<Target> {
        match self.out {
            Out::Ahead(target) => Ok(target),
            Out::Parquet(writer) => writer.into_inner().map_err(of_parquet),
            Out::File(writer) => writer.into_inner().map_err(of_arrow),
            Out::Stream(writer) => writer.into_inner().map_err(of_arrow),
            Out::Failed => Err(earlier()),
        }
    }
}

fn earlier() -> io::Error {
    io::Error::other("rows before could not be written")
}

/// The error of the disk or the pipe, which programs look at: a pipe that nobody reads any more is no failure.
fn of_arrow(error: ArrowError) -> io::Error {
    match error {
        ArrowError::IoError(_, source) => source,
        error => io::Error::other(error),
    }
}

fn of_parquet(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(source) => {
            source.downcast::<io::Error>().map_or_else(io::Error::other, |source| *source)
        }
        error => io::Error::other(error),
    }
}
