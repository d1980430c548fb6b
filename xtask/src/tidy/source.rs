//! Rust text with comments and strings blanked out, so that rules see code and nothing else.

/// A source file: its text, its code, and which lines are tests.
pub(super) struct Source {
    text: String,
    code: String,
    in_test: Vec<bool>,
}

impl Source {
    /// Takes the text apart.
    pub(super) fn new(text: &str) -> Self {
        let code = code_only(text);
        let in_test = test_lines(&code);
        Self { text: text.to_owned(), code, in_test }
    }

    /// The lines as written, numbered from 1.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }

    /// The lines of code, numbered from 1: comments and the insides of strings are blank.
    pub(super) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.code.lines())
    }

    /// The names of the modules that are tests and in files of their own: `#[cfg(test)] mod name;`.
    pub(super) fn test_modules(&self) -> impl Iterator<Item = &str> {
        self.code().filter(|(number, _)| self.in_test[number - 1]).filter_map(|(_, line)| {
            let item = line.split(']').next_back()?.trim().strip_suffix(';')?;
            item.split_once("mod ").map(|(_, name)| name.trim())
        })
    }

    /// The lines of code outside `#[cfg(test)]` items.
    pub(super) fn code_outside_tests(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code().filter(|(number, _)| !self.in_test.get(number - 1).copied().unwrap_or(false))
    }
}

/// Replaces all but line ends by spaces in comments and in what is between quotes.
fn code_only(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = match token(&chars, at) {
            Some(end) => end.min(chars.len()),
            None => {
                code.push(chars[at]);
                at += 1;
                continue;
            }
        };
        code.extend(chars[at..end].iter().map(|&c| if c == '\n' { '\n' } else { ' ' }));
        at = end;
    }
    code
}

/// The end of the comment, string or character that begins here, if one does.
fn token(chars: &[char], at: usize) -> Option<usize> {
    let next = chars.get(at + 1).copied();
    match chars[at] {
        '/' if next == Some('/') => Some(find(chars, at, |rest| rest[0] == '\n')),
        '/' if next == Some('*') => Some(block_comment_end(chars, at)),
        '"' => Some(string_end(chars, at + 1)),
        'r' if at == 0 || !is_word(chars[at - 1]) || is_string_prefix(chars, at) => raw_string_end(chars, at + 1),
        '\'' => char_end(chars, at),
        _ => None,
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether the `r` here is the second letter of `br"` or `cr"` and not the end of a word.
fn is_string_prefix(chars: &[char], at: usize) -> bool {
    matches!(chars[at - 1], 'b' | 'c') && (at < 2 || !is_word(chars[at - 2]))
}

fn find(chars: &[char], from: usize, stop: impl Fn(&[char]) -> bool) -> usize {
    (from..chars.len()).find(|&at| stop(&chars[at..])).unwrap_or(chars.len())
}

fn block_comment_end(chars: &[char], from: usize) -> usize {
    let (mut depth, mut at) = (0, from);
    while at < chars.len() {
        let pair = (chars[at], chars.get(at + 1).copied().unwrap_or(' '));
        match pair {
            ('/', '*') => depth += 1,
            ('*', '/') => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            break;
        }
    }
    at
}

fn string_end(chars: &[char], from: usize) -> usize {
    let mut at = from;
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    at
}

fn raw_string_end(chars: &[char], from: usize) -> Option<usize> {
    let hashes = chars[from..].iter().take_while(|&&c| c == '#').count();
    let open = from + hashes;
    (chars.get(open) == Some(&'"')).then(|| {
        let closes = |rest: &[char]| rest[0] == '"' && rest[1..].iter().take_while(|&&c| c == '#').count() >= hashes;
        find(chars, open + 1, closes) + 1 + hashes
    })
}

/// `'a'` is a character and `'a` a lifetime: only the first one ends.
fn char_end(chars: &[char], at: usize) -> Option<usize> {
    match chars.get(at + 1)? {
        '\\' => Some(find(chars, at + 3, |rest| rest[0] == '\'') + 1),
        _ => (chars.get(at + 2) == Some(&'\'')).then_some(at + 3),
    }
}

/// Which lines belong to an item under `#[cfg(test)]`.
fn test_lines(code: &str) -> Vec<bool> {
    let mut lines = vec![false; code.lines().count()];
    let line_of = |at: usize| code[..at].matches('\n').count();
    let mut from = 0;
    while let Some(start) = ["#[cfg(test)]", "#[cfg(all(test"].iter().filter_map(|a| code[from..].find(a)).min() {
        let start = from + start;
        let end = item_end(code, start);
        lines.iter_mut().take(line_of(end) + 1).skip(line_of(start)).for_each(|line| *line = true);
        from = end;
    }
    lines
}

/// Where the item that an attribute stands before ends: at its `;`, or at the brace that closes its first one.
fn item_end(code: &str, attribute: usize) -> usize {
    let mut depth = 0;
    for (at, c) in code[attribute..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth <= 1 => return attribute + at + 1,
            '}' => depth -= 1,
            ';' if depth == 0 => return attribute + at + 1,
            _ => {}
        }
    }
    code.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        code_only(text).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn comments_and_strings_are_blanked_and_code_is_kept() {
        assert_eq!(code("a // b\nc /* d /* e */ f */ g"), "a c g");
        assert_eq!(code("a(\"b \\\" c\") + d"), "a( ) + d");
        assert_eq!(code("a(r#\"b \" c\"#, br\"d\", var\"e\") f"), "a( , b , var ) f");
        assert_eq!(code("'a' '\\'' '\"' '\\u{1F600}' x"), "x");
        assert_eq!(code("fn f<'a>(x: &'a str) {}"), "fn f<'a>(x: &'a str) {}");
    }

    #[test]
    fn lines_keep_their_numbers() {
        let source = Source::new("a\n\"b\n\n\"\nc\n");
        assert_eq!(source.code().filter(|(_, line)| line.contains('c')).map(|(number, _)| number).next(), Some(5));
    }

    #[test]
    fn what_is_under_cfg_test_is_a_test() {
        let source = Source::new("a\n#[cfg(test)]\nmod tests {\n  fn f() { x }\n}\nb\n#[cfg(test)]\nmod more;\nc\n");
        let kept: Vec<&str> = source.code_outside_tests().map(|(_, line)| line).collect();
        assert_eq!(kept, ["a", "b", "c"]);
        assert_eq!(source.test_modules().collect::<Vec<_>>(), ["more"]);
    }

    #[test]
    fn text_that_ends_in_the_middle_of_something_is_no_reason_to_panic() {
        for text in ["\"a", "/* a", "r#\"a", "'", "'\\", "r", "#[cfg(test)]", "#[cfg(test)] mod a {"] {
            let _ = Source::new(text);
        }
    }
}
