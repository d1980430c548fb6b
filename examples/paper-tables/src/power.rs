//! POWER: a household's electricity, a row a minute.

use std::path::Path;

use flows_data::Split;

use crate::{
    PaperTableError,
    error::read_npy,
    moments::{Divisor, Moments},
    random_state::RandomState,
    rows::{Rows, parts},
};

/// Where the raw table is.
pub(crate) const FILE: &str = "power/data.npy";

/// The columns of the raw table, and whether the recipe keeps them: two are nearly functions of the others.
const COLUMNS: [(&str, bool); 8] = [
    ("global_active_power", true),
    ("global_reactive_power", false),
    ("voltage", true),
    ("global_intensity", false),
    ("sub_metering_1", true),
    ("sub_metering_2", true),
    ("sub_metering_3", true),
    ("time", true),
];

/// Reads and preprocesses.
pub(crate) fn load(dir: &Path) -> Result<Split, PaperTableError> {
    let path = dir.join(FILE);
    let table = read_npy(&path)?;
    let file = path.display().to_string();
    let (got, count) = (table.columns(), table.rows());
    if got != COLUMNS.len() {
        return Err(PaperTableError::Columns { file, expected: "8 expected".into(), got });
    }
    let parts = parts(&file, count)?;

    let mut random = RandomState::new(42);
    let mut values = table.values().to_vec();
    drop(table);
    random.shuffle_rows(&mut values, COLUMNS.len());
    let names = COLUMNS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut rows = Rows { names, values }.keep_columns(&COLUMNS.map(|(_, keep)| keep));
    add_noise(&mut rows, &mut random);

    let learnt = parts[0] + parts[1];
    rows.require_standardisable(&file, learnt)?;
    Moments::of_first(&rows, learnt, Divisor::Count).standardise(&mut rows);
    rows.round_to_single();
    rows.into_split(&file, parts)
}

/// Spreads the steps of the meters, which are discrete, by uniform noise as wide as a step.
///
/// The draws are in the order of the authors' code: all of the voltage, all of the power, then the three meters row by
/// row. The time gets none.
fn add_noise(rows: &mut Rows, random: &mut RandomState) {
    let columns = rows.columns();
    for (columns_with_noise, width) in [(1..2, 0.01), (0..1, 0.001), (2..5, 1.0)] {
        for row in rows.values.chunks_exact_mut(columns) {
            row[columns_with_noise.clone()].iter_mut().for_each(|value| *value += width * random.uniform());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use flows_data::Table;

    use super::*;

    #[test]
    fn noise_stays_within_a_step_of_the_meter_and_leaves_the_time_alone() {
        let names = (0..6).map(|i| format!("{i}")).collect();
        let mut rows = Rows { names, values: vec![0.0; 6 * 500] };
        add_noise(&mut rows, &mut RandomState::new(1));
        for (index, width) in [0.001, 0.01, 1.0, 1.0, 1.0].into_iter().enumerate() {
            let largest = rows.column(index).fold(0.0, f64::max);
            assert!(largest < width && largest > 0.9 * width, "column {index}: {largest}");
        }
        assert!(rows.column(5).all(|value| value == 0.0));
    }

    #[test]
    fn another_number_of_columns_is_an_error_that_names_the_file() {
        let dir = tempfile::tempdir().expect("a directory");
        fs::create_dir(dir.path().join("power")).expect("created");
        let table = Table::new(["a", "b"], vec![0.0; 40]).expect("a good table");
        table.write_npy(dir.path().join(FILE)).expect("written");
        let message = load(dir.path()).expect_err("two columns").to_string();
        assert!(message.ends_with("power/data.npy: 2 columns, 8 expected"), "{message}");
    }
}
