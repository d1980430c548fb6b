//! Data frames of pandas in a pickle.

use super::{
    array::{numbers, strings},
    machine::run,
    value::{Heap, Id},
};

/// The names and the values of the columns of a pickled data frame.
///
/// Frames of Python 2 and of Python 3 are known, of pandas 0.15 and of every later version so far. Columns must hold
/// numbers and have text for names.
pub(crate) fn read_frame(pickle: &[u8]) -> Result<Vec<(String, Vec<f64>)>, String> {
    let (heap, root) = run(pickle)?;
    frame(&heap, root)
}

fn frame(heap: &Heap<'_>, id: Id) -> Result<Vec<(String, Vec<f64>)>, String> {
    let Some(((module, "DataFrame"), _, Some(state))) = heap.made(id) else {
        return Err("what it holds is not a data frame".to_owned());
    };
    if module.split('.').next() != Some("pandas") {
        return Err(format!("a data frame of `{module}`"));
    }
    // Renamed in pandas 1.1; before 0.17 it was the whole state.
    let manager = ["_mgr", "_data"].iter().find_map(|name| heap.entry(state, name)).unwrap_or(state);
    let (axes, blocks) = manager_parts(heap, manager)?;
    let names = match heap.sequence(axes, "the axes")? {
        [columns, _rows] => names(heap, *columns).ok_or("the names of the columns are not text")?,
        axes => return Err(format!("a data frame of {} axes", axes.len())),
    };
    let mut columns: Vec<Option<Vec<f64>>> = names.iter().map(|_| None).collect();
    for (values, places) in blocks {
        fill(heap, values, places, &names, &mut columns)?;
    }
    let rows = columns.iter().flatten().map(Vec::len).next();
    let named = names.into_iter().zip(columns).map(|(name, column)| match column {
        Some(column) if Some(column.len()) == rows => Ok((name, column)),
        Some(_) => Err(format!("column `{name}` is of another length than the first")),
        None => Err(format!("no block holds column `{name}`")),
    });
    named.collect()
}

/// The axes, and of every block its values and the places of its columns.
fn manager_parts(heap: &Heap<'_>, id: Id) -> Result<(Id, Vec<(Id, Id)>), String> {
    let Some(((_, "BlockManager"), args, state)) = heap.made(id) else {
        return Err("a data frame without a block manager".to_owned());
    };
    // Since pandas 1.3: the blocks and the axes, given when it is made.
    if let &[blocks, axes] = args {
        let block = |&id: &Id| match heap.made(id) {
            Some(((_, "_unpickle_block" | "new_block"), &[values, places, ..], _)) => Ok((values, places)),
            _ => Err("a block of an unknown kind".to_owned()),
        };
        let blocks = heap.sequence(blocks, "the list of blocks")?.iter().map(block).collect::<Result<_, _>>()?;
        return Ok((axes, blocks));
    }
    // Before: a tuple, in which what comes last is for versions since 0.14.1.
    let unknown = || "a block manager of an unknown version of pandas".to_owned();
    let last = heap.sequence(state.ok_or_else(unknown)?, "the state of the block manager")?.last();
    let since = last.and_then(|&last| heap.entry(last, "0.14.1")).ok_or_else(unknown)?;
    let axes = heap.entry(since, "axes").ok_or_else(unknown)?;
    let blocks = heap.sequence(heap.entry(since, "blocks").ok_or_else(unknown)?, "the list of blocks")?;
    let block = |&id: &Id| Some((heap.entry(id, "values")?, heap.entry(id, "mgr_locs")?));
    Ok((axes, blocks.iter().map(block).collect::<Option<_>>().ok_or_else(unknown)?))
}

/// The text of an index.
fn names(heap: &Heap<'_>, id: Id) -> Option<Vec<String>> {
    let ((_, "_new_Index"), &[_, content], _) = heap.made(id)? else { return None };
    let data = heap.entry(content, "data")?;
    // In pandas 3 the array is within an array of strings, whose state it is.
    strings(heap, data).or_else(|| {
        let (_, _, state) = heap.made(data)?;
        heap.sequence(state?, "").ok()?.iter().find_map(|&id| strings(heap, id))
    })
}

