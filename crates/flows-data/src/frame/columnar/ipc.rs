//! Frames from Arrow IPC, files and streams; Feather is such a file.

use std::io::{BufReader, Cursor, Read, Seek};

use arrow_ipc::reader::FileDecoder;

use super::super::{Frame, ReadOptions, RowCount, bytes::Source};
use super::{collected::Collected, damaged::Reading, limit::Limit, messages};
use crate::DataError;

/// Reads a file or a stream, or no more batches of it than have so many rows.
pub(in crate::frame) fn read(
    source: &Source,
    options: &ReadOptions,
    rows: Option<usize>,
) -> Result<(Frame, RowCount), DataError> {
    let (format, hint) = ("an Arrow file", "pandas' `to_feather` or polars' `write_ipc` writes one that can be read");
    let reading = Reading { file: &source.name, format, hint };
    reading.read(|| match &source.file {
        Some(file) => {
            let length = file.metadata().map_err(|error| reading.damaged(error))?.len();
            let file = file.try_clone().map_err(|error| reading.damaged(error))?;
            of(BufReader::new(file), Limit::of(length), reading, options, rows)
        }
        None => {
            let limit = Limit::of(source.bytes.len() as u64);
            of(Cursor::new(source.bytes.as_slice()), limit, reading, options, rows)
        }
    })
}

fn of<R: Read + Seek>(
    mut reader: R,
    limit: Limit,
    reading: Reading<'_>,
    options: &ReadOptions,
    wanted: Option<usize>,
) -> Result<(Frame, RowCount), DataError> {
    let found = messages::find(&mut reader, limit).map_err(|reason| reading.damaged(reason))?;
    let mut columns = Collected::new(reading.file, &found.schema, options)?;
    let rows = found.parts.iter().filter_map(|part| part.rows).fold(0, u64::saturating_add);
    limit.check_rows(rows, columns.places.len()).map_err(|reason| reading.damaged(reason))?;
    // Of a stream too: to the decoder its messages are those of a file.
    let mut decoder = FileDecoder::new(found.schema, found.version).with_projection(columns.places.clone());
    for part in &found.parts {
        if wanted.is_some_and(|wanted| columns.rows >= wanted as u64) {
            break;
        }
        let bytes = part.read(&mut reader, limit).map_err(|reason| reading.damaged(reason))?;
        if part.rows.is_none() {
            decoder.read_dictionary(&part.block, &bytes).map_err(|error| reading.damaged(error))?;
        } else if let Some(batch) =
            decoder.read_record_batch(&part.block, &bytes).map_err(|error| reading.damaged(error))?
        {
            columns.push(&batch, options).map_err(|error| reading.damaged(error))?;
        }
    }
    Ok((columns.finish(reading.file)?, RowCount::Exactly(rows)))
}
