//! Flows on images, `[batch, channels, height, width]`, for [burn](https://burn.dev).
//!
//! This crate is where checkerboard and channel masks, squeezing, the multi-scale architecture of RealNVP and
//! Glow, dequantisation and bits per dimension will live. It holds nothing yet: the traits it builds on are in
//! `flows-core`.
