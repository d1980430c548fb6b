//! The program as it is used on folders of tiny pictures, and what it says when it is used wrongly.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use flows_data::pictures::Images;
use flows_data::pictures::grid;

fn command(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flows"));
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
const SMALL: [&str; 12] =
    ["--size", "8", "--scales", "1", "--steps", "1", "--hidden", "4", "--workers", "1", "--batch-size", "32"];

fn fit<'a>(dir: &'a str, out: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["images", "fit", dir, "-o", out][..], &SMALL, more].concat()
}

/// Every file in a folder, with its content.
fn content(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
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
    ok(dir, &fit("three", "run.flow", &["--by-class", "--epochs", "1"]));
    assert!(ok(dir, &["show", "run.flow"]).0.contains("a, b, c\n"));

    let evaluate = |folder| ["images", "evaluate", "run.flow", folder, "--all"];
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
    let rows = ["--rows", "2", "--some-classes", "-o", "between.png"];
    let interpolate = [&["images", "interpolate", "run.flow", "two"][..], &rows].concat();
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
        let more = ["--by-class", "--epochs", "1", "--validation", "50", "--seed", seed];
        let (figures, said) = ok(dir, &fit("rare", "run.flow", &more));
        assert!(figures.contains("bits per dimension"), "{figures}");
        assert!(ok(dir, &["show", "run.flow"]).0.contains("a, b, z\n"));
        warned += usize::from(said.contains("no image to train on is left of `z` (of 3 classes)"));
        fs::remove_file(dir.join("run.flow")).unwrap();
        fs::remove_file(dir.join("run.flow.part")).unwrap();
    }
    // Of 54 images that are not held out 50 are set aside.
    assert!(warned > 0, "in none of three splits `z` was set aside");
}

#[test]
fn a_run_is_resumed_by_the_same_model_alone_and_a_refused_one_changes_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    pictures(&dir.join("flat"), &[(".", 60)]);
    let said = ok(dir, &fit("flat", "run.flow", &["--epochs", "2", "--grids", "grids"])).1;
    assert!(said.contains("run.flow.part is the state of training"), "{said}");
    let before = content(dir);
    assert!(before.contains_key("run.flow") && dir.join("grids/samples-002.png").is_file());
    let flags = ["--epochs", "4", "--bits", "5", "--logit", "0.05", "--grids", "other"];
    let said = error(dir, &fit("flat", "run.flow", &flags));
    assert!(said.contains("bits: 8 there, 5 now") && said.contains("logit") && said.contains("--force"), "{said}");
    assert_eq!(content(dir), before, "a refused run changed a file");
    // Without the flow, the state of training knows it as well.
    fs::rename(dir.join("run.flow"), dir.join("kept.flow")).unwrap();
    let said = error(dir, &fit("flat", "run.flow", &["--epochs", "4", "--bits", "5", "--grids", "other"]));
    assert!(said.contains("bits") && said.contains("--force") && !dir.join("other").exists(), "{said}");
    fs::rename(dir.join("kept.flow"), dir.join("run.flow")).unwrap();
    let said = ok(dir, &fit("flat", "run.flow", &["--epochs", "4", "--grids", "more"])).1;
    assert!(said.contains("going on from"), "{said}");
    assert!(dir.join("more/samples-004.png").is_file() && !dir.join("more/samples-002.png").exists());
    let part = content(dir)["run.flow.part"].clone();
    fs::write(dir.join("file"), "no folder").unwrap();
    for (grids, why) in [("file", "it is no folder"), ("flat/grids", "in the folder of the pictures")] {
        let said = error(dir, &fit("flat", "run.flow", &["--epochs", "1", "--bits", "5", "--force", "--grids", grids]));
        assert!(said.contains(why) && content(dir)["run.flow.part"] == part, "{said}");
    }
    let said = error(dir, &fit("flat", "run.flow", &["--epochs", "9", "--json", "run.flow.part"]));
    assert!(said.contains("would be replaced") && content(dir)["run.flow.part"] == part, "{said}");
    let said = ok(dir, &fit("flat", "run.flow", &["--epochs", "1", "--bits", "5", "--force"])).1;
    assert!(!said.contains("going on from"), "{said}");
}

