//! What is to become of the columns of a table.

use clap::ValueEnum;
use flows_data::{Frame, Kinds, MissingRows, Plan, PlanOptions, Selection};

use crate::problem::Problem;

/// What becomes of the columns; what is not said is found out from the table.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Columns")]
pub(crate) struct Columns {
    /// The columns to take: names and patterns as in 'a,b,x*,!id'
    #[arg(long, short, value_name = "LIST", value_parser = selection)]
    columns: Option<Selection>,
    /// What columns are: number, count, log, min:0, max:10, interval:0:1, circle:24, time, category, yes-no or skip, as in
    /// 'year=category,hour=circle:24'
    #[arg(long = "as", value_name = "COLUMN=KIND", value_parser = kinds)]
    kinds: Option<Kinds>,
    /// Models these columns, given the others
    #[arg(long, value_name = "LIST", value_parser = selection)]
    target: Option<Selection>,
    /// The columns that are given
    #[arg(long, value_name = "LIST", value_parser = selection)]
    given: Option<Selection>,
    /// The column of the rows' weights
    #[arg(long, value_name = "COLUMN")]
    weights: Option<String>,
    /// What becomes of rows that miss a cell of a column that is used
    #[arg(long, value_enum, value_name = "WHAT", default_value_t)]
    missing: Missing,
}

/// What becomes of rows that miss a cell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Missing {
    /// They are left out, and counted
    #[default]
    Drop,
    /// They are an error
    Error,
    /// They stay, and the model is one of numbers, whole numbers, categories and shared values, any of which may be missing:
    /// any columns given any others
    Model,
}

impl Columns {
    /// Whether missing cells are modelled.
    pub(crate) fn models_missing(&self) -> bool {
        self.missing == Missing::Model
    }

    /// The flag that says what is given what, if one does.
    pub(crate) fn conditional(&self) -> Option<&'static str> {
        let said = [("--target", self.target.is_some()), ("--given", self.given.is_some())];
        said.into_iter().find_map(|(flag, said)| said.then_some(flag))
    }

    /// What becomes of the columns of a frame.
    pub(crate) fn plan(&self, frame: &Frame) -> Result<Plan, Problem> {
        let names = |selection: &Selection| -> Result<Vec<String>, Problem> {
            let frame = frame.select(selection)?;
            Ok(frame.names().into_iter().map(str::to_owned).collect())
        };
        let mut options = PlanOptions::new().with_missing(match self.missing {
            Missing::Drop => MissingRows::Drop,
            Missing::Error => MissingRows::Error,
            Missing::Model => MissingRows::Model,
        });
        if let Some(columns) = &self.columns {
            options = options.with_columns(columns.clone());
        }
        if let Some(kinds) = &self.kinds {
            options = options.with_kinds(kinds.clone());
        }
        if let Some(target) = &self.target {
            options = options.with_targets(names(target)?);
        }
        if let Some(given) = &self.given {
            options = options.with_given(names(given)?);
        }
        if let Some(weights) = &self.weights {
            options = options.with_weights(weights.clone());
        }
        Ok(Plan::new(frame, &options)?)
    }
}

/// A list of columns; clap shows the first line of what is wrong with it.
fn selection(text: &str) -> Result<Selection, String> {
    text.parse().map_err(|error: flows_data::ColumnError| error.to_string())
}

fn kinds(text: &str) -> Result<Kinds, String> {
    text.parse().map_err(|error: flows_data::ColumnError| error.to_string())
}
