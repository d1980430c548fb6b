//! What differs between settings.

use serde_json::Value;

/// What differs between two settings, with both values.
pub(crate) fn differences(place: &str, before: &Value, now: &Value) -> Vec<String> {
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
        // `model.model.mixing` is what a user knows as `mixing`.
        _ => vec![format!("{}: {} there, {} now", place.trim_start_matches("model."), shown(before), shown(now))],
    }
}

/// A value without what is left open in it.
fn shown(value: &Value) -> String {
    let Value::Object(fields) = value else {
        return if value.is_null() { "none named".to_owned() } else { value.to_string() };
    };
    let said: Vec<(&String, &Value)> = fields.iter().filter(|(_, value)| !value.is_null()).collect();
    match said[..] {
        [(_, value)] => shown(value),
        _ => said.iter().map(|(name, value)| format!("{name} {}", shown(value))).collect::<Vec<_>>().join(" "),
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
        let mixing = |mixing| json!({"model": {"model": {"kind": "nsf", "mixing": mixing}}});
        assert_eq!(
            differences("", &mixing(json!("Plu")), &mixing(Value::Null)),
            [r#"mixing: "Plu" there, none named now"#]
        );
        let preset = json!({"model": {"model": {"kind": "gaussian", "layers": null}}});
        assert_eq!(differences("", &json!({"model": "auto"}), &preset), [r#"model: "auto" there, "gaussian" now"#]);
    }
}
