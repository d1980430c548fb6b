//! Names from outside: of columns, values and files.

use maud::{Markup, html};

/// A name as it is, apart from the text around it: one that is written from right to left turns nothing else round.
pub(super) fn name(text: &str) -> Markup {
    html! { bdi.name { (visible(text)) } }
}

/// A text whose control characters are shown as their pictures, since they would show as nothing.
pub(super) fn visible(text: &str) -> String {
    if text.is_empty() {
        return "(no name)".to_owned();
    }
    let shown = |letter: char| match letter {
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(letter)).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        '\u{80}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' => '\u{fffd}',
        _ => letter,
    };
    text.chars().map(shown).collect()
}

/// Names as a list: `a, b and c`.
pub(super) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> Markup {
    let names: Vec<&str> = names.into_iter().collect();
    html! {
        @for (index, text) in names.iter().enumerate() {
            @if index > 0 { @if index + 1 == names.len() { " and " } @else { ", " } }
            (name(text))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_shown_and_not_obeyed() {
        assert_eq!(name("<b>&\"").into_string(), "<bdi class=\"name\">&lt;b&gt;&amp;&quot;</bdi>");
    }

    #[test]
    fn what_cannot_be_seen_has_a_picture() {
        assert_eq!(visible("a\nb\tc\0\u{7f}\u{2028}"), "a␊b␉c␀␡\u{fffd}");
        assert_eq!(visible(""), "(no name)");
    }

    #[test]
    fn a_list_ends_with_and() {
        let text = |names: &[&str]| {
            list(names.iter().copied()).into_string().replace("<bdi class=\"name\">", "").replace("</bdi>", "")
        };
        assert_eq!(text(&["a", "b", "c"]), "a, b and c");
        assert_eq!(text(&["a"]), "a");
    }
}
