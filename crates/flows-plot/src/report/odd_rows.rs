//! The rows that the model finds least likely.

use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use super::figures::Unit;
use super::name::{name, visible};
use super::number;

/// A row that the model finds unlikely, and the reason.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct OddRow {
    /// Where it is: `row 24,068`, or the value of an identifier.
    pub place: String,
    /// Its log-density.
    pub log_density: f64,
    /// The share of held-out rows that are as unlikely or more so.
    pub p_value: f64,
    /// The column that makes it odd.
    pub column: Option<String>,
    /// The reason, as a sentence.
    pub reason: String,
    /// Its values.
    pub cells: Vec<Cell>,
}

/// A value of a row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cell {
    /// The column.
    pub column: String,
    /// The value, as the table writes it.
    pub value: String,
}

pub(super) fn section(rows: &[OddRow], unit: Unit) -> Markup {
    html! {
        ol.odd-rows { @for row in rows { li { (card(row, unit)) } } }
    }
}

fn card(row: &OddRow, unit: Unit) -> Markup {
    let is_odd = |cell: &&Cell| row.column.as_ref() == Some(&cell.column);
    // What is odd stands first.
    let cells = row.cells.iter().filter(is_odd).chain(row.cells.iter().filter(|cell| !is_odd(cell)));
    html! {
        article.card {
            header {
                h3 { (name(&row.place)) }
                p.muted { "log-density " (number::fixed(row.log_density, 1)) " " (unit.short()) }
            }
            @if !row.reason.is_empty() { p { (visible(&row.reason)) } }
            p.muted { (rank(row.p_value)) }
            dl.cells {
                @for cell in cells { div.odd[is_odd(&cell)] { dt { (name(&cell.column)) } dd { (name(&cell.value)) } } }
            }
        }
    }
}

fn rank(p_value: f64) -> String {
    match p_value {
        p if p.is_nan() => "It has no density at all.".to_owned(),
        p if p <= 0.0 => "No held-out row is as unlikely.".to_owned(),
        p => format!("Of the held-out rows, {} are as unlikely.", number::small_percent(p)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_odd_value_stands_first_and_is_marked() {
        let cell = |column: &str, value: &str| Cell { column: column.into(), value: value.into() };
        let row = OddRow {
            column: Some("y".into()),
            cells: vec![cell("x", "8.09"), cell("y", "58.9")],
            p_value: 0.0,
            ..OddRow::default()
        };
        let text = section(&[row], Unit::NatsPerRow).into_string();
        assert!(text.find("58.9") < text.find("8.09") && text.matches("class=\"odd\"").count() == 1, "{text}");
        assert!(text.contains("No held-out row is as unlikely"));
    }

    #[test]
    fn a_rank_is_a_sentence() {
        assert_eq!(rank(0.0002), "Of the held-out rows, 0.020\u{a0}% are as unlikely.");
        assert_eq!(rank(f64::NAN), "It has no density at all.");
    }
}
