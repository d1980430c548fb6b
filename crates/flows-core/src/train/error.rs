//! Why training cannot start or go on.

use std::path::PathBuf;

/// Why training cannot start or go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainingError {
    /// The loss of a step is NaN or infinite.
    #[error("the loss is {value} at step {step} (epoch {epoch}){}", kept(.checkpoint))]
    Loss {
        /// The optimizer step, counted from 1 over all epochs.
        step: usize,
        /// The epoch, counted from 1.
        epoch: usize,
        /// The loss.
        value: f64,
        /// The last good checkpoint.
        checkpoint: Option<PathBuf>,
    },
    /// A gradient is NaN or infinite.
    #[error("the gradient's norm is {value} at step {step} (epoch {epoch}), where the loss was {loss}{}", kept(.checkpoint))]
    Gradient {
        /// The optimizer step, counted from 1 over all epochs.
        step: usize,
        /// The epoch, counted from 1.
        epoch: usize,
        /// The loss of that step.
        loss: f64,
        /// The global norm of the gradient.
        value: f64,
        /// The last good checkpoint.
        checkpoint: Option<PathBuf>,
    },
    /// The validation loss is NaN or infinite.
    #[error("the validation loss is {value} after epoch {epoch}{}", kept(.checkpoint))]
    Validation {
        /// The epoch, counted from 1.
        epoch: usize,
        /// The loss.
        value: f64,
        /// The last good checkpoint.
        checkpoint: Option<PathBuf>,
    },
    /// A row of the data is not finite.
    #[error("{count} of the {rows} rows of {name} hold a value that is not finite, the first is row {first}")]
    Data {
        /// Which tensor.
        name: &'static str,
        /// How many rows it has.
        rows: usize,
        /// How many of them are not finite.
        count: usize,
        /// The first of them, counted from 0.
        first: usize,
    },
    /// A row of the context is not finite.
    #[error(
        "the context of {name}: {count} of its {rows} rows hold a value that is not finite, the first is row {first}"
    )]
    ContextData {
        /// Which data it belongs to.
        name: &'static str,
        /// How many rows it has.
        rows: usize,
        /// How many of them are not finite.
        count: usize,
        /// The first of them, counted from 0.
        first: usize,
    },
    /// There are not enough rows.
    #[error("{rows} rows are too few to train on and to validate: {needed} are needed")]
    TooFewRows {
        /// How many there are.
        rows: usize,
        /// How many are needed.
        needed: usize,
    },
    /// The context has another number of rows than the data.
    #[error("the context has {context} rows and the data {rows}")]
    Context {
        /// Rows of the context.
        context: usize,
        /// Rows of the data.
        rows: usize,
    },
    /// The flow makes no use of the context that it is trained with.
    #[error(
        "the flow makes no use of the context; hint: make it by `.given(width)` for a context of numbers, or by \
         `.by_class(classes)` for classes"
    )]
    ContextUnseen,
    /// A configuration that cannot be meant.
    #[error("`{field}` of the configuration: {problem}")]
    Config {
        /// The field.
        field: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// A checkpoint was made by another training run.
    #[error("the checkpoint {} is of another training run: {difference} differ", path.display())]
    Checkpoint {
        /// The checkpoint.
        path: PathBuf,
        /// What is different.
        difference: String,
    },
}

fn kept(checkpoint: &Option<PathBuf>) -> String {
    match checkpoint {
        Some(path) => format!("; the last good checkpoint is {}", path.display()),
        None => String::new(),
    }
}
