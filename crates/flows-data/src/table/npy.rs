//! Tables from numpy's npy files.

use std::path::Path;

use npyz::{DType, Deserialize, NpyFile, Order, TypeChar};

use super::{CsvOptions, Notice, Place, Table, TableError, bytes};
use crate::DataError;

const MAGIC: &[u8] = b"\x93NUMPY";

impl Table {
    /// Reads an npy file: one dimension (a column) or two (rows, columns), in C or Fortran order.
    ///
    /// Elements may be float32, float64 or integers of any size, little or big endian; integers beyond 2^53 are
    /// rounded to the nearest number in double precision, with a [`Notice`]. An npy file names no columns: they are called `column_1`,
    /// `column_2` and so on.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, that is not npy, or that ends too early; another type or number of dimensions; no
    /// row; a NaN or an infinity.
    pub fn read_npy(path: impl AsRef<Path>) -> Result<Self, DataError> {
        Self::read_npy_with(path.as_ref(), &CsvOptions::new())
    }

    pub(crate) fn read_npy_with(path: &Path, options: &CsvOptions) -> Result<Self, DataError> {
        let bytes = bytes::read(path)?;
        let file = path.display().to_string();
        bytes::require_readable(&bytes, &file)?;
        Ok(parse(&without_long_marks(bytes), file)?.chosen(options)?)
    }
}

fn parse(bytes: &[u8], file: String) -> Result<Table, TableError> {
    if bytes.is_empty() {
        return Err(TableError::Empty { file });
    }
    if !bytes.starts_with(MAGIC) {
        return Err(TableError::NpyMagic { file });
    }
    let header_error = |reason: String| TableError::NpyHeader { file: file.clone(), reason };
    if !shape_is_countable(bytes) {
        return Err(header_error("the shape has more elements than can be counted".to_owned()));
    }
    let mut rest = bytes;
    let npy = NpyFile::new(&mut rest).map_err(|error| header_error(error.to_string()))?;

    let dtype = npy.dtype();
    let DType::Plain(kind) = &dtype else {
        return Err(TableError::NpyDtype { file, dtype: "a structure".to_owned() });
    };
    let (rows, columns) = match *npy.shape() {
        [rows] => (rows, 1),
        [rows, columns] => (rows, columns),
        _ => return Err(TableError::NpyRank { file, shape: npy.shape().to_vec() }),
    };
    let (order, size, letter) = (npy.order(), kind.size_field(), kind.type_char());
    let known = match letter {
        TypeChar::Float => matches!(size, 4 | 8),
        TypeChar::Int | TypeChar::Uint => matches!(size, 1 | 2 | 4 | 8),
        _ => false,
    };
    if !known {
        return Err(TableError::NpyDtype { file, dtype: kind.to_string() });
    }
    if columns == 0 {
        return Err(TableError::Empty { file });
    }
    if rows == 0 {
        return Err(TableError::NoRows { file });
    }
    // Before anything is allocated for it: the shape is only what the header claims.
    let (expected, got) = (rows.saturating_mul(columns).saturating_mul(size), npy.into_inner().len() as u64);
    if got < expected {
        return Err(TableError::NpyTruncated { file, expected, got });
    }

    let (stored, rounded) = match (letter, size) {
        (TypeChar::Float, 4) => numbers::<f32>(bytes, f64::from),
        (TypeChar::Float, _) => numbers::<f64>(bytes, |value| value),
        (TypeChar::Int, 1) => numbers::<i8>(bytes, f64::from),
        (TypeChar::Int, 2) => numbers::<i16>(bytes, f64::from),
        (TypeChar::Int, 4) => numbers::<i32>(bytes, f64::from),
        (TypeChar::Int, _) => integers::<i64>(bytes, i128::from),
        (_, 1) => numbers::<u8>(bytes, f64::from),
        (_, 2) => numbers::<u16>(bytes, f64::from),
        (_, 4) => numbers::<u32>(bytes, f64::from),
        (_, _) => integers::<u64>(bytes, i128::from),
    }
    .map_err(|error| header_error(error.to_string()))?;

    // Both fit: the file, which is in memory, holds at least one byte for each element.
    let (rows, columns) = (rows as usize, columns as usize);
    let values = match order {
        Order::C => stored,
        Order::Fortran => (0..rows * columns).map(|i| stored[i % columns * rows + i / columns]).collect(),
    };
    let names: Vec<String> = (1..=columns).map(|number| format!("column_{number}")).collect();
    let place = |stored: usize| match order {
        Order::C => (stored / columns, stored % columns),
        Order::Fortran => (stored % rows, stored / rows),
    };
    let mut found: Vec<Option<(usize, usize)>> = vec![None; columns];
    for (row, column) in rounded.into_iter().map(place) {
        let (cells, first) = found[column].unwrap_or((0, row));
        found[column] = Some((cells + 1, first.min(row)));
    }
    let notice = |(name, found): (&String, Option<(usize, usize)>)| {
        found.map(|(cells, row)| Notice::Rounded { column: name.clone(), cells, first: Place::Row(row) })
    };
    let notices = names.iter().zip(found).filter_map(notice).collect();
    Ok(Table::settled(file, names, values, notices))
}

