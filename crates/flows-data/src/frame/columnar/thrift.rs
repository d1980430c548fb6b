//! A walk over Parquet's descriptions before they are believed.
//!
//! They are structs in Thrift's compact protocol. A list says how many elements it has, and room for them is allocated before
//! they are there; types nest as deep as they say, and are read by recursion. The walk allocates nothing.

/// Structs nest no deeper than this in a description, and types in a table.
const DEEP: usize = 64;

/// Bytes that are walked over.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    rest: &'a [u8],
}

/// What is told of a struct: its whole numbers, each with the fields that lead to it, and its end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Found {
    Whole(i64),
    End,
}

impl<'a> Walk<'a> {
    /// A walk that begins with these bytes.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The number of bytes that are left.
    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    /// Walks over a struct; `None` where it contradicts itself or has no end.
    pub(super) fn record(&mut self, path: &mut Vec<i16>, tell: &mut impl FnMut(&[i16], Found)) -> Option<()> {
        if path.len() > DEEP {
            return None;
        }
        let mut field = 0i16;
        loop {
            let byte = self.byte()?;
            let (step, kind) = (i16::from(byte >> 4), byte & 15);
            if kind == 0 {
                tell(path, Found::End);
                return Some(());
            }
            field = if step == 0 { i16::try_from(self.whole()?).ok()? } else { field.checked_add(step)? };
            path.push(field);
            match kind {
                // The type of a flag is its value.
                1 | 2 => {}
                _ => self.value(kind, path, tell)?,
            }
            path.pop();
        }
    }

    fn value(&mut self, kind: u8, path: &mut Vec<i16>, tell: &mut impl FnMut(&[i16], Found)) -> Option<()> {
        match kind {
            1..=3 => self.skip(1),
            4..=6 => {
                let whole = self.whole()?;
                tell(path, Found::Whole(whole));
                Some(())
            }
            7 => self.skip(8),
            8 => {
                let length = self.varint()?;
                self.skip(usize::try_from(length).ok()?)
            }
            9 | 10 => {
                let byte = self.byte()?;
                let count = if byte >> 4 == 15 { self.varint()? } else { u64::from(byte >> 4) };
                // An element has a byte at least.
                (count <= self.rest.len() as u64).then_some(())?;
                (0..count).try_for_each(|_| self.element(byte & 15, path, tell))
            }
            11 => {
                let count = self.varint()?;
                let kinds = if count == 0 { 0 } else { self.byte()? };
                (count <= self.rest.len() as u64).then_some(())?;
                (0..count).try_for_each(|_| {
                    self.element(kinds >> 4, path, tell)?;
                    self.element(kinds & 15, path, tell)
                })
            }
            12 => self.record(path, tell),
            13 => self.skip(16),
            _ => None,
        }
    }

    /// An element of a list, one level deeper: lists of lists nest as well.
    fn element(&mut self, kind: u8, path: &mut Vec<i16>, tell: &mut impl FnMut(&[i16], Found)) -> Option<()> {
        match kind {
            9..=11 if path.len() >= DEEP => None,
            9..=11 => {
                path.push(0);
                let walked = self.value(kind, path, tell);
                path.pop();
                walked
            }
            _ => self.value(kind, path, tell),
        }
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn skip(&mut self, count: usize) -> Option<()> {
        self.rest = self.rest.get(count..)?;
        Some(())
    }

    fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn whole(&mut self) -> Option<i64> {
        let number = self.varint()?;
        Some((number >> 1) as i64 ^ -((number & 1) as i64))
    }
}

/// Checks the description of a Parquet file: lists that end within it, and columns that do not nest without end.
pub(super) fn check_footer(bytes: &[u8]) -> Option<()> {
    // The elements of the schema, field 2, are a tree in which each says how many children follow it, in its field 5.
    let (mut children, mut open, mut deep) = (0, Vec::<i64>::new(), false);
    let tell = &mut |path: &[i16], found| match (path, found) {
        ([2, 5], Found::Whole(count)) => children = count,
        ([2], Found::End) => {
            open.last_mut().into_iter().for_each(|left| *left -= 1);
            if children > 0 {
                open.push(std::mem::take(&mut children));
            }
            while open.last().is_some_and(|left| *left <= 0) {
                open.pop();
            }
            deep |= open.len() > DEEP;
            // No longer than it must be to know that.
            open.truncate(DEEP + 1);
        }
        _ => {}
    };
    Walk::new(bytes).record(&mut vec![], tell)?;
    (!deep).then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wholes(bytes: &[u8]) -> Option<Vec<(Vec<i16>, i64)>> {
        let mut found = vec![];
        Walk::new(bytes).record(&mut vec![], &mut |path, what| {
            if let Found::Whole(number) = what {
                found.push((path.to_vec(), number));
            }
        })?;
        Some(found)
    }

    #[test]
    fn numbers_are_told_with_the_fields_that_lead_to_them() {
        // {1: 3 (i32), 2: -1 (i64), 3: "ab", 4: {5: 7}, 6: [1, 2], 8: true}
        let bytes = [0x15, 6, 0x16, 1, 0x18, 2, b'a', b'b', 0x1c, 0x55, 14, 0, 0x29, 0x25, 2, 4, 0x21, 0];
        let expected = [(vec![1], 3), (vec![2], -1), (vec![4, 5], 7), (vec![6], 1), (vec![6], 2)];
        assert_eq!(wholes(&bytes).expect("well formed"), expected);
        (0..bytes.len()).for_each(|end| assert_eq!(wholes(&bytes[..end]), None, "{end}"));
    }

    #[test]
    fn lists_that_are_longer_than_the_file_and_nests_without_end_are_refused() {
        // A list of 2^28 structs.
        assert_eq!(wholes(&[0x19, 0xfc, 0x80, 0x80, 0x80, 0x80, 0x01, 0, 0]), None);
        assert_eq!(wholes(&[0x1c; 100_000]), None);
        assert_eq!(wholes(&[0x19; 100_000]), None);
    }

    #[test]
    fn a_schema_that_nests_without_end_is_refused_and_a_wide_one_is_not() {
        let schema = |elements: &[u8]| {
            let list: Vec<u8> = elements.iter().flat_map(|children| [0x55, 2 * children, 0]).collect();
            [&[0x29, 0xfc, elements.len() as u8 | 0x80, (elements.len() >> 7) as u8][..], &list, &[0]].concat()
        };
        assert_eq!(check_footer(&schema(&[1; 200])), None);
        let wide: Vec<u8> = std::iter::once(50).chain([1, 0].into_iter().cycle().take(100)).collect();
        assert_eq!(check_footer(&schema(&wide)), Some(()));
    }
}
