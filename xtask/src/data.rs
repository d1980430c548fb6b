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
    let set = find(name)?;
    let brought = fetch::brought(set, &dir);
    let fetched = fetch::fetch(set, &dir, |source, work, ready| sources::obtain(source, &brought, work, ready))?;
    println!("{fetched}");
    Ok(())
}

fn find(name: &str) -> Outcome<&'static DataSet> {
    let known = || DATA_SETS.iter().map(|set| set.name).collect::<Vec<_>>().join(", ");
    let is_named = |set: &&DataSet| set.name == name || set.aliases.contains(&name);
    DATA_SETS.iter().find(is_named).ok_or_else(|| format!("no data set `{name}`; there are: {}", known()))
}

fn list() -> String {
    let line = |set: &DataSet| {
        let mut lines = format!("{:<14} {:>9}  {}\n", set.name, set.contents.size(), set.about);
        if !set.aliases.is_empty() {
            lines.push_str(&format!("{:26}Also fetched as: {}\n", "", set.aliases.join(", ")));
        }
        lines + &format!("{:26}Licence: {}\n", "", set.licence)
    };
    DATA_SETS.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_is_an_error_that_lists_the_known_ones() {
        let message = find("minst").map(|set| set.name).expect_err("misspelt");
        assert_eq!(
            message,
            "no data set `minst`; there are: world-cities, mnist, fashion-mnist, cifar-10, paper-tables"
        );
    }

    #[test]
    fn a_table_of_the_paper_is_found_by_its_own_name() {
        for name in ["paper-tables", "power", "gas", "hepmass", "miniboone", "bsds300"] {
            assert_eq!(find(name).map(|set| set.name), Ok("paper-tables"));
        }
    }

    #[test]
    fn the_list_shows_size_and_licence() {
        let list = list();
        assert!(list.contains("world-cities      1.5 MB") && list.contains("Licence: CC BY 3.0"), "{list}");
        assert!(list.contains("paper-tables     ~850 MB") && list.contains("Also fetched as: power, gas"), "{list}");
    }
}
