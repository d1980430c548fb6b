//! Tables of columns of any kind with missing cells: what the verbs do with their models.

mod compare;
mod explain;
mod fit;
mod impute;
mod model;
mod predict;
mod rows;
mod sample;
mod score;
mod show;
mod summary;

pub(crate) use compare::compare;
pub(crate) use explain::Explain;
pub(crate) use fit::fit;
pub(crate) use impute::Impute;
pub(crate) use model::{load, refuse};
pub(crate) use predict::predict;
pub(crate) use sample::sample;
pub(crate) use score::score;
pub(crate) use show::show;
