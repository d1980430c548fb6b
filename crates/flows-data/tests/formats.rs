//! Tables that other programs wrote (`tests/fixtures/tables/make.py`), and what becomes of them in every format.

use std::path::{Path, PathBuf};

use flows_data::{Cells, DataError, Frame, FrameColumn, FrameWriter, Notice, ReadOptions, RowCount, Style};

fn fixture(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/tables")).join(name)
}

fn read(name: &str) -> Frame {
    Frame::read(fixture(name), &ReadOptions::new()).unwrap_or_else(|error| panic!("{error}"))
}

fn texts(column: &FrameColumn) -> Vec<String> {
    (0..column.cells.len()).map(|row| column.text(row).unwrap_or_else(|| "-".to_owned())).collect()
}

/// What is in the columns that Parquet and Arrow both have, as `make.py` says.
const EXPECTED: [(&str, [&str; 4]); 23] = [
    ("bool", ["true", "-", "false", "true"]),
    ("int8", ["-1", "-", "3", "127"]),
    ("int16", ["-1", "-", "3", "4"]),
    ("int32", ["-1", "-", "3", "4"]),
    ("int64", ["-1", "-", "9007199254740992", "4"]),
    ("uint8", ["1", "-", "3", "255"]),
    ("uint16", ["1", "-", "3", "4"]),
    ("uint32", ["1", "-", "3", "4"]),
    ("uint64", ["1", "-", "3", "4"]),
    ("float", ["0.1", "-", "-2.5", "3.0"]),
    ("double", ["0.1", "-", "-2.5", "-"]),
    ("decimal", ["1.20", "-", "-3.45", "0.00"]),
    ("text", ["a", "-", "-", "ä, b"]),
    ("large_text", ["a", "-", "b", "a"]),
    ("dictionary", ["x", "-", "y", "x"]),
    ("date_text", ["2024-03-14", "-", "2024-03-15", "2024-03-16"]),
    ("date32", ["2024-03-14", "-", "1969-12-31", "2024-03-15"]),
    ("time_s", ["2024-03-14T15:09:26", "-", "1969-12-31T23:59:59", "2024-03-15T00:00:00"]),
    ("time_ms", ["2024-03-14T15:09:26", "-", "1969-12-31T23:59:59", "2024-03-15T00:00:00"]),
    ("time_us_utc", ["2024-03-14T15:09:26Z", "-", "1969-12-31T23:59:59Z", "2024-03-15T00:00:00Z"]),
    ("time_ns_oslo", ["2024-03-14T15:09:26Z", "-", "1969-12-31T23:59:59Z", "2024-03-15T00:00:00Z"]),
    ("clock", ["3723", "-", "0", "86399"]),
    ("nothing", ["-", "-", "-", "-"]),
];

#[test]
fn every_type_of_parquet_and_arrow_is_read() {
    for name in ["types.parquet", "types.feather", "types.arrow", "stream.arrows"] {
        let frame = read(name);
        for (column, expected) in EXPECTED {
            assert_eq!(texts(frame.column(column).expect("there")), expected, "{column} of {name}");
        }
        let notices: Vec<String> = frame.notices().iter().map(ToString::to_string).collect();
        assert!(notices.iter().any(|notice| notice.contains("`int64` have more digits")), "{notices:?}");
        assert!(notices.iter().any(|notice| notice.contains("`clock` is Time32(s), read as seconds")), "{notices:?}");
        assert_eq!(frame.column("bool").expect("there").style, Style::Flags);
    }
    let arrow = read("types.arrow");
    for (column, expected) in [
        ("half", ["0.5", "-1.5", "2.0", "3.0"]),
        ("date64", ["2024-03-14", "-", "1969-12-31", "2024-03-15"]),
        ("duration", ["1.500", "-", "0.000", "0.001"]),
        ("view", ["a", "-", "b", "a"]),
    ] {
        assert_eq!(texts(arrow.column(column).expect("there")), expected, "{column}");
    }
    assert_eq!(texts(read("runs.arrow").column("runs").expect("there")), ["7", "8", "8", "8"]);
}

