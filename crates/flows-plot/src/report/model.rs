//! The model that was kept.

use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use super::facts::{self, Fact};
use super::name::visible;
use super::number;

/// The model that was kept, and why.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Model {
    /// Its name in a sentence: `neural spline flow`.
    pub name: String,
    /// The reason it was chosen, as a sentence.
    pub why: String,
    /// The number of trained numbers.
    pub parameters: u64,
    /// The number of epochs of its training.
    pub epochs: u64,
    /// The seconds of its training.
    pub seconds: f64,
    /// The reason the training ended: `the validation loss no longer fell`.
    pub stopped: String,
    /// Anything else: layers, widths, bins.
    pub details: Vec<Fact>,
}

impl Model {
    /// Its name, with a capital letter.
    pub(super) fn heading(&self) -> String {
        let mut letters = self.name.chars();
        letters.next().map_or("A flow".to_owned(), |first| first.to_uppercase().chain(letters).collect())
    }

    /// What was trained, as facts.
    pub(super) fn facts(&self) -> Markup {
        let mut list = vec![];
        let mut add = |name: &str, value: String| list.push(Fact { name: name.to_owned(), value });
        if self.parameters > 0 {
            add("parameters", number::count(self.parameters));
        }
        if self.epochs > 0 {
            add("epochs", number::count(self.epochs));
        }
        if self.seconds > 0.0 {
            add("time", number::seconds(self.seconds));
        }
        if !self.stopped.is_empty() {
            add("ended because", self.stopped.clone());
        }
        list.extend(self.details.iter().cloned());
        facts::list(&list)
    }

    pub(super) fn reason(&self) -> Markup {
        html! { @if !self.why.is_empty() { p.why { (visible(&self.why)) } } }
    }
}
