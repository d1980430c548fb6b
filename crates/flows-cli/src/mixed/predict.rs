//! `flows predict` with a model of a mixed table.

use burn_flows::mixed::{Expected, MixedFlow};
use flows_data::{Cells, Digits, FrameColumn, MixedColumn, Style, Unknown};
use serde_json::json;

use super::model::codec;
use crate::predict::Predict;
use crate::problem::Problem;
use crate::{output, terminal};

/// Draws by which a number is predicted.
const DRAWS: usize = 500;
/// Classes whose probabilities are written, one column each; of more, the likeliest alone.
const CLASSES: usize = 20;

/// Of each row what is expected of some columns, given all other cells that it has.
pub(crate) fn predict(predict: &Predict, flow: &MixedFlow) -> Result<(), Problem> {
    let codec = codec(flow)?;
    if predict.grid.is_some() {
        return Err(Problem::usage("`--grid` is about models of `fit --target`").hint("leave it away"));
    }
    let names = predict.target.as_ref().filter(|names| !names.is_empty()).ok_or_else(|| {
        Problem::usage("which columns are to be predicted is not said")
            .hint(format!("`--target` names some of {}", codec.names().join(", ")))
    })?;
    let targets = names.iter().map(|name| codec.place(name)).collect::<Result<Vec<usize>, _>>()?;
    let used = flow.names();
    let (frame, beside) = predict.reading.read_beside(&predict.table, &used, (&predict.writing, &predict.output))?;
    let absent: Vec<&str> = names.iter().map(String::as_str).collect();
    let encoded = flow.encode(&frame, Unknown::Count, &absent)?;
    for counted in &encoded.counted {
        terminal::note(format_args!("{}: {counted}; here such cells count as missing", frame.origin()));
    }
    let shares: Vec<f64> = predict.quantiles.iter().map(|share| share / 100.0).collect();
    let mut written = beside.pick(&encoded.places);
    let mut columns = vec![];
    for target in &targets {
        let found = flow.expected(&encoded.table, *target, &targets, &shares, (DRAWS, predict.seed))?;
        columns.extend(columns_of(&codec.columns()[*target], &found, &predict.quantiles));
    }
    output::tell_replaced(&written, &columns);
    for column in columns {
        written = written.with_column(column)?;
    }
    let mut writer = predict.writing.writer(&predict.output)?;
    writer.write(&written)?;
    writer.commit()?;
    match &predict.json {
        Some(path) => {
            let record = json!({
                "rows": written.rows(),
                "targets": names,
                "quantiles": predict.quantiles,
                "seed": predict.seed,
            });
            output::json(path, &record)
        }
        None => Ok(()),
    }
}

/// What is expected of a column, as columns.
fn columns_of(column: &MixedColumn, found: &[Expected], quantiles: &[f64]) -> Vec<FrameColumn> {
    let name = column.name();
    match column {
        MixedColumn::Class(class) => {
            let shares = |row: &Expected| match row {
                Expected::Classes(shares) => shares.clone(),
                Expected::Number { .. } => vec![],
            };
            let best = |row: &Expected| {
                let shares = shares(row);
                (0..shares.len()).max_by(|a, b| shares[*a].total_cmp(&shares[*b])).unwrap_or(0) as f64
            };
            let likeliest: Vec<f64> = found.iter().map(best).collect();
            let cells = MixedColumn::Class(class.clone()).decoded(likeliest.iter().copied());
            let mut columns = vec![FrameColumn { name: format!("{name}_mode"), ..cells }];
            if class.words.len() <= CLASSES {
                for (place, word) in class.words.iter().enumerate() {
                    let share = |row: &Expected| shares(row).get(place).copied().unwrap_or(f64::NAN);
                    columns.push(figures(format!("{name}={word}"), found.iter().map(share).collect(), 4));
                }
            }
            columns
        }
        MixedColumn::Number(number) => {
            let of = |value: &dyn Fn(f64, f64, &[f64]) -> f64| -> Vec<f64> {
                let one = |row: &Expected| match row {
                    Expected::Number { mean, sd, quantiles } => value(*mean, *sd, quantiles),
                    Expected::Classes(_) => f64::NAN,
                };
                found.iter().map(one).collect()
            };
            let in_kind = |name: String, values: Vec<f64>| match &number.style {
                Style::Time(_) => {
                    let seconds = values.into_iter().map(|value| value * number.unit).collect();
                    FrameColumn { name, cells: Cells::Times(seconds), style: number.style.clone() }
                }
                style => match style.digits() {
                    Some(Digits::Decimals(decimals)) => FrameColumn::numbers(name, values)
                        .styled(style.clone().with_digits(Digits::Decimals(decimals.saturating_add(2)))),
                    _ => FrameColumn::numbers(name, values),
                },
            };
            let mut columns = vec![in_kind(format!("{name}_mean"), of(&|mean, _, _| mean))];
            columns.push(figures(format!("{name}_sd"), of(&|_, sd, _| sd), 6));
            for (place, share) in quantiles.iter().enumerate() {
                columns.push(in_kind(format!("{name}_q{share}"), of(&|_, _, quantiles| quantiles[place])));
            }
            columns
        }
    }
}

fn figures(name: String, values: Vec<f64>, digits: u8) -> FrameColumn {
    FrameColumn::numbers(name, values).styled(Style::Digits(Digits::Significant(digits)))
}
