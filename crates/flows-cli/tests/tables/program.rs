//! The program, and tables for it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder of its own for a test, with a table in it.
pub(crate) struct Folder {
    dir: tempfile::TempDir,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a folder") }
    }

    pub(crate) fn with(name: &str, text: &str) -> Self {
        let folder = Self::new();
        folder.write(name, text);
        folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), text).expect("written");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn json(&self, name: &str) -> serde_json::Value {
        serde_json::from_str(&self.read(name)).expect("JSON")
    }

    /// The names of the files that are there.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.dir.path()).expect("a folder");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flows"));
        command.args(words(line)).current_dir(self.dir.path());
        command
    }

    pub(crate) fn run(&self, line: &str) -> Output {
        self.command(line).output().expect("the program starts")
    }

    /// Runs the program, which must succeed; standard output and standard error.
    pub(crate) fn ok(&self, line: &str) -> (String, String) {
        let output = self.run(line);
        let (out, err) = texts(&output);
        assert!(output.status.success(), "flows {line}\n{out}\n{err}");
        (out, err)
    }

    /// Runs the program, which must fail with a code, a message and a hint on a line of its own.
    pub(crate) fn fails(&self, line: &str, code: i32) -> String {
        let output = self.run(line);
        let (out, err) = texts(&output);
        assert_eq!(output.status.code(), Some(code), "flows {line}\n{out}\n{err}");
        assert!(!err.contains("panicked"), "flows {line}\n{err}");
        if code == 1 {
            assert!(err.contains("error: ") && err.contains("\nhint: "), "flows {line}\n{err}");
        }
        err
    }
}

pub(crate) fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

/// Words of a line, in which single quotes hold spaces together.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (vec![], None::<String>, false);
    for letter in line.chars() {
        match letter {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' if !quoted => words.extend(word.take()),
            letter => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}

/// Rows of a table.
pub(crate) struct Csv(pub(crate) String);

impl Csv {
    pub(crate) fn new(header: &str, rows: usize, mut row: impl FnMut(usize, &mut Normal) -> String) -> Self {
        let (mut text, mut normal) = (format!("{header}\n"), Normal(7));
        (0..rows).for_each(|i| writeln!(text, "{}", row(i, &mut normal)).expect("memory takes all"));
        Self(text)
    }
}

/// Standard normal numbers: sums of twelve uniform ones, less six.
pub(crate) struct Normal(u64);

impl Normal {
    pub(crate) fn uniform(&mut self) -> f64 {
        // SplitMix64, "Fast splittable pseudorandom number generators", Steele, Lea, Flood, 2014.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn next(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

/// Birds of three kinds, some of whose cells are missing.
pub(crate) fn birds(rows: usize) -> String {
    Csv::new("id,species,sex,bill,eggs,hatched", rows, |i, normal| {
        let kind = (normal.uniform() * 3.0) as usize;
        let species = ["Adelie", "Chinstrap", "Gentoo"][kind];
        let sex = if normal.uniform() < 0.5 { "female" } else { "male" };
        let bill = 38.0 + 4.0 * kind as f64 + f64::from(u8::from(sex == "male")) + normal.next();
        let bill = if i % 41 == 3 { "NA".to_owned() } else { format!("{bill:.1}") };
        let eggs = (normal.uniform() * 4.0) as usize + kind;
        let day = 1 + (normal.uniform() * 28.0) as usize;
        format!("B{i:04},{species},{sex},{bill},{eggs},2021-11-{day:02}")
    })
    .0
}

/// A line with a deviation of a half: y = 2 + 3 x.
pub(crate) fn line(rows: usize) -> String {
    Csv::new("x,y", rows, |_, normal| {
        let x = 2.0 * normal.next();
        format!("{x:.4},{:.4}", 2.0 + 3.0 * x + 0.5 * normal.next())
    })
    .0
}

/// The cells of a column of CSV without quotes.
pub(crate) fn column(csv: &str, name: &str) -> Vec<String> {
    let mut lines = csv.lines();
    let place = lines.next().and_then(|header| header.split(',').position(|other| other == name));
    let place = place.unwrap_or_else(|| panic!("no column {name} in\n{}", csv.lines().next().unwrap_or_default()));
    lines.map(|line| line.split(',').nth(place).unwrap_or_default().to_owned()).collect()
}

pub(crate) fn numbers(csv: &str, name: &str) -> Vec<f64> {
    column(csv, name).iter().map(|cell| cell.parse().unwrap_or(f64::NAN)).collect()
}

pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

pub(crate) fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

#[test]
fn a_line_is_split_as_a_shell_does() {
    assert_eq!(words("fit t.csv --as 'a b=log' -o x"), ["fit", "t.csv", "--as", "a b=log", "-o", "x"]);
    assert_eq!(words("peek 'a b.csv'"), ["peek", "a b.csv"]);
    assert_eq!(words("--given 'a=1','b c=2' x"), ["--given", "a=1,b c=2", "x"]);
}
