//! Saved flows, and files that are none.

use std::fs;
use std::path::PathBuf;

use burn::tensor::{Device, Tensor};
use flows_core::testing::{check_files, randomize};
use flows_core::{
    FileProblem, FlowConfig, FlowError, Mixing, NiceConfig, Normalization, Partition, RealNvpConfig, SplineFlowConfig,
    load, save,
};
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
fn files_that_ask_for_impossible_sizes_are_errors_for_every_model() {
    let device = Device::default();
    let sizes = ["features", "layers", "hidden", "bins", "width", "embedding"];
    let nice = NiceConfig::new(3).with_layers(2).with_hidden(vec![8]);
    check_files(&nice, &sizes, &device);
    let real_nvp = RealNvpConfig::new(3).with_layers(2).with_hidden(vec![8]);
    check_files(&real_nvp, &sizes, &device);
    let other = real_nvp
        .clone()
        .with_residual(true)
        .with_partition(Partition::Alternating)
        .with_normalization(Normalization::ActNorm)
        .with_mixing(Mixing::Plu);
    check_files(&other, &sizes, &device);
    let third = real_nvp.clone().with_normalization(Normalization::BatchNorm).with_mixing(Mixing::Permutation);
    check_files(&third, &sizes, &device);
    check_files(&real_nvp.clone().given(2), &sizes, &device);
    check_files(&real_nvp.given(2).with_embedding(vec![5, 3]), &sizes, &device);
    check_files(&SplineFlowConfig::new(3).with_layers(2).with_hidden(vec![8]), &sizes, &device);
}

#[test]
fn a_flow_without_features_in_a_file_is_an_error_that_says_so() {
    let (_folder, path, config) = saved();
    let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
    assert!(text.contains(r#""features":2"#), "the number to change is there");
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.windows(12).position(|window| window == br#""features":2"#).unwrap();
    bytes[at + 11] = b'0';
    let end = bytes.len() - 4;
    let checksum = crc32fast::hash(&bytes[..end]).to_le_bytes();
    bytes[end..].copy_from_slice(&checksum);
    fs::write(&path, bytes).unwrap();
    assert_eq!(config.features, 2);
    match problem(&path) {
        FileProblem::Config(reason) => assert!(reason.contains("features"), "{reason}"),
        other => panic!("another problem: {other}"),
    }
}

#[test]
fn two_flows_from_one_file_have_parameters_of_their_own() {
    let (_folder, path, _) = saved();
    let ids = || {
        let (_, flow) = load::<RealNvpConfig>(&path, &Device::default()).unwrap();
        burn::module::list_param_ids(&flow)
    };
    let (first, second) = (ids(), ids());
    assert!(!first.is_empty() && first.iter().all(|id| !second.contains(id)), "an optimizer would mix them up");
}

#[test]
fn a_device_without_an_end_is_no_flow() {
    let device = std::path::Path::new("/dev/zero");
    if device.exists() {
        assert!(matches!(problem(&device.to_path_buf()), FileProblem::Foreign));
    }
}

#[test]
fn threads_that_save_to_one_path_all_succeed_and_every_load_finds_a_whole_flow() {
    let (folder, path, config) = saved();
    let flow = config.init(&Device::default());
    std::thread::scope(|scope| {
        let save = || (0..20).try_for_each(|_| save(&path, &config, &flow));
        let savers: Vec<_> = (0..3).map(|_| scope.spawn(save)).collect();
        while savers.iter().any(|saver| !saver.is_finished()) {
            load::<RealNvpConfig>(&path, &Device::default()).expect("a whole flow");
        }
        savers.into_iter().for_each(|saver| saver.join().unwrap().expect("every save succeeds"));
    });
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_file_that_cannot_be_written_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let config = RealNvpConfig::new(2);
    let error = save(folder.path().join("none/a.flow"), &config, &config.init(&Device::default())).unwrap_err();
    assert!(matches!(error, FlowError::Io { action: "write", .. }));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
