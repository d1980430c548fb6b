//! Data frames that pandas pickled.
//!
//! A pickle is a program for a stack machine that may call any function of Python. Here nothing is called: a call
//! becomes a [`value::Value::Made`] that says what would have been called with what, and [`frame`] knows what the few
//! calls mean that numpy and pandas make. Anything else is an error.

mod array;
mod bytes;
mod frame;
mod machine;
mod text;
mod value;

pub(crate) use frame::read_frame;