#[test]
fn every_compression_is_unpacked_and_pandas_own_columns_are_there() {
    for name in ["gzip.parquet", "zstd.parquet", "lz4.parquet", "plain.parquet"] {
        assert_eq!(texts(read(name).column("text").expect("there")), ["a", "-", "-", "ä, b"], "{name}");
    }
    let pandas = read("pandas.parquet");
    assert_eq!(pandas.names(), ["n", "kind", "__index_level_0__"]);
    assert_eq!(texts(&pandas.columns()[1]), ["a", "b", "a"]);
}

#[test]
fn nested_columns_are_errors_that_name_column_and_type_unless_they_are_left_out() {
    let error = Frame::read(fixture("nested.parquet"), &ReadOptions::new()).expect_err("lists").to_string();
    assert!(error.contains("column `tags`: it is of type List") && error.contains("hint:"), "{error}");
    for (columns, message) in [("point", "`point`: it is of type Struct"), ("raw", "`raw`: it is of type Binary")] {
        let options = ReadOptions::new().with_columns(columns.parse().expect("a selection"));
        let error = Frame::read(fixture("nested.parquet"), &options).expect_err(columns).to_string();
        assert!(error.contains(message), "{error}");
    }
    let options = ReadOptions::new().with_columns("!tags,!point,!raw".parse().expect("a selection"));
    assert_eq!(Frame::read(fixture("nested.parquet"), &options).expect("numbers").names(), ["x"]);
}

#[test]
fn columns_are_read_in_the_order_that_is_asked_for() {
    for name in ["types.parquet", "types.arrow"] {
        let options = ReadOptions::new().with_columns("text,int8,double".parse().expect("a selection"));
        let frame = Frame::read(fixture(name), &options).expect("three columns");
        assert_eq!(frame.names(), ["text", "int8", "double"]);
        assert_eq!(texts(&frame.columns()[1]), ["-1", "-", "3", "127"]);
        assert!(matches!(frame.columns()[0].cells, Cells::Words { .. }));
    }
}

#[test]
fn the_first_rows_are_read_with_the_number_of_all() {
    for (name, rows) in [
        ("types.parquet", RowCount::Exactly(4)),
        ("types.arrow", RowCount::About(6)),
        ("stream.arrows", RowCount::Exactly(4)),
        ("two.npz", RowCount::Exactly(2)),
    ] {
        let peek = Frame::peek(fixture(name), &ReadOptions::new(), 1).expect("read");
        assert_eq!((peek.frame.rows(), peek.rows), (1, rows), "{name}");
    }
}

#[test]
fn arrays_and_records_of_numpy_are_read() {
    let two = read("two.npz");
    assert_eq!(two.names(), ["x_1", "x_2", "label", "day"]);
    assert_eq!(texts(two.column("day").expect("there")), ["2024-03-14", "-"]);
    assert_eq!(texts(two.column("x_2").expect("there")), ["2.5", "4.5"]);
    assert_eq!(texts(read("packed.npz").column("x").expect("there")), ["0", "1", "2"]);
    let record = read("record.npy");
    assert_eq!(record.names(), ["id", "x", "word"]);
    assert_eq!(texts(record.column("word").expect("there")), ["a", "b"]);
}

