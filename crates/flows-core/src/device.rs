//! What kind of device it is.

use burn::tensor::Device;

/// Whether tensors of the device are in the memory of the program, and its operations run on the CPU.
///
/// What is the fastest way there is often not the fastest on a GPU. burn has no question for it but the name.
///
/// ```
/// assert!(flows_core::is_host(&burn::tensor::Device::flex()));
/// ```
pub fn is_host(device: &Device) -> bool {
    #[cfg(feature = "flex")]
    if is_flex(device) {
        return true;
    }
    let name = format!("{device:?}");
    ["Flex", "NdArray"].iter().any(|backend| name.contains(backend))
}

/// Whether it is a device of flex, with or without autodiff.
#[cfg(feature = "flex")]
pub(crate) fn is_flex(device: &Device) -> bool {
    matches!(backend(device), burn::backend::DispatchDevice::Flex(_))
}

/// Whether it is a GPU, through CubeCL, with or without autodiff.
#[cfg(feature = "cube")]
pub(crate) fn is_cube(device: &Device) -> bool {
    matches!(backend(device), burn::backend::DispatchDevice::Cube(_))
}

/// The device without autodiff.
#[cfg(any(feature = "flex", feature = "cube"))]
fn backend(device: &Device) -> burn::backend::DispatchDevice {
    match device.as_dispatch().clone() {
        burn::backend::DispatchDevice::Autodiff(device) => device.inner(),
        device => device,
    }
}
