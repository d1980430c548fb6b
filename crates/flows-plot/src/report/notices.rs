//! What was decided, left out or changed on the way from the table to the model.

use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use super::name::visible;

/// One thing that was decided, left out or changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Notice {
    /// What it was, as a sentence.
    pub text: String,
    /// The flag that does otherwise, if there is one.
    pub flag: Option<String>,
}

pub(super) fn list(notices: &[Notice]) -> Markup {
    html! {
        ul.notices {
            @for notice in notices {
                li {
                    span { (visible(&notice.text)) }
                    @if let Some(flag) = &notice.flag { span.flag { "otherwise " code { (visible(flag)) } } }
                }
            }
        }
    }
}
