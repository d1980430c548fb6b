//! Which of the columns of a file are taken.

use super::{CsvOptions, Notice, TableError, csv_options::Wanted, table::check_distinct};

/// The places of the columns to take, and whether they were asked for by name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) places: Vec<usize>,
    pub(crate) by_name: bool,
}

/// Applies the options to the names of a file; `has_names` says whether these are the file's own.
pub(crate) fn choose(
    file: &str,
    options: &CsvOptions,
    available: &[String],
    has_names: bool,
    notices: &mut Vec<Notice>,
) -> Result<Choice, TableError> {
    let excluded = matching(file, &options.excluded, available)?;
    let (places, by_name) = match &options.wanted {
        Wanted::All => ((0..available.len()).collect(), false),
        Wanted::Named(names) => {
            check_distinct(file, names)?;
            (matching(file, names, available)?, true)
        }
        Wanted::Like(names) if has_names && !are_made_up(names) => (like(file, names, available)?, true),
        Wanted::Like(names) if names.iter().all(|name| available.contains(name)) => {
            (like(file, names, available)?, true)
        }
        Wanted::Like(_) => ((0..available.len()).collect(), false),
    };
    let places: Vec<usize> = places.into_iter().filter(|place| !excluded.contains(place)).collect();
    let names = |keep: &dyn Fn(&usize) -> bool| -> Vec<String> {
        (0..available.len()).filter(|place| keep(place)).map(|place| available[place].clone()).collect()
    };
    let left = names(&|place| !places.contains(place));
    if places.is_empty() {
        return Err(TableError::NothingChosen { file: file.to_owned(), available: available.to_vec() });
    }
    if !left.is_empty() && (by_name || !excluded.is_empty()) {
        notices.push(Notice::NotAskedFor { columns: left });
    }
    Ok(Choice { places, by_name })
}

/// Checks that as many columns are left as a model knows, where they are matched by their order.
pub(crate) fn require_like(
    file: &str,
    options: &CsvOptions,
    names: &[String],
    notices: &mut Vec<Notice>,
) -> Result<(), TableError> {
    let Wanted::Like(expected) = &options.wanted else { return Ok(()) };
    if expected.len() != names.len() {
        return Err(TableError::ForeignColumns {
            file: file.to_owned(),
            missing: vec![],
            expected: expected.clone(),
            got: names.to_vec(),
        });
    }
    // Names that both sides made up are equal.
    if expected != names {
        let columns = expected.iter().zip(names).map(|(expected, got)| format!("{expected} = {got}")).collect();
        notices.push(Notice::ByPlace { columns });
    }
    Ok(())
}

/// Whether the names are those that columns without names are given.
pub(crate) fn are_made_up(names: &[String]) -> bool {
    let made_up = |name: &String| {
        name.strip_prefix("column_").is_some_and(|number| number.parse::<usize>().is_ok_and(|number| number > 0))
    };
    names.iter().all(made_up)
}

/// The places of the columns that a model knows.
pub(crate) fn like(file: &str, expected: &[String], available: &[String]) -> Result<Vec<usize>, TableError> {
    let missing: Vec<String> = expected.iter().filter(|name| !available.contains(name)).cloned().collect();
    if missing.is_empty() {
        return Ok(expected.iter().filter_map(|name| available.iter().position(|other| other == name)).collect());
    }
    let (file, expected, got) = (file.to_owned(), expected.to_vec(), available.to_vec());
    Err(TableError::ForeignColumns { file, missing, expected, got })
}

/// The places of the columns that have one of the names, or fit one of the patterns.
pub(crate) fn matching(file: &str, wanted: &[String], available: &[String]) -> Result<Vec<usize>, TableError> {
    let mut places = vec![];
    for name in wanted {
        let exact = available.iter().position(|other| other == name);
        let found: Vec<usize> = match exact {
            Some(place) => vec![place],
            None => (0..available.len()).filter(|place| name.contains('*') && fits(name, &available[*place])).collect(),
        };
        if found.is_empty() {
            let (file, column) = (file.to_owned(), name.clone());
            return Err(TableError::MissingColumn { file, column, available: available.to_vec() });
        }
        for place in found {
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    Ok(places)
}

/// Whether a name fits a pattern in which `*` stands for any text.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(name) = name.strip_prefix(start) else { return false };
    (0..=name.len()).filter(|at| name.is_char_boundary(*at)).any(|at| fits(rest, &name[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn places(options: &CsvOptions, available: &[&str]) -> Result<Vec<usize>, TableError> {
        choose("t.csv", options, &names(available), true, &mut vec![]).map(|choice| choice.places)
    }

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, name, fit) in [
            ("x*", "x1", true),
            ("x*", "ax", false),
            ("*_mm", "height_mm", true),
            ("a*c", "abbc", true),
            ("*", "", true),
        ] {
            assert_eq!(fits(pattern, name), fit, "{pattern} {name}");
        }
    }

    #[test]
    fn columns_are_chosen_by_name_or_pattern_and_left_out_the_same_way() {
        let available = ["id", "x1", "x2", "y"];
        assert_eq!(places(&CsvOptions::new().with_columns(["y", "x*"]), &available), Ok(vec![3, 1, 2]));
        assert_eq!(places(&CsvOptions::new().without_columns(["id", "x*"]), &available), Ok(vec![3]));
        assert_eq!(places(&CsvOptions::new().with_columns(["x*"]).without_columns(["x2"]), &available), Ok(vec![1]));
        assert!(matches!(
            places(&CsvOptions::new().without_columns(["z*"]), &available),
            Err(TableError::MissingColumn { .. })
        ));
        assert!(matches!(
            places(&CsvOptions::new().without_columns(["*"]), &available),
            Err(TableError::NothingChosen { .. })
        ));
    }

    #[test]
    fn a_model_s_columns_are_found_by_name_and_others_are_an_error_that_lists_both() {
        let like = CsvOptions::new().with_columns_like(["x", "y"]);
        assert_eq!(places(&like, &["y", "id", "x"]), Ok(vec![2, 0]));
        let message = places(&like, &["x", "z"]).expect_err("no `y`").to_string();
        assert!(message.contains("`y`") && message.contains("`x`, `y`") && message.contains("`x`, `z`"), "{message}");
    }

    #[test]
    fn without_names_on_one_side_the_order_decides() {
        let mut notices = vec![];
        let like = CsvOptions::new().with_columns_like(["x", "y"]);
        let available = names(&["column_1", "column_2"]);
        let choice = choose("t.npy", &like, &available, false, &mut notices).expect("two columns");
        assert_eq!(choice, Choice { places: vec![0, 1], by_name: false });
        require_like("t.npy", &like, &available, &mut notices).expect("as many");
        assert!(matches!(&notices[..], [Notice::ByPlace { .. }]));
        assert!(require_like("t.npy", &like, &available[..1], &mut notices).is_err());
    }
}
