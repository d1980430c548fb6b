//! The inputs of the cases.

use std::path::Path;

use crate::process::{self, Outcome, program, root, works};

/// What writes them.
const MAKER: &str = "benches/cases/make.py";
/// What it writes last, and first.
const WRITTEN: [&str; 4] = ["numbers/utm.npy", "numbers/weighted.csv", "files/python2.npy", "pictures/resume/079.png"];

/// Writes the inputs into a folder, unless they are there.
pub(super) fn make(dir: &Path) -> Outcome {
    if WRITTEN.iter().all(|name| dir.join(name).exists()) {
        return Ok(());
    }
    if !works(program("python3", &["-c", "import numpy, PIL"]).current_dir(root())) {
        return Err(format!(
            "{} lacks inputs, and what writes them, {MAKER}, takes Python 3 with numpy and Pillow: \
             `python3 -m pip install numpy pillow` installs the two",
            dir.display()
        ));
    }
    process::run(program("python3", &[MAKER]).arg(dir))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_that_are_there_are_left_as_they_are() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in WRITTEN {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("created");
            std::fs::write(&path, name).expect("written");
        }
        make(folder.path()).expect("nothing is missing");
        let text = std::fs::read_to_string(folder.path().join(WRITTEN[0])).expect("it is there");
        assert_eq!(text, WRITTEN[0]);
    }

    #[test]
    fn the_maker_is_in_the_repository() {
        assert!(root().join(MAKER).exists());
    }
}
