//! Frames from numpy's files: one array, or several of one length.

use std::io::{Cursor, Read};

use npyz::{DType, NpyFile, Order, TypeChar, TypeStr};

use super::{Cells, Frame, FrameColumn, ReadOptions, Style, TimeStyle};
use crate::DataError;
use crate::table::{Notice, Place, TableError};

/// Reads an npy file.
pub(super) fn npy(bytes: &[u8], file: &str, options: &ReadOptions) -> Result<Frame, DataError> {
    let mut notices = vec![];
    let all = array(bytes, file, "column", true, &mut notices)?;
    chosen(file, all, notices, options)
}

/// Reads an npz file: a column an array, or several of an array with two dimensions.
pub(super) fn npz(bytes: &[u8], file: &str, options: &ReadOptions) -> Result<Frame, DataError> {
    let damaged = |error: &dyn std::fmt::Display| TableError::Damaged {
        file: file.to_owned(),
        format: "an npz file",
        reason: error.to_string(),
        hint: "numpy's `np.savez` writes one",
    };
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    let (mut all, mut notices) = (vec![], vec![]);
    for place in 0..archive.len() {
        let mut member = archive.by_index(place).map_err(|error| damaged(&error))?;
        let path = member.name().map_err(|error| damaged(&error))?.into_owned();
        let Some(name) = path.strip_suffix(".npy").map(str::to_owned) else { continue };
        let mut content = Vec::new();
        member.read_to_end(&mut content).map_err(|error| damaged(&error))?;
        all.extend(array(&content, &format!("{file}, array `{name}`"), &name, false, &mut notices)?);
    }
    chosen(file, all, notices, options)
}

fn chosen(
    file: &str,
    all: Vec<FrameColumn>,
    mut notices: Vec<Notice>,
    options: &ReadOptions,
) -> Result<Frame, DataError> {
    let names: Vec<String> = all.iter().map(|column| column.name.clone()).collect();
    let places = options.places(file, &names)?;
    notices.retain(|notice| match notice {
        Notice::Rounded { column, .. } => places.iter().any(|place| names[*place] == *column),
        _ => true,
    });
    let mut all: Vec<Option<FrameColumn>> = all.into_iter().map(Some).collect();
    let null = |value: f64| if options.is_null_number(value) { f64::NAN } else { value };
    let columns = places.into_iter().filter_map(|place| all[place].take()).map(|column| match column.cells {
        Cells::Numbers(values) if !options.nulls.is_empty() => {
            FrameColumn { cells: Cells::Numbers(values.into_iter().map(null).collect()), ..column }
        }
        cells => FrameColumn { cells, ..column },
    });
    Ok(Frame::checked(file, columns.collect(), notices)?)
}

/// The columns of an array; several are numbered from 1.
fn array(
    bytes: &[u8],
    file: &str,
    name: &str,
    number: bool,
    notices: &mut Vec<Notice>,
) -> Result<Vec<FrameColumn>, TableError> {
    let header_error = |reason: String| TableError::NpyHeader { file: file.to_owned(), reason };
    let owned = || file.to_owned();
    if !bytes.starts_with(b"\x93NUMPY") {
        return Err(TableError::NpyMagic { file: owned() });
    }
    let bytes = crate::table::npy::without_long_marks(bytes.to_vec());
    if !crate::table::npy::shape_is_countable(&bytes) {
        return Err(header_error("the shape has more elements than can be counted".to_owned()));
    }
    let mut rest = bytes.as_slice();
    let npy = NpyFile::new(&mut rest).map_err(|error| header_error(error.to_string()))?;
    let (shape, order, dtype) = (npy.shape().to_vec(), npy.order(), npy.dtype());
    let data = npy.into_inner();
    let (rows, columns) = match shape[..] {
        [rows] => (rows, 1),
        [rows, columns] => (rows, columns),
        _ => return Err(TableError::NpyRank { file: owned(), shape }),
    };
    if columns == 0 {
        return Err(TableError::Empty { file: owned() });
    }
    if rows == 0 {
        return Err(TableError::NoRows { file: owned() });
    }
    let other = |dtype: String| TableError::NpyDtype { file: file.to_owned(), dtype };
    // A record's fields are columns; of an array there is one field.
    let fields: Vec<(String, TypeStr)> = match &dtype {
        DType::Plain(kind) => vec![(name.to_owned(), kind.clone())],
        DType::Record(fields) => (fields.iter())
            .map(|field| match &field.dtype {
                DType::Plain(kind) => Ok((field.name.clone(), kind.clone())),
                nested => Err(other(format!("{} in the field `{}`", nested.descr(), field.name))),
            })
            .collect::<Result<_, _>>()?,
        DType::Array(..) => return Err(other(dtype.descr())),
    };
    let sizes: Vec<usize> = fields.iter().map(|(_, kind)| size(kind)).collect();
    let record: usize = sizes.iter().sum();
    // Before anything is allocated for it: the shape is only what the header claims.
    let expected = rows.saturating_mul(columns).saturating_mul(record as u64);
    if (data.len() as u64) < expected {
        return Err(TableError::NpyTruncated { file: owned(), expected, got: data.len() as u64 });
    }
    let (rows, columns) = (rows as usize, columns as usize);
    let mut found = vec![];
    for column in 0..columns {
        let mut offset = 0;
        for ((field, kind), size) in fields.iter().zip(&sizes) {
            let label = match (&dtype, columns, number) {
                (DType::Plain(_), 1, false) | (DType::Record(_), 1, _) => field.clone(),
                _ => format!("{field}_{}", column + 1),
            };
            let element = |row: usize| {
                let place = if order == Order::C { row * columns + column } else { column * rows + row };
                &data[place * record + offset..][..*size]
            };
            let made = read(label, kind, (0..rows).map(element), notices);
            found.push(made.ok_or_else(|| other(kind.to_string()))?);
            offset += size;
        }
    }
    Ok(found)
}