#[test]
fn what_is_written_as_parquet_or_arrow_reads_back_as_it_was() {
    let dir = tempfile::tempdir().expect("a directory");
    let frame = read("types.parquet");
    for name in ["t.parquet", "t.arrow", "t.feather"] {
        let path = dir.path().join(name);
        let mut writer = FrameWriter::create(&path).expect("created");
        writer.write(&frame).expect("written");
        writer.write(&frame).expect("written");
        assert!(!path.exists());
        writer.commit().expect("in its place");
        let back = Frame::read(&path, &ReadOptions::new()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(back.rows(), 8, "{name}");
        for (column, expected) in EXPECTED.iter().filter(|(column, _)| *column != "double") {
            let read = texts(back.column(column).expect("there"));
            assert_eq!((&read[..4], &read[4..]), (&expected[..], &expected[..]), "{column} of {name}");
        }
    }
    let empty = FrameWriter::create(dir.path().join("empty.parquet")).expect("created");
    assert!(empty.commit().is_err() && !dir.path().join("empty.parquet").exists());
}

#[test]
fn damaged_and_foreign_files_are_errors_that_name_the_file_and_say_what_to_do() {
    let dir = tempfile::tempdir().expect("a directory");
    let good = |name: &str| std::fs::read(fixture(name)).expect("read");
    let half = |name: &str| good(name)[..good(name).len() / 2].to_vec();
    for (name, bytes) in [
        ("torn.parquet", half("types.parquet")),
        ("torn.arrow", half("types.arrow")),
        ("torn.arrows", half("stream.arrows")),
        ("torn.npz", half("two.npz")),
        ("text.parquet", b"a,b\n1,2\n".to_vec()),
        ("sheet.xlsx", b"PK\x03\x04 xl/workbook.xml".to_vec()),
        ("book.pdf", b"%PDF".to_vec()),
        ("a.csv", b"BZh9".to_vec()),
        ("empty.csv", vec![]),
        ("empty.parquet", vec![]),
        ("empty.json", vec![]),
    ] {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        let error = Frame::read(&path, &ReadOptions::new()).expect_err(name);
        assert!(matches!(error, DataError::Table(_) | DataError::Io { .. }), "{error:?}");
        assert!(error.to_string().contains(name), "{error}");
        assert!(Frame::peek(&path, &ReadOptions::new(), 10).is_err(), "{name}");
    }
    let folder = Frame::read(dir.path(), &ReadOptions::new()).expect_err("a folder").to_string();
    assert!(folder.contains("cannot read"), "{folder}");
}

#[test]
fn packed_files_of_any_format_are_unpacked_whatever_they_are_called() {
    let dir = tempfile::tempdir().expect("a directory");
    let csv = b"a,b\n1,x\n2,y\n";
    for (name, bytes) in [
        ("t.csv.zst", zstd::encode_all(&csv[..], 3).expect("packed")),
        ("t.csv", zstd::encode_all(&csv[..], 3).expect("packed")),
        (
            "types.parquet.zst",
            zstd::encode_all(&std::fs::read(fixture("plain.parquet")).expect("read")[..], 3).expect("packed"),
        ),
    ] {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        assert_eq!(Frame::read(&path, &ReadOptions::new()).expect("unpacked").columns().len(), 2, "{name}");
        assert!(Frame::peek(&path, &ReadOptions::new(), 1).is_ok(), "{name}");
    }
}

#[test]
fn a_text_of_another_encoding_and_dialect_is_read_and_told() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("t.csv");
    let text = "# gemessen\nStra\u{df}e;Datum;Wert\nA;31.12.2024;1.234,5\nB;01.01.2025;0,25\n";
    std::fs::write(&path, text.chars().map(|c| c as u8).collect::<Vec<_>>()).expect("written");
    let frame = Frame::read(&path, &ReadOptions::new()).expect("read");
    assert_eq!(frame.names(), ["Straße", "Datum", "Wert"]);
    assert_eq!(texts(&frame.columns()[1]), ["31.12.2024", "01.01.2025"]);
    assert_eq!(frame.columns()[2].cells, Cells::Numbers(vec![1234.5, 0.25]));
    let told = |test: fn(&Notice) -> bool| frame.notices().iter().any(test);
    assert!(told(|notice| matches!(notice, Notice::Encoding { .. })));
    assert!(told(|notice| matches!(notice, Notice::DecimalComma)));
    assert!(told(|notice| matches!(notice, Notice::Delimiter { delimiter: ';' })));
}
