//! The same weights in a Python peer give the same numbers.
//!
//! The files in `fixtures` were made by `fixtures/make.py` with zuko 1.6.0 and nflows 0.14 on torch 2.15.0, which
//! evaluated in double precision. Weights stand in them under our parameter paths.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Device, Tensor, TensorData, Tolerance};
use flows_core::*;
use safetensors::SafeTensors;

/// Ours run in single precision. So run, the peers themselves are off by 1.6e-5 in log-densities of up to 55; on a CPU
/// ours are by 2.3e-5, and another order of summation may be worse. The inverses stretch an error by a factor of 56
/// at most: every row is fit for a round trip.
const TOLERANCE: f64 = 1e-4;

struct Fixture(BTreeMap<String, TensorData>);

impl Fixture {
    fn read(bytes: &[u8]) -> Self {
        let file = SafeTensors::deserialize(bytes).expect("a safetensors file");
        let tensor = |(name, view): (String, safetensors::tensor::TensorView)| {
            assert_eq!(view.dtype(), safetensors::Dtype::F32, "`{name}`");
            let values = view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
            (name, TensorData::new::<f32, _>(values, view.shape().to_vec()))
        };
        Self(file.tensors().into_iter().map(tensor).collect())
    }

    fn take(&mut self, name: &str) -> TensorData {
        self.0.remove(name).unwrap_or_else(|| panic!("`{name}` is not in the file"))
    }

    /// Checks that the flow with the weights of the file answers as the file says.
    fn check<B: Bijection<2>>(mut self, flow: Flow<B, StandardNormal<2>>) {
        let device = Device::default();
        let [x, z, log_prob, given_z, decoded_x] =
            ["x", "z", "log_prob", "given_z", "decoded_x"].map(|name| self.take(name));
        let flow = self.weigh(flow);
        let tolerance = Tolerance::<f32>::absolute(TOLERANCE);
        let rows = |data: &TensorData| Tensor::<2>::from_data(data.clone(), &device);

        flow.encode(rows(&x)).to_data().assert_approx_eq(&z, tolerance);
        flow.log_prob(rows(&x)).to_data().assert_approx_eq(&log_prob, tolerance);
        flow.decode(rows(&z)).to_data().assert_approx_eq(&x, tolerance);
        flow.decode(rows(&given_z)).to_data().assert_approx_eq(&decoded_x, tolerance);
    }

    /// Puts what is left of the file into the parameters of a module, all of it into all of them.
    fn weigh<M: Module>(self, module: M) -> M {
        let mut weights = PutWeights { fixture: self, path: vec![] };
        let module = module.map(&mut weights);
        assert!(weights.fixture.0.is_empty(), "not used: {:?}", weights.fixture.0.keys());
        module
    }
}

struct PutWeights {
    fixture: Fixture,
    path: Vec<String>,
}

impl ModuleMapper for PutWeights {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let path = self.path.join(".");
        let value = self.fixture.take(&path);
        assert_eq!(&param.val().shape(), value.shape(), "`{path}`");
        let value = Tensor::from_data(value, &Device::default());
        replace(param, value)
    }
}

#[test]
fn affine_couplings_score_and_decode_as_in_zuko() {
    let config = RealNvpConfig::new(5).with_layers(4).with_hidden(vec![32, 32]).with_standardize(false);
    let flow = config.with_partition(Partition::Alternating).init(&Device::default());
    Fixture::read(include_bytes!("fixtures/zuko_real_nvp.safetensors")).check(flow);
}

fn spline_flow() -> SplineFlowConfig {
    let spline = RationalQuadraticConfig::new().with_bins(6).with_lower(-4.0).with_upper(4.0);
    SplineFlowConfig::new(4).with_layers(3).with_hidden(vec![16, 16]).with_spline(spline).with_standardize(false)
}

#[test]
fn spline_couplings_score_and_decode_as_in_nflows() {
    let flow = spline_flow().init(&Device::default());
    Fixture::read(include_bytes!("fixtures/nflows_spline_plain.safetensors")).check(flow);
}

#[test]
fn spline_couplings_with_residual_networks_and_a_map_of_the_kept_half_score_and_decode_as_in_nflows() {
    let flow = spline_flow().with_residual(true).with_kept_map(true).init(&Device::default());
    Fixture::read(include_bytes!("fixtures/nflows_spline_residual.safetensors")).check(flow);
}
