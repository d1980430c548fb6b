//! The ranks of rows among samples.

use burn::tensor::Device;

use super::Ensemble;
use super::evaluation::draw;
use super::gradient::scores;
use super::prepared::Prepared;

/// The ranks of rows among samples that are given what they are given.
#[derive(Debug, PartialEq)]
pub(super) struct Ranks {
    /// Samples for each row.
    pub(super) draws: usize,
    /// How many of them are more likely than the row.
    pub(super) more_likely: Vec<usize>,
    /// How many of them are below the row, column by column: `[rows * columns]`.
    pub(super) below: Vec<usize>,
}

/// Rows sampled at a time.
const BATCH: usize = 1 << 14;

/// The ranks of rows among about so many samples in all: without a context all rows are compared with the same samples.
pub(super) fn ranks(
    ensemble: &Ensemble,
    rows: &Prepared,
    draws: usize,
    (seed, stream): (u64, u64),
    device: &Device,
) -> Ranks {
    // Compared in the units of the flow: the log-determinant of a sample would be that of another place.
    let own = scores(ensemble, &without_log_dets(rows), device);
    match rows.columns.1 {
        0 => of_shared(ensemble, rows, &own, draws.min(BATCH), (seed, stream), device),
        _ => of_each(ensemble, rows, &own, (draws / rows.len().max(1)).clamp(20, 400), (seed, stream), device),
    }
}

fn without_log_dets(rows: &Prepared) -> Prepared {
    Prepared { log_dets: vec![0.0; rows.len()], ..rows.clone() }
}

fn of_shared(
    ensemble: &Ensemble,
    rows: &Prepared,
    own: &[f64],
    draws: usize,
    seed: (u64, u64),
    device: &Device,
) -> Ranks {
    let columns = rows.columns.0;
    let x = draw(ensemble, draws, &[], 0, seed, device);
    let drawn = Prepared { x, log_dets: vec![0.0; draws], columns: rows.columns, ..Prepared::default() };
    let mut likelihoods = scores(ensemble, &drawn, device);
    likelihoods.sort_by(f64::total_cmp);
    let sorted: Vec<Vec<f64>> = (0..columns)
        .map(|column| {
            let mut values: Vec<f64> = drawn.x.iter().skip(column).step_by(columns).copied().collect();
            values.sort_by(f64::total_cmp);
            values
        })
        .collect();
    let more_likely = own.iter().map(|own| draws - likelihoods.partition_point(|other| other <= own)).collect();
    let below = |(at, value): (usize, &f64)| sorted[at % columns].partition_point(|other| other < value);
    Ranks { draws, more_likely, below: rows.x.iter().enumerate().map(below).collect() }
}

fn of_each(
    ensemble: &Ensemble,
    rows: &Prepared,
    own: &[f64],
    draws: usize,
    (seed, stream): (u64, u64),
    device: &Device,
) -> Ranks {
    let (columns, width) = rows.columns;
    let (mut more_likely, mut below) = (vec![0; rows.len()], vec![0; rows.x.len()]);
    let per_batch = (BATCH / draws).max(1);
    for start in (0..rows.len()).step_by(per_batch) {
        let count = per_batch.min(rows.len() - start);
        let context: Vec<f64> =
            (start..start + count).flat_map(|row| rows.context[row * width..][..width].repeat(draws)).collect();
        let n = count * draws;
        let x = draw(ensemble, n, &context, width, (seed, (stream << 32) + start as u64), device);
        let drawn = Prepared { x, context, log_dets: vec![0.0; n], weights: None, columns: rows.columns };
        let likelihoods = scores(ensemble, &drawn, device);
        for (sample, likelihood) in likelihoods.iter().enumerate() {
            let row = start + sample / draws;
            more_likely[row] += usize::from(*likelihood > own[row]);
            for column in 0..columns {
                below[row * columns + column] +=
                    usize::from(drawn.x[sample * columns + column] < rows.x[row * columns + column]);
            }
        }
    }
    Ranks { draws, more_likely, below }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Gaussian;
    use crate::tables::Whitened;

    // A standard normal: of two columns a row at distance r is less likely than a share 1 - exp(-r²/2) of the samples.
    #[test]
    fn ranks_are_those_of_the_closed_form() {
        let device = Device::default();
        let x: Vec<f64> = (0..40).flat_map(|i| [0.05 * f64::from(i), 0.0]).collect();
        for width in [0, 1] {
            let model = Gaussian::new().given(width).model(2);
            let ensemble = Ensemble::init(&model, 1, Whitened::default(), &device);
            let rows = Prepared {
                x: x.clone(),
                log_dets: vec![3.0; 40],
                context: vec![0.5; 40 * width],
                weights: None,
                columns: (2, width),
            };
            let ranks = ranks(&ensemble, &rows, 40 * 400, (1, 2), &device);
            let tolerance = 5.0 * (0.25 / ranks.draws as f64).sqrt();
            for row in 0..40 {
                let r = 0.05 * row as f64;
                let level = ranks.more_likely[row] as f64 / ranks.draws as f64;
                assert!((level - (1.0 - (-0.5 * r * r).exp())).abs() < tolerance, "{width}: {r}: {level}");
                let middle = ranks.below[2 * row + 1] as f64 / ranks.draws as f64;
                assert!((middle - 0.5).abs() < tolerance, "{width}: {middle}");
            }
        }
    }
}
