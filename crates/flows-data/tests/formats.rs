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
        assert!(notices.iter().any(|notice| notice == "`clock` is a time of day, read as seconds"), "{notices:?}");
        let zone = "`time_ns_oslo` is in the zone Europe/Oslo, read as UTC";
        assert!(notices.iter().any(|notice| notice == zone), "{notices:?}");
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
fn columns_that_no_cell_can_hold_are_left_out_and_noticed_and_an_error_where_nothing_is_left() {
    let frame = read("nested.parquet");
    assert_eq!(frame.names(), ["x"]);
    let left_out = |column: &str, kind| Notice::NoCells { column: column.to_owned(), kind };
    assert_eq!(frame.notices(), [left_out("tags", "lists"), left_out("point", "structs"), left_out("raw", "bytes")]);
    let message = frame.notices()[0].to_string();
    assert_eq!(message, "left out `tags`: it holds lists; hint: write it as text or as columns of numbers");
    let options = ReadOptions::new().with_columns("!tags,!point,!raw".parse().expect("a selection"));
    assert_eq!(Frame::read(fixture("nested.parquet"), &options).expect("numbers").notices(), []);
    let options = ReadOptions::new().with_columns("point".parse().expect("a selection"));
    let error = Frame::read(fixture("nested.parquet"), &options).expect_err("structs").to_string();
    assert!(error.contains("column `point`: it holds structs") && error.contains("hint:"), "{error}");
    for name in ["lists.parquet", "lists.feather"] {
        let error = Frame::read(fixture(name), &ReadOptions::new()).expect_err("lists alone").to_string();
        assert!(error.contains(name) && error.contains("column `tags`: it holds lists"), "{error}");
    }
}

#[test]
fn rare_types_are_read() {
    for name in ["rare.parquet", "rare.feather"] {
        let frame = read(name);
        for (column, expected) in [
            ("d256", ["1.50", "-", "-2.25"]),
            ("whole", ["9007199254740992", "-", "5"]),
            ("fine", ["0.50", "-", "0.25"]),
            ("codes", ["9007199254740992", "-", "7"]),
            ("east", ["9999-12-31T05:30:00+05:30", "-", "2024-03-15T05:30:01+05:30"]),
            ("clock_ns", ["1.5", "-", "43200.0"]),
            ("same", ["x", "-", "x"]),
            ("lost", ["-", "-", "-"]),
        ] {
            assert_eq!(texts(frame.column(column).expect("there")), expected, "{column} of {name}");
        }
        let rounded = frame.notices().iter().filter(|notice| matches!(notice, Notice::Rounded { cells: 1, .. }));
        assert_eq!(rounded.count(), 2, "{name}: {:?}", frame.notices());
    }
    // Times of 96 bits, as Spark writes them, reach further than nanoseconds do.
    let never = texts(&read("spark.parquet").columns()[0]);
    assert_eq!(never, ["9999-12-31T00:00:00", "-", "2024-03-15T00:00:01"]);
}

