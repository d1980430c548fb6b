//! Autoregressive flows for [burn](https://burn.dev).
//!
//! This crate is where masked networks (MADE), masked and inverse autoregressive flows (MAF, IAF) and
//! autoregressive splines will live. It holds nothing yet: the traits it builds on are in `flows-core`.
