//! What each column of a table is, and what a model would make of it: `cargo run --example peek -- TABLE..`.

use std::{env, error::Error, time::Instant};

use flows_data::{Frame, Plan, PlanOptions, ReadOptions};

/// Rows that are looked at.
const ROWS: usize = 100_000;

fn main() -> Result<(), Box<dyn Error>> {
    for path in env::args().skip(1) {
        let start = Instant::now();
        let peek = Frame::peek(&path, &ReadOptions::new(), ROWS)?;
        println!("{path}: {}, {} columns", peek.rows, peek.frame.columns().len());
        peek.frame.notices().iter().for_each(|notice| println!("- {notice}"));
        println!("{}({:.2} seconds)\n", Plan::new(&peek.frame, &PlanOptions::new())?, start.elapsed().as_secs_f64());
    }
    Ok(())
}
