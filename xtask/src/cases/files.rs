//! Text and npy files.

use super::{
    case::Case,
    numbers::fit,
    outcome::Outcomes,
    right::{
        Right::{By, Likelihood, Read, Refused},
        likelihood, shape, verdict,
    },
};

pub(super) fn cases() -> Vec<Case> {
    let read = |name: &'static str, input: &str, right, or: &'static [&'static str]| {
        let check = Read { rows: 1000.0, columns: 2.0, or };
        Case::new(name, right, &[&fit(input, "--time 5s")], check)
    };
    vec![
        Case::new(
            "number_header.csv",
            "1,000 rows and a notice; never a silent extra row",
            &[&fit("files/number_header.csv", "--time 5s")],
            By(number_header),
        ),
        Case::new(
            "index.csv",
            "the nameless counting column is noticed; -2.84 without it",
            &[&fit("files/index.csv", "--time 5s")],
            By(|outcomes| {
                let (_, features) = shape(outcomes)?;
                let text = likelihood(outcomes, -2.84, 0.05)?;
                verdict(features == 2.0, format!("{features} columns, {text}"))
            }),
        ),
        Case::new(
            "columns in another order",
            "matched by name: -2.825",
            &["flows fit --train {in}/files/order_train.csv --val {in}/files/order_val.csv \
                 --test {in}/files/order_test.csv --time 10s -o {out}/a.flow --json {out}/a.json"],
            Likelihood { nats: -2.825, slack: 0.05 },
        ),
        Case::new(
            "columns of other names",
            "an error that names a column",
            &[
                "write {out}/other.csv p,q\\n1,2\\n2,1\\n3,5\\n",
                "flows fit --train {in}/files/order_train.csv --val {in}/files/order_val.csv \
                 --test {out}/other.csv --time 3s -o {out}/a.flow --json {out}/a.json",
            ],
            Refused(&["`x`"]),
        ),
        Case::new(
            "column_missing.csv",
            "an error that names `b`",
            &[
                &fit("numbers/score_train.csv", "--time 5s"),
                "flows score {out}/a.flow {in}/files/column_missing.csv -o {out}/scores.csv",
            ],
            Refused(&["`b`"]),
        ),
        read("semicolon.csv", "files/semicolon.csv", "1,000 rows of 2 columns", &["--delimiter"]),
        read("decimal_comma.csv", "files/decimal_comma.csv", "1,000 rows of 2 columns", &["--decimal"]),
        read("thousands.csv", "files/thousands.csv", "2 columns, or an error that names `income`", &["income"]),
        read("minus.csv", "files/minus.csv", "2 columns, or an error that names `t`", &["`t`"]),
        read("utf16.csv", "files/utf16.csv", "read, or an error that says what to do", &["UTF-16", "hint"]),
        read("row_names.csv", "files/row_names.csv", "read, or an error that says what to do", &["hint"]),
        read("comment.csv", "files/comment.csv", "read, or an error that says what to do", &["hint"]),
        read("python2.npy", "files/python2.npy", "read, or an error that says what to do", &["hint"]),
    ]
}

/// All rows with a notice; or one more, where the notice says that the first is taken for numbers.
fn number_header(outcomes: &Outcomes) -> Result<String, String> {
    outcomes.succeeded()?;
    let (rows, _) = shape(outcomes)?;
    let noticed = outcomes.last().stderr.contains("header");
    verdict(
        rows == 1000.0 || rows == 1001.0 && noticed,
        format!("{rows} rows, {}", if noticed { "a notice" } else { "silent" }),
    )
}
