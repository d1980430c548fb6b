//! What a program says.
// tidy: prints, because saying things is what this file is for.

use std::io::{self, Write};

/// Prints a text on standard output. That its reader has read enough, as `head` has, is no error.
///
/// # Errors
/// Standard output cannot be written to.
pub fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        printed => printed,
    }
}

/// Prints a line on standard error; where nobody reads that, nothing is said.
pub fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
