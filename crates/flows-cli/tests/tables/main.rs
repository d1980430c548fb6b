//! The verbs for tables, each run as a program in a folder of its own.

#[cfg(unix)]
mod browser;
mod conditional;
mod interrupted;
mod joint;
mod kinds;
mod mistakes;
mod mixed;
mod program;
#[cfg(unix)]
mod unwritable;
mod written;
