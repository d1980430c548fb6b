//! What a module or a configuration is, field by field, so that a difference can be named.

use std::collections::{BTreeMap, HashSet};

use burn::module::{Flag, Module, ModuleVisitor, Param, ParamId};
use burn::tensor::{Bool, Int, Tensor};

/// Paths of fields and what they hold, as text.
pub(super) type Fields = BTreeMap<String, String>;

/// All fields of a module: hyperparameters as its `Debug` shows them, those that are skipped by `Module` included;
/// shapes of what is trained; values of what is not, as permutations.
///
/// What differs between two modules of one configuration is left out: identities and values of trained parameters.
pub(super) fn fields_of_module<M: Module>(module: &M) -> Fields {
    let mut parameters = Parameters::default();
    module.visit(&mut parameters);
    let mut fields = fields_of_debug(&format!("{module:#?}"), &parameters.ids);
    fields.extend(parameters.fields);
    fields
}

/// All fields of a JSON value; those of objects and lists by their paths.
pub(super) fn fields_of_json(value: &serde_json::Value) -> Fields {
    fn collect(value: &serde_json::Value, path: String, fields: &mut Fields) {
        let join = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        match value {
            serde_json::Value::Object(map) if !map.is_empty() => {
                map.iter().for_each(|(name, value)| collect(value, join(name), fields));
            }
            other => {
                fields.insert(path, other.to_string());
            }
        }
    }
    let mut fields = Fields::new();
    collect(value, String::new(), &mut fields);
    fields
}

/// What differs, each field with both values; fields of one name that differ in the same way are counted.
pub(super) fn differences(before: &Fields, now: &Fields) -> Vec<String> {
    const NONE: &str = "absent";
    let mut found: Vec<(String, usize, &str, &str)> = vec![];
    let paths: std::collections::BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    let mut inside: Option<String> = None;
    for path in paths {
        let pair = (before.get(path).map_or(NONE, String::as_str), now.get(path).map_or(NONE, String::as_str));
        // What is inside of a thing that only one of the two has goes without saying.
        if pair.0 == pair.1 || inside.as_ref().is_some_and(|outer| path.starts_with(outer)) {
            continue;
        }
        let one_sided = !(before.contains_key(path) && now.contains_key(path));
        if one_sided || pair.0.ends_with(OPEN) || pair.1.ends_with(OPEN) {
            inside = Some(format!("{path}."));
        }
        let last = |path: &str| path.rsplit('.').next().unwrap_or(path).to_owned();
        match found.iter_mut().find(|(p, _, a, b)| last(p) == last(path) && (*a, *b) == pair) {
            Some((_, more, ..)) => *more += 1,
            None => found.push((path.clone(), 0, pair.0, pair.1)),
        }
    }
    let line = |(path, more, before, now): (String, usize, &str, &str)| match more {
        0 => format!("`{path}` was {before} and is {now}"),
        more => format!("`{path}` and {more} more of that name were {before} and are {now}"),
    };
    found.into_iter().map(line).collect()
}

/// Shapes and values of parameters by their paths, and all identities.
#[derive(Default)]
struct Parameters {
    path: Vec<String>,
    ids: HashSet<String>,
    fields: Fields,
}

impl Parameters {
    fn add(&mut self, id: ParamId, kind: &str, shape: &[usize], values: Option<Vec<u8>>) {
        self.ids.extend([id.to_string(), id.val().to_string()]);
        let values = values.map_or(String::new(), |bytes| format!(", checksum {:08x}", crc32fast::hash(&bytes)));
        self.fields.insert(format!("{}.values", self.path.join(".")), format!("{kind} {shape:?}{values}"));
    }
}

impl ModuleVisitor for Parameters {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let trained = param.is_require_grad();
        let values = (!trained).then(|| param.val().to_data().as_bytes().to_vec());
        self.add(param.id, if trained { "trained" } else { "fixed" }, param.lazy_shape().as_slice(), values);
    }

    fn visit_int<const D: usize>(&mut self, param: &Param<Tensor<D, Int>>) {
        let values = param.val().to_data();
        let shown: Vec<i64> = values.iter::<i64>().take(9).collect();
        let kind = if shown.len() < 9 { format!("integers {shown:?}") } else { "integers".to_owned() };
        self.add(param.id, &kind, param.shape().as_slice(), Some(values.as_bytes().to_vec()));
    }

    fn visit_bool<const D: usize>(&mut self, param: &Param<Tensor<D, Bool>>) {
        self.add(param.id, "booleans", param.shape().as_slice(), Some(param.val().to_data().as_bytes().to_vec()));
    }

    fn visit_flag(&mut self, flag: &Param<Flag>) {
        self.ids.extend([flag.id.to_string(), flag.id.val().to_string()]);
    }

    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }
}

/// Numbers of a list shown in full, at most; of more there is a checksum.
const SHOWN: usize = 16;

/// A struct, list or tuple whose end has not come yet.
struct Open {
    path: String,
    /// `Some(..)` and the outermost struct add nothing to the path of what they hold.
    transparent: bool,
    nameless: usize,
    values: Vec<String>,
}

