//! What the command line says.

use std::path::PathBuf;

use clap::{CommandFactory, Parser, Subcommand};

use crate::device::DeviceName;
use crate::problem::Problem;
use crate::{compare, fit, images, mixed, peek, predict, report, sample, score, show, terminal};

/// Learns the joint density of a table's rows, or of some columns given others, and scores rows, draws new ones, predicts
/// and explains; pictures too.
#[derive(Debug, Parser)]
#[command(name = "flows", version, about, arg_required_else_help = true, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    global: Global,
}

const EXAMPLES: &str = "Examples:
  flows peek diamonds.csv
  flows fit diamonds.csv                          # diamonds.flow: the joint density of all columns that have one
  flows score diamonds.flow diamonds.csv --top 5  # the oddest rows, and what is odd about them
  flows fit cars.csv --target mpg                 # cars.flow: p(mpg | the other columns)
  flows predict cars.flow new-cars.csv            # mean, deviation and quantiles of mpg, row by row";

/// What every verb takes.
#[derive(Debug, clap::Args)]
struct Global {
    /// What to compute on
    #[arg(long, global = true, value_enum, value_name = "DEVICE", default_value_t = DeviceName::Auto)]
    device: DeviceName,
    /// Flags in a TOML or JSON file, by their long names; those of the command line win
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Says nothing but errors and what was asked for
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Says more
    #[arg(long, short, global = true)]
    verbose: bool,
    /// Leaves colours away, as the variable NO_COLOR does
    #[arg(long, global = true)]
    no_color: bool,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Shows what each column of a table is, and what `fit` would do with it; trains nothing
    Peek(peek::Peek),
    /// Fits a model to a table: the density of its rows, or of some columns given others
    Fit(Box<fit::Fit>),
    /// Scores the rows of a table: their log-density, p-value, and the column that makes a row odd
    Score(score::Score),
    /// Draws rows
    Sample(sample::Sample),
    /// Predicts the targets of a conditional model, row by row
    Predict(predict::Predict),
    /// Completes a table: draws what is missing given what is there
    Impute(mixed::Impute),
    /// Tells which cells of a row go least with the others, and what would have been likely
    Explain(mixed::Explain),
    /// Shows what a model is
    Show(show::Show),
    /// Writes a page about a model that opens in any browser
    Report(report::Report),
    /// Tells which of two models makes the rows of a table more likely
    Compare(compare::Compare),
    /// Pictures: fits, scores, samples and interpolates image flows
    #[command(subcommand)]
    Images(images::Images),
    /// Writes completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

impl Arguments {
    /// Does what was asked for.
    pub(crate) fn run(&self) -> Result<(), Problem> {
        terminal::set_loudness(if self.global.quiet { -1 } else { i8::from(self.global.verbose) });
        if self.global.no_color {
            terminal::without_colors();
        }
        let device = || self.global.device.init();
        match &self.verb {
            Verb::Peek(peek) => peek.run(),
            Verb::Fit(fit) => fit.run(&device()?),
            Verb::Score(score) => score.run(&device()?),
            Verb::Sample(sample) => sample.run(&device()?),
            Verb::Predict(predict) => predict.run(&device()?),
            Verb::Impute(impute) => impute.run(&device()?),
            Verb::Explain(explain) => explain.run(&device()?),
            Verb::Show(show) => show.run(&device()?),
            Verb::Report(report) => report.run(&device()?),
            Verb::Compare(compare) => compare.run(&device()?),
            Verb::Images(images) => images.run(&device()?),
            Verb::Completions { shell } => {
                let mut text = vec![];
                clap_complete::generate(*shell, &mut Self::command(), "flows", &mut text);
                terminal::print(String::from_utf8_lossy(&text).trim_end())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_makes_sense() {
        Arguments::command().debug_assert();
    }
}