/// The bytes of an element.
fn size(kind: &TypeStr) -> usize {
    let unit = if kind.type_char() == TypeChar::UnicodeStr { 4 } else { 1 };
    kind.size_field() as usize * unit
}

/// The column of elements of a type, if it has cells for them.
fn read<'a>(
    name: String,
    kind: &TypeStr,
    elements: impl Iterator<Item = &'a [u8]> + Clone,
    notices: &mut Vec<Notice>,
) -> Option<FrameColumn> {
    let big = kind.to_string().starts_with('>');
    let whole = |bytes: &[u8]| {
        let unsigned = bytes.iter().enumerate().fold(0u64, |sum, (place, byte)| {
            let place = if big { bytes.len() - 1 - place } else { place };
            sum | u64::from(*byte) << (8 * place)
        });
        let bits = 8 * bytes.len() as u32;
        // The sign of the highest bit there is.
        let signed = if bits == 64 { unsigned as i64 } else { ((unsigned << (64 - bits)) as i64) >> (64 - bits) };
        (unsigned, signed)
    };
    let size = kind.size_field();
    match (kind.type_char(), size) {
        (TypeChar::Float, 4) => {
            let numbers = elements.map(|bytes| f32::from_bits(whole(bytes).0 as u32));
            // With the digits of single precision: 0.1 is no 0.10000000149011612.
            Some(FrameColumn::numbers(name, numbers.map(short)))
        }
        (TypeChar::Float, 8) => Some(FrameColumn::numbers(name, elements.map(|bytes| f64::from_bits(whole(bytes).0)))),
        (TypeChar::Float, 2) => Some(FrameColumn::numbers(name, elements.map(|bytes| half(whole(bytes).0 as u16)))),
        (TypeChar::Int | TypeChar::Uint, 1 | 2 | 4 | 8) => {
            let signed = kind.type_char() == TypeChar::Int;
            let (mut rounded, mut first) = (0, None);
            let number = |(row, bytes): (usize, &[u8])| {
                let (unsigned, value) = whole(bytes);
                let exact = if signed { i128::from(value) } else { i128::from(unsigned) };
                if exact as f64 as i128 != exact {
                    rounded += 1;
                    first.get_or_insert(row);
                }
                exact as f64
            };
            let numbers: Vec<f64> = elements.enumerate().map(number).collect();
            if let Some(row) = first {
                notices.push(Notice::Rounded { column: name.clone(), cells: rounded, first: Place::Row(row) });
            }
            Some(FrameColumn::numbers(name, numbers))
        }
        (TypeChar::Bool, _) => {
            let words: Cells = elements.map(|bytes| Some(if bytes == [0] { "false" } else { "true" })).collect();
            Some(FrameColumn::new(name, words).styled(Style::Flags))
        }
        (TypeChar::UnicodeStr, _) => {
            let text = |bytes: &[u8]| -> String {
                bytes
                    .chunks_exact(4)
                    .map_while(|unit| char::from_u32(whole(unit).0 as u32).filter(|c| *c != '\0'))
                    .collect()
            };
            let words: Cells = elements.map(text).map(|word| (!word.is_empty()).then_some(word)).collect();
            Some(super::text::meant(name, words, b'.', notices))
        }
        (TypeChar::ByteStr, _) => {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end_matches('\0').to_owned();
            let words: Cells = elements.map(text).map(|word| (!word.is_empty()).then_some(word)).collect();
            Some(super::text::meant(name, words, b'.', notices))
        }
        (TypeChar::DateTime, 8) => {
            let text = kind.to_string();
            let unit = text.split_once('[')?.1.strip_suffix(']')?.to_owned();
            let seconds = seconds(&unit)?;
            let times = elements.map(|bytes| match whole(bytes).1 {
                i64::MIN => f64::NAN,
                ticks => ticks as f64 * seconds,
            });
            let cells: Vec<f64> = times.collect();
            let style = TimeStyle::of(&cells);
            Some(FrameColumn { name, cells: Cells::Times(cells), style: Style::Time(style) })
        }
        _ => None,
    }
}

/// The seconds of a unit of numpy's dates; months and years have no fixed length.
fn seconds(unit: &str) -> Option<f64> {
    Some(match unit {
        "W" => 604_800.0,
        "D" => 86_400.0,
        "h" => 3600.0,
        "m" => 60.0,
        "s" => 1.0,
        "ms" => 1e-3,
        "us" | "μs" => 1e-6,
        "ns" => 1e-9,
        _ => return None,
    })
}

