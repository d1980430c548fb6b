//! Ctrl-C ends training in two steps, and the program in three.

use std::sync::OnceLock;
use std::thread;

use flows_core::train::StopFlag;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::terminal;

/// Flags that signals raise.
#[derive(Debug, Clone)]
pub(crate) struct Interrupt {
    /// Raised by the first Ctrl-C: training cools down and ends.
    pub(crate) cool_down: StopFlag,
    /// Raised by the second Ctrl-C, and by a request to end or a terminal that closes: training ends at once, and the best
    /// so far is kept.
    pub(crate) stop: StopFlag,
}

/// The flags; every call gives the same ones. Call it where training starts: before, Ctrl-C should end the program at once.
pub(crate) fn interrupt() -> Interrupt {
    static FLAGS: OnceLock<Interrupt> = OnceLock::new();
    let install = || {
        let flags = Interrupt { cool_down: StopFlag::new(), stop: StopFlag::new() };
        // Where the system refuses a handler, the signal ends the program as before.
        if let Ok(mut signals) = Signals::new([SIGINT, SIGTERM, SIGHUP]) {
            let flags = flags.clone();
            thread::spawn(move || {
                for signal in signals.forever() {
                    if flags.stop.is_raised() {
                        std::process::exit(128 + signal);
                    } else if signal == SIGINT && !flags.cool_down.is_raised() {
                        flags.cool_down.raise();
                        terminal::note("Ctrl-C: training cools down and ends; once more ends it at once");
                    } else {
                        flags.stop.raise();
                    }
                }
            });
        }
        flags
    };
    FLAGS.get_or_init(install).clone()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn wait_for(flag: &StopFlag) {
        let start = Instant::now();
        while !flag.is_raised() {
            assert!(start.elapsed() < Duration::from_secs(10), "no signal has come");
            thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn the_first_signal_cools_down_and_the_second_ends() {
        let flags = interrupt();
        signal_hook::low_level::raise(SIGINT).expect("a signal to this process");
        wait_for(&flags.cool_down);
        assert!(!flags.stop.is_raised());
        signal_hook::low_level::raise(SIGINT).expect("a signal to this process");
        wait_for(&interrupt().stop);
    }
}
