//! The program as it is used on folders of tiny pictures, and what it says when it is used wrongly.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use flows_data::pictures::Images;
use flows_data::pictures::grid;

fn command(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_image-flow"));
    command.current_dir(dir).args(arguments);
    command
}

fn run(dir: &Path, arguments: &[&str]) -> Output {
    command(dir, arguments).output().expect("the program starts")
}

/// What a command that works says: to standard output, and to standard error.
fn ok(dir: &Path, arguments: &[&str]) -> (String, String) {
    let output = run(dir, arguments);
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(output.status.success(), "{arguments:?}: {said}");
    (String::from_utf8(output.stdout).expect("text"), said)
}

fn error(dir: &Path, arguments: &[&str]) -> String {
    let output = run(dir, arguments);
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(!output.status.success(), "{arguments:?} should fail");
    // A panic would be an error of the program, not of who uses it.
    assert!(said.contains("error: ") && !said.contains("panicked"), "{arguments:?}: {said}");
    said
}

/// A picture of 8 x 8 pixels about a brightness, in colour.
fn picture(path: &Path, level: usize, number: usize) {
    let pixel = |i: usize| (level + (i * 7 + number * 13) % 40) as u8;
    let image = Images::new((0..3 * 64).map(pixel).collect(), [1, 3, 8, 8]).unwrap();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    grid(&image, 1, 0, 1).save(path).unwrap();
}

/// A folder of so many pictures a class.
fn pictures(dir: &Path, classes: &[(&str, usize)]) {
    for (class, count) in classes {
        let level = 30 + 60 * (class.bytes().map(usize::from).sum::<usize>() % 3);
        for number in 0..*count {
            picture(&dir.join(class).join(format!("{number:03}.png")), level, number);
        }
    }
}

/// The smallest flow, trained for a moment on a folder.
const SMALL: [&str; 14] = [
    "--data",
    "folder",
    "--size",
    "8",
    "--scales",
    "1",
    "--steps",
    "1",
    "--hidden",
    "4",
    "--workers",
    "1",
    "--batch-size",
    "32",
];

fn train<'a>(dir: &'a str, out: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["train", "--dir", dir, "--out", out][..], &SMALL, more].concat()
}

/// Every file below a folder, with its content.
fn content(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap())).collect()
}

#[test]
fn a_flow_knows_its_classes_by_name_whatever_folder_it_is_given() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    pictures(&dir.join("three"), &[("a", 20), ("b", 20), ("c", 20)]);
    pictures(&dir.join("two"), &[("b", 20), ("c", 20)]);
    pictures(&dir.join("other"), &[("b", 20), ("c", 20), ("d", 20)]);
    pictures(&dir.join("flat"), &[(".", 20)]);
    ok(dir, &train("three", "run", &["--by-class", "true", "--epochs", "1"]));
    assert!(ok(dir, &["inspect", "run/image.flow"]).0.contains("classes: a, b, c\n"));

    let evaluate = |folder| ["evaluate", "run/image.flow", "--data", "folder", "--all", "--dir", folder];
    let both = error(dir, &evaluate("two"));
    assert!(both.contains("expected are `a`, `b`, `c`; those of the images are `b`, `c`; missing: `a`"), "{both}");
    assert!(both.contains("--some-classes"), "{both}");
    for more in [&[][..], &["--some-classes"]] {
        let both = error(dir, &[&evaluate("other")[..], more].concat());
        assert!(both.contains("`a`, `b`, `c`") && both.contains("`b`, `c`, `d`"), "{both}");
        assert!(both.contains("unknown: `d`") && !both.contains("hint: --some-classes"), "{both}");
    }
    assert!(error(dir, &evaluate("flat")).contains("flat: its images have no classes"));
    let figures = ok(dir, &[&evaluate("two")[..], &["--some-classes"]].concat()).0;
    assert!(figures.contains("(two standard errors, 40 images)"), "{figures}");
    let rows = ["--rows", "2", "--some-classes", "--out", "between.png"];
    let interpolate = [&["interpolate", "run/image.flow", "--data", "folder", "--dir", "two"][..], &rows].concat();
    ok(dir, &interpolate);
    assert!(dir.join("between.png").is_file());
}