#[test]
fn tables_of_polars_duckdb_and_pandas_are_read() {
    for name in ["polars.parquet", "polars.arrow", "polars.arrows"] {
        let frame = read(name);
        for (column, expected) in [
            ("i", ["1", "-", "3"]),
            ("x", ["0.5", "-", "-"]),
            ("flag", ["true", "-", "false"]),
            ("word", ["a", "-", "b"]),
            ("kind", ["u", "-", "v"]),
            ("size", ["S", "-", "M"]),
            ("day", ["2024-03-14", "-", "1969-12-31"]),
            ("at", ["2024-03-14T15:09:26.5", "-", "2024-03-14T15:09:26.5"]),
            ("oslo", ["2024-03-14T15:09:26.5Z", "-", "2024-03-14T15:09:26.5Z"]),
            ("took", ["1.5", "-", "0.0"]),
            ("clock", ["3723", "-", "0"]),
            ("price", ["1.20", "-", "-3.45"]),
            ("nothing", ["-", "-", "-"]),
        ] {
            assert_eq!(texts(frame.column(column).expect("there")), expected, "{column} of {name}");
        }
        let nested = frame.notices().iter().filter(|notice| matches!(notice, Notice::NoCells { .. })).count();
        assert_eq!((frame.columns().len(), nested), (13, if name == "polars.arrows" { 0 } else { 3 }), "{name}");
    }
    let duckdb = read("duckdb.parquet");
    for (column, expected) in [
        ("tiny", "1"),
        ("huge", "1"),
        ("big", "9007199254740992"),
        ("price", "1.20"),
        ("whole", "5"),
        ("single", "0.1"),
        ("flag", "true"),
        ("word", "a"),
        ("kind", "u"),
        ("day", "2024-03-14"),
        ("clock", "3723"),
        ("stamp", "2024-03-14T15:09:26.5"),
        ("at_s", "2024-03-14T15:09:26"),
        ("at_ms", "2024-03-14T15:09:26.5"),
        ("at_ns", "2024-03-14T15:09:26.5"),
        ("at_tz", "2024-03-14T15:09:26.5Z"),
    ] {
        assert_eq!(texts(duckdb.column(column).expect("there")), [expected, "-"], "{column}");
    }
    let left_out = |notice: &&Notice| matches!(notice, Notice::NoCells { .. });
    assert_eq!(duckdb.notices().iter().filter(left_out).count(), 4, "{:?}", duckdb.notices());
    let pandas = read("pandas.feather");
    for (column, expected) in [
        ("n", ["1", "-", "3"]),
        ("flag", ["true", "-", "false"]),
        ("x", ["0.5", "-", "2.0"]),
        ("word", ["a", "-", "b"]),
        ("kind", ["v", "-", "u"]),
        ("level", ["2.5", "-", "1.5"]),
        ("at", ["2024-03-14T15:09:26.5", "-", "2024-03-15T00:00:00.0"]),
        ("oslo", ["2024-03-14T15:09:26Z", "-", "2024-03-15T00:00:00Z"]),
        ("took", ["1.5", "-", "0.0"]),
    ] {
        assert_eq!(texts(pandas.column(column).expect("there")), expected, "{column}");
    }
    // A category that no row has is no word of the column.
    let Cells::Words { words, .. } = &pandas.column("kind").expect("there").cells else { panic!("words") };
    assert_eq!(words, &["v", "u"]);
}

#[test]
fn a_missing_number_is_counted_in_addition_by_what_the_options_say() {
    let options = ReadOptions::new().with_nulls(["3", "a"]);
    let frame = Frame::read(fixture("types.arrow"), &options).expect("read");
    assert_eq!(texts(frame.column("int32").expect("there")), ["-1", "-", "-", "4"]);
    assert_eq!(texts(frame.column("large_text").expect("there")), ["-", "-", "b", "-"]);
}

