//! A plan as a table.

use std::fmt;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::{MissingRows, Plan, Planned, Role};
use crate::columns::Kind;
use crate::frame::Digits;

/// Numbers with a point and more characters are shown with fewer.
const LONG: usize = 12;

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new();
        table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        // Where nobody looks at a terminal, lines have one width.
        if table.width().is_none() {
            table.set_width(120);
        }
        table.set_header(["column", "kind", "role", "missing", "values", "why, and what does otherwise"]);
        for column in &self.columns {
            let missing = if column.summary.missing == 0 { String::new() } else { column.summary.missing.to_string() };
            table.add_row([
                column.name.clone(),
                column.kind.to_string(),
                column.role.to_string(),
                missing,
                values(column),
                why(column),
            ]);
        }
        if let Some(missing) = table.column_mut(3) {
            missing.set_cell_alignment(CellAlignment::Right);
        }
        writeln!(f, "{}", table.trim_fmt())?;
        if self.incomplete > 0 {
            let (rows, of) = (self.incomplete, self.rows);
            match self.missing {
                MissingRows::Drop => {
                    write!(f, "{rows} of {of} rows miss a cell and are left out; `--missing error` refuses them")?
                }
                MissingRows::Model => {
                    write!(f, "{rows} of {of} rows have no cell of the model, or no weight, and are left out")?
                }
                MissingRows::Error => {
                    write!(f, "{rows} of {of} rows miss a cell, which is an error; `--missing drop` leaves them out")?
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// What a column holds, in short.
fn values(column: &Planned) -> String {
    let summary = &column.summary;
    match (column.kind, &summary.ends) {
        (Kind::Category | Kind::YesNo | Kind::Text | Kind::Identifier, None) => {
            let shown: Vec<&str> = summary.spikes.iter().map(|spike| spike.text.as_str()).collect();
            let more = if summary.distinct > shown.len() { ", .." } else { "" };
            if shown.is_empty() {
                format!("{} different", summary.distinct)
            } else {
                format!("{}{more}", shown.join(", "))
            }
        }
        (_, Some([min, max])) => format!("{} to {}", short(min), short(max)),
        _ => String::new(),
    }
}

/// A cell, and of a number in full double precision the first of its digits.
fn short(cell: &str) -> String {
    match cell.parse::<f64>() {
        Ok(number) if cell.contains('.') && cell.len() > LONG => Digits::Significant(6).text(number),
        _ => cell.to_owned(),
    }
}

fn why(column: &Planned) -> String {
    let mut parts = vec![match &column.role {
        Role::LeftOut(reason) => reason.clone(),
        _ => column.reason.clone(),
    }];
    parts.extend(column.remarks.iter().cloned());
    if let Some(otherwise) = &column.otherwise {
        parts.push(format!("`{otherwise}`"));
    }
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use crate::{Frame, FrameColumn, Plan, PlanOptions};

    #[test]
    fn ranges_have_the_digits_of_their_column() {
        let columns = vec![
            FrameColumn::numbers("day", (0..30).map(|i| f64::from(20_210_301 + i * 7 % 30))),
            FrameColumn::numbers("fine", (0..30).map(|i| 1.0 / f64::from(i * 7 % 30 + 3))),
        ];
        let text = Plan::new(&Frame::new(columns).expect("good"), &PlanOptions::new()).expect("a plan").to_string();
        assert!(text.contains("20210301 to 20210330") && text.contains("0.03125 to 0.333333"), "{text}");
    }

    #[test]
    fn every_column_is_a_line_with_the_flag_that_does_otherwise() {
        let columns = vec![
            FrameColumn::numbers("mass", (0..40).map(|i| if i == 3 { f64::NAN } else { f64::from(i * i % 37) + 0.25 })),
            FrameColumn::words("species", (0..40).map(|i| ["Adelie", "Gentoo"][i % 2])),
        ];
        let plan = Plan::new(&Frame::new(columns).expect("good"), &PlanOptions::new()).expect("a plan");
        let text = plan.to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].trim_start().starts_with("column") && lines[0].contains("what does otherwise"), "{text}");
        assert!(
            lines[1].contains("mass") && lines[1].contains("modelled") && lines[1].contains("0.25 to 36.25"),
            "{text}"
        );
        assert!(
            lines[2].contains("left out") && lines[2].contains("Adelie, Gentoo") && text.contains("--given species"),
            "{text}"
        );
        assert!(lines.last().is_some_and(|line| line.starts_with("1 of 40 rows miss a cell")), "{text}");
    }
}
