//! Arrays of numpy in a pickle.

use std::borrow::Cow;

use super::value::{Heap, Id, Value};

/// An array of numbers: how they are laid out, and their bytes.
pub(super) struct Numbers<'a> {
    pub(super) shape: Vec<usize>,
    fortran: bool,
    read: fn(&[u8]) -> f64,
    size: usize,
    big_endian: bool,
    bytes: Cow<'a, [u8]>,
}

impl Numbers<'_> {
    /// One row of an array of two dimensions.
    pub(super) fn row(&self, row: usize) -> Vec<f64> {
        let (rows, columns) = (self.shape[0], self.shape[1]);
        let (first, step) = if self.fortran { (row, rows) } else { (row * columns, 1) };
        (0..columns).map(|column| self.number(first + column * step)).collect()
    }

    /// All numbers in the order in which they are stored.
    pub(super) fn stored(&self) -> impl Iterator<Item = f64> + '_ {
        (0..self.bytes.len() / self.size).map(|index| self.number(index))
    }

    fn number(&self, index: usize) -> f64 {
        let mut bytes = [0; 8];
        let bytes = &mut bytes[..self.size];
        bytes.copy_from_slice(&self.bytes[index * self.size..][..self.size]);
        if self.big_endian {
            bytes.reverse();
        }
        (self.read)(bytes)
    }
}

/// What a call that makes an array says of it: shape, type, whether in Fortran order, elements.
struct Parts {
    shape: Id,
    dtype: Id,
    fortran: bool,
    elements: Id,
}

fn parts(heap: &Heap<'_>, id: Id) -> Option<Parts> {
    match heap.made(id)? {
        ((_, "_reconstruct"), _, Some(state)) => {
            let &[_, shape, dtype, fortran, elements] = heap.sequence(state, "").ok()? else { return None };
            Some(Parts { shape, dtype, fortran: heap.int(fortran)? != 0, elements })
        }
        ((_, "_frombuffer"), &[elements, dtype, shape, order], _) => {
            Some(Parts { shape, dtype, fortran: heap.text(order)? == "F", elements })
        }
        _ => None,
    }
}

/// An array of numbers; `what` says in an error what it should be.
pub(super) fn numbers<'a>(heap: &'a Heap<'_>, id: Id, what: &str) -> Result<Numbers<'a>, String> {
    let parts = parts(heap, id).ok_or_else(|| format!("{what} is not an array of numpy"))?;
    let shape = heap.sequence(parts.shape, what)?.iter().map(|&id| heap.int(id).and_then(|n| usize::try_from(n).ok()));
    let shape = shape.collect::<Option<Vec<usize>>>().ok_or_else(|| format!("{what} has no shape"))?;
    let (code, big_endian) = dtype(heap, parts.dtype).ok_or_else(|| format!("{what} has no type"))?;
    let (size, read) = reader(&code).ok_or_else(|| format!("{what} holds `{code}`, which are no numbers"))?;
    let bytes = heap.bytes(parts.elements).ok_or_else(|| format!("{what} has no bytes"))?;
    let expected = shape.iter().try_fold(size, |product, &count| product.checked_mul(count));
    if expected != Some(bytes.len()) {
        return Err(format!("{what} has {} bytes, which are not those of the shape {shape:?}", bytes.len()));
    }
    Ok(Numbers { shape, fortran: parts.fortran, read, size, big_endian, bytes })
}

/// The strings of an array of objects of one dimension.
pub(super) fn strings(heap: &Heap<'_>, id: Id) -> Option<Vec<String>> {
    let parts = parts(heap, id)?;
    let Value::List(items) = heap.get(parts.elements) else { return None };
    items.iter().map(|&item| heap.text(item).map(Cow::into_owned)).collect()
}

/// The letter and the size of an element type, and whether its bytes are in the other order.
fn dtype(heap: &Heap<'_>, id: Id) -> Option<(String, bool)> {
    let ((_, "dtype"), args, Some(state)) = heap.made(id)? else { return None };
    let code = heap.text(*args.first()?)?.into_owned();
    let order = heap.text(*heap.sequence(state, "").ok()?.get(1)?)?;
    Some((code, order == ">"))
}

fn reader(code: &str) -> Option<(usize, fn(&[u8]) -> f64)> {
    macro_rules! of {
        ($($t:ty),*) => {
            $((size_of::<$t>(), |bytes| {
                let mut array = [0; size_of::<$t>()];
                array.copy_from_slice(bytes);
                <$t>::from_le_bytes(array) as f64
            }))*
        };
    }
    Some(match code {
        "f8" => of!(f64),
        "f4" => of!(f32),
        "i1" => of!(i8),
        "i2" => of!(i16),
        "i4" => of!(i32),
        "i8" => of!(i64),
        "u1" | "b1" => of!(u8),
        "u2" => of!(u16),
        "u4" => of!(u32),
        "u8" => of!(u64),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pickle::machine::run;

    /// An array as Python 2 wrote it.
    fn array(code: &str, order: &str, shape: &str, fortran: u8, bytes: &str) -> String {
        let dtype = format!("cnumpy\ndtype\n(S'{code}'\nI0\nI1\ntR(I3\nS'{order}'\nNNNI-1\nI-1\nI0\ntb");
        let empty = "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR";
        format!("{empty}(I1\n({shape}t{dtype}I{fortran}\nS'{bytes}'\ntb.")
    }

    #[test]
    fn rows_come_out_the_same_from_both_orders_of_elements_and_of_bytes() {
        let c = array("i2", "<", "I2\nI3\n", 0, r"\x01\x00\x02\x00\x03\x00\x04\x00\x05\x00\x06\x00");
        let fortran = array("i2", ">", "I2\nI3\n", 1, r"\x00\x01\x00\x04\x00\x02\x00\x05\x00\x03\x00\x06");
        for pickle in [c, fortran] {
            let (heap, root) = run(pickle.as_bytes()).expect("a good pickle");
            let numbers = numbers(&heap, root, "it").expect("an array");
            assert_eq!([numbers.row(0), numbers.row(1)], [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
        }
    }

    #[test]
    fn arrays_that_hold_something_else_or_too_little_are_errors() {
        for (pickle, expected) in [
            (array("i2", "<", "I2\n", 0, r"\x01\x00\x02"), "it has 3 bytes, which are not those of the shape [2]"),
            (array("M8", "<", "I1\n", 0, r"\x01\x00\x02"), "it holds `M8`, which are no numbers"),
            (array("f8", "<", "I-1\n", 0, ""), "it has no shape"),
            (array("f8", "<", "I9223372036854775807\nI9\n", 0, ""), "it has 0 bytes"),
            ("N.".to_owned(), "it is not an array of numpy"),
        ] {
            let (heap, root) = run(pickle.as_bytes()).expect("a good pickle");
            let message = numbers(&heap, root, "it").map(|numbers| numbers.shape).expect_err("wrong");
            assert!(message.starts_with(expected), "{message}");
        }
    }
}
