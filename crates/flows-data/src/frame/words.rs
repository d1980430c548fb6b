//! The collection of distinct texts.

use std::collections::HashMap;

use super::{Cells, MISSING};

/// Texts as they come, each distinct one kept once.
#[derive(Debug, Default)]
pub(crate) struct Words {
    codes: Vec<u32>,
    words: Vec<String>,
    known: HashMap<String, u32>,
}

impl Words {
    /// Takes the cell of the next row.
    pub(crate) fn push(&mut self, cell: Option<&str>) {
        let code = cell.map_or(MISSING, |word| self.code(word));
        self.codes.push(code);
    }

    /// Takes the cell of the next row, by the code of its text or [`MISSING`].
    pub(crate) fn push_code(&mut self, code: u32) {
        self.codes.push(code);
    }

    /// The code of a text.
    pub(crate) fn code(&mut self, word: &str) -> u32 {
        if let Some(code) = self.known.get(word) {
            return *code;
        }
        let code = self.words.len() as u32;
        self.words.push(word.to_owned());
        self.known.insert(word.to_owned(), code);
        code
    }

    /// The number of cells.
    pub(crate) fn len(&self) -> usize {
        self.codes.len()
    }

    /// All cells.
    pub(crate) fn finish(self) -> Cells {
        Cells::Words { codes: self.codes, words: self.words }
    }
}