#[test]
fn the_same_seed_writes_the_same_flow_and_draws_the_same_pictures() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    pictures(&dir.join("flat"), &[(".", 40)]);
    ok(dir, &fit("flat", "first.flow", &["--epochs", "2", "--seed", "3"]));
    ok(dir, &fit("flat", "second.flow", &["--epochs", "2", "--seed", "3"]));
    fs::write(dir.join("fit.toml"), "epochs = 2\nseed = 3\n").unwrap();
    ok(dir, &fit("flat", "third.flow", &["--config", "fit.toml"]));
    let flow = |name: &str| fs::read(dir.join(name)).unwrap();
    assert!(flow("first.flow") == flow("second.flow") && flow("first.flow") == flow("third.flow"));
    let sample = |out: &str| {
        ok(dir, &["images", "sample", "first.flow", "-n", "7", "--seed", "1", "-o", out]);
        fs::read(dir.join(out)).unwrap()
    };
    assert_eq!(sample("one.png"), sample("two.png"));
}

#[test]
fn pictures_are_scored_one_by_one_with_their_names() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    pictures(&dir.join("flat"), &[(".", 40)]);
    ok(dir, &fit("flat", "run.flow", &["--epochs", "3", "--json", "fit.json"]));
    let figures: serde_json::Value = serde_json::from_slice(&fs::read(dir.join("fit.json")).unwrap()).unwrap();
    assert!(
        figures["test"]["bits_per_dim"].is_number() && figures["history"].as_array().is_some_and(|all| all.len() == 3)
    );
    // Brighter than any other.
    picture(&dir.join("flat/odd.png"), 215, 3);
    let (scores, _) = ok(dir, &["images", "score", "run.flow", "flat", "--all", "--top", "2", "--json", "score.json"]);
    ok(dir, &["images", "sample", "run.flow", "-n", "5", "--json", "sample.json"]);
    ok(dir, &["show", "run.flow", "--json", "show.json"]);
    let json =
        |name: &str| -> serde_json::Value { serde_json::from_slice(&fs::read(dir.join(name)).unwrap()).unwrap() };
    assert!(json("score.json")["bits_per_dim"].is_number() && json("sample.json")["images"] == 5);
    assert_eq!((&json("show.json")["kind"], &json("show.json")["height"]), (&"pictures".into(), &8.into()));
    let lines: Vec<&str> = scores.lines().collect();
    assert_eq!((lines[0], lines.len()), ("picture,bits_per_dim,log_density,p_value", 3));
    assert!(lines[1].contains("odd.png"), "{scores}");
    let cell = |place: usize| lines[1].split(',').nth(place).unwrap().parse::<f64>().unwrap();
    // 8 x 8 pixels of three channels.
    assert!((cell(2) + cell(1) * 192.0 * std::f64::consts::LN_2).abs() < 1e-2 * cell(2).abs(), "{scores}");
    assert!(cell(3) > 0.0 && cell(3) < 0.2, "{scores}");
}

