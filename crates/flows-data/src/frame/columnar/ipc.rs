//! Frames from Arrow IPC, files and streams; Feather is such a file.

use std::io::{BufReader, Cursor, Read, Seek};

use arrow_array::RecordBatch;
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_schema::{ArrowError, SchemaRef};

use super::super::{Frame, ReadOptions, RowCount, bytes::Source};
use super::arrays::Builder;
use crate::DataError;
use crate::table::TableError;

/// Reads a file or a stream, or its first rows.
pub(in crate::frame) fn read(
    source: &Source,
    options: &ReadOptions,
    limit: Option<usize>,
) -> Result<(Frame, RowCount), DataError> {
    let name = source.name.as_str();
    match &source.file {
        Some(file) => file_or_stream(
            BufReader::new(file.try_clone().map_err(|error| damaged(name, &error))?),
            source,
            options,
            limit,
        ),
        None => file_or_stream(Cursor::new(source.bytes.as_slice()), source, options, limit),
    }
}

fn damaged(file: &str, error: &dyn std::fmt::Display) -> TableError {
    let hint = "pandas' `to_feather` or polars' `write_ipc` writes one";
    TableError::Damaged { file: file.to_owned(), format: "an Arrow file", reason: error.to_string(), hint }
}

fn file_or_stream<R: Read + Seek>(
    mut reader: R,
    source: &Source,
    options: &ReadOptions,
    limit: Option<usize>,
) -> Result<(Frame, RowCount), DataError> {
    let name = source.name.as_str();
    let mut head = [0; 6];
    let got = reader.read_exact(&mut head).and_then(|()| reader.rewind());
    got.map_err(|error| damaged(name, &error))?;
    let failed = |error: ArrowError| damaged(name, &error);
    if &head == b"ARROW1" {
        let batches = FileReader::try_new(reader, None).map_err(failed)?;
        let (schema, count) = (batches.schema(), batches.num_batches());
        collect(schema, batches, count, name, options, limit)
    } else {
        let batches = StreamReader::try_new(reader, None).map_err(failed)?;
        collect(batches.schema(), batches, 0, name, options, limit)
    }
}

fn collect(
    schema: SchemaRef,
    batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    count: usize,
    name: &str,
    options: &ReadOptions,
    limit: Option<usize>,
) -> Result<(Frame, RowCount), DataError> {
    let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
    if names.is_empty() {
        return Err(TableError::Empty { file: name.to_owned() }.into());
    }
    let places = options.places(name, &names)?;
    let mut builders =
        places.iter().map(|place| Builder::new(name, schema.field(*place))).collect::<Result<Vec<_>, _>>()?;
    let (mut rows, mut seen, mut all) = (0, 0, true);
    for batch in batches {
        if limit.is_some_and(|limit| rows >= limit) {
            all = false;
            break;
        }
        let batch = batch.map_err(|error| damaged(name, &error))?;
        for (builder, place) in builders.iter_mut().zip(&places) {
            builder.push(name, batch.column(*place), options)?;
        }
        rows += batch.num_rows();
        seen += 1;
    }
    if rows == 0 {
        return Err(TableError::NoRows { file: name.to_owned() }.into());
    }
    let mut notices = vec![];
    let columns = builders.into_iter().map(|builder| builder.finish(&mut notices)).collect();
    let rows = rows as u64;
    let total = match (all, count) {
        (true, _) => RowCount::Exactly(rows),
        (false, 0) => RowCount::MoreThan(rows),
        (false, count) => RowCount::About(rows * count as u64 / seen),
    };
    Ok((Frame::checked(name, columns, notices)?, total))
}
