//! Files of columns with damage in every place: an error or a table, never a panic, and never much memory.

#![allow(unsafe_code, reason = "an allocator that counts")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use arrow_array::{NullArray, RecordBatch};
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_schema::{DataType, Field, Schema};
use flows_data::{Frame, ReadOptions};

/// Remembers the largest piece of memory that was asked for.
struct Counting;

static LARGEST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: the system's allocator does all of the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LARGEST.fetch_max(layout.size(), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        LARGEST.fetch_max(layout.size(), Ordering::Relaxed);
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        LARGEST.fetch_max(size, Ordering::Relaxed);
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What a file of a few kilobytes may ask for.
const MOST: usize = (1 << 28) + (1 << 26);

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/tables")).join(name);
    std::fs::read(path).expect("read")
}

/// Reads a file of these bytes; whether it is a table. An error names the file and says what to do.
fn is_table(path: &PathBuf, bytes: &[u8], what: &str) -> bool {
    std::fs::write(path, bytes).expect("written");
    LARGEST.store(0, Ordering::Relaxed);
    let (read, peek) = (Frame::read(path, &ReadOptions::new()), Frame::peek(path, &ReadOptions::new(), 1));
    let largest = LARGEST.load(Ordering::Relaxed);
    assert!(largest <= MOST, "{what}: {largest} bytes at once");
    for error in [read.as_ref().err(), peek.as_ref().err()].into_iter().flatten() {
        let error = error.to_string();
        assert!(error.contains(&path.display().to_string()), "{what}: {error}");
    }
    read.is_ok()
}

const FILES: [&str; 9] = [
    "types.parquet",
    "duckdb.parquet",
    "polars.parquet",
    "lz4.parquet",
    "types.arrow",
    "pandas.feather",
    "polars.arrow",
    "polars.arrows",
    "runs.arrow",
];

#[test]
fn a_file_that_ends_early_is_an_error() {
    let dir = tempfile::tempdir().expect("a directory");
    for name in FILES {
        let (path, bytes) = (dir.path().join(name), fixture(name));
        for end in (0..bytes.len()).step_by(23).chain(bytes.len() - 12..bytes.len()) {
            // A stream may end without a mark.
            let may_be_whole = name.ends_with(".arrows") && end + 8 >= bytes.len();
            assert!(!is_table(&path, &bytes[..end], &format!("{name} to {end}")) || may_be_whole, "{name} to {end}");
        }
    }
}

#[test]
fn a_byte_that_is_another_one_is_no_panic_and_takes_no_memory() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut tables = 0;
    for name in FILES {
        let (path, bytes) = (dir.path().join(name), fixture(name));
        for (place, flip) in (0..bytes.len()).step_by(3).zip([0x80, 0xff, 0x01, 0x10].into_iter().cycle()) {
            let mut other = bytes.clone();
            other[place] ^= flip;
            tables += usize::from(is_table(&path, &other, &format!("{name}, {flip:#x} at {place}")));
        }
    }
    // Most bytes are values, names and notes, which may be others.
    assert!(tables > 500, "{tables}");
}

#[test]
fn rows_that_take_no_room_in_a_file_are_refused_where_there_are_too_many() {
    let dir = tempfile::tempdir().expect("a directory");
    let schema = Arc::new(Schema::new(vec![Field::new("nothing", DataType::Null, true)]));
    for rows in [1_000_000, 1 << 40, i64::MAX as usize] {
        let batch = RecordBatch::try_new(schema.clone(), vec![Arc::new(NullArray::new(rows))]).expect("a batch");
        let mut file = FileWriter::try_new(vec![], &schema).expect("begun");
        file.write(&batch).expect("written");
        let mut stream = StreamWriter::try_new(vec![], &schema).expect("begun");
        stream.write(&batch).expect("written");
        for (name, bytes) in [("t.arrow", file.into_inner()), ("t.arrows", stream.into_inner())] {
            let bytes = bytes.expect("ended");
            assert_eq!(is_table(&dir.path().join(name), &bytes, name), rows == 1_000_000, "{name}, {rows}");
        }
    }
}
