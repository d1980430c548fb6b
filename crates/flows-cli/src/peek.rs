//! `flows peek`: what a table is.

use std::path::PathBuf;

use flows_data::{Finding, Frame, Plan, RowCount, Selection};
use serde_json::json;

use crate::columns::Columns;
use crate::output;
use crate::problem::Problem;
use crate::reading::{Reading, tell_notices};
use crate::terminal::{self, bold};

/// The table, and what would become of its columns.
#[derive(Debug, clap::Args)]
pub(crate) struct Peek {
    /// The table; `-` is standard input
    table: PathBuf,
    /// Rows to look at
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    rows: u32,
    /// Writes what was found as JSON; `-` is standard output
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    columns: Columns,
}

impl Peek {
    /// Reads the first rows, and tells what each column is.
    pub(crate) fn run(&self) -> Result<(), Problem> {
        output::prepare(&[self.json.as_deref()], &[Some(&self.table)])?;
        let peek = Frame::peek(&self.table, &self.reading.options(), self.rows as usize)?;
        let frame = peek.frame;
        let name = self.table.display();
        tell_notices(&frame);
        let seen = match peek.rows {
            RowCount::Exactly(rows) if rows == frame.rows() as u64 => String::new(),
            _ => format!("; what follows is of the first {}", frame.rows()),
        };
        terminal::tell(format_args!(
            "{} {}, {} columns{seen}\n",
            bold(format_args!("{name}:")),
            peek.rows,
            frame.columns().len()
        ))?;
        let plan = self.columns.plan(&frame)?;
        terminal::tell(&plan)?;
        for line in doubts(&frame, &plan)? {
            terminal::tell(format_args!("{line}\n"))?;
        }
        terminal::tell(what_fit_does(&plan, peek.rows))?;
        let more = if matches!(peek.rows, RowCount::Exactly(_)) { "" } else { " (all rows are read then)" };
        terminal::tell(format_args!(
            "next: {}{more}",
            bold(format_args!(
                "flows fit {}",
                for_fit(std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect())
            ))
        ))?;
        match &self.json {
            Some(path) => output::json(path, &json!({"rows": rows_of(peek.rows), "columns": describe(&plan)})),
            None => Ok(()),
        }
    }
}

/// The words of a command line behind `peek` that `fit` takes too.
fn for_fit(line: Vec<String>) -> String {
    let mut words = line.into_iter().skip_while(|word| word != "peek").skip(1);
    let mut taken = vec![];
    while let Some(word) = words.next() {
        match word.as_str() {
            "--json" | "--rows" => drop(words.next()),
            word if word.starts_with("--json=") || word.starts_with("--rows=") => {}
            word => taken.push(flows_data::shell_word(word)),
        }
    }
    taken.join(" ")
}

fn rows_of(rows: RowCount) -> u64 {
    match rows {
        RowCount::Exactly(rows) | RowCount::About(rows) | RowCount::MoreThan(rows) => rows,
    }
}

/// The columns, for programs.
pub(crate) fn describe(plan: &Plan) -> Vec<serde_json::Value> {
    let column = |column: &flows_data::Planned| {
        let left_out = match &column.role {
            flows_data::Role::LeftOut(reason) => Some(reason.clone()),
            _ => None,
        };
        json!({
            "name": column.name,
            "kind": column.kind.to_string(),
            "role": column.role.to_string(),
            "missing": column.summary.missing,
            "distinct": column.summary.distinct,
            "left_out": left_out,
            "otherwise": column.otherwise,
            "remarks": column.remarks,
            "reason": column.reason,
        })
    };
    plan.columns.iter().map(column).collect()
}

/// What makes likelihoods doubtful: modelled columns that follow from others, and absurd values.
pub(crate) fn doubts(frame: &Frame, plan: &Plan) -> Result<Vec<String>, Problem> {
    let names: Vec<&str> = plan.modelled().map(|column| column.name.as_str()).collect();
    let rows = plan.rows(frame)?;
    // Only numbers can follow from each other: of times alone there is no table.
    let Ok(table) = frame.select(&Selection::names(names))?.pick(&rows).to_table() else { return Ok(vec![]) };
    let told = |finding: &Finding| {
        matches!(finding, Finding::Dependent { .. } | Finding::Absurd { .. } | Finding::FillValue { .. })
    };
    Ok(table.findings().into_iter().filter(told).map(|finding| finding.to_string()).collect())
}

/// What `fit` would do, in a sentence.
fn what_fit_does(plan: &Plan, rows: RowCount) -> String {
    let names = |columns: Vec<&flows_data::Planned>| {
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        match names.len() {
            0..=6 => names.join(", "),
            more => format!("{}, .. ({more} in all)", names[..5].join(", ")),
        }
    };
    let modelled = names(plan.modelled().collect());
    let given = names(plan.conditions().collect());
    let what = if given.is_empty() { format!("p({modelled})") } else { format!("p({modelled} | {given})") };
    let how = if plan.missing == flows_data::MissingRows::Model {
        "held-out rows choose among independent columns, a mixture of classes and a network over columns in any order"
    } else if rows_of(rows) < 1000 {
        "five folds choose among a Gaussian, a mixture of Gaussians and a flow"
    } else {
        "a tenth of the rows chooses among a Gaussian, a mixture of Gaussians and a flow, another tenth is reported"
    };
    format!("`fit` models {what}: {how}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_command_has_the_flags_of_this_one() {
        let line =
            ["flows", "peek", "my table.csv", "--json", "p.json", "--as", "y=category", "--rows=50"].map(str::to_owned);
        assert_eq!(for_fit(line.to_vec()), "'my table.csv' --as 'y=category'");
    }
}
