//! What burn's sigmoid leaves of double precision.

use burn::tensor::Device;
use flows_core::testing::Laws;

/// The laws of a map that has a sigmoid in it: but for flex, burn rounds a sigmoid to single precision whatever it is given.
pub(crate) fn laws_of_a_sigmoid() -> Laws {
    let flex = format!("{:?}", Device::default()).contains("Flex");
    Laws::new().tolerance(if flex { 1e-9 } else { 1e-5 })
}
