//! What the program says, and where.
// tidy: prints, because saying things is what this file is for.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, AtomicI8, Ordering};

use crate::problem::Problem;

static LOUDNESS: AtomicI8 = AtomicI8::new(0);
static STANDARD_OUTPUT_IS_DATA: AtomicBool = AtomicBool::new(false);
static WORK_GOES_ON: AtomicBool = AtomicBool::new(false);

/// How much is said: -1 errors alone, 0 what matters, 1 all of it.
pub(crate) fn set_loudness(loudness: i8) {
    LOUDNESS.store(loudness, Ordering::Relaxed);
}

/// Says that standard output is for data: what people read goes to standard error then.
pub(crate) fn keep_standard_output_for_data() {
    STANDARD_OUTPUT_IS_DATA.store(true, Ordering::Relaxed);
}

/// Says that what the program does matters even if nobody reads what it says: a reader that ends is no end of the work.
pub(crate) fn go_on_unread() {
    WORK_GOES_ON.store(true, Ordering::Relaxed);
}

/// Leaves colours away.
pub(crate) fn without_colors() {
    anstream::ColorChoice::Never.write_global();
}

/// The result of a command, for people to read.
pub(crate) fn say(text: impl Display) -> Result<(), Problem> {
    if LOUDNESS.load(Ordering::Relaxed) < 0 {
        return Ok(());
    }
    if STANDARD_OUTPUT_IS_DATA.load(Ordering::Relaxed) {
        note(text);
        return Ok(());
    }
    written(writeln!(anstream::stdout().lock(), "{text}"))
}

/// The result of a command whose only result it is, for people to read: what was asked for, however quiet it is to be.
pub(crate) fn tell(text: impl Display) -> Result<(), Problem> {
    if STANDARD_OUTPUT_IS_DATA.load(Ordering::Relaxed) {
        note(text);
        return Ok(());
    }
    print(text)
}

/// The result of a command, for programs to read, or because it was asked for by name.
pub(crate) fn print(text: impl Display) -> Result<(), Problem> {
    written(writeln!(anstream::stdout().lock(), "{text}"))
}

/// What is worth knowing, on standard error; where nobody reads that, nothing is said.
pub(crate) fn note(text: impl Display) {
    if LOUDNESS.load(Ordering::Relaxed) >= 0 {
        let _ = writeln!(anstream::stderr().lock(), "{text}");
    }
}

/// What only those want to know who ask for it.
pub(crate) fn detail(text: impl Display) {
    if LOUDNESS.load(Ordering::Relaxed) > 0 {
        let _ = writeln!(anstream::stderr().lock(), "{text}");
    }
}

/// An error, which is said in any case.
pub(crate) fn error(problem: &Problem) {
    let red = anstyle::AnsiColor::Red.on_default().bold();
    let text = problem.to_string().replacen("\nhint: ", &format!("\n{}: ", bold("hint")), 1);
    let _ = writeln!(anstream::stderr().lock(), "{red}error{red:#}: {text}");
}

/// Whether progress can move on standard error.
pub(crate) fn shows_progress() -> Option<bool> {
    (LOUDNESS.load(Ordering::Relaxed) >= 0).then(|| io::stderr().is_terminal())
}

/// A text that stands out.
pub(crate) fn bold(text: impl Display) -> String {
    let bold = anstyle::Style::new().bold();
    format!("{bold}{text}{bold:#}")
}

/// A text that stands back.
pub(crate) fn dim(text: impl Display) -> String {
    let dim = anstyle::Style::new().dimmed();
    format!("{dim}{text}{dim:#}")
}

/// A reader that has read enough, as `head` has, is no error; a full disk is one.
fn written(result: io::Result<()>) -> Result<(), Problem> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => match WORK_GOES_ON.load(Ordering::Relaxed) {
            true => Ok(()),
            false => std::process::exit(0),
        },
        Err(error) => Err(Problem::new(format!("cannot write to standard output: {error}"))
            .hint("`-q` says nothing, `-o` and `--json` name files")),
        Ok(()) => Ok(()),
    }
}
