//! A map of the world's cities, learnt as a density.
fn main() {}
