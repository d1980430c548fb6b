//! `flows images`: densities of pictures.

mod evaluate;
mod fit;
mod flow;
mod given;
mod interpolate;
mod picture;
mod problems;
mod sample;
mod saved;
mod score;
mod settings;
mod show;
mod source;
mod verbs;

pub(crate) use show::show;
pub(crate) use verbs::Images;
