//! Why training ended, and a way to end it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

/// Why training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stop {
    /// All epochs are done.
    Epochs,
    /// The validation loss did not get better for as many epochs as the patience says. With
    /// [`Schedule::WarmupStableDecay`](super::Schedule::WarmupStableDecay) a cool-down followed.
    Patience,
    /// The time was over.
    Time,
    /// A [`StopFlag`] was raised.
    Interrupted,
}

/// A flag that ends training at the next step, from another thread or a signal handler.
///
/// Clones are the same flag. See [`Training::stop_on`](super::Training::stop_on).
///
/// ```
/// use flows_core::train::StopFlag;
///
/// let flag = StopFlag::new();
/// let handler = flag.clone();
/// std::thread::spawn(move || handler.raise()).join().unwrap();
/// assert!(flag.is_raised());
/// ```
#[derive(Debug, Clone, Default)]
pub struct StopFlag(Arc<AtomicBool>);

impl StopFlag {
    /// A flag that is not raised.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks training to end.
    pub fn raise(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether training was asked to end.
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The flag that something else sets, such as a signal.
impl From<Arc<AtomicBool>> for StopFlag {
    fn from(flag: Arc<AtomicBool>) -> Self {
        Self(flag)
    }
}
