//! Lists of names as people write them on a command line.

use super::ColumnError;

/// One item of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    /// The name, without its quotes; with `=` and what follows where it has no quotes.
    pub(super) name: String,
    /// What follows a quoted name.
    pub(super) rest: Option<String>,
    /// Whether the item begins with `!`.
    pub(super) not: bool,
}

/// The items of a list that is separated by commas; those with a comma are quoted.
pub(super) fn items(text: &str) -> Result<Vec<Item>, ColumnError> {
    let problem = |reason: &str| ColumnError::List { text: text.to_owned(), reason: reason.to_owned() };
    let mut items = vec![];
    let mut rest = text.trim();
    while !rest.is_empty() {
        let not = rest.starts_with('!');
        rest = rest.trim_start_matches('!').trim_start();
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'));
        let (name, behind) = match quote {
            Some(quote) => {
                let (name, behind) = quoted(&rest[1..], quote).ok_or_else(|| problem("a quote is never closed"))?;
                (name, Some(behind))
            }
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                (rest[..end].trim_end().to_owned(), None)
            }
        };
        let behind_all = behind.unwrap_or(rest);
        let end = behind_all.find(',').unwrap_or(behind_all.len());
        let tail = behind.map(|_| behind_all[..end].trim().to_owned());
        if name.is_empty() {
            return Err(problem("a name is missing between two commas"));
        }
        items.push(Item { name, rest: tail, not });
        match behind_all.get(end + 1..) {
            Some(next) if !next.trim().is_empty() => rest = next.trim_start(),
            Some(_) => return Err(problem("it ends with a comma")),
            None => break,
        }
    }
    if items.is_empty() { Err(problem("it is empty")) } else { Ok(items) }
}

/// The text up to a quote that is not doubled, and what follows.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut rest = text;
    loop {
        let end = rest.find(quote)?;
        name.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix(quote) {
            Some(more) => {
                name.push(quote);
                rest = more;
            }
            None => return Some((name, rest)),
        }
    }
}

/// The pairs of a list such as `a=1,"b, c"=2`.
pub(crate) fn pairs(text: &str) -> Result<Vec<(String, String)>, ColumnError> {
    let pair = |item: Item| {
        let lacking = || ColumnError::List { text: text.to_owned(), reason: format!("`{}` has no `=`", item.name) };
        match &item.rest {
            Some(rest) => {
                let value = rest.strip_prefix('=').ok_or_else(lacking)?;
                Ok((item.name.clone(), value.trim().trim_matches('"').to_owned()))
            }
            None => {
                let (name, value) = item.name.rsplit_once('=').ok_or_else(lacking)?;
                Ok((name.trim().to_owned(), value.trim().to_owned()))
            }
        }
    };
    items(text)?.into_iter().map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_commas_quotes_and_equal_signs_are_quoted() {
        let names = |text: &str| items(text).expect("a list").into_iter().map(|item| item.name).collect::<Vec<_>>();
        assert_eq!(names(" a, b c ,x*"), ["a", "b c", "x*"]);
        assert_eq!(names("\"a, b\",`c`,'it''s'"), ["a, b", "c", "it's"]);
        assert!(items("!id,!\"x, y\"").expect("a list").iter().all(|item| item.not));
        let read = pairs("a=1,\"b, c\"=2:3, d = e ").expect("pairs");
        let expected = [("a", "1"), ("b, c", "2:3"), ("d", "e")];
        assert_eq!(read, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn what_is_wrong_with_a_list_is_said() {
        for (text, reason) in
            [("", "empty"), ("a,,b", "missing between"), ("a,", "ends with a comma"), ("\"a", "never closed")]
        {
            let message = items(text).expect_err(text).to_string();
            assert!(message.contains(reason) && message.contains("hint:"), "{message}");
        }
        assert!(pairs("a").expect_err("no value").to_string().contains("`a` has no `=`"));
    }
}
