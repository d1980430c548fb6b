//! What went wrong, and what to do about it.

use std::fmt;

use burn_flows::tables::TablesError;
use flows_core::FlowError;
use flows_data::{ColumnError, DataError, ImageError, TableError};
use flows_plot::PlotError;

/// What went wrong. Shown, it is one line, and a second one that begins with `hint: ` where something can be done.
#[derive(Debug)]
pub(crate) struct Problem {
    message: String,
    hint: Option<String>,
    usage: bool,
    /// Whether nobody reads the output any more, which is no error.
    unread: bool,
}

impl Problem {
    /// Something that failed.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self::split(message.into())
    }

    /// Something that was asked for and makes no sense.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { usage: true, ..Self::split(message.into()) }
    }

    /// What to do about it.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// The same of some rows alone.
    pub(crate) fn of(self, whose: &str) -> Self {
        Self { message: format!("{whose}: {}", self.message), ..self }
    }

    /// The exit code: 1 of a failure, 2 of a wrong use.
    pub(crate) fn code(&self) -> u8 {
        if self.usage { 2 } else { 1 }
    }

    /// Whether nobody reads the output any more, as after `| head`: no error, and nothing to say.
    pub(crate) fn is_unread(&self) -> bool {
        self.unread
    }

    /// A message whose hint, if it has one, stands in it.
    fn split(message: String) -> Self {
        for mark in ["\nhint: ", "; hint: ", " hint: "] {
            if let Some((before, hint)) = message.split_once(mark) {
                let hint = Some(hint.replace("\nhint: ", "; "));
                return Self { message: before.to_owned(), hint, usage: false, unread: false };
            }
        }
        Self { message, hint: None, usage: false, unread: false }
    }

    fn or_hint(self, hint: &str) -> Self {
        Self { hint: self.hint.or_else(|| Some(hint.to_owned())), ..self }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, "\nhint: {hint}"))
    }
}

/// Where nothing better is known.
const PLACE: &str = "look whether the place exists and can be written to, and `-o` names another one";

impl From<FlowError> for Problem {
    fn from(error: FlowError) -> Self {
        let hint = match &error {
            FlowError::Io { action: "read" | "open", .. } => "look whether the file is there and can be read",
            FlowError::Io { .. } => PLACE,
            FlowError::File { .. } => {
                "give a file that `flows fit` or `flows images fit` has written; `--force` begins a fit anew"
            }
            FlowError::Training(_) => {
                "a smaller `--learning-rate` may help; otherwise correct the row, leave it out, or name another `--model`"
            }
            _ => "`flows peek TABLE` tells of each column what it is; `--columns` leaves columns out",
        };
        Self::new(error.to_string()).or_hint(hint)
    }
}

impl From<DataError> for Problem {
    fn from(error: DataError) -> Self {
        let usage = matches!(
            error,
            DataError::Column(
                ColumnError::List { .. }
                    | ColumnError::UnknownKind { .. }
                    | ColumnError::KindArgument { .. }
                    | ColumnError::Twice { .. }
                    | ColumnError::Condition { .. }
            )
        );
        let hint = match &error {
            DataError::Io { action: "read" | "open", .. } => "look whether the file is there and can be read",
            DataError::Io { .. } => PLACE,
            DataError::Table(TableError::MissingColumn { .. }) => {
                "names are matched letter by letter; `flows peek TABLE` lists them"
            }
            DataError::Table(_) => {
                "look at its first lines; `--delimiter`, `--decimal`, `--header` and `--null` say how they are written"
            }
            DataError::Image(_) => {
                "`flows images fit` takes a folder of pictures, or one of a data set's files (`--data`)"
            }
            _ => "`flows peek TABLE` tells of each column what it is",
        };
        let unread = matches!(&error, DataError::Io { source, .. } if source.kind() == std::io::ErrorKind::BrokenPipe);
        Self { usage, unread, ..Self::new(error.to_string()).or_hint(hint) }
    }
}

impl From<ColumnError> for Problem {
    fn from(error: ColumnError) -> Self {
        DataError::from(error).into()
    }
}

impl From<TableError> for Problem {
    fn from(error: TableError) -> Self {
        DataError::from(error).into()
    }
}

impl From<ImageError> for Problem {
    fn from(error: ImageError) -> Self {
        DataError::from(error).into()
    }
}

impl From<TablesError> for Problem {
    fn from(error: TablesError) -> Self {
        match error {
            TablesError::Flow(error) => error.into(),
            TablesError::Data(error) => error.into(),
            TablesError::Setting { .. } | TablesError::Unused { .. } | TablesError::OneColumn { .. } => {
                Self::usage(error.to_string())
            }
            error => Self::new(error.to_string()).or_hint("`flows peek FILE` shows the columns"),
        }
    }
}

impl From<PlotError> for Problem {
    fn from(error: PlotError) -> Self {
        Self::new(error.to_string()).or_hint(PLACE)
    }
}

impl From<std::io::Error> for Problem {
    fn from(error: std::io::Error) -> Self {
        Self::new(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_inside_of_a_message_becomes_the_second_line() {
        let problem = Problem::new("t.csv: no column `x`; hint: `--columns` names them");
        assert_eq!(problem.to_string(), "t.csv: no column `x`\nhint: `--columns` names them");
        assert_eq!(Problem::usage("no\nhint: yes").code(), 2);
        let error =
            FlowError::Io { action: "write", path: "m.flow".into(), source: std::io::ErrorKind::NotFound.into() };
        assert!(Problem::from(error).to_string().contains("\nhint: "));
    }
}
