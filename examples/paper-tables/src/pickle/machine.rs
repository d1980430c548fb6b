//! The stack machine that a pickle is a program for.

use std::{borrow::Cow, collections::HashMap};

use super::{
    bytes::Bytes,
    text::{decimal, raw_unicode, signed, unquoted},
    value::{Heap, Id, Value},
};

/// Runs a pickle of protocol 0 to 5 and gives back all its values, and which of them is the result.
pub(super) fn run(pickle: &[u8]) -> Result<(Heap<'_>, Id), String> {
    let mut machine = Machine { bytes: Bytes::new(pickle), ..Machine::default() };
    loop {
        let at = machine.bytes.position();
        let [code] = machine.bytes.array()?;
        if code == b'.' {
            return machine.pop().map(|result| (machine.heap, result)).map_err(|problem| placed(&problem, code, at));
        }
        machine.step(code).map_err(|problem| placed(&problem, code, at))?;
    }
}

fn placed(problem: &str, code: u8, at: usize) -> String {
    format!("{problem} (operation {code:#04x} at byte {at})")
}

impl Default for Bytes<'_> {
    fn default() -> Self {
        Self::new(&[])
    }
}

#[derive(Default)]
struct Machine<'a> {
    bytes: Bytes<'a>,
    heap: Heap<'a>,
    stack: Vec<Id>,
    /// How long the stack was at each mark.
    marks: Vec<usize>,
    memo: HashMap<u64, Id>,
}

impl<'a> Machine<'a> {
    fn step(&mut self, code: u8) -> Result<(), String> {
        match code {
            // The protocol, and the length of a frame, which only matter to who reads piece by piece.
            0x80 => drop(self.bytes.take(1)?),
            0x95 => drop(self.bytes.take(8)?),
            b'(' => self.marks.push(self.stack.len()),
            b'0' => drop(self.pop()?),
            b'1' => drop(self.pop_to_mark()?),
            b'2' => self.stack.push(self.top()?),
            b'c' => {
                let (module, name) = (self.bytes.line()?, self.bytes.line()?);
                let [module, name] = [module, name].map(|line| String::from_utf8_lossy(line).into_owned());
                self.push(Value::Global(module, name));
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                let text = |id| self.heap.text(id).map(Cow::into_owned).ok_or("a class without a name");
                let (module, name) = (text(module)?, text(name)?);
                self.push(Value::Global(module, name));
            }
            b'R' | 0x81 => {
                let (args, callable) = (self.pop()?, self.pop()?);
                self.push(Value::Made { callable, args, state: None });
            }
            b'b' => {
                let (new, object) = (self.pop()?, self.top()?);
                let Value::Made { state, .. } = self.heap.get_mut(object) else {
                    return Err("a state for something that has none".to_owned());
                };
                *state = Some(new);
            }
            b'p' | b'q' | b'r' | 0x94 | b'g' | b'h' | b'j' => self.memo(code)?,
            b']' | b')' | b'}' | b'l' | b't' | 0x85..=0x87 | b'd' | b'a' | b'e' | b's' | b'u' => self.collect(code)?,
            _ => {
                let value = self.scalar(code)?;
                self.push(value);
            }
        }
        Ok(())
    }

