//! A model that is there already.

use std::path::Path;

use burn::tensor::Device;
use burn_flows::tables::{FitSettings, TableFlow};
use serde_json::Value;

use super::rows::Prepared;
use crate::problem::Problem;
use crate::terminal;

/// Whether a fit may replace the file at its output: a model of the same data and settings.
pub(super) fn check(
    output: &Path,
    prepared: &Prepared,
    settings: &FitSettings,
    device: &Device,
) -> Result<(), Problem> {
    if !output.exists() {
        return Ok(());
    }
    let refuse = |what: String| {
        Problem::new(format!("{}: {what}, and is not replaced", output.display()))
            .hint("`-o NAME.flow` writes another file, `--force` replaces this one")
    };
    let Ok(flow) = TableFlow::load(output, device) else {
        return Err(refuse("it is there already, and no model of a table".to_owned()));
    };
    let config = flow.config();
    let now = serde_json::to_value(settings).map_err(|error| Problem::new(error.to_string()))?;
    let mut differences = differences("", &config.settings, &now);
    if config.data_hash != prepared.hash {
        differences.push("the rows".to_owned());
    }
    if !differences.is_empty() {
        return Err(refuse(format!("it is a model of another fit ({})", differences.join("; "))));
    }
    terminal::note(format_args!("{}: a model of the same rows and settings is fitted again", output.display()));
    Ok(())
}

/// What differs between two settings, with both values.
fn differences(place: &str, before: &Value, now: &Value) -> Vec<String> {
    match (before, now) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            let each = |key: &String| {
                let place = if place.is_empty() { key.clone() } else { format!("{place}.{key}") };
                differences(&place, a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null))
            };
            keys.into_iter().flat_map(each).collect()
        }
        _ if before == now => vec![],
        _ => vec![format!("{place}: {before} there, {now} now")],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_differs_is_named_with_both_values() {
        let (a, b) = (json!({"seed": 1, "model": {"layers": 3}}), json!({"seed": 2, "model": {"layers": 3}}));
        assert_eq!(differences("", &a, &b), ["seed: 1 there, 2 now"]);
        assert_eq!(differences("", &a, &a), Vec::<String>::new());
    }
}
