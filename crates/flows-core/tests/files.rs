//! Saved flows, and files that are none.

use std::fs;
use std::path::PathBuf;

use burn::tensor::{Device, Tensor};
use flows_core::testing::randomize;
use flows_core::{FileProblem, FlowConfig, FlowError, NiceConfig, RealNvpConfig, load, save};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

fn saved() -> (TempDir, PathBuf, RealNvpConfig) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.flow");
    let config = RealNvpConfig::new(2).with_layers(2).with_hidden(vec![8]);
    let flow = randomize(config.init(&Device::default()), 0.5, 1);
    save(&path, &config, &flow).unwrap();
    (folder, path, config)
}

fn problem(path: &PathBuf) -> FileProblem {
    match load::<RealNvpConfig>(path, &Device::default()) {
        Err(FlowError::File { problem, path: named }) => {
            assert_eq!(&named, path);
            problem
        }
        Err(other) => panic!("another error: {other}"),
        Ok(_) => panic!("it was loaded"),
    }
}

#[test]
fn a_loaded_flow_scores_bit_for_bit_as_the_saved_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.flow");
    let device = Device::default();
    let x = Tensor::<2>::from_data([[100.0, 5.0], [140.0, 7.0], [90.0, -3.0]], &device);
    let config = RealNvpConfig::new(2).given(1);
    // Standardisation is state that is no parameter: it must survive too.
    let flow = flows_core::Density::init_from_data(config.init(&device), x.clone(), &Tensor::zeros([3, 1], &device));
    let flow = randomize(flow, 0.5, 1);
    save(&path, &config, &flow).unwrap();
    let (read, loaded) = load::<flows_core::Conditional<RealNvpConfig>>(&path, &device).unwrap();
    assert_eq!(read.context.width, 1);
    let context = Tensor::<2>::ones([1, 1], &device);
    assert_eq!(loaded.given(&context).log_prob(x.clone()).to_data(), flow.given(&context).log_prob(x).to_data());
}

#[test]
fn a_missing_file_is_an_error_that_names_it() {
    let error = load::<RealNvpConfig>("no/such.flow", &Device::default()).unwrap_err().to_string();
    assert!(error.contains("no/such.flow") && error.contains("read"), "{error}");
}

#[test]
fn a_truncated_file_says_so_wherever_it_was_cut() {
    let (_folder, path, _) = saved();
    let whole = fs::read(&path).unwrap();
    for length in [0, 4, 8, 15, 20, 60, whole.len() / 2, whole.len() - 5, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        let problem = problem(&path);
        assert!(
            matches!(problem, FileProblem::Truncated { found, .. } if found == length as u64),
            "{length}: {problem}"
        );
    }
}

#[test]
fn a_foreign_file_says_so() {
    let (_folder, path, _) = saved();
    fs::write(&path, b"\x89PNG\r\n\x1a\n and so on, for more than twenty bytes").unwrap();
    assert!(matches!(problem(&path), FileProblem::Foreign));
}

#[test]
fn a_flipped_bit_is_found_wherever_it_is() {
    let (_folder, path, _) = saved();
    let whole = fs::read(&path).unwrap();
    for at in (0..whole.len()).step_by(97).chain([whole.len() - 1]) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        fs::write(&path, &bytes).unwrap();
        assert!(load::<RealNvpConfig>(&path, &Device::default()).is_err(), "bit {} of byte {at}", at % 8);
    }
    // In the weights, the checksum is what finds it.
    let mut bytes = whole.clone();
    let at = whole.len() - 100;
    bytes[at] ^= 1;
    fs::write(&path, &bytes).unwrap();
    assert!(matches!(problem(&path), FileProblem::Corrupted { .. }));
}

#[test]
fn bytes_too_many_are_an_error() {
    let (_folder, path, _) = saved();
    let mut bytes = fs::read(&path).unwrap();
    bytes.extend(b"more");
    fs::write(&path, bytes).unwrap();
    assert!(load::<RealNvpConfig>(&path, &Device::default()).is_err());
}

#[test]
fn another_kind_of_flow_is_named() {
    let (_folder, path, _) = saved();
    let error = load::<NiceConfig>(&path, &Device::default()).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("flows-core/RealNvp") && error.contains("flows-core/Nice"), "{error}");
}

#[test]
fn weights_of_another_shape_are_an_error() {
    /// Says that it is a RealNVP of the saved kind, and makes another one.
    #[derive(Serialize, Deserialize)]
    struct Wider {}
    impl FlowConfig for Wider {
        const NAME: &'static str = "flows-core/RealNvp";
        type Flow = flows_core::RealNvp;
        fn init(&self, device: &Device) -> Self::Flow {
            RealNvpConfig::new(2).with_layers(2).with_hidden(vec![9]).init(device)
        }
    }
    let (_folder, path, _) = saved();
    match load::<Wider>(&path, &Device::default()) {
        Err(FlowError::File { problem: FileProblem::Weights(reason), .. }) => {
            assert!(reason.contains("blocks.0"), "{reason}");
        }
        other => panic!("expected weights that do not fit, got {:?}", other.map(|_| ())),
    }
}

#[test]
fn a_later_version_is_not_guessed_at() {
    let (_folder, path, _) = saved();
    let mut bytes = fs::read(&path).unwrap();
    bytes[8] = 9;
    fs::write(&path, bytes).unwrap();
    assert!(matches!(problem(&path), FileProblem::Version { found: 9, known: 1 }));
}

#[test]
fn a_file_that_cannot_be_written_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let config = RealNvpConfig::new(2);
    let error = save(folder.path().join("none/a.flow"), &config, &config.init(&Device::default())).unwrap_err();
    assert!(matches!(error, FlowError::Io { action: "write", .. }));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
