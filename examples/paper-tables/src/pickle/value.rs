//! What a pickle describes.

use std::borrow::Cow;

/// Which of the values of a [`Heap`].
pub(super) type Id = usize;

/// An object of Python, as far as a data frame has need of them.
#[derive(Debug)]
pub(super) enum Value<'a> {
    None,
    Bool(bool),
    Int(i64),
    /// Of no use to a data frame but for being there.
    Float,
    /// Bytes, and the strings of Python 2.
    Bytes(Cow<'a, [u8]>),
    Text(Cow<'a, str>),
    Tuple(Vec<Id>),
    List(Vec<Id>),
    Dict(Vec<(Id, Id)>),
    /// A class or a function: its module and its name.
    Global(String, String),
    /// What a call would have made, and the state it would then have been given.
    Made {
        callable: Id,
        args: Id,
        state: Option<Id>,
    },
}

/// All values of a pickle. They name each other by their places, so that one may be in several others, or in itself.
#[derive(Debug, Default)]
pub(super) struct Heap<'a>(Vec<Value<'a>>);

impl<'a> Heap<'a> {
    /// Adds a value.
    pub(super) fn add(&mut self, value: Value<'a>) -> Id {
        self.0.push(value);
        self.0.len() - 1
    }

    /// A value.
    pub(super) fn get(&self, id: Id) -> &Value<'a> {
        &self.0[id]
    }

    /// A value to be changed.
    pub(super) fn get_mut(&mut self, id: Id) -> &mut Value<'a> {
        &mut self.0[id]
    }

    /// The elements of a tuple or a list; `what` says in an error what it should be.
    pub(super) fn sequence(&self, id: Id, what: &str) -> Result<&[Id], String> {
        match self.get(id) {
            Value::Tuple(items) | Value::List(items) => Ok(items),
            _ => Err(format!("{what} is not a sequence")),
        }
    }

    /// What a dictionary holds under a key.
    pub(super) fn entry(&self, id: Id, key: &str) -> Option<Id> {
        let Value::Dict(entries) = self.get(id) else { return None };
        // A key that is set again has its last value.
        entries.iter().rev().find(|(name, _)| self.text(*name).is_some_and(|name| name == key)).map(|(_, value)| *value)
    }

    /// Text, be it of Python 3 or of Python 2.
    pub(super) fn text(&self, id: Id) -> Option<Cow<'_, str>> {
        match self.get(id) {
            Value::Text(text) => Some(Cow::Borrowed(text)),
            Value::Bytes(bytes) => Some(match std::str::from_utf8(bytes) {
                Ok(text) => Cow::Borrowed(text),
                Err(_) => bytes.iter().copied().map(char::from).collect::<String>().into(),
            }),
            _ => None,
        }
    }

    /// An integer, or a truth value that stands for one.
    pub(super) fn int(&self, id: Id) -> Option<i64> {
        match self.get(id) {
            Value::Int(value) => Some(*value),
            Value::Bool(value) => Some(i64::from(*value)),
            _ => None,
        }
    }

    /// Bytes, also those that Python 3 writes as text for the sake of Python 2.
    pub(super) fn bytes(&self, id: Id) -> Option<Cow<'_, [u8]>> {
        if let Value::Bytes(bytes) = self.get(id) {
            return Some(Cow::Borrowed(bytes));
        }
        match self.made(id)? {
            (("_codecs", "encode"), args, _) => {
                let text = self.text(*args.first()?)?;
                text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect::<Option<Vec<u8>>>().map(Cow::Owned)
            }
            (("__builtin__" | "builtins", "bytes" | "bytearray"), [], _) => Some(Cow::Borrowed(&[])),
            (("__builtin__" | "builtins", "bytearray"), [content], _) => self.bytes(*content),
            _ => None,
        }
    }

    /// Of what a call would have made: the module and the name of the class or the function, the arguments, the state.
    pub(super) fn made(&self, id: Id) -> Option<((&str, &str), &[Id], Option<Id>)> {
        let Value::Made { callable, args, state } = self.get(id) else { return None };
        let Value::Global(module, name) = self.get(*callable) else { return None };
        let Value::Tuple(args) = self.get(*args) else { return None };
        // The oldest protocol names the class in the arguments of a function that makes an empty object of it.
        if let ("copy_reg" | "copyreg", "_reconstructor") = (module.as_str(), name.as_str())
            && let Value::Global(module, name) = self.get(*args.first()?)
        {
            return Some(((module, name), &[], *state));
        }
        Some(((module, name), args, *state))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_of_python_2_is_text_and_bytes() {
        let mut heap = Heap::default();
        let id = heap.add(Value::Bytes(Cow::Borrowed(b"a\xe9")));
        assert_eq!(heap.text(id).expect("text"), "aé");
        assert_eq!(&*heap.bytes(id).expect("bytes"), b"a\xe9");
    }

    #[test]
    fn bytes_that_were_written_as_text_are_bytes_again() {
        let mut heap = Heap::default();
        let callable = heap.add(Value::Global("_codecs".into(), "encode".into()));
        let text = heap.add(Value::Text("é\u{0}".into()));
        let encoding = heap.add(Value::Text("latin1".into()));
        let args = heap.add(Value::Tuple(vec![text, encoding]));
        let made = heap.add(Value::Made { callable, args, state: None });
        assert_eq!(&*heap.bytes(made).expect("bytes"), b"\xe9\x00");
    }

    #[test]
    fn a_dictionary_answers_with_the_last_value_of_a_key() {
        let mut heap = Heap::default();
        let (key, old, new) = (heap.add(Value::Text("k".into())), heap.add(Value::Int(1)), heap.add(Value::Int(2)));
        let dict = heap.add(Value::Dict(vec![(key, old), (key, new)]));
        assert_eq!((heap.entry(dict, "k"), heap.entry(dict, "z"), heap.entry(old, "k")), (Some(new), None, None));
    }
}
