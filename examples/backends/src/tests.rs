//! The same weights and inputs give the same numbers on every backend that is compiled in.

use std::sync::{Mutex, MutexGuard, PoisonError};

use burn::module::ModuleDisplay;
use burn::tensor::Device;
use flows_autoregressive::MafConfig;
use flows_core::testing::{randomize, uniform};
use flows_core::train::FitConfig;
use flows_core::{
    Bijection, Density, Flow, FlowConfig, Normalization, RealNvpConfig, SplineFlowConfig, load, log_probs, save,
};
use flows_vision::{GlowConfig, NetworkConfig};

use crate::answers::{Answers, Difference, Questions};
use crate::{answer, devices, train};

/// Single precision has 1e-7, a flow some tens of roundings in a row, and each backend its own order of summation and
/// its own `exp` and `tanh`.
const BOUND: Difference = Difference { log_prob: 1e-4, gradients: 1e-3, samples: 1e-4 };

fn assert_close(name: &str, got: Difference) {
    let within = got.log_prob <= BOUND.log_prob && got.gradients <= BOUND.gradients && got.samples <= BOUND.samples;
    assert!(within, "{name}: {got:?}, expected no more than {BOUND:?}");
}

/// One test at a time: tests that wait for the one device would keep the cores from a driver that computes on them.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Shakes the flow of a configuration on the first device, saves it, and asks it on every device.
fn agrees<const D: usize, F, B, P>(config: &F, shape: [usize; D])
where
    F: FlowConfig<Flow = Flow<B, P>>,
    B: Bijection<D> + ModuleDisplay,
    P: Density<D> + ModuleDisplay,
{
    let _alone = alone();
    let devices = devices::compiled_in();
    let first = &devices[0].1;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.flow");
    save(&path, config, &randomize(config.init(first), 0.1, 1)).expect("the flow is saved");
    let numbers = |seed| uniform(shape, -1.5, 1.5, seed, first).into_data();
    let questions = Questions { x: numbers(1), z: numbers(2) };
    let ask = |device: &Device| {
        let (_, flow) = load::<F>(&path, device).expect("the flow is loaded");
        Answers::of(&flow, &questions, device)
    };
    let reference = ask(first);
    for (name, device) in &devices {
        assert_close(&format!("{} on {name}", F::NAME), ask(device).difference(&reference));
    }
}

#[test]
fn real_nvp_answers_alike_on_every_backend() {
    agrees(&RealNvpConfig::new(3).with_layers(4).with_hidden(vec![16]), [16, 3]);
}

#[test]
fn a_spline_flow_answers_alike_on_every_backend() {
    agrees(&SplineFlowConfig::new(3).with_layers(3).with_hidden(vec![16]), [16, 3]);
}

#[test]
fn maf_answers_alike_on_every_backend() {
    let maf = MafConfig::new(3).with_layers(3).with_hidden(vec![16]).with_normalization(Normalization::None);
    agrees(&maf, [16, 3]);
}

#[test]
fn a_small_glow_answers_alike_on_every_backend() {
    let network = NetworkConfig::Glow { hidden: 8 };
    agrees(&GlowConfig::new(1, 4, 4).with_scales(2).with_steps(2).with_network(network), [4, 1, 4, 4]);
}

#[test]
fn a_flow_trained_on_any_backend_is_loaded_and_sampled_on_every_other() {
    let _alone = alone();
    let devices = devices::compiled_in();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.flow");
    let config = SplineFlowConfig::new(2).with_layers(2).with_hidden(vec![16]);
    let training = FitConfig::new().with_epochs(3).with_batch_size(64).with_learning_rate(1e-2);
    for (trainer, device) in &devices {
        let loss = train(&path, &config, 256, &training, device).expect("it trains");
        // Of the untrained flow, which standardises alone: the entropy of the fitted normal, 2.0 nats.
        assert!(loss < 2.2, "trained on {trainer}: {loss}");
        let reference = answer(&path, &devices[0].1).expect("it is loaded");
        for (name, device) in &devices {
            let got = answer(&path, device).expect("it is loaded");
            assert_close(&format!("trained on {trainer}, asked on {name}"), got.difference(&reference));
            let (_, flow) = load::<SplineFlowConfig>(&path, device).expect("it is loaded");
            let log_prob = log_probs(&flow, &flow.sample(32, device), &());
            assert!(log_prob.iter().all(|value| value.is_finite()), "trained on {trainer}, sampled on {name}");
        }
    }
}