/// The fields of a value from what `{:#?}` makes of it, without the given words.
fn fields_of_debug(text: &str, without: &HashSet<String>) -> Fields {
    let mut fields = Fields::new();
    let mut open = vec![Open { path: String::new(), transparent: true, nameless: 0, values: vec![] }];
    for line in text.lines() {
        let line = line.trim().trim_end_matches(',');
        if matches!(line, "}" | "]" | ")") {
            if let Some(closed) = (open.len() > 1).then(|| open.pop()).flatten().filter(|o| !o.values.is_empty()) {
                let kind = fields.get(&closed.path).map_or("", |kind| kind.trim_end_matches(OPEN));
                let values = format!("{kind}{}", list(&closed.values));
                fields.insert(closed.path, values);
            }
            continue;
        }
        let outer = open.last_mut().expect("the first is never closed");
        let join = |name: &str| if outer.path.is_empty() { name.to_owned() } else { format!("{}.{name}", outer.path) };
        let (name, value) = match line.split_once(": ") {
            Some((name, value)) if is_name(name) => (Some(name), value),
            _ => (None, line),
        };
        let Some(kind) = value.strip_suffix(['{', '[', '(']).map(str::trim) else {
            let value = strip(value, without);
            match name {
                Some(name) => drop(fields.insert(join(name), value)),
                None => outer.values.push(value),
            }
            continue;
        };
        let path = match name {
            Some(name) => join(name),
            None if outer.transparent => outer.path.clone(),
            None => join(&outer.nameless.to_string()),
        };
        outer.nameless += 1;
        let transparent = kind == "Some";
        if !(path.is_empty() || kind.is_empty() || transparent) {
            fields.insert(path.clone(), format!("{kind}{OPEN}"));
        }
        open.push(Open { path, transparent, nameless: 0, values: vec![] });
    }
    fields
}

/// Stands after the name of a thing that has fields of its own.
const OPEN: &str = " ..";

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

fn list(values: &[String]) -> String {
    let whole = values.join(", ");
    match values.len() {
        0..=SHOWN => format!("[{whole}]"),
        n => format!("{n} values, checksum {:08x}", crc32fast::hash(whole.as_bytes())),
    }
}

fn strip(text: &str, without: &HashSet<String>) -> String {
    text.split_inclusive(|c: char| !c.is_alphanumeric())
        .filter(|word| !without.contains(word.trim_end_matches(|c: char| !c.is_alphanumeric())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Activation, Mixing, RealNvp, RealNvpConfig};
    use burn::tensor::Device;

    fn flow(config: RealNvpConfig) -> RealNvp {
        config.init(&Device::default()).train()
    }

    fn small() -> RealNvpConfig {
        RealNvpConfig::new(4).with_layers(3).with_hidden(vec![8]).with_mixing(Mixing::Permutation)
    }

    fn found(other: RealNvpConfig) -> String {
        differences(&fields_of_module(&flow(small())), &fields_of_module(&flow(other))).join("; ")
    }

    #[test]
    fn two_flows_of_one_configuration_are_the_same() {
        assert_eq!(found(small()), "");
    }

    #[test]
    fn every_setting_of_a_model_is_seen_and_named() {
        let bound = crate::LogScaleBound::Unbounded;
        for (other, name, now) in [
            (small().with_activation(Activation::Tanh), "activation", "Relu and are Tanh"),
            (small().with_dropout(0.25), "dropout.prob", "0.0 and are 0.25"),
            (small().with_bound(bound), "bound", "Unbounded"),
            (small().with_seed(7), "permutation.order", "integers"),
            (small().with_hidden(vec![9]), "weight", "[2, 9]"),
            (small().with_layers(2), "blocks.2", "absent"),
            (small().with_standardize(false), "standardize", "None"),
        ] {
            let found = found(other);
            assert!(found.contains(name) && found.contains(now), "{name}: {found}");
        }
    }

    #[test]
    fn paths_lead_through_options_lists_and_tuples() {
        #[derive(Debug)]
        #[expect(dead_code, reason = "for its text")]
        struct Outer {
            a: Option<(u8, f32)>,
            b: Vec<Option<Vec<u8>>>,
        }
        let text = format!("{:#?}", Outer { a: Some((1, 2.5)), b: vec![None, Some(vec![3; 20])] });
        let fields = fields_of_debug(&text, &HashSet::new());
        assert_eq!(fields["a"], "[1, 2.5]");
        assert!(fields.values().any(|value| value.starts_with("20 values")), "{fields:?}");
    }

    #[test]
    fn a_difference_of_two_configurations_has_both_values() {
        let json = |text: &str| fields_of_json(&serde_json::from_str(text).unwrap());
        let before = json(r#"{"settings": {"bits": 8, "logit": null}, "classes": 3}"#);
        let now = json(r#"{"settings": {"bits": 5, "logit": 0.05}, "classes": 3}"#);
        assert_eq!(
            differences(&before, &now),
            ["`settings.bits` was 8 and is 5", "`settings.logit` was null and is 0.05"]
        );
    }
}
