//! Places where nothing can be written, and disks that are full.

use crate::program::{Folder, line, texts};

/// A folder in which nobody can make a file: the administrator, for whom modes do not hold, has one of the system's own.
fn closed() -> (std::path::PathBuf, Option<tempfile::TempDir>) {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o555)).expect("it is ours");
    if std::fs::write(folder.path().join("probe"), "").is_err() {
        return (folder.path().to_owned(), Some(folder));
    }
    ("/proc/self".into(), None)
}

#[test]
fn a_folder_that_is_closed_is_an_error_before_any_work() {
    let (place, _guard) = closed();
    assert!(std::fs::write(place.join("probe"), "").is_err(), "{} is not closed", place.display());
    let folder = Folder::with("t.csv", &line(100));
    folder.ok("fit t.csv --model gaussian -o m.flow");
    let before = folder.files();
    for verb in [
        "fit t.csv --model gaussian -o PLACE/n.flow",
        "fit t.csv --model gaussian -o n.flow --json PLACE/n.json",
        "score m.flow t.csv -o PLACE/s.csv",
        "sample m.flow -o PLACE/s.parquet",
        "report m.flow t.csv -o PLACE/r.html",
        "show m.flow --json PLACE/s.json",
    ] {
        let error = folder.fails(&verb.replace("PLACE", &place.display().to_string()), 1);
        assert!(error.contains(&place.display().to_string()), "{verb}: {error}");
        assert_eq!(folder.files(), before, "{verb}");
    }
}

/// Runs a line with files of at most so many blocks of 512 bytes, as on a disk that is nearly full.
fn with_little_room(folder: &Folder, line: &str, blocks: u32) -> std::process::Output {
    let command = folder.command(line);
    let words: Vec<&std::ffi::OsStr> = std::iter::once(command.get_program()).chain(command.get_args()).collect();
    std::process::Command::new("sh")
        .args(["-c", &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\""), "sh"])
        .args(words)
        .current_dir(folder.path("."))
        .output()
        .expect("sh starts")
}

#[test]
fn a_disk_that_is_full_spoils_no_file_that_is_there() {
    let folder = Folder::with("t.csv", &line(1200));
    folder.ok("fit t.csv --model gaussian -o m.flow");
    folder.ok("report m.flow t.csv -o r.html");
    folder.ok("sample m.flow -n 3000 -o s.csv");
    let (files, model, page, rows) =
        (folder.files(), std::fs::read(folder.path("m.flow")), folder.read("r.html"), folder.read("s.csv"));
    for (line, blocks) in [
        // Another model in the place of the first one, of more bytes than there is room for; its training writes its state, too.
        ("fit t.csv --model nsf --layers 2 --hidden 96,96 --time 3s --force -o m.flow", 16),
        ("report m.flow t.csv -o r.html", 8),
        ("sample m.flow -n 3000 -o s.csv", 8),
    ] {
        let (_, err) = texts(&with_little_room(&folder, line, blocks));
        assert!(err.contains("error: ") && err.contains("\nhint: "), "{line}: {err}");
        assert!(err.contains("File too large") || err.contains("os error 27"), "{line}: {err}");
        assert_eq!(folder.files(), files, "{line}");
    }
    assert_eq!(std::fs::read(folder.path("m.flow")).expect("there"), model.expect("there"));
    assert_eq!((folder.read("r.html"), folder.read("s.csv")), (page, rows));
}
