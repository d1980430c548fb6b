//! The verbs for tables, each run as a program in a folder of its own.

#[cfg(unix)]
#[path = "../../../flows-plot/tests/browser/chromium.rs"]
#[allow(dead_code, reason = "the reports of flows-plot print and draw as well")]
mod chromium;
mod conditional;
mod interrupted;
mod joint;
mod mistakes;
#[cfg(unix)]
mod page;
#[cfg(unix)]
mod places;
mod program;
mod written;
