//! Two moons, each given by its label.
fn main() {}
