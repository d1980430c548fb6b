//! One row of JSON: an object, its members in their order.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A cell of JSON.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Missing,
    Number(f64),
    /// A whole number that double precision has not.
    Rounded(f64),
    Word(String),
    Flag(bool),
    /// An array or an object.
    Nested(&'static str),
}

/// The members of an object.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row(pub(super) Vec<(String, Cell)>);

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Row;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row, A::Error> {
                let mut members = vec![];
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Row(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Value;
        impl<'de> Visitor<'de> for Value {
            type Value = Cell;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a value")
            }

            fn visit_bool<E: Error>(self, flag: bool) -> Result<Cell, E> {
                Ok(Cell::Flag(flag))
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Cell, E> {
                let read = value as f64;
                Ok(if read as i128 == i128::from(value) { Cell::Number(read) } else { Cell::Rounded(read) })
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Cell, E> {
                let read = value as f64;
                Ok(if read as u128 == u128::from(value) { Cell::Number(read) } else { Cell::Rounded(read) })
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<Cell, E> {
                Ok(Cell::Number(value))
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<Cell, E> {
                Ok(Cell::Word(word.to_owned()))
            }

            fn visit_unit<E: Error>(self) -> Result<Cell, E> {
                Ok(Cell::Missing)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Cell, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Cell::Nested("arrays"))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cell, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Cell::Nested("objects"))
            }
        }
        deserializer.deserialize_any(Value)
    }
}
