//! The columns of the table.

use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use super::chart::{Plane, drawing};
use super::name::{name, visible};
use super::number::count;

/// A column of the table, and what the model does with it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its kind: `number`, `circle of 24`, `category`.
    pub kind: String,
    /// The reason it is taken for that kind.
    pub reason: String,
    /// Its part in the model.
    pub role: Role,
    /// The flag that does otherwise, if there is one.
    pub flag: Option<String>,
    /// The number of cells without a value.
    pub missing: u64,
    /// The number of different values, if they were counted.
    pub distinct: Option<u64>,
    /// The smallest and the largest value, as the table writes them.
    pub range: Option<[String; 2]>,
    /// A histogram of its values, for a small picture; any number of bars.
    pub histogram: Vec<f64>,
    /// What is worth knowing: spikes, repetitions of other columns.
    pub findings: Vec<String>,
}

/// The part of a column in the model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Role {
    /// Part of a joint density.
    #[default]
    Modelled,
    /// A target of a conditional density.
    Target,
    /// Given to a conditional density.
    Condition,
    /// The weights of the rows.
    Weight,
    /// Not in the model, for this reason.
    LeftOut(String),
}

impl Role {
    fn word(&self) -> &'static str {
        match self {
            Self::Modelled => "modelled",
            Self::Target => "target",
            Self::Condition => "condition",
            Self::Weight => "weight",
            Self::LeftOut(_) => "left out",
        }
    }
}

pub(super) fn section(columns: &[Column]) -> Markup {
    html! {
        ul.columns {
            @for column in columns {
                li.column.left-out[matches!(column.role, Role::LeftOut(_))] { (row(column)) }
            }
        }
    }
}

fn row(column: &Column) -> Markup {
    html! {
        div.column-name {
            h3 { (name(&column.name)) }
            p { (visible_or(&column.kind, "unknown kind")) @if column.role != Role::Modelled { " " span.badge { (column.role.word()) } } }
        }
        div.column-shape {
            @if !column.histogram.is_empty() { (spark(column)) }
            @if let Some([low, high]) = &column.range {
                p.ends { span { (name(low)) } " " span.to { "to" } " " span { (name(high)) } }
            }
        }
        div.column-words {
            @if !column.reason.is_empty() { p { (visible(&column.reason)) } }
            @if let Role::LeftOut(reason) = &column.role { p { "Left out: " (visible(reason)) } }
            @for finding in &column.findings { p.finding { (visible(finding)) } }
            @if let Some(flag) = &column.flag { p.flag { "otherwise " code { (visible(flag)) } } }
        }
        dl.column-counts {
            @if let Some(distinct) = column.distinct { div { dt { "distinct" } dd { (count(distinct)) } } }
            div.some[column.missing > 0] { dt { "missing" } dd { (count(column.missing)) } }
        }
    }
}

fn visible_or(text: &str, other: &str) -> String {
    if text.is_empty() { other.to_owned() } else { visible(text) }
}

/// A histogram as small as a word.
fn spark(column: &Column) -> Markup {
    let bars = &column.histogram;
    let peak = bars.iter().copied().filter(|bar| bar.is_finite()).fold(0.0, f64::max);
    let plane = Plane { x: 0.0..bars.len() as f64, y: 0.0..if peak > 0.0 { peak } else { 1.0 } };
    let summary = format!("Histogram of {}", visible(&column.name));
    let gap = if bars.len() <= 30 { 0.12 } else { 0.0 };
    drawing(
        "spark",
        &summary,
        html! {
            @for (index, &bar) in bars.iter().enumerate() {
                @let left = index as f64;
                @if bar > 0.0 { (plane.bar(left + gap..left + 1.0 - gap, 0.0..bar.max(0.02 * peak), "data")) }
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_left_out_says_why_and_what_does_otherwise() {
        let role = Role::LeftOut("an index that counts".into());
        let column = Column { name: "id".into(), role, flag: Some("-c '*,id'".into()), ..Column::default() };
        let text = section(&[column]).into_string();
        assert!(text.contains("Left out: an index that counts") && text.contains("<code>-c '*,id'</code>"), "{text}");
        assert!(text.contains("unknown kind") && text.contains("class=\"column left-out\""), "{text}");
    }

    #[test]
    fn a_histogram_has_a_bar_for_each_bin_with_something_in_it() {
        let column = Column { name: "<x>".into(), histogram: vec![1.0, 0.0, 1e-9, f64::NAN], ..Column::default() };
        let text = spark(&column).into_string();
        assert_eq!(text.matches("<rect").count(), 2, "{text}");
        assert!(text.contains("Histogram of &lt;x&gt;"), "{text}");
    }
}
