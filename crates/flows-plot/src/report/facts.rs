//! Settings, hashes and files: names with their values.

use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use super::figures::Report;
use super::name::{name, visible};
use super::number;

/// A name and its value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fact {
    /// The name: of a setting, or of what a hash is of.
    pub name: String,
    /// The value, as it is shown.
    pub value: String,
}

impl Fact {
    /// A fact of anything that can be shown.
    pub fn new(name: impl Into<String>, value: impl ToString) -> Self {
        Self { name: name.into(), value: value.to_string() }
    }
}

/// A file that was written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OutputFile {
    /// Its path.
    pub path: String,
    /// What it holds.
    pub what: String,
    /// Its size, if it is known.
    pub bytes: Option<u64>,
}

/// Facts as a list of two columns.
pub(super) fn list(facts: &[Fact]) -> Markup {
    html! {
        @if !facts.is_empty() {
            dl.facts { @for fact in facts { div { dt { (name(&fact.name)) } dd { (name(&fact.value)) } } } }
        }
    }
}

pub(super) fn section(report: &Report) -> Markup {
    html! {
        @if !report.settings.is_empty() { h3 { "Settings" } (list(&report.settings)) }
        @if !report.hashes.is_empty() {
            h3 { "Hashes" }
            dl.facts.hashes {
                @for Fact { name: of, value } in &report.hashes { div { dt { (name(of)) } dd { code { (visible(value)) } } } }
            }
        }
        @if !report.files.is_empty() {
            h3 { "Files" }
            dl.facts {
                @for OutputFile { path, what, bytes } in &report.files {
                    div { dt { (name(path)) } dd { (visible(what)) @if let Some(bytes) = bytes { span.muted { ", " (number::bytes(*bytes)) } } } }
                }
            }
        }
        @if let Some(command) = &report.command { h3 { "This page again" } pre.command { code { (visible(command)) } } }
    }
}
