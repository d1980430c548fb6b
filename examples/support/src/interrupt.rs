//! Ctrl-C ends training, and a second one the program.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use flows_core::train::StopFlag;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// A flag that Ctrl-C (or SIGTERM) raises, for [`Training::stop_on`](flows_core::train::Training::stop_on); a second
/// Ctrl-C kills the program, with status 130.
///
/// Every call gives the same flag. Call it where training starts: before, Ctrl-C should end the program at once.
pub fn interrupt() -> StopFlag {
    static FLAG: OnceLock<StopFlag> = OnceLock::new();
    let install = || {
        let raised = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // In this order: the first signal finds the flag down, and raises it. Where the system refuses a handler,
            // the signal ends the program as before.
            let _ = flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&raised));
            let _ = flag::register(signal, Arc::clone(&raised));
        }
        StopFlag::from(raised)
    };
    FLAG.get_or_init(install).clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_raises_the_one_flag_that_every_call_gives() {
        let (a, b) = (interrupt(), interrupt());
        assert!(!a.is_raised());
        signal_hook::low_level::raise(SIGINT).expect("a signal to this process");
        assert!(a.is_raised() && b.is_raised());
    }
}