#[test]
fn a_rare_class_is_a_class_whatever_part_its_picture_falls_into() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    pictures(&dir.join("rare"), &[("a", 30), ("b", 30), ("z", 1)]);
    let mut warned = 0;
    for seed in ["0", "1", "2"] {
        let more = ["--by-class", "true", "--epochs", "1", "--validation", "50", "--seed", seed];
        let (figures, said) = ok(dir, &train("rare", "run", &more));
        assert!(figures.contains("bits per dimension"), "{figures}");
        assert!(ok(dir, &["inspect", "run/image.flow"]).0.contains("classes: a, b, z\n"));
        warned += usize::from(said.contains("no image to train on is left of `z` (of 3 classes)"));
        fs::remove_dir_all(dir.join("run")).unwrap();
    }
    // Of 54 images that are not held out 50 are set aside.
    assert!(warned > 0, "in none of three splits `z` was set aside");
}

#[test]
fn a_run_is_resumed_by_the_same_model_alone_and_a_refused_one_changes_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    pictures(&dir.join("flat"), &[(".", 60)]);
    ok(dir, &train("flat", "run", &["--epochs", "2"]));
    let before = content(&dir.join("run"));
    for name in ["checkpoint", "config.json", "image.flow", "samples-001.png", "samples-002.png", "samples.png"] {
        assert!(before.contains_key(name), "{name}");
    }
    let said = error(dir, &train("flat", "run", &["--epochs", "4", "--bits", "5", "--logit", "0.05"]));
    assert!(said.contains("`bits`") && said.contains("`logit`") && said.contains("checkpoint"), "{said}");
    assert_eq!(content(&dir.join("run")), before, "a refused run changed the folder");
    let said = ok(dir, &train("flat", "run", &["--epochs", "4"])).1;
    assert!(said.contains("3/4") && said.contains("4/4") && !said.contains("2/4"), "{said}");
    assert!(dir.join("run/samples-004.png").is_file());
}

#[test]
fn the_same_seed_writes_the_same_flow_and_the_written_settings_repeat_it() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    pictures(&dir.join("flat"), &[(".", 40)]);
    ok(dir, &train("flat", "first", &["--epochs", "2", "--seed", "3"]));
    ok(dir, &train("flat", "second", &["--epochs", "2", "--seed", "3"]));
    let config = ["train", "--dir", "flat", "--data", "folder", "--size", "8", "--config", "first/config.json"];
    ok(dir, &[&config[..], &["--out", "third"]].concat());
    let flow = |run: &str| fs::read(dir.join(run).join("image.flow")).unwrap();
    assert!(flow("first") == flow("second") && flow("first") == flow("third"));
    let sample = |out: &str| {
        ok(dir, &["sample", "first/image.flow", "--count", "7", "--seed", "1", "--out", out]);
        fs::read(dir.join(out)).unwrap()
    };
    assert_eq!(sample("one.png"), sample("two.png"));
}