#[test]
fn what_cannot_work_is_an_error_before_any_work() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    pictures(&dir.join("flat"), &[(".", 20)]);
    pictures(&dir.join("one"), &[(".", 1)]);
    fs::write(dir.join("file"), "").unwrap();
    // With settings of which none needs a folder that is there: the first check that fails is the one that is told.
    let none = ["images", "fit", "none"];
    for (more, named) in [
        (&["--size", "0"][..], "`--size 0`: expected at least 1"),
        (&["--test-images", "0"], "`--test-images 0`: expected at least 1"),
        (&["--train-images", "0"], "`--train-images 0`: expected at least 1"),
        (&["--epochs", "0"], "`--epochs 0`: expected at least 1"),
        (&["--hidden", "1000000000"], "`--hidden 1000000000`: expected 1 to 8192"),
        (&["--scales", "4", "--size", "8"], "--scales 4"),
        (&["--temperature=-1"], "--temperature -1"),
        (&["--temperature", "nan"], "--temperature NaN"),
        (&["--json", "nowhere/figures.json"], "nowhere"),
        (&["--json", "flat"], "flat"),
        (&["-o", "flat"], "flat"),
        (&["-o", "file/run.flow"], "file"),
    ] {
        let said = error(dir, &[&none[..], more].concat());
        assert!(said.contains(named), "{more:?}: {said}");
    }
    let said = error(dir, &none);
    assert!(said.contains("cannot list none"), "{said}");
    let said = error(dir, &fit("flat", "run.flow", &["--by-class"]));
    assert!(said.contains("flat: its images have no classes"), "{said}");
    let said = error(dir, &fit("one", "run.flow", &[]));
    assert!(said.contains("one: 1 images are too few, 3 are needed"), "{said}");
    assert!(!dir.join("run.flow").exists(), "a flow of a run that was refused");

    // None of these reads the flow, which is not there.
    for (arguments, named) in [
        (&["sample", "--count", "0"][..], "--count 0"),
        (&["sample", "--columns", "0"], "--columns 0"),
        (&["sample", "--scale", "0"], "--scale 0"),
        (&["sample", "-o", "samples.jpg"], "samples.jpg: pictures are written as PNG\nhint: end the name in .png"),
        (&["sample", "-o", "nowhere/samples.png"], "nowhere"),
        (&["evaluate", "--draws", "0"], "--draws 0"),
        (&["evaluate", "--draws", "1000000000"], "--draws 1000000000`: expected 1 to 100000"),
        (&["evaluate", "--test-images", "0"], "--test-images 0"),
        (&["evaluate", "--size", "0"], "--size 0"),
        (&["interpolate", "--rows", "0"], "--rows 0"),
        (&["interpolate", "--steps", "1"], "--steps 1`: expected at least 2"),
        (&["interpolate", "-o", "between.gif"], "between.gif"),
        (&["sample"], "none.flow"),
    ] {
        let folder: &[&str] = if arguments[0] == "sample" { &[] } else { &["none"] };
        let said = error(dir, &[&["images", arguments[0], "none.flow"], folder, &arguments[1..]].concat());
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
    let (_, said) = ok(dir, &fit("caf\u{e9}", "run.flow", &["--epochs", "1", "--gray", "--by-class"]));
    let line = "caf\u{e9}: passed over 2 files that are no pictures (1 .heic, 1 .txt)\n";
    assert_eq!(said.matches(line).count(), 1, "{said}");
    assert!(ok(dir, &["show", "run.flow"]).0.contains("pictures of 1 x 8 x 8"));
    let evaluate = ["images", "evaluate", "run.flow", "caf\u{e9}"];
    let (figures, said) = ok(dir, &evaluate);
    // Neither the size nor the colours have to be told again.
    assert!(figures.contains("2 images") && said.contains("pictures are read in gray"), "{figures}{said}");
    let figures = ok(dir, &[&evaluate[..], &["--test-images", "1"]].concat()).0;
    assert!(figures.contains("(1 images)") && !figures.contains('±'), "{figures}");
    let said = error(dir, &[&evaluate[..], &["--size", "16"]].concat());
    assert!(said.contains("1 x 16 x 16") && said.contains("the flow is for 1 x 8 x 8"), "{said}");
    let said = error(dir, &["images", "sample", "run.flow", "--count", "100000000"]);
    assert!(said.contains("--count 100000000`: expected at most "), "{said}");
    let said = error(dir, &["images", "interpolate", "run.flow", "caf\u{e9}", "--rows", "2"]);
    assert!(said.contains("--rows 2`: expected fewer than the 2 test images"), "{said}");

    let whole = fs::read(dir.join("caf\u{e9}/\u{732b}/000.png")).unwrap();
    fs::write(dir.join("caf\u{e9}/\u{732b}/cut.png"), &whole[..whole.len() / 2]).unwrap();
    let said = error(dir, &evaluate);
    assert!(said.contains("cut.png: cannot be decoded: truncated"), "{said}");
}

