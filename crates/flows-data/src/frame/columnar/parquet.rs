//! Frames from Parquet.

use bytes::Bytes;
use parquet::arrow::{
    ProjectionMask,
    arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder},
};
use parquet::file::reader::ChunkReader;

use super::super::{Frame, ReadOptions, RowCount, bytes::Source};
use super::arrays::Builder;
use crate::DataError;
use crate::table::TableError;

/// Rows that are decoded at a time.
const BATCH: usize = 1 << 16;

/// Reads a file, or its first rows.
pub(in crate::frame) fn read(
    source: &Source,
    options: &ReadOptions,
    limit: Option<usize>,
) -> Result<(Frame, RowCount), DataError> {
    match &source.file {
        Some(file) => of(file.try_clone().map_err(|error| damaged(&source.name, &error))?, source, options, limit),
        None => of(Bytes::from(source.bytes.clone()), source, options, limit),
    }
}

fn damaged(file: &str, error: &dyn std::fmt::Display) -> TableError {
    let hint = "pandas' `to_parquet` or polars' `write_parquet` writes one";
    TableError::Damaged { file: file.to_owned(), format: "a Parquet file", reason: error.to_string(), hint }
}

fn of<R: ChunkReader + 'static>(
    reader: R,
    source: &Source,
    options: &ReadOptions,
    limit: Option<usize>,
) -> Result<(Frame, RowCount), DataError> {
    let name = source.name.as_str();
    let builder = ParquetRecordBatchReaderBuilder::try_new(reader).map_err(|error| damaged(name, &error))?;
    let count = builder.metadata().file_metadata().num_rows().max(0) as u64;
    let schema = builder.schema().clone();
    let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
    if names.is_empty() {
        return Err(TableError::Empty { file: name.to_owned() }.into());
    }
    if count == 0 {
        return Err(TableError::NoRows { file: name.to_owned() }.into());
    }
    let places = options.places(name, &names)?;
    let mut builders =
        places.iter().map(|place| Builder::new(name, schema.field(*place))).collect::<Result<Vec<_>, _>>()?;
    let mask = ProjectionMask::roots(builder.parquet_schema(), places.iter().copied());
    let builder = builder.with_projection(mask).with_batch_size(BATCH);
    let builder = if let Some(limit) = limit { builder.with_limit(limit) } else { builder };
    let batches: ParquetRecordBatchReader = builder.build().map_err(|error| damaged(name, &error))?;
    for batch in batches {
        let batch = batch.map_err(|error| damaged(name, &error))?;
        for (builder, place) in builders.iter_mut().zip(&places) {
            // The columns of a batch are in the order of the file.
            let at = places.iter().filter(|other| *other < place).count();
            builder.push(name, batch.column(at), options)?;
        }
    }
    let mut notices = vec![];
    let columns = builders.into_iter().map(|builder| builder.finish(&mut notices)).collect();
    Ok((Frame::checked(name, columns, notices)?, RowCount::Exactly(count)))
}
