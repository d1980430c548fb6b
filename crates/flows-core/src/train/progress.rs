//! What the person who trains sees.
// tidy: prints, because showing progress on standard error is what this file is for.

use std::io::{IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{EpochRecord, Reporting};

/// Shows progress as the configuration says.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    lines: bool,
    epochs: usize,
}

impl Progress {
    pub(super) fn new(reporting: Reporting, epochs: usize, steps_per_epoch: usize, done_epochs: usize) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let bar = (reporting == Reporting::Auto && terminal).then(|| {
            let style = ProgressStyle::with_template("{elapsed:>4} {wide_bar} epoch {prefix}  {msg}")
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            let target = ProgressDrawTarget::stderr_with_hz(5);
            let bar = ProgressBar::with_draw_target(Some((epochs * steps_per_epoch) as u64), target).with_style(style);
            bar.set_position((done_epochs * steps_per_epoch) as u64);
            bar.set_prefix(format!("{done_epochs}/{epochs}"));
            bar
        });
        let lines = match reporting {
            Reporting::Auto => !terminal,
            Reporting::Lines => true,
            Reporting::Silent => false,
        };
        Self { bar, lines, epochs }
    }

    pub(super) fn step(&self) {
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
    }

    pub(super) fn epoch(&self, record: &EpochRecord, best: f64) {
        let validation = match record.validation_loss {
            Some(loss) => format!("  validation {loss:.4} (best {best:.4})"),
            None => String::new(),
        };
        let losses = format!("train {:.4}{validation}", record.train_loss);
        if let Some(bar) = &self.bar {
            bar.set_prefix(format!("{}/{}", record.epoch, self.epochs));
            bar.set_message(losses.clone());
        }
        if self.lines {
            // That nobody reads on is no reason to end training.
            let _ = writeln!(
                std::io::stderr(),
                "epoch {:>4}/{}  {losses}  learning rate {:.1e}  {:.1} s",
                record.epoch,
                self.epochs,
                record.learning_rate,
                record.seconds
            );
        }
    }

    pub(super) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish();
            // The bar stays where it is; what is printed next starts on a line of its own.
            let _ = writeln!(std::io::stderr());
        }
    }
}
