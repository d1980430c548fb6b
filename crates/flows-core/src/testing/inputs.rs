//! Where the laws are checked, and at which numbers.

use std::sync::Once;

use burn::tensor::{DType, Device, FloatDType, Tensor, TensorData};
use rand::RngExt;

use crate::generator::generator;
use crate::is_host;

/// The default device, in double precision on a CPU and in single precision on a GPU.
///
/// Few GPUs compute in double precision as well as a CPU does, and some not at all. The precision is set once a process,
/// before its first tensor: tests in it need a binary of their own.
///
/// # Panics
/// If there already was a tensor in another precision.
pub fn precise_device() -> Device {
    static PRECISE: Once = Once::new();
    let mut device = Device::default();
    PRECISE.call_once(|| {
        if is_host(&device) {
            device.configure(FloatDType::F64).expect("no tensor was made before");
        }
    });
    device
}

/// One of two bounds: that for a device which computes in double precision, or that for any other.
///
/// ```
/// use burn::tensor::Device;
/// use flows_core::testing::by_precision;
///
/// assert_eq!(by_precision(1e-9, 1e-3, &Device::default()), 1e-3);
/// ```
pub fn by_precision(double: f64, single: f64, device: &Device) -> f64 {
    if Tensor::<1>::zeros([1], device).dtype() == DType::F64 { double } else { single }
}

/// Numbers between two bounds, from a generator of our own: the device's is shared by all tests of a process, and no
/// two backends have the same.
///
/// ```
/// use burn::tensor::Device;
/// use flows_core::testing::uniform;
///
/// let x = uniform([4, 3], -1.0, 1.0, 7, &Device::default());
/// assert_eq!(x.to_data(), uniform([4, 3], -1.0, 1.0, 7, &Device::default()).to_data());
/// ```
pub fn uniform<const D: usize>(shape: [usize; D], low: f64, high: f64, seed: u64, device: &Device) -> Tensor<D> {
    let mut rng = generator(seed, 0);
    let values: Vec<f64> = (0..shape.iter().product()).map(|_| rng.random_range(low..high)).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}
