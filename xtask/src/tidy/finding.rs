//! One place where a rule is broken.

use std::fmt;

/// Where, which rule, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    path: String,
    line: usize,
    rule: &'static str,
    message: String,
    warning: bool,
}

impl Finding {
    /// A broken rule; lines count from 1.
    pub(super) fn new(path: &str, line: usize, rule: &'static str, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, rule, message: message.into(), warning: false }
    }

    /// The same, but nothing to stop for.
    pub(super) fn into_warning(self) -> Self {
        Self { warning: true, ..self }
    }

    /// Whether it is nothing to stop for.
    pub(super) fn is_warning(&self) -> bool {
        self.warning
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, rule, message, warning } = self;
        write!(f, "{path}:{line}: {rule}: {}{message}", if *warning { "warning: " } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_a_line_that_editors_can_jump_to() {
        let finding = Finding::new("src/a.rs", 7, "length", "too long");
        assert_eq!(finding.to_string(), "src/a.rs:7: length: too long");
        assert_eq!(finding.into_warning().to_string(), "src/a.rs:7: length: warning: too long");
    }
}