/// Puts the rows of a block, which are columns of the frame, into their places.
fn fill(
    heap: &Heap<'_>,
    values: Id,
    places: Id,
    names: &[String],
    columns: &mut [Option<Vec<f64>>],
) -> Result<(), String> {
    let places = placement(heap, places, names.len())?;
    let first = places.first().and_then(|&place| names.get(place));
    let what = format!("the block of column `{}`", first.map_or("?", String::as_str));
    let values = numbers(heap, values, &what)?;
    if values.shape.len() != 2 || values.shape[0] != places.len() {
        return Err(format!("{what} has the shape {:?} and is for {} columns", values.shape, places.len()));
    }
    for (row, place) in places.into_iter().enumerate() {
        match columns.get_mut(place) {
            Some(column @ None) => *column = Some(values.row(row)),
            Some(Some(_)) => return Err(format!("two blocks hold column `{}`", names[place])),
            None => return Err(format!("{what} is for a column {place}, of {}", names.len())),
        }
    }
    Ok(())
}

/// The places that a slice or an array of integers names.
fn placement(heap: &Heap<'_>, id: Id, columns: usize) -> Result<Vec<usize>, String> {
    let wrong = || "a block whose columns are not told".to_owned();
    if let Some(((_, "slice"), &[start, stop, step], _)) = heap.made(id) {
        // No more than there are columns: a slice takes no room in the file, and its list does in memory.
        let bound = |id| heap.int(id).and_then(|value| usize::try_from(value).ok()).filter(|&at| at <= columns);
        // A step that is not there is one.
        let step = bound(step).unwrap_or(1).max(1);
        return Ok((bound(start).ok_or_else(wrong)?..bound(stop).ok_or_else(wrong)?).step_by(step).collect());
    }
    let numbers = numbers(heap, id, "the list of a block's columns")?;
    let place = |value: f64| (value >= 0.0).then_some(value as usize).ok_or_else(wrong);
    numbers.stored().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixture(name: &str) -> Vec<u8> {
        let path = format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read(path).expect("a committed file")
    }

    // `make.py` beside the files pickled one frame in several ways; the numbers are in it.
    #[test]
    fn a_frame_comes_out_the_same_whichever_version_pickled_it() {
        let names = ["python2.pickle", "protocol0.pickle", "protocol2.pickle", "protocol4.pickle", "protocol5.pickle"];
        for name in names {
            let frame = read_frame(&fixture(name)).unwrap_or_else(|problem| panic!("{name}: {problem}"));
            let expected = [
                ("a", [0.5, -1.5, 2.5]),
                ("n", [1.0, 2.0, -3.0]),
                ("b", [1e-300, 1e300, 0.0]),
                ("single", [0.25, 0.5, 0.75]),
            ];
            let expected: Vec<(String, Vec<f64>)> = expected.map(|(name, column)| (name.into(), column.into())).into();
            assert_eq!(frame, expected, "{name}");
        }
    }

    #[test]
    fn a_frame_cut_short_anywhere_is_an_error() {
        for name in ["python2.pickle", "protocol5.pickle"] {
            let whole = fixture(name);
            for length in 0..whole.len() {
                assert!(read_frame(&whole[..length]).is_err(), "{name}, {length} bytes");
            }
        }
    }

    #[test]
    fn other_objects_are_errors_that_say_what_they_are() {
        for (pickle, expected) in [
            (&b"N."[..], "what it holds is not a data frame"),
            (b"cos\nsystem\n(S'ls'\ntR.", "what it holds is not a data frame"),
            (b"cpolars\nDataFrame\n)\x81}b.", "a data frame of `polars`"),
            (b"cpandas\nDataFrame\n)\x81}b.", "a data frame without a block manager"),
        ] {
            assert_eq!(read_frame(pickle).expect_err("no frame"), expected);
        }
        let message = read_frame(&fixture("text_column.pickle")).expect_err("text");
        assert!(message.contains("the block of column `city`"), "{message}");
    }

    // Whatever a byte is changed to, the answer is a frame or an error and never a panic.
    #[test]
    fn a_frame_with_a_wrong_byte_does_no_harm() {
        for name in ["python2.pickle", "protocol5.pickle"] {
            let whole = fixture(name);
            for at in 0..whole.len() {
                for flip in [0x01, 0x80, 0xff] {
                    let mut wrong = whole.clone();
                    wrong[at] ^= flip;
                    let _ = read_frame(&wrong);
                }
            }
        }
    }
}
