//! `flows compare` with models of mixed tables.

use burn_flows::mixed::MixedFlow;
use flows_data::Unknown;

use super::model::codec;
use super::rows::hash;
use crate::compare::{Compare, Scored};
use crate::problem::Problem;
use crate::terminal;

/// Scores the rows by both, by the cells that they have, and tells.
pub(crate) fn compare(compare: &Compare, first: &MixedFlow, second: &MixedFlow) -> Result<(), Problem> {
    let names = |flow: &MixedFlow| -> Vec<String> {
        let mut names: Vec<String> = flow.names().into_iter().map(str::to_owned).collect();
        names.sort();
        names
    };
    let columns = [names(first), names(second)];
    if columns[0] != columns[1] {
        let message = format!(
            "{} is a density of {}, and {} of {}",
            compare.first.display(),
            columns[0].join(", "),
            compare.second.display(),
            columns[1].join(", ")
        );
        return Err(Problem::new(message).hint("only densities of the same columns can be compared"));
    }
    let otherwise = first.measured_otherwise(second);
    if !otherwise.is_empty() {
        let message = format!(
            "{}: a probability in one model and a density in the other, or beside other shared values",
            otherwise.join(", ")
        );
        return Err(Problem::new(message).hint("`--as NAME=KIND` and the same rows in both fits make them comparable"));
    }
    let weights = [codec(first)?.weights(), codec(second)?.weights()];
    if weights[0] != weights[1] {
        let told =
            |weights: Option<&str>| weights.map_or("no weights".to_owned(), |name| format!("the weights `{name}`"));
        let message =
            format!("one model was fitted with {}, and the other with {}", told(weights[0]), told(weights[1]));
        return Err(Problem::new(message).hint("only figures with the same weights can be compared"));
    }
    let frame = compare.reading.read(&compare.table)?;
    let scored = |flow: &MixedFlow, path: &std::path::Path| -> Result<Scored, Problem> {
        let encoded = flow.encode(&frame, Unknown::Count, &[])?;
        encoded.counted.iter().for_each(|counted| terminal::note(format_args!("{}: {counted}", path.display())));
        if hash([Some(&encoded.table), None, None]) == flow.config().data_hash {
            terminal::note(format_args!(
                "{}: this is the table that it was fitted to; rows that were learnt from flatter a model",
                path.display()
            ));
        }
        let (scores, weights) = (flow.log_probs(&encoded.table)?, encoded.table.weights().map(<[f64]>::to_vec));
        Ok(Scored { places: encoded.places, scores, weights })
    };
    let (a, b) = (scored(first, &compare.first)?, scored(second, &compare.second)?);
    let weighted = a.weights.is_some();
    compare.tell(&frame, [&a, &b], weighted)
}