/// The shape that Python 2 writes as `(1000L, 2L)`, as others write it.
pub(crate) fn without_long_marks(mut bytes: Vec<u8>) -> Vec<u8> {
    let head = &bytes[..bytes.len().min(4096)];
    let find = |pattern: &[u8], from: usize| {
        head[from..].windows(pattern.len()).position(|window| window == pattern).map(|at| from + at)
    };
    let shape = find(b"'shape'", 0).and_then(|start| Some(start..find(b")", start)?));
    for at in shape.into_iter().flatten() {
        if bytes[at] == b'L' && bytes[at - 1].is_ascii_digit() {
            bytes[at] = b' ';
        }
    }
    bytes
}

/// The elements in the order they are stored in, and the places of those that had to be rounded.
type Stored = (Vec<f64>, Vec<usize>);

/// Numbers that double precision has.
fn numbers<T: Deserialize>(bytes: &[u8], widen: fn(T) -> f64) -> std::io::Result<Stored> {
    Ok((NpyFile::new(bytes)?.into_vec::<T>()?.into_iter().map(widen).collect(), vec![]))
}

/// Integers of 64 bits, of which double precision has those up to 2^53.
fn integers<T: Deserialize + Copy>(bytes: &[u8], widen: fn(T) -> i128) -> std::io::Result<Stored> {
    let whole: Vec<i128> = NpyFile::new(bytes)?.into_vec::<T>()?.into_iter().map(widen).collect();
    let values: Vec<f64> = whole.iter().map(|whole| *whole as f64).collect();
    let rounded = (0..whole.len()).filter(|&i| values[i] as i128 != whole[i]).collect();
    Ok((values, rounded))
}

