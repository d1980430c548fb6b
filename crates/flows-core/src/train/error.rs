//! Why training cannot start or go on.

use std::path::PathBuf;

/// Why training cannot start or go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainingError {
    /// The loss of a step is NaN or infinite.
    #[error("the loss is {value} at step {step} (epoch {epoch}){}{}", least(.row), kept(.checkpoint))]
    Loss {
        /// The optimizer step, counted from 1 over all epochs.
        step: usize,
        /// The epoch, counted from 1.
        epoch: usize,
        /// The loss.
        value: f64,
        /// The least likely row of the step and its log-density, by the best parameters so far.
        row: Option<(usize, f64)>,
        /// The last good checkpoint.
        checkpoint: Option<PathBuf>,
    },
    /// A gradient is NaN or infinite.
    #[error("the gradient's norm is {value} at step {step} (epoch {epoch}), where the loss was {loss}{}{}", least(.row), kept(.checkpoint))]
    Gradient {
        /// The optimizer step, counted from 1 over all epochs.
        step: usize,
        /// The epoch, counted from 1.
        epoch: usize,
        /// The loss of that step.
        loss: f64,
        /// The global norm of the gradient.
        value: f64,
        /// The least likely row of the step and its log-density, by the best parameters so far.
        row: Option<(usize, f64)>,
        /// The last good checkpoint.
        checkpoint: Option<PathBuf>,
    },
    /// The validation loss is NaN or infinite.
    #[error("the validation loss is {value} after epoch {epoch}{}{}", least(.row), kept(.checkpoint))]
    Validation {
        /// The epoch, counted from 1.
        epoch: usize,
        /// The loss.
        value: f64,
        /// The least likely validation row and its log-density.
        row: Option<(usize, f64)>,
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
    /// A feature does not vary, so that it has no density.
    #[error(
        "feature {feature} does not vary in the {rows} training rows: it is always {}\n\
         hint: leave it out, or add noise of its measurement",
        digits(.value)
    )]
    Constant {
        /// The feature, counted from 0.
        feature: usize,
        /// The number of training rows.
        rows: usize,
        /// The one value.
        value: f64,
    },
    /// Values lie so far from all others that nothing else could be told apart.
    #[error(
        "feature {feature} of {name} is {} in row {}{}; the median is {}, and half of the training rows are \
         within {} of it\n\
         hint: such values often stand for missing ones; leave the rows out, take logarithms, or set `check_rows` to false",
        digits(.value), .rows[0], more(.rows), digits(.median), digits(.deviation)
    )]
    Absurd {
        /// Which tensor.
        name: &'static str,
        /// The feature, counted from 0.
        feature: usize,
        /// The rows, counted from 0.
        rows: Vec<usize>,
        /// The value in the first of them.
        value: f64,
        /// The median of the feature.
        median: f64,
        /// The median distance from it.
        deviation: f64,
    },
    /// Rows have no density at the start of training.
    #[error(
        "row {} of {name}{} has log-density {value} before training\n\
         hint: values may lie outside of what the flow's base or maps can reach",
        .rows[0], more(.rows)
    )]
    Support {
        /// Which tensor.
        name: &'static str,
        /// The rows, counted from 0.
        rows: Vec<usize>,
        /// The log-density of the first of them.
        value: f64,
    },
    /// The flow cannot take the rows: their width, that of the context, or a class does not fit.
    #[error("the flow cannot {action} rows of shape {event:?}: {problem}")]
    Misfit {
        /// What it was about to do, as a verb.
        action: &'static str,
        /// The shape of a row.
        event: Vec<usize>,
        /// The panic that it came to.
        problem: String,
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
    #[error(
        "the checkpoint {} is of another training run: {}\n\
         hint: train as that run did, or give the checkpoint another name to start anew",
        path.display(), differences.join("; ")
    )]
    Checkpoint {
        /// The checkpoint.
        path: PathBuf,
        /// What differs, each with what the checkpoint has and what there is now.
        differences: Vec<String>,
    },
}

fn least(row: &Option<(usize, f64)>) -> String {
    match row {
        Some((row, value)) => format!("; the least likely of its rows is row {row}, of log-density {value}"),
        None => String::new(),
    }
}

fn more(rows: &[usize]) -> String {
    match rows.len() {
        0 | 1 => String::new(),
        n => format!(" and {} more", n - 1),
    }
}

/// A number of a tensor as short as it can be told from others of its precision.
fn digits(value: &f64) -> String {
    let value = *value;
    let size = value.abs();
    let plain = size == 0.0 || (1e-4..1e7).contains(&size);
    match (value as f32, plain) {
        (single, true) if f64::from(single) == value => single.to_string(),
        (single, false) if f64::from(single) == value => format!("{single:e}"),
        (_, true) => value.to_string(),
        (_, false) => format!("{value:e}"),
    }
}

fn kept(checkpoint: &Option<PathBuf>) -> String {
    match checkpoint {
        Some(path) => format!("; the last good checkpoint is {}", path.display()),
        None => String::new(),
    }
}
