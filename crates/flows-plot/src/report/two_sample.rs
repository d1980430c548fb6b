//! The two-sample test: can a classifier tell samples from rows?

use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use super::chart::{Chart, Plane, ticks_at};
use super::name::visible;
use super::number::{self, Estimate};

/// A classifier that was trained to tell samples from held-out rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TwoSampleTest {
    /// The share of rows and samples that it tells apart, of those it was not trained on; half of them is chance.
    pub accuracy: Estimate,
    /// The classifier: `a network of 64 hidden units`.
    pub classifier: String,
    /// The rows and samples behind the accuracy.
    pub rows: u64,
}

impl TwoSampleTest {
    /// Whether chance alone explains the accuracy.
    pub(super) fn is_chance(&self) -> bool {
        self.accuracy.value - self.accuracy.two_standard_errors <= 0.5
    }

    /// The accuracy in percent, with its error.
    pub(super) fn shown(&self) -> String {
        let Estimate { value, two_standard_errors } = self.accuracy;
        format!(
            "{}\u{a0}%",
            Estimate { value: 100.0 * value, two_standard_errors: 100.0 * two_standard_errors }.shown()
        )
    }
}

pub(super) fn section(test: &TwoSampleTest) -> Markup {
    let Estimate { value, two_standard_errors: error } = test.accuracy;
    // Below a half is chance too: the axis starts a little before it.
    let plane = Plane { x: 0.45..1.0, y: 0.0..1.0 };
    let marks = html! {
        (plane.line([(0.45, 0.5), (1.0, 0.5)], "rail"))
        (plane.line([(0.5, 0.05), (0.5, 0.95)], "promise"))
        (plane.line([(value - error, 0.5), (value + error, 0.5)], "whisker model"))
        (plane.dot(value, 0.5, "model"))
    };
    let chart = Chart {
        plane,
        x_ticks: ticks_at(&[(0.5, "50\u{a0}%, chance"), (0.75, "75\u{a0}%"), (1.0, "100\u{a0}%")]),
        y_ticks: vec![],
        x_label: "told apart; nearer to 50\u{a0}% is better",
        y_label: String::new(),
        summary: format!("The classifier tells {} apart; 50 % is chance", test.shown()),
        size: "strip",
    };
    html! {
        p.figure-line { strong { (test.shown()) } " of the rows and samples are told apart" }
        (chart.around(&marks))
        p.caption {
            @if !test.classifier.is_empty() { "The classifier is " (visible(&test.classifier)) ". " }
            @if test.rows > 0 { "Measured on " (number::count(test.rows)) " rows and samples that it was not trained on. " }
            "± is two standard errors."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_accuracy_within_its_error_of_a_half_is_chance() {
        let test = |value| TwoSampleTest {
            accuracy: Estimate { value, two_standard_errors: 0.01 },
            ..TwoSampleTest::default()
        };
        assert!(test(0.505).is_chance() && test(0.45).is_chance() && !test(0.52).is_chance());
        assert_eq!(test(0.505).shown(), "50.5 ± 1.0\u{a0}%");
    }
}
