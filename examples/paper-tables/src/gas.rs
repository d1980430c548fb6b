//! GAS: sensors in mixtures of gases.

use std::{fs, path::Path};

use flows_data::{Split, TableError};

use crate::{
    PaperTableError,
    correlation::uncorrelated,
    moments::{Divisor, Moments},
    pickle::read_frame,
    rows::{Rows, parts},
};

/// Where the raw table is.
pub(crate) const FILE: &str = "gas/ethylene_CO.pickle";

/// Not what the sensors say: the time and the concentrations that were set.
const DROPPED: [&str; 3] = ["Meth", "Eth", "Time"];

/// Reads and preprocesses.
pub(crate) fn load(dir: &Path) -> Result<Split, PaperTableError> {
    let path = dir.join(FILE);
    let file = path.display().to_string();
    let bytes = fs::read(&path).map_err(|error| PaperTableError::unreadable(&path, error))?;
    let frame = read_frame(&bytes).map_err(|problem| PaperTableError::Pickle { file: file.clone(), problem })?;
    drop(bytes);
    let sensors = without(&file, frame, &DROPPED)?;
    let count = sensors[0].1.len();
    let parts = parts(&file, count)?;

    let stays = uncorrelated(&sensors.iter().map(|(_, column)| column.as_slice()).collect::<Vec<_>>(), 0.98);
    let mut stays = stays.into_iter();
    let mut rows = Rows::from_columns(sensors.into_iter().filter(|_| stays.next().unwrap_or(false)).collect());
    rows.require_standardisable(&file, count)?;
    // Over all rows, those for testing among them, as the authors did.
    Moments::of_first(&rows, count, Divisor::CountLessOne).standardise(&mut rows);
    rows.round_to_single();
    rows.into_split(&file, parts)
}

/// The columns of other names; the named ones must be there, and others besides.
fn without(
    file: &str,
    mut frame: Vec<(String, Vec<f64>)>,
    dropped: &[&str],
) -> Result<Vec<(String, Vec<f64>)>, TableError> {
    for name in dropped {
        let Some(at) = frame.iter().position(|(column, _)| column == name) else {
            let available = frame.into_iter().map(|(column, _)| column).collect();
            return Err(TableError::MissingColumn { file: file.to_owned(), column: (*name).to_owned(), available });
        };
        frame.remove(at);
    }
    if frame.is_empty() { Err(TableError::Empty { file: file.to_owned() }) } else { Ok(frame) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(content: &[u8]) -> String {
        let dir = tempfile::tempdir().expect("a directory");
        fs::create_dir(dir.path().join("gas")).expect("created");
        fs::write(dir.path().join(FILE), content).expect("written");
        load(dir.path()).expect_err("the file is wrong").to_string()
    }

    #[test]
    fn a_file_that_is_no_pickle_is_an_error_that_names_it() {
        let message = error_of(b"Time,Meth,Eth\n");
        assert!(message.contains("gas/ethylene_CO.pickle: not a data frame that pandas pickled: "), "{message}");
    }

    #[test]
    fn a_column_that_should_be_dropped_must_be_there() {
        let frame = vec![("Time".to_owned(), vec![1.0]), ("Meth".to_owned(), vec![1.0])];
        let message = without("t.pickle", frame, &DROPPED).expect_err("no `Eth`").to_string();
        assert!(message.starts_with("t.pickle: no column `Eth`; the columns are `Time`"), "{message}");
    }
}
