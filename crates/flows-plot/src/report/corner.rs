//! Held-out rows against samples.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use super::name::{list, visible};
use crate::CornerPlot;

/// The columns of a corner plot, with rows and samples.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Corner {
    /// The columns: those that fit worst, the worst first.
    pub columns: Vec<String>,
    /// The number of columns to choose from.
    pub of: usize,
    /// What the rows are, where they are no held-out ones.
    pub label: Option<String>,
    /// Held-out rows of these columns, one row after the other.
    pub rows: Vec<f64>,
    /// Samples of the model, likewise.
    pub samples: Vec<f64>,
}

impl Corner {
    /// The columns to show: as many of these as can be read, the worst fitting first.
    ///
    /// `misfits` has a number for each column, such as [`Calibration::misfit`](super::Calibration::misfit). Returns the places
    /// of the columns.
    ///
    /// # Example
    ///
    /// ```
    /// use flows_plot::report::Corner;
    ///
    /// assert_eq!(Corner::choose(&[1.0, 7.0, 2.0], 2), [1, 2]);
    /// ```
    #[must_use]
    pub fn choose(misfits: &[f64], most: usize) -> Vec<usize> {
        let mut places: Vec<usize> = (0..misfits.len()).collect();
        places.sort_by(|&one, &other| misfits[other].total_cmp(&misfits[one]));
        places.truncate(most);
        places
    }

    fn label(&self) -> String {
        self.label.as_deref().map_or("held-out rows".to_owned(), visible)
    }

    fn summary(&self) -> String {
        let names: Vec<String> = self.columns.iter().map(|column| visible(column)).collect();
        format!("Corner plot of {} and samples: {}", self.label(), names.join(", "))
    }
}

pub(super) fn section(corner: &Corner) -> Markup {
    // In the picture, a name is one short line.
    let names = corner.columns.iter().map(|column| visible(column));
    let picture = CornerPlot::new(names).set(corner.label(), &corner.rows).set("samples", &corner.samples).png();
    html! {
        figure.corner {
            @match picture {
                Ok(png) => {
                    div.scroll tabindex="0" role="region" aria-label="Corner plot" {
                        img alt=(corner.summary()) src={ "data:image/png;base64," (STANDARD.encode(png)) };
                    }
                }
                Err(reason) => { p.caption { "The corner plot cannot be drawn: " (visible(&reason)) } }
            }
            figcaption.caption {
                @if corner.of > corner.columns.len() {
                    (corner.columns.len()) " of " (corner.of) " columns, those that fit worst, the worst first: "
                } @else {
                    "All columns, those that fit worst first: "
                }
                (list(corner.columns.iter().map(String::as_str)))
                ". The lines hold 50\u{a0}% and 90\u{a0}% of the points; far outliers lie outside the axes."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_is_in_the_page() {
        let values: Vec<f64> = (0..200).map(|index| f64::from(index).sin()).collect();
        let columns = vec!["<a>".to_owned(), "b\n".to_owned()];
        let corner = Corner { columns, of: 7, label: None, rows: values.clone(), samples: values };
        let text = section(&corner).into_string();
        assert!(text.contains("data:image/png;base64,iVBORw0KGgo") && text.contains("2 of 7 columns"), "{text}");
        assert!(text.contains("&lt;a&gt;") && !text.contains("<a>"));
    }

    #[test]
    fn a_picture_that_cannot_be_drawn_says_why() {
        let text = section(&Corner { columns: vec!["a".into()], ..Corner::default() }).into_string();
        assert!(text.contains("cannot be drawn: a corner plot needs from 2"), "{text}");
    }
}
