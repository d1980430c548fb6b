//! Files, kills, zeros and pipes.

use std::{fs, path::Path};

use super::{
    case::Case,
    numbers::fit,
    outcome::{Outcomes, failure},
    pictures,
    right::{
        Right::{By, Refused},
        refused, verdict,
    },
};

pub(super) fn cases() -> Vec<Case> {
    let flow = fit("numbers/score_train.csv", "--model real-nvp --layers 2 --hidden 16 --quality fast");
    let images = pictures::train("three_classes", "--validation 20");
    vec![
        Case::new(
            "--json into a folder that is not there",
            "an error before training, or the flow is kept",
            &["flows fit {in}/numbers/utm.npy --model nsf --time 60s -o {out}/a.flow --json {out}/none/a.json"],
            By(|outcomes| {
                let text = refused(outcomes, &["none"])?;
                let kept = outcomes.out.join("a.flow").exists();
                verdict(kept || outcomes.last().seconds < 10.0, format!("{text} ({:.1} s)", outcomes.last().seconds))
            }),
        ),
        Case::new(
            "the same settings twice",
            "the same bytes of the saved flow",
            &[&flow, &flow.replace("{out}/a", "{out}/b")],
            By(|outcomes| same_bytes(outcomes, "a.flow", "b.flow")),
        ),
        Case::new(
            "images twice, with two workers",
            "the same bytes of the saved flow",
            &[&images, &images.replace("{out}/a", "{out}/b")],
            By(|outcomes| same_bytes(outcomes, "a.flow", "b.flow")),
        ),
        Case::new(
            "images killed and resumed, with two workers",
            "the bytes of an undisturbed run",
            &[
                &pictures::train("three_classes", "--validation 20 --epochs 6"),
                &format!(
                    "kill-at {{out}}/grids/samples-002.png {}",
                    pictures::train("three_classes", "--validation 20 --epochs 6 --grids {out}/grids")
                        .replace("{out}/a", "{out}/b")
                ),
                &pictures::train("three_classes", "--validation 20 --epochs 6").replace("{out}/a", "{out}/b"),
            ],
            By(|outcomes| {
                let [_, killed, resumed] = &outcomes.runs[..] else { return Err("three runs".to_owned()) };
                if resumed.code != Some(0) {
                    return Err(failure(resumed));
                }
                let when = if killed.code.is_none() { "killed" } else { "over before it was killed" };
                let same = outcomes.bytes("a.flow")? == outcomes.bytes("b.flow")?;
                verdict(
                    same && killed.code.is_none(),
                    format!("{when}, {}", if same { "equal" } else { "other bytes" }),
                )
            }),
        ),
        Case::new(
            "more epochs for a run that ended",
            "it goes on",
            &[
                &pictures::train("three_classes", "--validation 20 --epochs 2 --schedule constant"),
                &pictures::train("three_classes", "--validation 20 --epochs 3 --schedule constant --grids {out}/grids"),
            ],
            By(|outcomes| {
                outcomes.succeeded()?;
                let there = outcomes.out.join("grids/samples-003.png").exists();
                verdict(there, if there { "went on" } else { "no third epoch" }.to_owned())
            }),
        ),
        Case::new(
            "3,000,000 samples of 10 columns",
            "memory does not grow with the number of rows",
            &[
                &format!("write {{out}}/ten.csv {}", ten_columns()),
                "flows fit {out}/ten.csv --model gaussian -o {out}/ten.flow",
                "flows sample {out}/ten.flow -n 300000 -o {out}/few.csv",
                "flows sample {out}/ten.flow -n 3000000 -o {out}/many.csv",
            ],
            By(memory),
        ),
        Case::new(
            "an absurd number of samples",
            "an error",
            &[&flow, "flows sample {out}/a.flow -n 18446744073709551615 -o {out}/many.npy"],
            Refused(&[]),
        ),
        Case::new(
            "temporary files of a killed run",
            "removed at the next start",
            &["write {out}/.flows-0123456789ab.part half", &flow],
            By(|outcomes| {
                outcomes.succeeded()?;
                // What the cases' own commands print is kept in other files with a point.
                let left =
                    names(&outcomes.out)?.into_iter().filter(|name| name.starts_with(".flows-")).collect::<Vec<_>>();
                verdict(left.is_empty(), if left.is_empty() { "gone".to_owned() } else { left.join(", ") })
            }),
        ),
        Case::new(
            "a flow behind a link",
            "the link stays, and what it points to is replaced",
            &["write {out}/store/real.flow old", "link {out}/a.flow store/real.flow", &format!("{flow} --force")],
            By(|outcomes| {
                outcomes.succeeded()?;
                let link = outcomes.out.join("a.flow");
                let is_link = fs::symlink_metadata(&link).is_ok_and(|metadata| metadata.is_symlink());
                let replaced = outcomes.bytes("store/real.flow")?.starts_with(b"BRNFLOWS");
                verdict(is_link && replaced, format!("a link: {is_link}, replaced: {replaced}"))
            }),
        ),
        Case::new(
            "--json onto a device",
            "an error before training",
            &["flows fit {in}/numbers/score_train.csv --time 3s -o {out}/a.flow --json /dev/null"],
            Refused(&["/dev/null", "device"]),
        ),
        Case::new(
            "--size 0",
            "an error before any work",
            &["flows images fit {in}/pictures/mac --size 0 -o {out}/a.flow"],
            By(|outcomes| before_work(outcomes, "size")),
        ),
        Case::new(
            "--test-images 0",
            "an error before any work",
            &[&pictures::train("three_classes", "--validation 20 --test-images 0")],
            By(|outcomes| before_work(outcomes, "test-images")),
        ),
        Case::new(
            "--draws 0",
            "an error before any work",
            &[&images, "flows images evaluate {out}/a.flow {in}/pictures/mac --size 16 --gray --draws 0"],
            Refused(&["draws"]),
        ),
        Case::new(
            "--rows 0",
            "an error before any work",
            &[
                &images,
                "flows images interpolate {out}/a.flow {in}/pictures/mac --size 16 --gray --rows 0 -o {out}/between.png",
            ],
            Refused(&["rows"]),
        ),
        Case::new(
            "sample -n 0",
            "an error before any work",
            &[&flow, "flows sample {out}/a.flow -n 0 -o {out}/none.csv"],
            Refused(&[]),
        ),
        Case::new(
            "show | head -1",
            "ends quietly",
            &[&flow, "flows show {out}/a.flow | head"],
            By(|outcomes| {
                let last = outcomes.last();
                verdict(last.code == Some(0) && last.stderr.is_empty(), failure(last))
            }),
        ),
        Case::new(
            "a PNG under .jpg",
            "an error",
            &[&images, "flows images sample {out}/a.flow -n 4 -o {out}/samples.jpg"],
            Refused(&["PNG"]),
        ),
    ]
}

