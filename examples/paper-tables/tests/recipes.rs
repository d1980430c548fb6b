//! The five recipes on small tables, against what numpy and pandas make of the same files.
//!
//! `fixtures/make.py` wrote the tables, and computed the parts on its own.

use std::path::PathBuf;

use flows_data::{Split, Table};
use paper_tables::PaperTable;

fn fixtures() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "fixtures"].iter().collect()
}

fn loaded(table: PaperTable) -> Split {
    table.load(&fixtures().join("data")).unwrap_or_else(|error| panic!("{table}: {error}"))
}

/// Compares every number of every part.
fn assert_as_expected(table: PaperTable) {
    let split = loaded(table);
    for (part, got) in [("train", &split.train), ("validation", &split.validation), ("test", &split.test)] {
        let expected = Table::read_npy(fixtures().join("expected").join(format!("{table}_{part}.npy")));
        let expected = expected.expect("a committed file");
        let sizes = |table: &Table| (table.rows(), table.columns());
        assert_eq!(sizes(got), sizes(&expected), "{table}, {part}");
        for (index, (got, expected)) in got.values().iter().zip(expected.values()).enumerate() {
            // Means and deviations are added up in another order; all is in single precision in the end.
            let close = (got - expected).abs() <= 1e-6 * expected.abs();
            assert!(close, "{table}, {part}, value {index}: {got} where numpy has {expected}");
        }
    }
}

#[test]
fn power_has_numpys_rows_and_noise() {
    assert_as_expected(PaperTable::Power);
}

#[test]
fn gas_has_pandas_rows_and_is_without_correlated_sensors() {
    assert_as_expected(PaperTable::Gas);
    assert_eq!(loaded(PaperTable::Gas).train.names(), ["s2", "s4", "s5", "s6", "s7", "s8"]);
}

#[test]
fn hepmass_has_pandas_rows_and_is_without_repeating_features() {
    assert_as_expected(PaperTable::Hepmass);
    assert_eq!(loaded(PaperTable::Hepmass).test.names(), ["f0", "f2", "f4", "f5"]);
}

#[test]
fn miniboone_has_numpys_rows() {
    assert_as_expected(PaperTable::Miniboone);
}

#[test]
fn bsds300_is_as_h5py_wrote_it_to_the_last_bit() {
    assert_as_expected(PaperTable::Bsds300);
    let expected = Table::read_npy(fixtures().join("expected/bsds300_train.npy")).expect("a committed file");
    assert_eq!(loaded(PaperTable::Bsds300).train.values(), expected.values());
}

#[test]
fn all_but_bsds300_is_in_single_precision() {
    for table in PaperTable::ALL.into_iter().filter(|&table| table != PaperTable::Bsds300) {
        let single = |value: &f64| f64::from(*value as f32) == *value;
        assert!(loaded(table).test.values().iter().all(single), "{table}");
    }
}

#[test]
fn a_part_knows_its_file_and_that_it_is_not_the_papers() {
    let split = loaded(PaperTable::Miniboone);
    assert!(split.validation.origin().ends_with("miniboone/data.npy"), "{}", split.validation.origin());
    let message = PaperTable::Miniboone.check(&split).expect_err("a small sample").to_string();
    assert!(message.contains("5 columns and [72, 7, 8] rows"), "{message}");
}
