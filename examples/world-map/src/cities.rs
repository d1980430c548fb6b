//! The cities.

use std::io::Read;

use flate2::read::GzDecoder;
use flows_data::{CsvOptions, DataError, Split, Table};

static CITIES: &[u8] = include_bytes!("../data/world_cities.csv.gz");

/// Latitude and longitude, in degrees, as the columns of a file are called.
pub(crate) const COLUMNS: [&str; 2] = ["lat", "lng"];

/// All cities, split at random into 81 % to train on, 9 % to validate on and 10 % to test on.
pub(crate) fn load(seed: u64) -> Result<Split, DataError> {
    let mut csv = Vec::new();
    GzDecoder::new(CITIES).read_to_end(&mut csv).expect("the embedded file is whole");
    let table = Table::from_csv(csv.as_slice(), "world_cities.csv.gz", &CsvOptions::new().with_columns(COLUMNS))?;
    table.require_trainable(1000)?;
    table.split([0.81, 0.09, 0.1], seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cities_are_all_there_and_on_the_globe() {
        let split = load(0).unwrap();
        assert_eq!(split.train.rows() + split.validation.rows() + split.test.rows(), 45_065);
        for (column, limit) in [(0, 90.0), (1, 180.0)] {
            assert!(split.train.column(column).all(|degrees| degrees.abs() <= limit));
        }
    }
}
