//! A layer of one's own, checked by the same laws.
fn main() {}
