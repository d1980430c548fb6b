//! `cargo xtask data`: data sets that are too large for the repository, fetched and verified.

mod catalogue;
mod fetch;
mod sources;
mod unpack;
mod verify;

use std::path::PathBuf;

use crate::process::{Outcome, root};
use catalogue::{DATA_SETS, DataSet};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Which data set; `--list` shows them
    #[arg(required_unless_present = "list")]
    name: Option<String>,
    /// Where the data sets go, each into a directory of its own [default: data, in the workspace]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// List the data sets with their size and licence, and fetch nothing
    #[arg(long)]
    list: bool,
}

/// Fetches a data set, or lists all of them.
pub(crate) fn run(args: &Args) -> Outcome {
    if args.list {
        print!("{}", list());
        return Ok(());
    }
    let name = args.name.as_deref().unwrap_or_default();
    let dir = args.dir.clone().unwrap_or_else(|| root().join("data"));
    let fetched = fetch::fetch(find(name)?, &dir, sources::obtain)?;
    println!("{fetched}");
    Ok(())
}

fn find(name: &str) -> Outcome<&'static DataSet> {
    let known = || DATA_SETS.iter().map(|set| set.name).collect::<Vec<_>>().join(", ");
    DATA_SETS.iter().find(|set| set.name == name).ok_or_else(|| format!("no data set `{name}`; there are: {}", known()))
}

fn list() -> String {
    let line = |set: &DataSet| {
        let megabytes = set.bytes() as f64 / 1e6;
        format!("{:<14} {megabytes:>6.1} MB  {}\n{:26}Licence: {}\n", set.name, set.about, "", set.licence)
    };
    DATA_SETS.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_is_an_error_that_lists_the_known_ones() {
        let message = find("minst").map(|set| set.name).expect_err("misspelt");
        assert_eq!(message, "no data set `minst`; there are: world-cities, mnist");
    }

    #[test]
    fn the_list_shows_size_and_licence() {
        let list = list();
        assert!(list.contains("world-cities      1.5 MB") && list.contains("Licence: CC BY 3.0"), "{list}");
    }
}
