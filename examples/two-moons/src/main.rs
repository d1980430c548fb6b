//! Two moons: the smallest useful flow.
fn main() {}
