//! The program as it is used: train, score, sample, inspect, and what it says when it is used wrongly.

mod program;
mod running;
mod tables;
mod usage;
