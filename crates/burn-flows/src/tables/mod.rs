//! Models of tables: chosen by held-out rows, trained, scored and sampled in the units of their columns.
//!
//! [`fit`] makes a [`TableFlow`] of [`TableRows`]; a [`TableFlow`] is one file.

mod c2st;
mod choice;
mod circle;
mod classical;
mod encoding;
mod ensemble;
mod error;
mod evaluation;
mod figures;
mod fit;
mod folds;
mod gradient;
mod grid;
mod hold_out;
mod hpd;
mod mean;
mod predict;
mod preparation;
mod prepared;
mod progress;
mod rows;
mod settings;
mod split;
mod table_flow;
mod trainee;
mod trial;
mod whitening;
mod worst_column;

pub(crate) use choice::choose;
pub(crate) use circle::CutCircle;
pub(crate) use hold_out::ended;
pub(crate) use prepared::{host, matrix};
pub(crate) use split::shuffled;

pub use c2st::{Classifier, TwoSample};
pub use choice::{Candidate, Difference};
pub use encoding::EncodedRows;
pub use ensemble::{Ensemble, Member, Whitened};
pub use error::TablesError;
pub use evaluation::{Effort, Evaluation};
pub use figures::{Figures, Losses, RowCounts};
pub use fit::{Fit, FittedTable, fit};
pub use mean::Mean;
pub use predict::{Prediction, TargetSummary};
pub use preparation::Preparation;
pub use progress::{Progress, Stage};
pub use rows::{TableRows, Target};
pub use settings::{FitSettings, ScheduleKind, Wanted};
pub use split::{Parts, folds};
pub use table_flow::{Given, TableFlow, TableFlowConfig};
pub use whitening::Whitening;
pub use worst_column::WorstColumn;