#[test]
fn tables_without_rows_or_columns_and_names_that_come_twice_are_errors() {
    for (name, message) in [
        ("no_rows", "no row of data"),
        ("no_columns", "there is no column"),
        ("twice", "columns 1 and 3 (counting from 1) are both named `a`"),
    ] {
        for extension in ["parquet", "feather"] {
            let name = format!("{name}.{extension}");
            for error in [
                Frame::read(fixture(&name), &ReadOptions::new()).expect_err(&name).to_string(),
                Frame::peek(fixture(&name), &ReadOptions::new(), 5).expect_err(&name).to_string(),
            ] {
                assert!(error.contains(&name) && error.contains(message), "{error}");
            }
        }
    }
    let options = ReadOptions::new().with_columns("b".parse().expect("a selection"));
    assert_eq!(Frame::read(fixture("twice.parquet"), &options).expect("one column").names(), ["b"]);
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
        ("types.arrow", RowCount::Exactly(4)),
        ("stream.arrows", RowCount::Exactly(4)),
        ("two.npz", RowCount::Exactly(2)),
    ] {
        let peek = Frame::peek(fixture(name), &ReadOptions::new(), 1).expect("read");
        assert_eq!((peek.frame.rows(), peek.rows), (1, rows), "{name}");
    }
    // Of the second batch nothing is looked at.
    let dir = tempfile::tempdir().expect("a directory");
    for name in ["t.parquet", "t.arrow", "t.arrows"] {
        let path = dir.path().join(name);
        let part = |x: f64| Frame::new(vec![FrameColumn::numbers("x", (0..70_000).map(|i| x + f64::from(i)))]);
        let mut writer = FrameWriter::create(&path).expect("created");
        writer.write(&part(0.5).expect("good")).expect("written");
        writer.write(&part(0.25).expect("good")).expect("written");
        writer.commit().expect("in its place");
        let mut bytes = std::fs::read(&path).expect("read");
        let middle = bytes.len() * 3 / 5;
        bytes[middle..middle + 1000].fill(0xff);
        std::fs::write(&path, bytes).expect("written");
        let peek = Frame::peek(&path, &ReadOptions::new(), 70_000).expect("read");
        assert_eq!((peek.frame.rows(), peek.rows), (70_000, RowCount::Exactly(140_000)), "{name}");
        assert_eq!(peek.frame.columns()[0].cells.values().expect("numbers")[69_999], 69_999.5);
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
    for name in ["t.parquet", "t.pq", "t.arrow", "t.feather", "t.ipc", "t.arrows"] {
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
            assert_eq!(read[..4], expected[..], "{column} of {name}");
            assert_eq!(read[4..], expected[..], "{column} of {name}");
        }
    }
    assert!(std::fs::read(dir.path().join("t.arrow")).expect("read").starts_with(b"ARROW1"));
    assert!(std::fs::read(dir.path().join("t.arrows")).expect("read").starts_with(&[0xff; 4]));
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
        ("empty.arrow", vec![]),
        ("text.feather", b"a,b\n1,2\n".to_vec()),
        ("old.feather", b"FEA1 of the first version".to_vec()),
        ("brotli.parquet", good("brotli.parquet")),
        ("empty.json", vec![]),
    ] {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        let error = Frame::read(&path, &ReadOptions::new()).expect_err(name);
        assert!(matches!(error, DataError::Table(_) | DataError::Io { .. }), "{error:?}");
        assert!(error.to_string().contains(name), "{error}");
        let binary = ["parquet", "arrow", "feather", "arrows"].iter().any(|extension| name.ends_with(extension));
        assert!(!binary || error.to_string().contains("hint:"), "{error}");
        assert!(Frame::peek(&path, &ReadOptions::new(), 10).is_err(), "{name}");
    }
    let folder = Frame::read(dir.path(), &ReadOptions::new()).expect_err("a folder").to_string();
    assert!(folder.contains("cannot read"), "{folder}");
}

#[test]
fn packed_files_of_any_format_are_unpacked_whatever_they_are_called() {
    let dir = tempfile::tempdir().expect("a directory");
    let csv = b"a,b\n1,x\n2,y\n";
    let packed = |name: &str| zstd::encode_all(&std::fs::read(fixture(name)).expect("read")[..], 3).expect("packed");
    for (name, bytes) in [
        ("t.csv.zst", zstd::encode_all(&csv[..], 3).expect("packed")),
        ("t.csv", zstd::encode_all(&csv[..], 3).expect("packed")),
        ("t.parquet.zst", packed("plain.parquet")),
    ] {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        assert_eq!(Frame::read(&path, &ReadOptions::new()).expect("unpacked").columns().len(), 2, "{name}");
        assert!(Frame::peek(&path, &ReadOptions::new(), 1).is_ok(), "{name}");
    }
    let path = dir.path().join("packed");
    std::fs::write(&path, packed("types.arrow")).expect("written");
    let named = |extension: &str| {
        let named = path.with_extension(extension);
        std::fs::copy(&path, &named).expect("copied");
        Frame::read(named, &ReadOptions::new()).expect("read").rows()
    };
    assert_eq!((named("arrow.zst"), named("feather")), (4, 4));
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
