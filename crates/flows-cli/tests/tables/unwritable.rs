//! Folders that cannot be written to, and disks that are full.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::program::{Csv, Folder, line, texts};

/// The user and the group `nobody`, whom nothing belongs to.
const NOBODY: u32 = 65_534;

/// A folder that is read-only for as long as the value lives, and a way to run the program as a user whom that binds.
struct ReadOnly<'a> {
    folder: &'a Folder,
    /// Modes do not bind the superuser, for whom `nobody` runs a copy that lies where everybody can reach it.
    copy: Option<(tempfile::TempDir, PathBuf)>,
}

impl<'a> ReadOnly<'a> {
    fn new(folder: &'a Folder) -> Self {
        set_mode(&folder.path(""), 0o555);
        let probe = folder.path("probe");
        let bound = std::fs::write(&probe, "").is_err();
        let copy = (!bound).then(|| {
            std::fs::remove_file(&probe).expect("removed");
            let public = tempfile::tempdir().expect("a folder");
            set_mode(public.path(), 0o755);
            let program = public.path().join("flows");
            let ours = env!("CARGO_BIN_EXE_flows");
            std::fs::hard_link(ours, &program)
                .or_else(|_| std::fs::copy(ours, &program).map(drop))
                .expect("a copy of the program");
            (public, program)
        });
        Self { folder, copy }
    }

    fn command(&self, line: &str) -> Command {
        let ours = self.folder.command(line);
        let Some((_, program)) = &self.copy else { return ours };
        let mut command = Command::new(program);
        command.args(ours.get_args()).current_dir(self.folder.path("")).uid(NOBODY).gid(NOBODY);
        command
    }
}

impl Drop for ReadOnly<'_> {
    fn drop(&mut self) {
        // Otherwise it could not be removed.
        set_mode(&self.folder.path(""), 0o755);
    }
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, Permissions::from_mode(mode)).expect("our own folder");
}

/// The program with a limit on the size of each file it writes, in blocks of 512 bytes. As on a full disk, a write beyond
/// it fails and the process goes on.
fn limited(folder: &Folder, blocks: u32, line: &str) -> Command {
    let ours = folder.command(line);
    let mut command = Command::new("sh");
    command.args(["-c", &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\""), "sh"]);
    command.arg(ours.get_program()).args(ours.get_args()).current_dir(folder.path(""));
    command
}

/// Runs what must fail for a file that is named, and leave every file of the folder as it is.
fn fails_and_changes_nothing(folder: &Folder, mut command: Command, named: &str, reason: &str) {
    let contents = || folder.files().iter().map(|name| std::fs::read(folder.path(name)).ok()).collect::<Vec<_>>();
    let (files, before) = (folder.files(), contents());
    let output = command.output().expect("the program starts, and everybody can reach it");
    let (out, err) = texts(&output);
    assert_eq!(output.status.code(), Some(1), "{command:?}\n{out}\n{err}");
    let said = |line: &str| line.starts_with("error: ") && line.contains(named) && line.to_lowercase().contains(reason);
    assert!(err.lines().any(said) && err.contains("\nhint: "), "{command:?}\n{err}");
    assert_eq!(folder.files(), files, "{command:?}");
    assert!(contents() == before, "{command:?} has changed a file");
}

#[test]
fn into_a_read_only_folder_nothing_is_written_and_the_error_names_the_file() {
    let folder = Folder::with("t.csv", &line(60));
    folder.ok("fit t.csv --model gaussian -o m.flow");
    let read_only = ReadOnly::new(&folder);
    // Reading works.
    let output =
        read_only.command("score m.flow t.csv").output().expect("the program starts, and everybody can reach it");
    assert!(output.status.success(), "{}", texts(&output).1);
    for (line, named) in [
        ("fit t.csv --model gaussian -o n.flow", "n.flow"),
        ("fit t.csv --model gaussian -o m.flow", "m.flow"),
        ("fit t.csv --model nsf --layers 1 --force -o m.flow", "m.flow"),
        ("peek t.csv --json p.json", "p.json"),
        ("score m.flow t.csv -o s.csv", "s.csv"),
        ("score m.flow t.csv --reasons none -o s.parquet", "s.parquet"),
        ("sample m.flow -o s.csv", "s.csv"),
        ("compare m.flow m.flow t.csv --json c.json", "c.json"),
        ("report m.flow t.csv -o r.html", "r.html"),
        ("report m.flow", "m.html"),
    ] {
        fails_and_changes_nothing(&folder, read_only.command(line), named, "permission denied");
    }
}

#[test]
fn a_folder_that_is_a_file_is_told() {
    let folder = Folder::with("t.csv", &line(60));
    folder.ok("fit t.csv --model gaussian -o m.flow");
    for line in [
        "fit t.csv --model gaussian -o t.csv/x",
        "score m.flow t.csv -o t.csv/x.csv",
        "sample m.flow -o t.csv/x.csv",
        "report m.flow -o t.csv/x",
    ] {
        fails_and_changes_nothing(&folder, folder.command(line), "t.csv/x", "t.csv is no folder");
    }
}

#[test]
fn a_disk_that_is_full_leaves_whole_files_or_none() {
    let folder = Folder::with("t.csv", &line(400));
    folder.ok("fit t.csv --model gaussian -o m.flow");
    folder.ok("report m.flow -o r.html");
    folder.ok("sample m.flow -n 1000 -o s.csv");
    for (line, named) in [
        ("fit t.csv --model gaussian -o n.flow", "n.flow"),
        ("fit t.csv --model gaussian -o m.flow", "m.flow"),
        ("fit t.csv --model gaussian -o m.flow --seed 3 --force", "m.flow"),
        ("report m.flow -o n.html", "n.html"),
        ("report m.flow t.csv -o r.html", "r.html"),
        ("sample m.flow -n 1000 -o n.csv", "n.csv"),
        ("sample m.flow -n 1000 -o s.csv", "s.csv"),
        ("sample m.flow -n 1000 -o n.parquet", "n.parquet"),
        ("score m.flow t.csv --reasons none -o n.csv", "n.csv"),
    ] {
        fails_and_changes_nothing(&folder, limited(&folder, 8, line), named, "too large");
    }
    // With room for it, the same way works.
    let output = limited(&folder, 8000, "fit t.csv --model gaussian -o n.flow").output().expect("it starts");
    assert!(output.status.success() && folder.path("n.flow").exists(), "{}", texts(&output).1);
}

#[test]
fn a_disk_that_is_full_ends_training_and_keeps_the_state_that_was_there() {
    let table = Csv::new("a,b", 3000, |_, normal| {
        let a = normal.next();
        format!("{a:.5},{:.5}", (2.0 * a).sin() + 0.1 * normal.next())
    });
    let folder = Folder::with("t.csv", &table.0);
    let line = "fit t.csv --model nsf --layers 2 --hidden 16,16 -o m.flow";
    let more = format!("{line} --time 100s");
    fails_and_changes_nothing(&folder, limited(&folder, 8, &more), "m.flow.part", "too large");
    folder.ok(&format!("{line} --time 1s"));
    assert_eq!(folder.files(), ["m.flow", "m.flow.part", "t.csv"]);
    fails_and_changes_nothing(&folder, limited(&folder, 8, &more), "m.flow.part", "too large");
    let (_, err) = folder.ok(&format!("{line} --time 2s"));
    assert!(err.contains("going on from m.flow.part"), "{err}");
}
