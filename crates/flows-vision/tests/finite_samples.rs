//! Samples of image flows that have learnt their images by heart are finite and of the order of the data.

#[path = "../../flows-core/tests/shared/overfitted.rs"]
mod overfitted;

use burn::tensor::{Device, Tensor};
use flows_vision::{GlowConfig, NetworkConfig, RealNvpImageConfig, SplineGlowConfig};
use overfitted::{rows, samples_stay_near_the_data};

#[test]
fn overfitted_image_flows_draw_images_of_the_order_of_the_data() {
    let _alone = overfitted::alone();
    let device = Device::default();
    let x: Tensor<4> = rows(100, 64).reshape([100, 1, 8, 8]);
    let network = NetworkConfig::Glow { hidden: 16 };
    device.seed(0);
    let glow = GlowConfig::new(1, 8, 8).with_scales(2).with_steps(4).with_network(network);
    samples_stay_near_the_data("Glow", glow.init(&device), &x, 40);
    let real_nvp = RealNvpImageConfig::new(1, 8, 8).with_network(network);
    samples_stay_near_the_data("RealNVP", real_nvp.init(&device), &x, 40);
    let splines = SplineGlowConfig::new(1, 8, 8).with_scales(2).with_steps(2).with_network(network);
    samples_stay_near_the_data("SplineGlow", splines.init(&device), &x, 30);
}