/// The number in double precision whose digits are those of one in single.
pub(super) fn short(value: f32) -> f64 {
    if value.is_finite() { value.to_string().parse().unwrap_or(f64::from(value)) } else { f64::from(value) }
}

/// A number in half precision.
pub(super) fn half(bits: u16) -> f64 {
    let (sign, exponent, fraction) = (bits >> 15, i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
    let size = match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        exponent => (1.0 + fraction / 1024.0) * 2f64.powi(exponent - 15),
    };
    if sign == 1 { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An npy file as numpy writes it.
    fn file(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
        let dict = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}");
        let header = format!("{dict:<117}\n");
        [b"\x93NUMPY\x01\x00".as_slice(), &(header.len() as u16).to_le_bytes(), header.as_bytes(), data].concat()
    }

    fn column(descr: &str, data: &[u8]) -> FrameColumn {
        let npy = npy(&file(descr, "(2,)", data), "t.npy", &ReadOptions::new());
        npy.unwrap_or_else(|error| panic!("{error}")).columns()[0].clone()
    }

    #[test]
    fn elements_of_every_type_are_cells() {
        let text = |column: &FrameColumn| [column.text(0), column.text(1)].map(Option::unwrap_or_default);
        let both = |a: &[u8], b: &[u8]| [a, b].concat();
        for (descr, data, expected) in [
            ("'<f4'", both(&0.1f32.to_le_bytes(), &2.5f32.to_le_bytes()), ["0.1", "2.5"]),
            ("'>f8'", both(&0.25f64.to_be_bytes(), &(-1f64).to_be_bytes()), ["0.25", "-1.00"]),
            ("'<f2'", both(&0x3c00u16.to_le_bytes(), &0xb800u16.to_le_bytes()), ["1.0", "-0.5"]),
            ("'|i1'", vec![0xff, 7], ["-1", "7"]),
            ("'>u2'", vec![1, 0, 0, 1], ["256", "1"]),
            ("'|b1'", vec![0, 1], ["false", "true"]),
            ("'<U2'", both(b"a\0\0\0b\0\0\0", b"c\0\0\0\0\0\0\0"), ["ab", "c"]),
            ("'|S3'", b"x\0\0yz\0".to_vec(), ["x", "yz"]),
            ("'<M8[D]'", both(&19_000i64.to_le_bytes(), &i64::MIN.to_le_bytes()), ["2022-01-08", ""]),
            (
                "'<M8[ms]'",
                both(&1500i64.to_le_bytes(), &0i64.to_le_bytes()),
                ["1970-01-01T00:00:01.5Z", "1970-01-01T00:00:00.0Z"],
            ),
        ] {
            assert_eq!(text(&column(descr, &data)), expected, "{descr}");
        }
    }

    #[test]
    fn the_fields_of_a_record_are_columns() {
        let descr = "[('id', '<i4'), ('x', '<f8')]";
        let data =
            [&1i32.to_le_bytes()[..], &0.5f64.to_le_bytes(), &2i32.to_le_bytes(), &1.5f64.to_le_bytes()].concat();
        let frame = npy(&file(descr, "(2,)", &data), "t.npy", &ReadOptions::new()).expect("two fields");
        assert_eq!(frame.names(), ["id", "x"]);
        assert_eq!(frame.columns()[1].cells, Cells::Numbers(vec![0.5, 1.5]));
    }

    #[test]
    fn other_types_and_torn_files_are_errors_that_say_so() {
        let error = |bytes: &[u8]| npy(bytes, "t.npy", &ReadOptions::new()).expect_err("not good").to_string();
        assert!(error(&file("'<c8'", "(1,)", &[0; 8])).contains("<c8"));
        assert!(error(&file("'<M8[M]'", "(1,)", &[0; 8])).contains("M8[M]"));
        assert!(error(&file("'<f8'", "(3,)", &[0; 16])).contains("announces 24 bytes of data and there are 16"));
        assert!(error(&file("'<f8'", "(1, 1, 1)", &[0; 8])).contains("shape [1, 1, 1]"));
    }

    #[test]
    fn the_arrays_of_an_npz_file_are_columns_of_their_names() {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let two = [1f64, 2.0, 3.0, 4.0].iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>();
        for (name, content) in [("y.npy", file("'|u1'", "(2,)", &[3, 4])), ("x.npy", file("'<f8'", "(2, 2)", &two))] {
            writer.start_file(name, zip::write::SimpleFileOptions::default()).expect("started");
            std::io::Write::write_all(&mut writer, &content).expect("written");
        }
        let bytes = writer.finish().expect("finished").into_inner();
        let frame = npz(&bytes, "t.npz", &ReadOptions::new()).expect("three columns");
        assert_eq!(frame.names(), ["y", "x_1", "x_2"]);
        assert_eq!(frame.columns()[2].cells, Cells::Numbers(vec![2.0, 4.0]));
        assert!(npz(&bytes[..60], "t.npz", &ReadOptions::new()).is_err());
    }
}
