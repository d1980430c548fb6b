//! The column that makes a row odd.

use serde::{Deserialize, Serialize};

use super::evaluation::draw;
use super::gradient::scores;
use super::prepared::Prepared;
use super::{TableFlow, TableRows};

/// The column that makes a row odd.
///
/// ```text
/// drop = max_v log p(v | other columns) - log p(x | other columns)
/// ```
///
/// By how much the row would be more likely if the column had its best value, the other columns being what they are: the
/// conditional densities of a column given all others, relative to their peaks, in the units that the flow sees. What the
/// other columns have cancels, so that any model answers by evaluations alone. Of a Gaussian it is half of the squared
/// deviation from what the other columns predict, in standard deviations of that prediction.
///
/// # Notes
/// The best value is looked for on grids: at samples and evenly from the smallest of them to the largest and to the row's own
/// value, then, of the columns with the largest drops so far, between the neighbours of the best. A peak that is both narrow
/// and far from all samples may be missed, and the drop is then too small.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorstColumn {
    /// The place of the column.
    pub column: usize,
    /// The drop in nats.
    pub drop: f64,
    /// The best value, in the units of the column.
    pub expected: f64,
}

/// Samples among which the best value is first looked for.
const SAMPLES: usize = 400;
/// Quantiles of these that are tried.
const COARSE: usize = 25;
/// Values that are tried evenly between them, and as far as the row's own.
const EVEN: usize = 40;
/// Values that are tried at first in all columns together, about: of many columns fewer each.
const AT_FIRST: usize = 2_600;
/// Fewer values of a column tell nothing.
const LEAST: usize = 7;
/// Columns that are looked at more finely.
const CLOSELY: usize = 10;
/// Points of each finer grid.
const FINE: usize = 12;
/// Finer grids.
const ROUNDS: usize = 3;

pub(super) fn worst_columns(flow: &TableFlow, rows: &TableRows) -> Vec<WorstColumn> {
    let prepared = flow.preparation().apply(rows, 0);
    (0..prepared.len()).map(|row| worst_column(flow, &prepared.select(&[row]))).collect()
}

fn worst_column(flow: &TableFlow, row: &Prepared) -> WorstColumn {
    let (columns, device) = (row.columns.0, flow.device());
    let context = row.context.repeat(SAMPLES);
    let drawn = draw(flow.ensemble(), SAMPLES, &context, row.columns.1, (0, 0), &device);
    // One batch for all columns: the row as it is, then with each of the values in each of the columns.
    let score = |tried: &[Vec<f64>]| -> Vec<Vec<f64>> {
        let count: usize = tried.iter().map(Vec::len).sum();
        let mut x = Vec::with_capacity((count + 1) * columns);
        for (column, values) in tried.iter().enumerate() {
            for value in values {
                let start = x.len();
                x.extend(&row.x);
                x[start + column] = *value;
            }
        }
        let rows = Prepared {
            x,
            context: row.context.repeat(count),
            log_dets: vec![0.0; count],
            weights: None,
            columns: row.columns,
        };
        let mut found = scores(flow.ensemble(), &rows, &device).into_iter();
        tried.iter().map(|values| found.by_ref().take(values.len()).collect()).collect()
    };
    let own = score(&[vec![row.x[0]]])[0][0];
    // So many values of a column: quantiles of the samples, and evenly as far as the row's own.
    let grid = |column: usize, coarse: usize, even: usize| {
        let mut values: Vec<f64> = drawn.iter().skip(column).step_by(columns).copied().collect();
        values.retain(|value| value.is_finite());
        values.sort_by(f64::total_cmp);
        let last = values.len().saturating_sub(1);
        let quantile = |i: usize| values.get(i * last / (coarse - 1)).copied().unwrap_or(0.0);
        let (low, high) = (quantile(0).min(row.x[column]), quantile(coarse - 1).max(row.x[column]));
        let evenly = (0..even).map(|i| low + (high - low) * i as f64 / (even - 1) as f64);
        let mut values: Vec<f64> = (0..coarse).map(quantile).chain(evenly).chain([row.x[column]]).collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        values
    };
    let each = (AT_FIRST / columns).max(LEAST);
    let thorough = each >= COARSE + EVEN;
    let (coarse, even) = if thorough { (COARSE, EVEN) } else { (each, 0) };
    let mut tried: Vec<Vec<f64>> = (0..columns).map(|column| grid(column, coarse, even)).collect();
    let mut best: Vec<(f64, f64)> = row.x.iter().map(|value| (own, *value)).collect();
    for round in 0..=ROUNDS {
        let found = score(&tried);
        for column in 0..columns {
            if tried[column].is_empty() {
                continue;
            }
            let values = &tried[column];
            let at = (0..values.len()).max_by(|a, b| found[column][*a].total_cmp(&found[column][*b])).unwrap_or(0);
            if found[column][at] > best[column].0 {
                best[column] = (found[column][at], values[at]);
            }
            let (low, high) = (values[at.saturating_sub(1)], values[(at + 1).min(values.len() - 1)]);
            // Inside the interval, its ends being tried already.
            tried[column] = (0..=FINE + 1).map(|i| low + (high - low) * i as f64 / (FINE + 1) as f64).collect();
        }
        if round == 0 {
            let mut order: Vec<usize> = (0..columns).collect();
            order.sort_by(|a, b| best[*b].0.total_cmp(&best[*a].0).then(a.cmp(b)));
            order.split_off(CLOSELY.min(columns)).into_iter().for_each(|column| tried[column].clear());
            if !thorough {
                order.into_iter().for_each(|column| tried[column] = grid(column, COARSE, EVEN));
            }
        }
    }
    let drop =
        |column: usize| if own == f64::NEG_INFINITY && best[column].0 == own { 0.0 } else { best[column].0 - own };
    let column = (0..columns).max_by(|a, b| drop(*a).total_cmp(&drop(*b)).then(b.cmp(a))).unwrap_or(0);
    let mut values = row.x.clone();
    values[column] = best[column].1;
    let expected = flow.preparation().scaling().inverse(&values)[column];
    WorstColumn { column, drop: drop(column), expected }
}
