//! The tasks by name, as flows-bench and the peers' scripts read them too.

/// A name and what it stands for, one a line.
const NAMED: &str = include_str!("../../../benches/flows-bench/tasks.txt");

/// What is measured if nothing else is asked for.
pub(super) const DEFAULT: [&str; 8] =
    ["coupling-2", "coupling-6", "coupling-64", "spline-6", "maf-43", "maf-64", "arspline-6", "glow-16"];

/// A name that is known, or what a task is made of, which the programs that measure it read.
pub(super) fn known(text: &str) -> Result<String, String> {
    let kinds = || named().filter_map(|(_, made_of)| made_of.split(':').next());
    let is_made_of = text.split_once(':').is_some_and(|(kind, _)| kinds().any(|known| known == kind));
    if is_made_of || named().any(|(name, _)| name == text) {
        return Ok(text.to_owned());
    }
    let names: Vec<&str> = named().map(|(name, _)| name).collect();
    Err(format!("there are {}; or say what it is made of, as `{}`", names.join(", "), coupling(6, 8, 128, 1024)))
}

/// A coupling flow and a batch, in the words of the list.
pub(super) fn coupling(features: usize, layers: usize, hidden: usize, batch: usize) -> String {
    format!("coupling:features={features},layers={layers},hidden={hidden},batch={batch}")
}

fn named() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = NAMED.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(' ')).map(|(name, made_of)| (name, made_of.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_are_known_by_name_or_by_what_they_are_made_of() {
        for task in DEFAULT {
            assert_eq!(known(task), Ok(task.to_owned()));
        }
        let made_of = coupling(6, 8, 128, 64);
        assert_eq!(known(&made_of), Ok(made_of));
    }

    #[test]
    fn coupling_6_is_in_the_list_as_it_is_made_here() {
        assert!(named().any(|entry| entry == ("coupling-6", coupling(6, 8, 128, 1024).as_str())));
    }

    #[test]
    fn others_are_an_error_that_lists_the_known_ones() {
        for unknown in ["maf-44", "flow:features=6", ""] {
            let message = known(unknown).expect_err(unknown);
            assert!(message.contains("maf-43") && message.contains("glow-depth-64"), "{message}");
        }
    }
}
