//! How far a fit has got.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::terminal;

/// One bar over time where it can move, and a line now and then elsewhere.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    lines: bool,
    last: Option<Instant>,
}

/// Between two lines.
const LULL: Duration = Duration::from_secs(2);
/// The bar counts in thousandths.
const WHOLE: u64 = 1000;

impl Progress {
    /// A bar at a terminal, lines elsewhere, and nothing where nothing is to be said.
    pub(crate) fn new() -> Self {
        let at_terminal = terminal::shows_progress();
        let bar = (at_terminal == Some(true)).then(|| {
            let style = ProgressStyle::with_template("{bar:30} {msg}").expect("a good template");
            ProgressBar::new(WHOLE).with_style(style.progress_chars("━╸ "))
        });
        Self { bar, lines: at_terminal == Some(false), last: None }
    }

    /// Tells what is done, as a share from 0 to 1, and what there is to say.
    pub(crate) fn tell(&mut self, done: f64, text: impl FnOnce() -> String) {
        if let Some(bar) = &self.bar {
            bar.set_position((done.clamp(0.0, 1.0) * WHOLE as f64) as u64);
            bar.set_message(text());
        } else if self.lines && self.last.is_none_or(|last| last.elapsed() >= LULL) {
            self.last = Some(Instant::now());
            terminal::note(text());
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}
