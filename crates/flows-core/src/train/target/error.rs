//! The reason a target cannot be fitted.

/// The reason a target cannot be fitted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// The target's log-density is NaN or infinite at a sample of the flow.
    #[error(
        "the target's log-density is {value} at x = {}{}\nhint: the flow has mass everywhere, and so must \
        the target; map bounded parameters to the real line, as a scale by its logarithm",
        place(at), during(*step)
    )]
    NotFinite {
        /// The log-density.
        value: f64,
        /// The sample.
        at: Vec<f64>,
        /// The step, counted from 1; `None` in the check after the last.
        step: Option<usize>,
    },
    /// The gradient of the target's log-density is NaN or infinite at a sample of the flow.
    #[error(
        "the gradient of the target's log-density is not finite at x = {}{}\nhint: look for a root, a \
        logarithm or a division at the edge of its range",
        place(at), during(*step)
    )]
    TargetGradient {
        /// The sample.
        at: Vec<f64>,
        /// The step, counted from 1; `None` in the check after the last.
        step: Option<usize>,
    },
    /// The gradient of the flow is NaN or infinite.
    #[error(
        "the gradient's norm is {value} at step {step}, though the target's own gradient is finite\nhint: use a smaller learning rate"
    )]
    FlowGradient {
        /// The norm.
        value: f64,
        /// The step, counted from 1.
        step: usize,
    },
    /// The target returns another number of log-densities than it was given rows.
    #[error("the target returned {got} log-densities for {expected} rows")]
    Rows {
        /// The number of rows.
        expected: usize,
        /// The number of log-densities.
        got: usize,
    },
    /// A start without a usable scale.
    #[error("the start: {problem}")]
    Start {
        /// The reason it cannot be used.
        problem: String,
    },
    /// The flow did not take over the scale of the start.
    #[error(
        "the flow did not take over the start: feature {feature} of its samples has mean {:.3e} and deviation {:.3e}, \
        the start {:.3e} and {:.3e}\nhint: use a fresh flow whose first layer is set from data, as `Standardize` (a \
        model's `standardize`) and `ActNorm` are", got.0, got.1, expected.0, expected.1
    )]
    StartIgnored {
        /// The feature.
        feature: usize,
        /// Mean and deviation of the start.
        expected: (f64, f64),
        /// Mean and deviation of the flow's samples.
        got: (f64, f64),
    },
    /// A configuration that cannot be meant.
    #[error("`{field}` of the configuration: {problem}")]
    Config {
        /// The field.
        field: &'static str,
        /// The reason the value was rejected.
        problem: String,
    },
}

/// A point, in brackets.
pub(super) fn place(at: &[f64]) -> String {
    let shown = at.iter().take(8).map(|v| format!("{v:.5}")).collect::<Vec<_>>().join(", ");
    if at.len() > 8 { format!("[{shown}, ..]") } else { format!("[{shown}]") }
}

fn during(step: Option<usize>) -> String {
    step.map_or(String::new(), |step| format!(" (step {step})"))
}
