//! A report whose names are as bad as names can be, and whose figures are no numbers.

use flows_plot::report::{
    Baseline, Calibration, Cell, Column, Corner, Coverage, Epoch, Estimate, Fact, Model, Notice, OddRow, OutputFile,
    Report, Role, TwoSampleTest,
};

/// Markup, quotes, line ends, text from right to left, an override of the direction, and a name that never ends.
const NAMES: [&str; 8] = [
    "<script>window.hit = 1</script>",
    "\"><img src=x onerror=\"window.hit = 1\">",
    "line\nend\tand\0nothing",
    "</style></title><b>bold</b>",
    "العمر بالسنوات",
    "\u{202e}desrever",
    "a_name_without_a_single_space_that_goes_on_and_on_and_on_and_on_and_on_and_on_and_on_and_on_and_on_and_on",
    "' onclick='window.hit = 1' {{ }} &lt; %s",
];

/// The names as the page shows them.
pub(crate) const SHOWN: [&str; 8] =
    [NAMES[0], NAMES[1], "line␊end␉and␀nothing", NAMES[3], NAMES[4], NAMES[5], NAMES[6], NAMES[7]];

pub(crate) fn report() -> Report {
    let name = |index: usize| NAMES[index % NAMES.len()].to_owned();
    let endless = Estimate { value: f64::NEG_INFINITY, two_standard_errors: f64::NAN };
    let huge = Estimate { value: -123_456_789.0, two_standard_errors: 1e9 };
    let fact = |index: usize| Fact::new(name(index), name(index + 1));
    Report {
        title: name(0),
        program: name(1),
        created: Some(name(2)),
        targets: vec![name(0), name(6)],
        given: NAMES.map(String::from).to_vec(),
        columns: (0..8)
            .map(|index| Column {
                name: name(index),
                kind: name(index + 1),
                reason: name(index + 2),
                role: if index == 3 { Role::LeftOut(name(6)) } else { Role::Modelled },
                flag: Some(name(index + 3)),
                missing: u64::MAX,
                distinct: Some(u64::MAX),
                range: Some([name(index + 4), name(6)]),
                histogram: vec![f64::NAN, f64::INFINITY, 1.0, -1.0],
                findings: vec![name(index + 5)],
            })
            .collect(),
        notices: (0..8).map(|index| Notice { text: name(index), flag: Some(name(index + 1)) }).collect(),
        model: Model { name: name(6), why: name(0), stopped: name(1), details: vec![fact(6)], ..Model::default() },
        log_likelihood: Some(huge),
        baselines: vec![
            Baseline { name: name(6), log_likelihood: huge, chosen: true, ..Baseline::default() },
            Baseline { name: name(0), log_likelihood: endless, difference: Some(endless), ..Baseline::default() },
            Baseline { name: name(4), log_likelihood: huge, difference: Some(huge), ..Baseline::default() },
        ],
        history: (0..3).map(|epoch| Epoch { epoch, training: f64::NAN, validation: Some(epoch as f64) }).collect(),
        best_epoch: Some(usize::MAX),
        calibration: (0..14)
            .map(|index| Calibration {
                column: name(index),
                pit: if index == 5 { vec![f64::NAN; 3] } else { vec![1e6, 0.0, 3.0] },
                coverage: vec![Coverage { level: 0.5, observed: f64::NAN }, Coverage { level: 7.0, observed: 0.5 }],
                rows: if index == 4 { f64::INFINITY } else { 1e6 },
            })
            .collect(),
        coverage: vec![Coverage { level: 0.9, observed: 0.0 }],
        coverage_rows: 1e9,
        two_sample: Some(TwoSampleTest { accuracy: endless, classifier: name(6), rows: 1 }),
        odd_rows: (0..2)
            .map(|index| OddRow {
                place: name(index),
                log_density: f64::NEG_INFINITY,
                p_value: f64::NAN,
                column: Some(name(6)),
                reason: name(6),
                cells: (0..8).map(|index| Cell { column: name(index), value: name(index + 1) }).collect(),
            })
            .collect(),
        corner: Some(Corner {
            label: Some("<rows>".into()),
            columns: vec![name(0), name(4), name(6)],
            of: 8,
            rows: (0..300).map(|index| f64::from(index).sin()).collect(),
            samples: vec![f64::NAN; 3].into_iter().chain((0..300).map(|index| f64::from(index).cos())).collect(),
        }),
        settings: (0..8).map(fact).collect(),
        hashes: vec![fact(6)],
        files: vec![OutputFile { path: name(6), what: name(0), bytes: Some(u64::MAX) }],
        command: Some(name(1)),
        ..Report::default()
    }
}