#[test]
fn what_cannot_work_is_an_error_before_any_work() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    pictures(&dir.join("flat"), &[(".", 20)]);
    pictures(&dir.join("one"), &[(".", 1)]);
    fs::write(dir.join("file"), "").unwrap();
    // With settings of which none needs a folder that is there: the first check that fails is the one that is told.
    let none = ["train", "--data", "folder", "--dir", "none"];
    for (more, named) in [
        (&["--size", "0"][..], "`size`: expected at least 1, got 0"),
        (&["--test-images", "0"], "`test-images`: expected at least 1, got 0"),
        (&["--train-images", "0"], "`train-images`: expected at least 1, got 0"),
        (&["--epochs", "0"], "`epochs`: expected at least 1, got 0"),
        (&["--hidden", "1000000000"], "`hidden`: expected 1 to 8192"),
        (&["--scales", "4", "--size", "8"], "`scales`"),
        (&["--temperature=-1"], "`temperature`"),
        (&["--temperature", "nan"], "`temperature`"),
        (&["--json", "nowhere/figures.json"], "nowhere"),
        (&["--json", "flat"], "flat"),
        (&["--out", "file"], "file"),
        (&["--out", "file/run"], "file"),
    ] {
        let said = error(dir, &[&none[..], more].concat());
        assert!(said.contains(named), "{more:?}: {said}");
    }
    let said = error(dir, &none);
    assert!(said.contains("cannot list none"), "{said}");
    let said = error(dir, &train("flat", "run", &["--by-class", "true"]));
    assert!(said.contains("flat: its images have no classes"), "{said}");
    let said = error(dir, &train("one", "run", &[]));
    assert!(said.contains("one: 1 images are too few, 3 are needed"), "{said}");
    assert!(!dir.join("run").exists() && !dir.join("image-flow-out").exists(), "a folder of a run that was refused");

    // None of these reads the flow, which is not there.
    for (arguments, named) in [
        (&["sample", "--count", "0"][..], "`count`"),
        (&["sample", "--columns", "0"], "`columns`"),
        (&["sample", "--scale", "0"], "`scale`"),
        (&["sample", "--out", "samples.jpg"], "samples.jpg: pictures are written as PNG; hint: end the name in .png"),
        (&["sample", "--out", "nowhere/samples.png"], "nowhere"),
        (&["evaluate", "--draws", "0"], "`draws`"),
        (&["evaluate", "--draws", "1000000000"], "`draws`: expected 1 to 100000"),
        (&["evaluate", "--test-images", "0"], "`test-images`"),
        (&["evaluate", "--size", "0"], "`size`"),
        (&["interpolate", "--rows", "0"], "`rows`"),
        (&["interpolate", "--steps", "1"], "`steps`: expected at least 2"),
        (&["interpolate", "--out", "between.gif"], "between.gif"),
        (&["inspect"], "none.flow"),
        (&["sample"], "none.flow"),
    ] {
        let said = error(dir, &[&arguments[..1], &["none.flow"], &arguments[1..]].concat());
        assert!(said.contains(named), "{arguments:?}: {said}");
    }
}

#[test]
fn a_flow_takes_pictures_as_it_was_trained_on_and_says_what_it_passes_over() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    pictures(&dir.join("caf\u{e9}"), &[("\u{732b}", 20)]);
    fs::write(dir.join("caf\u{e9}/notes.txt"), "").unwrap();
    fs::write(dir.join("caf\u{e9}/\u{732b}/1.heic"), "").unwrap();
    fs::create_dir(dir.join("caf\u{e9}/__MACOSX")).unwrap();
    // One class alone, in gray.
    let (_, said) = ok(dir, &train("caf\u{e9}", "run", &["--epochs", "1", "--gray", "--by-class", "true"]));
    let line = "caf\u{e9}: passed over 2 files that are no pictures (1 .heic, 1 .txt)\n";
    assert_eq!(said.matches(line).count(), 1, "{said}");
    assert!(ok(dir, &["inspect", "run/image.flow"]).0.contains("images: 1 x 8 x 8"));
    let evaluate = ["evaluate", "run/image.flow", "--data", "folder", "--dir", "caf\u{e9}"];
    let (figures, said) = ok(dir, &evaluate);
    // Neither the size nor the colours have to be told again.
    assert!(figures.contains("2 images") && said.contains("pictures are read in gray"), "{figures}{said}");
    let figures = ok(dir, &[&evaluate[..], &["--test-images", "1"]].concat()).0;
    assert!(figures.contains("(1 images)") && !figures.contains('±'), "{figures}");
    let said = error(dir, &[&evaluate[..], &["--size", "16"]].concat());
    assert!(said.contains("1 x 16 x 16") && said.contains("the flow is for 1 x 8 x 8"), "{said}");
    let said = error(dir, &["sample", "run/image.flow", "--count", "100000000"]);
    assert!(said.contains("`count`: expected at most "), "{said}");
    let said = error(dir, &["interpolate", "run/image.flow", "--data", "folder", "--dir", "caf\u{e9}", "--rows", "2"]);
    assert!(said.contains("`rows`: expected fewer than the 2 test images, got 2"), "{said}");

    let whole = fs::read(dir.join("caf\u{e9}/\u{732b}/000.png")).unwrap();
    fs::write(dir.join("caf\u{e9}/\u{732b}/cut.png"), &whole[..whole.len() / 2]).unwrap();
    let said = error(dir, &evaluate);
    assert!(said.contains("cut.png: cannot be decoded: truncated"), "{said}");
}

