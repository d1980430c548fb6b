//! What the person who fits sees.
// tidy: prints, because showing progress on standard error is what this file is for.

use super::TargetRecord;
use crate::train::Reporting;

/// Shows the last evaluation, unless nothing is to be shown.
pub(super) fn show(reporting: Reporting, steps: usize, history: &[TargetRecord]) {
    if let Some(TargetRecord { step, temperature, elbo, learning_rate }) =
        history.last().filter(|_| reporting != Reporting::Silent)
    {
        let tempered = if *temperature < 1.0 { format!("  temperature {temperature:.2}") } else { String::new() };
        eprintln!(
            "step {step:>6}/{steps}  evidence lower bound {elbo:.4}{tempered}  learning rate {learning_rate:.1e}"
        );
    }
}