/// Whether the number of elements fits an integer, which the parser of the header takes for granted.
pub(crate) fn shape_is_countable(bytes: &[u8]) -> bool {
    // Longer than any header; the data behind it hold no such key or do no harm.
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]);
    let Some(shape) = head.split("shape").nth(1).and_then(|rest| rest.split(')').next()) else {
        return true;
    };
    let sizes = shape.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty());
    sizes.map(|digits| digits.parse::<u64>().ok()).try_fold(1_u64, |product, size| product.checked_mul(size?)).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Missing;

    /// An npy file of version 1.0, written by hand after numpy's description of the format.
    fn npy(dtype: &str, fortran: bool, shape: &str, data: &[u8]) -> Vec<u8> {
        let fortran = if fortran { "True" } else { "False" };
        let dict = format!("{{'descr': '{dtype}', 'fortran_order': {fortran}, 'shape': {shape}, }}\n");
        let mut bytes = [MAGIC, &[1, 0], &(dict.len() as u16).to_le_bytes(), dict.as_bytes()].concat();
        bytes.extend_from_slice(data);
        bytes
    }

    fn read(bytes: &[u8]) -> Result<Table, TableError> {
        parse(&without_long_marks(bytes.to_vec()), "t.npy".to_owned())?.chosen(&CsvOptions::new())
    }

    fn error(bytes: &[u8]) -> TableError {
        read(bytes).expect_err("the file is wrong")
    }

    #[test]
    fn every_known_type_is_read_in_both_byte_orders() {
        macro_rules! check {
            ($($t:ty: $code:literal),*) => { $(
                let little: Vec<u8> = [1 as $t, 2 as $t].iter().flat_map(|v| v.to_le_bytes()).collect();
                let big: Vec<u8> = [1 as $t, 2 as $t].iter().flat_map(|v| v.to_be_bytes()).collect();
                let mark = if size_of::<$t>() == 1 { ["|", "|"] } else { ["<", ">"] };
                for (mark, data) in mark.iter().zip([little, big]) {
                    let dtype = format!("{mark}{}", $code);
                    let table = read(&npy(&dtype, false, "(2,)", &data)).expect(&dtype);
                    assert_eq!((table.columns(), table.values()), (1, &[1.0, 2.0][..]), "{dtype}");
                }
            )* };
        }
        check!(f32: "f4", f64: "f8", i8: "i1", i16: "i2", i32: "i4", i64: "i8", u8: "u1", u16: "u2", u32: "u4", u64: "u8");
    }

    #[test]
    fn rows_come_out_the_same_from_c_and_from_fortran_order() {
        let bytes = |values: [f64; 6]| values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
        let c = read(&npy("<f8", false, "(2, 3)", &bytes([1., 2., 3., 4., 5., 6.]))).expect("C order");
        let fortran = read(&npy("<f8", true, "(2, 3)", &bytes([1., 4., 2., 5., 3., 6.]))).expect("Fortran order");
        assert_eq!(c, fortran);
        assert_eq!(c.names(), ["column_1", "column_2", "column_3"]);
        assert_eq!(c.row(1), [4.0, 5.0, 6.0]);
    }

    #[test]
    fn integers_beyond_double_precision_are_noticed_by_column_and_row() {
        let bytes = |values: [i64; 4]| values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
        let odd = (1 << 53) + 1;
        let expected = |row| [Notice::Rounded { column: "column_2".into(), cells: 1, first: Place::Row(row) }];
        let c = read(&npy("<i8", false, "(2, 2)", &bytes([1 << 53, 2, 3, -odd]))).expect("read");
        assert_eq!(c.notices(), expected(1));
        let fortran = read(&npy("<u8", true, "(2, 2)", &bytes([1, 2, odd, 4]))).expect("read");
        assert_eq!(fortran.notices(), expected(0));
    }

    #[test]
    fn a_shape_of_python_2_is_read() {
        let data: Vec<u8> = [1.0_f64, 2.0].iter().flat_map(|v| v.to_le_bytes()).collect();
        let table = read(&npy("<f8", false, "(1L, 2L)", &data)).expect("one row");
        assert_eq!((table.rows(), table.values()), (1, &[1.0, 2.0][..]));
    }

    #[test]
    fn columns_are_chosen_by_their_made_up_names_and_rows_that_miss_a_value_dropped() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("t.npy");
        let data: Vec<u8> = [1.0, f64::NAN, -9999.0, 4.0, 5.0, 6.0].iter().flat_map(|v| v.to_le_bytes()).collect();
        std::fs::write(&path, npy("<f8", false, "(3, 2)", &data)).expect("written");
        let read = |options: &CsvOptions| Table::read_with(&path, options);
        assert_eq!(read(&CsvOptions::new().with_columns(["column_1"])).expect("finite").values(), [1.0, -9999.0, 5.0]);
        let dropped = CsvOptions::new().with_missing(Missing::Drop).with_missing_values([-9999.0]);
        assert_eq!(read(&dropped).expect("one whole row").values(), [5.0, 6.0]);
        assert!(read(&CsvOptions::new()).is_err());
    }

    #[test]
    fn a_file_that_is_not_npy_is_an_error() {
        assert_eq!(error(b"a,b\n1,2\n"), TableError::NpyMagic { file: "t.npy".into() });
        assert_eq!(error(b""), TableError::Empty { file: "t.npy".into() });
    }

    #[test]
    fn a_header_that_cannot_be_read_is_an_error() {
        assert!(matches!(error(b"\x93NUMPY\x01\x00\x10\x00{'descr'"), TableError::NpyHeader { .. }));
        assert!(matches!(error(b"\x93NUMPY\x09\x09\x10\x00"), TableError::NpyHeader { .. }));
    }

    #[test]
    fn a_truncated_file_is_an_error_that_says_how_much_is_missing() {
        let expected = TableError::NpyTruncated { file: "t.npy".into(), expected: 48, got: 40 };
        assert_eq!(error(&npy("<f8", false, "(2, 3)", &[0; 40])), expected);
    }

    #[test]
    fn a_shape_too_large_to_count_is_an_error_and_not_an_allocation() {
        let huge = npy("<f8", false, "(4294967296, 4294967296)", &[0; 8]);
        assert!(matches!(error(&huge), TableError::NpyHeader { .. }));
        let large = npy("<f8", false, "(4294967296, 1000000000)", &[0; 8]);
        assert!(matches!(error(&large), TableError::NpyTruncated { got: 8, .. }));
    }

    #[test]
    fn elements_that_are_not_real_numbers_are_an_error() {
        for dtype in ["<c8", "|b1", "<U3", "|O", "<f2", "<M8[s]"] {
            assert!(matches!(error(&npy(dtype, false, "(1,)", &[0; 16])), TableError::NpyDtype { .. }), "{dtype}");
        }
        let message = error(&npy("<c8", false, "(1,)", &[0; 8])).to_string();
        assert!(message.contains("<c8") && message.contains("float32"), "{message}");
    }

    #[test]
    fn other_numbers_of_dimensions_are_an_error() {
        let three = error(&npy("<f4", false, "(2, 1, 3)", &[0; 24]));
        assert_eq!(three, TableError::NpyRank { file: "t.npy".into(), shape: vec![2, 1, 3] });
        assert!(matches!(error(&npy("<f4", false, "()", &[0; 4])), TableError::NpyRank { .. }));
    }

    #[test]
    fn an_array_without_rows_is_an_error() {
        assert_eq!(error(&npy("<f4", false, "(0, 3)", &[])), TableError::NoRows { file: "t.npy".into() });
        assert_eq!(error(&npy("<f4", false, "(3, 0)", &[])), TableError::Empty { file: "t.npy".into() });
    }

    #[test]
    fn numbers_that_are_not_finite_are_counted_and_the_first_row_is_shown() {
        let data: Vec<u8> = [1.0, f32::NAN, 3.0, f32::INFINITY].iter().flat_map(|v| v.to_le_bytes()).collect();
        let message = error(&npy("<f4", false, "(2, 2)", &data)).to_string();
        assert!(message.starts_with("t.npy, row 0 (counting from 0), column `column_2`: NaN"), "{message}");
        assert!(message.contains("2 such cells"), "{message}");
    }
}
