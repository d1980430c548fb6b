//! A flow through burn's own Learner, with dashboard, checkpoints and early stopping.
fn main() {}