    /// Values that hold no others.
    fn scalar(&mut self, code: u8) -> Result<Value<'a>, String> {
        let bytes = &mut self.bytes;
        let text = |bytes: &'a [u8]| std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| error.to_string());
        Ok(match code {
            b'N' => Value::None,
            0x88 => Value::Bool(true),
            0x89 => Value::Bool(false),
            b'I' => match bytes.line()? {
                b"00" => Value::Bool(false),
                b"01" => Value::Bool(true),
                line => Value::Int(decimal(line)?),
            },
            b'L' => Value::Int(decimal(bytes.line()?)?),
            b'J' => Value::Int(i32::from_le_bytes(bytes.array()?).into()),
            b'K' => Value::Int(bytes.array::<1>()?[0].into()),
            b'M' => Value::Int(u16::from_le_bytes(bytes.array()?).into()),
            0x8a => Value::Int(signed(bytes.counted::<1>()?)?),
            0x8b => Value::Int(signed(bytes.counted::<4>()?)?),
            b'F' => bytes.line().map(|_| Value::Float)?,
            b'G' => bytes.take(8).map(|_| Value::Float)?,
            b'S' => Value::Bytes(unquoted(bytes.line()?)?.into()),
            b'U' | b'C' => Value::Bytes(bytes.counted::<1>()?.into()),
            b'T' | b'B' => Value::Bytes(bytes.counted::<4>()?.into()),
            0x8e | 0x96 => Value::Bytes(bytes.counted::<8>()?.into()),
            b'V' => Value::Text(raw_unicode(bytes.line()?)?.into()),
            0x8c => Value::Text(text(bytes.counted::<1>()?)?),
            b'X' => Value::Text(text(bytes.counted::<4>()?)?),
            0x8d => Value::Text(text(bytes.counted::<8>()?)?),
            _ => return Err("a data frame has no need of this".to_owned()),
        })
    }

    /// Puts the top of the stack into a place of its own, or gets it back from there.
    fn memo(&mut self, code: u8) -> Result<(), String> {
        let place = match code {
            b'p' | b'g' => decimal(self.bytes.line()?)?,
            b'q' | b'h' => self.bytes.unsigned::<1>()?,
            b'r' | b'j' => self.bytes.unsigned::<4>()?,
            _ => self.memo.len() as u64,
        };
        if matches!(code, b'g' | b'h' | b'j') {
            let id = *self.memo.get(&place).ok_or_else(|| format!("nothing was put into place {place}"))?;
            self.stack.push(id);
        } else {
            self.memo.insert(place, self.top()?);
        }
        Ok(())
    }

    /// Tuples, lists and dictionaries.
    fn collect(&mut self, code: u8) -> Result<(), String> {
        match code {
            b']' => self.push(Value::List(Vec::new())),
            b')' => self.push(Value::Tuple(Vec::new())),
            b'}' => self.push(Value::Dict(Vec::new())),
            0x85..=0x87 => {
                let first = self.stack.len().checked_sub(usize::from(code - 0x84)).ok_or(EMPTY)?;
                let items = self.stack.split_off(first);
                self.push(Value::Tuple(items));
            }
            b't' | b'l' | b'd' => {
                let items = self.pop_to_mark()?;
                self.push(match code {
                    b't' => Value::Tuple(items),
                    b'l' => Value::List(items),
                    _ => Value::Dict(pairs(&items)?),
                });
            }
            // One item, or all above the mark, into what is below them.
            _ => {
                let items = match code {
                    b'a' => vec![self.pop()?],
                    b's' => {
                        let (value, key) = (self.pop()?, self.pop()?);
                        vec![key, value]
                    }
                    _ => self.pop_to_mark()?,
                };
                let into = self.top()?;
                match (self.heap.get_mut(into), code) {
                    (Value::List(list), b'a' | b'e') => list.extend(items),
                    (Value::Dict(dict), b's' | b'u') => dict.extend(pairs(&items)?),
                    _ => return Err("items for something that holds none".to_owned()),
                }
            }
        }
        Ok(())
    }

    fn push(&mut self, value: Value<'a>) {
        let id = self.heap.add(value);
        self.stack.push(id);
    }

    fn top(&self) -> Result<Id, String> {
        self.stack.last().copied().ok_or_else(|| EMPTY.to_owned())
    }

    fn pop(&mut self) -> Result<Id, String> {
        self.stack.pop().ok_or_else(|| EMPTY.to_owned())
    }

    fn pop_to_mark(&mut self) -> Result<Vec<Id>, String> {
        let mark = self.marks.pop().ok_or("there is no mark on the stack")?;
        if mark > self.stack.len() {
            return Err(EMPTY.to_owned());
        }
        Ok(self.stack.split_off(mark))
    }
}

const EMPTY: &str = "the stack is empty";

fn pairs(items: &[Id]) -> Result<Vec<(Id, Id)>, String> {
    let (pairs, []) = items.as_chunks::<2>() else { return Err("a key without a value".to_owned()) };
    Ok(pairs.iter().map(|&[key, value]| (key, value)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_python_wrote_is_read_in_every_protocol() {
        // `pickle.dumps({'a': (1, -2, 300, True, None, 0.5)}, protocol)` in Python 3.11, for 0, 2 and 4.
        let written: [&[u8]; 3] = [
            b"(dp0\nVa\np1\n(I1\nI-2\nI300\nI01\nNF0.5\ntp2\ns.",
            b"\x80\x02}q\x00X\x01\x00\x00\x00aq\x01(K\x01J\xfe\xff\xff\xffM,\x01\x88NG?\xe0\x00\x00\x00\x00\x00\x00tq\x02s.",
            b"\x80\x04\x95!\x00\x00\x00\x00\x00\x00\x00}\x94\x8c\x01a\x94(K\x01J\xfe\xff\xff\xffM,\x01\x88NG?\xe0\x00\x00\x00\x00\x00\x00t\x94s.",
        ];
        for pickle in written {
            let (heap, root) = run(pickle).expect("a good pickle");
            let items = heap.sequence(heap.entry(root, "a").expect("the key"), "the value").expect("a tuple");
            let ints: Vec<Option<i64>> = items.iter().map(|&id| heap.int(id)).collect();
            assert_eq!(ints, [Some(1), Some(-2), Some(300), Some(1), None, None]);
            assert!(matches!(heap.get(items[5]), Value::Float));
        }
    }

    #[test]
    fn a_call_is_written_down_and_not_made() {
        let (heap, root) = run(b"cos\nsystem\n(S'ls'\ntR.").expect("a good pickle");
        let ((module, name), args, state) = heap.made(root).expect("a call");
        assert_eq!((module, name, args.len(), state), ("os", "system", 1, None));
    }

    #[test]
    fn broken_pickles_are_errors_that_say_where() {
        for (pickle, expected) in [
            (&b""[..], "truncated: 1 bytes needed"),
            (b".", "the stack is empty (operation 0x2e at byte 0)"),
            (b"Nt.", "there is no mark"),
            (b"N(0t.", "the stack is empty (operation 0x74 at byte 3)"),
            (b"h\x07.", "nothing was put into place 7"),
            (b"NNb.", "a state for something that has none"),
            (b"NNa.", "items for something that holds none"),
            (b"}(Nu.", "a key without a value"),
            (b"Time,Meth\n", "(operation 0x54 at byte 0)"),
            (b"\x97.", "a data frame has no need of this (operation 0x97 at byte 0)"),
            (b"X\xff\xff\xff\x7fab", "truncated"),
        ] {
            let message = run(pickle).expect_err("broken");
            assert!(message.contains(expected), "{message}");
        }
    }
}