/// A table of ten columns of fractions, as `write` takes it.
fn ten_columns() -> String {
    let cell =
        |row: usize, column: usize| format!("{:.2}", 0.37 * ((row * (7 + column) + column * column) % 97) as f64);
    let row = |row: usize| (0..10).map(|column| cell(row, column)).collect::<Vec<_>>().join(",");
    let rows: Vec<String> = (0..90).map(row).collect();
    format!("a,b,c,d,e,f,g,h,i,j\\n{}\\n", rows.join("\\n"))
}

fn names(folder: &Path) -> Result<Vec<String>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
}

fn same_bytes(outcomes: &Outcomes, a: &str, b: &str) -> Result<String, String> {
    outcomes.succeeded()?;
    let same = outcomes.bytes(a)? == outcomes.bytes(b)?;
    verdict(same, if same { "equal" } else { "other bytes" }.to_owned())
}

fn before_work(outcomes: &Outcomes, word: &str) -> Result<String, String> {
    let text = refused(outcomes, &[word]).or_else(|_| refused(outcomes, &[&word.replace('-', "_")]))?;
    let trained = outcomes.out.join("a.flow").exists();
    verdict(!trained, if trained { format!("{text}, after training") } else { text })
}

fn memory(outcomes: &Outcomes) -> Result<String, String> {
    outcomes.succeeded()?;
    let [.., few, many] = &outcomes.runs[..] else { return Err("two runs that sample".to_owned()) };
    let lines = fs::read(outcomes.out.join("many.csv")).map_err(|error| error.to_string())?;
    let rows = lines.iter().filter(|byte| **byte == b'\n').count() - 1;
    let (Some(few), Some(many)) = (few.peak, many.peak) else { return Ok("the system does not tell".to_owned()) };
    // Ten times as many rows of ten columns would be 216 MB more as numbers, 500 as text.
    verdict(many - few < 30.0 && rows == 3_000_000, format!("{few:.0} MiB for 300,000 rows, {many:.0} for {rows}"))
}
