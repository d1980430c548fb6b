//! Folders of pictures.

use super::{
    case::Case,
    outcome::{Outcomes, failure},
    right::{
        Right::{By, Refused},
        refused, verdict,
    },
};

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "rare_class, by class",
            "trains with three classes, whatever the split",
            &[
                &train("rare_class", "--by-class --validation 100"),
                "flows images sample {out}/a.flow -n 6 --columns 3 -o {out}/samples.png",
            ],
            By(|outcomes| {
                outcomes.succeeded()?;
                Ok("trained and sampled".to_owned())
            }),
        ),
        Case::new(
            "two_of_three, by the classes of three",
            "b is b: bits as in training, or an error that lists the names",
            &[
                &train("three_classes", "--by-class --validation 20 --epochs 15"),
                "flows images evaluate {out}/a.flow {in}/pictures/two_of_three --size 16 --gray --some-classes",
            ],
            By(two_of_three),
        ),
        Case::new(
            "mac",
            "__MACOSX is passed over",
            &[&train("mac", "--by-class --validation 5")],
            By(|outcomes| {
                outcomes.succeeded()?;
                let images = outcomes.number("a.json", "test.images")?;
                // A tenth of forty.
                verdict(images == 4.0, format!("{images} images to test"))
            }),
        ),
        Case::new(
            "truncated",
            "an error that names cut.jpg",
            &[&train("truncated", "--validation 0")],
            Refused(&["cut.jpg"]),
        ),
        Case::new(
            "formats",
            "thirty images, or a line that says what was passed over",
            &[&train("formats", "--validation 5")],
            By(|outcomes| {
                if outcomes.last().code != Some(0) {
                    return refused(outcomes, &["webp"]);
                }
                let images = outcomes.number("a.json", "test.images")?;
                let said = &outcomes.last().stderr;
                let text = format!("{} images", images * 10.0);
                verdict(images == 3.0 || said.contains("webp") || said.contains("bmp"), text)
            }),
        ),
        Case::new(
            "resume with other bits and a logit",
            "an error that names `bits` and `logit`; no file changes",
            &[
                &train("resume", "--epochs 2 --bits 8 --validation 10"),
                "copy {out}/a.flow {out}/before.flow",
                &train("resume", "--epochs 4 --bits 5 --logit 0.05 --validation 10"),
            ],
            By(|outcomes| {
                let text = refused(outcomes, &["bits", "logit"])?;
                verdict(outcomes.bytes("a.flow")? == outcomes.bytes("before.flow")?, text)
            }),
        ),
    ]
}

/// A short training run of a small flow on one folder.
pub(super) fn train(folder: &str, more: &str) -> String {
    let epochs = if more.contains("--epochs") { "" } else { "--epochs 1" };
    format!(
        "flows images fit {{in}}/pictures/{folder} --size 16 --gray --scales 2 --steps 2 --hidden 16 -o {{out}}/a.flow \
         --json {{out}}/a.json {epochs} {more}"
    )
}

/// The bits of classes that were trained on are those of training, under whatever number they come.
fn two_of_three(outcomes: &Outcomes) -> Result<String, String> {
    let last = outcomes.last();
    if last.code != Some(0) {
        return refused(outcomes, &["a", "b", "c"]);
    }
    let trained = outcomes.number("a.json", "test.bits_per_dim")?;
    let bits = last.stdout.split_whitespace().find_map(|word| word.parse::<f64>().ok());
    let bits = bits.ok_or_else(|| failure(last))?;
    // Shifted classes cost more than a bit; half of a bit is room for eighteen test images.
    verdict((bits - trained).abs() < 0.5, format!("{bits:.2} bits, {trained:.2} in training"))
}
