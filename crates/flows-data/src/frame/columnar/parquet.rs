//! Frames from Parquet.

use std::sync::Arc;

use arrow_schema::{DataType, Schema, TimeUnit};
use bytes::Bytes;
use parquet::{
    arrow::{
        ProjectionMask,
        arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder},
    },
    basic::{Compression, Type},
    file::{metadata::ParquetMetaData, reader::ChunkReader},
};

use super::super::{Frame, ReadOptions, RowCount, bytes::Source};
use super::{collected::Collected, damaged::Reading, limit::Limit, pages, thrift::check_footer};
use crate::DataError;
use crate::table::TableError;

/// Rows that are decoded at a time.
const BATCH: usize = 1 << 16;
/// The mark at both ends of a file.
const MARK: &[u8] = b"PAR1";

/// Reads a file, or its first rows.
pub(in crate::frame) fn read(
    source: &Source,
    options: &ReadOptions,
    rows: Option<usize>,
) -> Result<(Frame, RowCount), DataError> {
    let hint = "pandas' `to_parquet` or polars' `write_parquet` writes one that can be read";
    let reading = Reading { file: &source.name, format: "a Parquet file", hint };
    reading.read(|| match &source.file {
        Some(file) => of(file.try_clone().map_err(|error| reading.damaged(error))?, reading, options, rows),
        None => of(Bytes::from(source.bytes.clone()), reading, options, rows),
    })
}

fn of<R: ChunkReader + 'static>(
    reader: R,
    reading: Reading<'_>,
    options: &ReadOptions,
    wanted: Option<usize>,
) -> Result<(Frame, RowCount), DataError> {
    let damaged = |reason: String| reading.damaged(reason);
    let limit = Limit::of(reader.len());
    check_ends(&reader).map_err(damaged)?;
    let described = describe(&reader).map_err(damaged)?;
    let metadata = described.metadata().clone();
    let mut columns = Collected::new(reading.file, described.schema(), options)?;
    let count = |groups: usize| {
        let rows = metadata.row_groups()[..groups].iter().map(|group| group.num_rows().max(0) as u64);
        rows.fold(0, u64::saturating_add)
    };
    let groups = (0..metadata.num_row_groups())
        .find(|groups| wanted.is_some_and(|wanted| count(*groups) >= wanted as u64))
        .unwrap_or(metadata.num_row_groups());
    require_codec(&metadata, &columns.places, reading.file)?;
    limit.check_rows(count(groups), columns.places.len()).map_err(damaged)?;
    pages::check(&reader, &metadata, groups, &columns.places, limit).map_err(damaged)?;

    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(reader, described);
    let mask = ProjectionMask::roots(builder.parquet_schema(), columns.places.iter().copied());
    let builder = builder.with_projection(mask).with_batch_size(BATCH).with_row_groups((0..groups).collect());
    let builder = if let Some(wanted) = wanted { builder.with_limit(wanted) } else { builder };
    for batch in builder.build().map_err(|error| reading.damaged(error))? {
        let pushed = batch.and_then(|batch| columns.push(&batch, options));
        pushed.map_err(|error| reading.damaged(error))?;
    }
    let (all, read) = (count(metadata.num_row_groups()), columns.rows);
    let promised = count(groups).min(wanted.map_or(u64::MAX, |wanted| wanted as u64));
    if read != promised {
        return Err(damaged(format!("it has {read} rows and says {promised}")));
    }
    Ok((columns.finish(reading.file)?, RowCount::Exactly(all)))
}

/// Checks that the file has both of its ends, and its description.
fn check_ends<R: ChunkReader>(reader: &R) -> Result<(), String> {
    let bytes = |start: u64, length: u64| {
        let bytes = reader.get_bytes(start, length as usize);
        bytes.map_err(|error| error.to_string())
    };
    let end = reader.len().checked_sub(8).filter(|end| *end >= 4).ok_or("it is too short")?;
    if bytes(0, 4)?[..] != *MARK {
        return Err("it does not begin as one does".to_owned());
    }
    let tail = bytes(end, 8)?;
    let length = match (tail.first_chunk::<4>(), &tail[4..]) {
        (Some(length), MARK) => u64::from(u32::from_le_bytes(*length)),
        _ => return Err("its end is missing".to_owned()),
    };
    let start = end.checked_sub(length).ok_or("its description is longer than the file")?;
    check_footer(&bytes(start, length)?).ok_or_else(|| "its description is damaged".to_owned())
}

/// The description. Times of 96 bits become microseconds: in nanoseconds there is nothing after 2262, and many a table has
/// the end of the year 9999 for "never".
fn describe<R: ChunkReader>(reader: &R) -> Result<ArrowReaderMetadata, String> {
    let read = ArrowReaderMetadata::load(reader, ArrowReaderOptions::new()).map_err(|error| error.to_string())?;
    let metadata = read.metadata().clone();
    let columns = metadata.file_metadata().schema_descr();
    let mut fields: Vec<_> = read.schema().fields().iter().cloned().collect();
    let mut found = false;
    for leaf in (0..columns.num_columns()).filter(|leaf| columns.column(*leaf).physical_type() == Type::INT96) {
        let field = &mut fields[columns.get_column_root_idx(leaf)];
        if let DataType::Timestamp(TimeUnit::Nanosecond, zone) = field.data_type() {
            let kind = DataType::Timestamp(TimeUnit::Microsecond, zone.clone());
            *field = Arc::new(field.as_ref().clone().with_data_type(kind));
            found = true;
        }
    }
    if !found {
        return Ok(read);
    }
    let schema = Schema::new_with_metadata(fields, read.schema().metadata().clone());
    let options = ArrowReaderOptions::new().with_schema(Arc::new(schema));
    ArrowReaderMetadata::try_new(metadata, options).map_err(|error| error.to_string())
}

/// Refuses a codec that is not there, by its name.
fn require_codec(metadata: &ParquetMetaData, places: &[usize], file: &str) -> Result<(), TableError> {
    let is_read = |leaf: usize| {
        let root = metadata.file_metadata().schema_descr().get_column_root_idx(leaf);
        places.binary_search(&root).is_ok()
    };
    let chunks = metadata.row_groups().iter().flat_map(|group| group.columns().iter().enumerate());
    let mut codecs = chunks.filter(|(leaf, _)| is_read(*leaf)).map(|(_, chunk)| chunk.compression());
    let format = match codecs.find(|codec| matches!(codec, Compression::BROTLI(_) | Compression::LZO)) {
        Some(Compression::LZO) => "a Parquet file packed by LZO",
        Some(_) => "a Parquet file packed by Brotli",
        None => return Ok(()),
    };
    let hint = "write it with another compression, such as `to_parquet(.., compression=\"zstd\")`";
    Err(TableError::Format { file: file.to_owned(), format, hint })
}
