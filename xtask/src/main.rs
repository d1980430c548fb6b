//! The project's own commands; `cargo xtask --help` lists them.

mod backend;
mod bench;
mod cases;
mod check;
mod data;
mod process;
mod test;
mod tidy;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The project's own commands.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Everything a change must pass, cheapest first: format, style, lints, tests, documentation
    Check(check::Args),
    /// Run the tests, on flex or on other backends, and add up what they counted
    Test(test::Args),
    /// Check the rules of style that a program can check
    Tidy,
    /// Fetch a data set into data/NAME and verify its checksums
    Data(data::Args),
    /// Run inputs that once came out wrong through the commands, and compare with what is right
    Cases(cases::Args),
    /// Measure what the flows cost, alone or in turns with those of Python's libraries
    Bench(bench::Args),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Check(args) => check::run(&args),
        Command::Test(args) => return test::main(&args),
        Command::Tidy => tidy::run(),
        Command::Data(args) => data::run(&args),
        Command::Cases(args) => cases::run(&args),
        Command::Bench(args) => bench::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