#[test]
fn gray_pictures_are_taken_as_one_channel_whatever_their_format_is() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    for number in 0..20 {
        let pixel = |i: usize| (60 + (i % 64 * 7 + number * 13) % 40) as u8;
        let image = Images::new((0..3 * 64).map(pixel).collect(), [1, 3, 8, 8]).unwrap();
        fs::create_dir_all(dir.join("gray")).unwrap();
        grid(&image, 1, 0, 1).save(dir.join(format!("gray/{number:03}.png"))).unwrap();
    }
    let (figures, said) = ok(dir, &fit("gray", "run.flow", &["--epochs", "1"]));
    assert!(figures.contains("bits per dimension of 64") && said.contains("all pictures are gray"), "{figures}{said}");
    let (figures, _) = ok(dir, &["images", "evaluate", "run.flow", "gray"]);
    assert!(figures.contains("2 images"), "{figures}");
}

#[test]
fn a_picture_that_was_trained_on_is_no_test_picture_whatever_becomes_of_its_folder() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    pictures(&dir.join("flat"), &[(".", 30)]);
    ok(dir, &fit("flat", "run.flow", &["--epochs", "1"]));
    let evaluate = ["images", "evaluate", "run.flow", "flat"];
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
    assert!(figures.contains("35 images") && said.contains("fitted to 27 of these 35 images"), "{figures}{said}");
    // Nothing is left that the flow does not know.
    let held_out: Vec<_> = fs::read_dir(dir.join("flat")).unwrap().map(|entry| entry.unwrap().path()).collect();
    fs::create_dir(dir.join("known")).unwrap();
    for path in held_out {
        let one = dir.join("one");
        fs::create_dir(&one).unwrap();
        fs::copy(&path, one.join("a.png")).unwrap();
        let output = run(dir, &["images", "evaluate", "run.flow", "one"]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.success(), !said.contains("was fitted to every one of the 1 images"), "{said}");
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
    ok(dir, &fit("flat", "run.flow", &["--epochs", "1"]));
    let evaluate = ["images", "evaluate", "run.flow", "flat"];
    for arguments in [&["show", "run.flow"][..], &evaluate] {
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
    let flags = ["--epochs", "1000000", "--patience", "1000000", "--json", "figures.json", "--grids", "grids"];
    let arguments = fit("flat", "run.flow", &flags);
    let mut child = command(dir, &arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    while !dir.join("grids/samples-003.png").exists() {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    // The first one cools down, which takes a while after many epochs, the second one ends it.
    for _ in 0..2 {
        let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        std::thread::sleep(std::time::Duration::from_millis(300));
    }
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{:?}", output.status);
    assert!(String::from_utf8(output.stdout).unwrap().contains("bits per dimension"));
    let figures: serde_json::Value = serde_json::from_slice(&fs::read(dir.join("figures.json")).unwrap()).unwrap();
    let epochs = figures["history"].as_array().unwrap().len();
    assert!(epochs >= 3 && figures["test"]["bits_per_dim"].is_number(), "{figures}");
    assert!(ok(dir, &["show", "run.flow"]).0.contains("parameters "));
    // It goes on from where it was.
    let more = (epochs + 2).to_string();
    let flags = ["--epochs", &more, "--patience", "1000000", "--grids", "more"];
    let said = ok(dir, &fit("flat", "run.flow", &flags)).1;
    assert!(said.contains("going on from") && !dir.join("more/samples-001.png").exists(), "{said}");
}
