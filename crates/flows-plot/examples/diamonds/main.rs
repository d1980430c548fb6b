//! Writes a report of made-up figures, as they might be of a table of diamonds: to see what a report looks like.
//!
//! `cargo run -p flows-plot --example diamonds -- diamonds.html`

mod figures;

use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args_os().nth(1).map_or_else(|| std::env::temp_dir().join("diamonds.html"), PathBuf::from);
    figures::report().save(&path)?;
    println!("{}", path.display());
    Ok(())
}
