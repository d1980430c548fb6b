//! The pages of a Parquet file, by sizes that are checked before anything is allocated for them.

use std::ops::Range;

use bytes::Bytes;
use parquet::{
    basic::Compression,
    file::{
        metadata::{ColumnChunkMetaData, ParquetMetaData},
        reader::ChunkReader,
    },
};

use super::{
    limit::Limit,
    thrift::{Found, Walk},
};

/// The bytes that are read first of the head of a page, most of which are far shorter.
const HEAD: u64 = 256;
/// No head is longer than this, with the least and the largest value of its page in it.
const LONGEST: u64 = 1 << 24;
/// What any codec may add.
const SLACK: u64 = 1 << 16;

/// Checks the pages of the first so many groups of rows, of the columns at some places.
pub(super) fn check<R: ChunkReader>(
    reader: &R,
    metadata: &ParquetMetaData,
    groups: usize,
    places: &[usize],
    limit: Limit,
) -> Result<(), String> {
    for group in &metadata.row_groups()[..groups] {
        for (leaf, chunk) in group.columns().iter().enumerate() {
            if places.binary_search(&group.schema_descr().get_column_root_idx(leaf)).is_ok() {
                check_chunk(reader, chunk, limit)?;
            }
        }
    }
    Ok(())
}

fn check_chunk<R: ChunkReader>(reader: &R, chunk: &ColumnChunkMetaData, limit: Limit) -> Result<(), String> {
    let ends = || "it ends before its data do".to_owned();
    let (start, length) = chunk.byte_range();
    let end = start.checked_add(length).filter(|end| *end <= limit.file).ok_or_else(ends)?;
    // What a byte unpacks to at most, of codecs whose output is allocated before they begin.
    let most = match chunk.compression() {
        Compression::SNAPPY => 64,
        Compression::LZ4 | Compression::LZ4_RAW => 256,
        Compression::GZIP(_) => 1100,
        _ => u64::MAX,
    };
    let mut at = start;
    while at < end {
        let page = head(reader, at..end)?;
        let packed = u64::try_from(page.packed).map_err(|_| ends())?;
        let unpacked = u64::try_from(page.unpacked).map_err(|_| ends())?;
        if unpacked > packed.saturating_mul(most).saturating_add(SLACK) {
            return Err(format!("a page of {packed} bytes cannot be {unpacked} bytes"));
        }
        limit.check(unpacked)?;
        // A value of a dictionary has a byte at least.
        if page.dictionary > page.unpacked {
            return Err(format!("a page of {unpacked} bytes cannot have {} values", page.dictionary));
        }
        at = at.saturating_add(page.head).saturating_add(packed);
    }
    Ok(())
}

/// What the head of a page says.
#[derive(Debug, Clone, Copy, Default)]
struct Page {
    head: u64,
    unpacked: i64,
    packed: i64,
    /// The number of values of a dictionary.
    dictionary: i64,
}

fn head<R: ChunkReader>(reader: &R, place: Range<u64>) -> Result<Page, String> {
    let mut length = HEAD;
    loop {
        let length_here = length.min(place.end - place.start);
        let bytes: Bytes = reader.get_bytes(place.start, length_here as usize).map_err(|error| error.to_string())?;
        let (mut page, mut walk) = (Page::default(), Walk::new(&bytes));
        let walked = walk.record(&mut vec![], &mut |path, found| {
            let Found::Whole(number) = found else { return };
            match path {
                [2] => page.unpacked = number,
                [3] => page.packed = number,
                [7, 1] => page.dictionary = number,
                _ => {}
            }
        });
        match walked {
            Some(()) => return Ok(Page { head: length_here - walk.left() as u64, ..page }),
            None if length_here < length || length >= LONGEST => return Err("the head of a page is damaged".to_owned()),
            None => length *= 16,
        }
    }
}
