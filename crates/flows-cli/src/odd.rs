//! Rows that a model finds unlikely, and the reason.

use burn_flows::tables::{EncodedRows, TableFlow};
use flows_data::{Frame, Unknown};
use serde::Serialize;

use crate::problem::Problem;

/// A row that a model finds unlikely.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct OddRow {
    /// The table.
    pub(crate) table: String,
    /// Its place in the table, counted from 0.
    pub(crate) row: usize,
    /// Its log-density, in nats.
    pub(crate) log_density: f64,
    /// The share of held-out rows that are no more likely.
    pub(crate) p_value: f64,
    /// The column that makes it odd, if one of them does.
    pub(crate) worst_column: Option<String>,
    /// What the column holds.
    pub(crate) value: Option<String>,
    /// What the column would most likely hold, the others being what they are.
    pub(crate) expected: Option<String>,
    /// Whether the row would be a likely one then.
    pub(crate) likely: bool,
    /// Whether a column was looked for.
    #[serde(skip)]
    sought: bool,
}

/// Rows with at least this p-value are not unlikely.
const LIKELY: f64 = 0.01;

impl OddRow {
    /// The reason, in words.
    pub(crate) fn reason(&self) -> String {
        let likely = if self.likely { "likely" } else { "the least unlikely" };
        match (&self.worst_column, &self.value, &self.expected) {
            (Some(column), Some(value), Some(expected)) => {
                format!("{column} = {value}, where {expected} would be {likely}")
            }
            _ if self.sought => "no column alone makes it odd".to_owned(),
            _ => "the column that makes it odd was not looked for".to_owned(),
        }
    }
}

/// The oddest rows of a frame, at most so many, the oddest first. The rows of the frame stand at `places` in their table. Once it
/// has `ended`, no more reasons are looked for.
pub(crate) fn oddest(
    flow: &TableFlow,
    table: &str,
    frame: &Frame,
    places: &[usize],
    most: usize,
    ended: impl Fn() -> bool,
) -> Result<Vec<OddRow>, Problem> {
    let encoded = flow.encode(frame, Unknown::Count)?;
    let found = flow.oddest(&encoded.rows, most)?;
    let rows: Vec<usize> = found.iter().map(|(row, _)| *row).collect();
    let scores: Vec<f64> = found.iter().map(|(_, score)| *score).collect();
    let p_values = flow.p_values(&scores);
    // Of many columns a reason takes seconds.
    let reason = |row: &usize| if ended() { Ok(vec![Reason::unknown()]) } else { reasons(flow, &encoded, &[*row]) };
    let reasons: Vec<Reason> = rows.iter().map(reason).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
    let each = reasons.into_iter().enumerate().map(|(i, Reason { column: worst_column, expected, drop, sought })| {
        let in_frame = encoded.places[rows[i]];
        let value = worst_column.as_ref().map(|name| Ok::<_, Problem>(frame.column(name)?.text(in_frame)));
        let value = value.transpose()?.flatten();
        let (row, log_density, p_value) = (places[in_frame], scores[i], p_values[i]);
        let likely = flow.p_values(&[log_density + drop])[0] >= LIKELY;
        Ok(OddRow { table: table.to_owned(), row, log_density, p_value, worst_column, value, expected, likely, sought })
    });
    each.collect()
}

/// Why a row is odd.
#[derive(Debug)]
pub(crate) struct Reason {
    /// The column that makes it odd, if one of them does.
    pub(crate) column: Option<String>,
    /// What it would most likely hold.
    pub(crate) expected: Option<String>,
    /// By how many nats the row would be more likely then.
    drop: f64,
    /// Whether it was looked for.
    sought: bool,
}

impl Reason {
    /// That nobody has looked for it.
    fn unknown() -> Self {
        Self { column: None, expected: None, drop: 0.0, sought: false }
    }
}

/// Of some encoded rows the column that makes each of them odd, and what it would most likely hold.
pub(crate) fn reasons(flow: &TableFlow, encoded: &EncodedRows, rows: &[usize]) -> Result<Vec<Reason>, Problem> {
    let chosen = encoded.rows.select(rows);
    let width = flow.names().len();
    let each = flow.worst_columns(&chosen)?.into_iter().enumerate().map(|(i, worst)| {
        let mut values = chosen.values()[i * width..][..width].to_vec();
        let codec = flow.codec().ok_or_else(|| Problem::new("the model knows no columns of a file"))?;
        let written = |values: &[f64]| codec.decode(values).columns()[worst.column].text(0);
        let value = written(&values);
        values[worst.column] = worst.expected;
        // A value that is likely to the last digit that is written is not what is odd.
        let expected = written(&values).filter(|expected| value.as_ref() != Some(expected));
        let column = expected.is_some().then(|| flow.names()[worst.column].clone());
        Ok(Reason { column, expected, drop: worst.drop, sought: true })
    });
    each.collect()
}