#[test]
fn a_picture_that_was_trained_on_is_no_test_picture_whatever_becomes_of_its_folder() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    pictures(&dir.join("flat"), &[(".", 30)]);
    ok(dir, &train("flat", "run", &["--epochs", "1"]));
    let evaluate = ["evaluate", "run/image.flow", "--data", "folder", "--dir", "flat"];
    let before = ok(dir, &evaluate).0;
    assert!(before.contains("3 images"), "{before}");
    // Other names and another order, and five new pictures.
    for number in 0..30 {
        fs::rename(dir.join(format!("flat/{number:03}.png")), dir.join(format!("flat/{}.png", 900 - number))).unwrap();
    }
    (50..55).for_each(|number| picture(&dir.join(format!("flat/{number}.png")), 130, number));
    let after = ok(dir, &evaluate).0;
    assert!(after.contains("(two standard errors, 8 images)"), "{after}");
    let (figures, said) = ok(dir, &[&evaluate[..], &["--all"]].concat());
    assert!(figures.contains("35 images") && said.contains("trained on 27 of these 35 images"), "{figures}{said}");
    // Nothing is left that the flow does not know.
    let held_out: Vec<_> = fs::read_dir(dir.join("flat")).unwrap().map(|entry| entry.unwrap().path()).collect();
    fs::create_dir(dir.join("known")).unwrap();
    for path in held_out {
        let one = dir.join("one");
        fs::create_dir(&one).unwrap();
        fs::copy(&path, one.join("a.png")).unwrap();
        let output = run(dir, &["evaluate", "run/image.flow", "--data", "folder", "--dir", "one"]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.success(), !said.contains("was trained on every one of the 1 images"), "{said}");
        if !output.status.success() {
            fs::copy(&path, dir.join("known").join(path.file_name().unwrap())).unwrap();
        }
        fs::remove_dir_all(&one).unwrap();
    }
    assert_eq!(fs::read_dir(dir.join("known")).unwrap().count(), 27);
}

#[test]
fn a_reader_that_has_had_enough_ends_the_program_quietly() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    pictures(&dir.join("flat"), &[(".", 20)]);
    ok(dir, &train("flat", "run", &["--epochs", "1"]));
    let evaluate = ["evaluate", "run/image.flow", "--data", "folder", "--dir", "flat"];
    for arguments in [&["inspect", "run/image.flow"][..], &evaluate] {
        let mut child =
            command(dir, arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && said.is_empty(), "{arguments:?}: {said}");
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_training_and_everything_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    pictures(&dir.join("flat"), &[(".", 60)]);
    let arguments = train("flat", "run", &["--epochs", "1000000", "--patience", "1000000", "--json", "figures.json"]);
    let mut child = command(dir, &arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    while !dir.join("run/samples-003.png").exists() {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{:?}", output.status);
    assert!(String::from_utf8(output.stdout).unwrap().contains("bits per dimension"));
    let figures: serde_json::Value = serde_json::from_slice(&fs::read(dir.join("figures.json")).unwrap()).unwrap();
    let epochs = figures["epochs"].as_array().unwrap().len();
    assert!(epochs >= 3 && figures["test"]["bits_per_dim"].is_number(), "{figures}");
    assert!(ok(dir, &["inspect", "run/image.flow"]).0.contains("parameters: "));
    // It goes on from where it was.
    let more = (epochs + 2).to_string();
    let said = ok(dir, &train("flat", "run", &["--epochs", &more, "--patience", "1000000"])).1;
    assert!(said.contains(&format!("{more}/{more}")) && !said.contains(&format!(" 1/{more}")), "{said}");
}
