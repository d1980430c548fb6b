//! Ctrl-C ends training, and a second one the program.

use std::io::Write;
use std::sync::OnceLock;

use flows_core::train::StopFlag;

/// A flag that Ctrl-C (or SIGTERM, or the closing of the terminal) raises, for
/// [`Training::stop_on`](flows_core::train::Training::stop_on); a second Ctrl-C kills the program, with status 130.
///
/// Every call gives the same flag. Call it where training starts: before, Ctrl-C should end the program at once.
pub fn interrupt() -> StopFlag {
    static FLAG: OnceLock<StopFlag> = OnceLock::new();
    let install = || {
        let flag = StopFlag::new();
        let handled = flag.clone();
        let handler = move || {
            if handled.is_raised() {
                std::process::exit(130);
            }
            handled.raise();
            // Whoever read standard error may be gone.
            let _ = writeln!(std::io::stderr(), "\nending after this step; once more to end at once");
        };
        // Where another handler is set, that one stays, and nothing raises the flag.
        let _ = ctrlc::try_set_handler(handler);
        flag
    };
    FLAG.get_or_init(install).clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_gives_the_same_flag() {
        let (a, b) = (interrupt(), interrupt());
        a.raise();
        assert!(b.is_raised());
    }
}
