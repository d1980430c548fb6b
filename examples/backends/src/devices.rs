//! The backends that the program was built with.

use burn::tensor::Device;
#[cfg(feature = "wgpu")]
use burn::tensor::DeviceKind;

/// A name and a device for each. With the first the others are compared: flex, where it is.
#[allow(deprecated, reason = "ndarray is compared for as long as burn has it")]
pub(crate) fn compiled_in() -> Vec<(&'static str, Device)> {
    vec![
        #[cfg(feature = "flex")]
        ("flex", Device::flex()),
        #[cfg(feature = "ndarray")]
        ("ndarray", Device::ndarray()),
        #[cfg(feature = "wgpu")]
        ("wgpu", Device::wgpu(DeviceKind::DefaultDevice)),
        #[cfg(feature = "vulkan")]
        ("vulkan", Device::vulkan(DeviceKind::DefaultDevice)),
        #[cfg(feature = "cuda")]
        ("cuda", Device::cuda(0_usize)),
    ]
}

/// The one of a name, or else the first.
///
/// # Errors
/// It was not compiled in.
pub(crate) fn named(name: Option<&str>) -> Result<Device, String> {
    let devices = compiled_in();
    let names: Vec<_> = devices.iter().map(|(name, _)| *name).collect();
    let names = names.join(", ");
    let found = devices.into_iter().find(|(known, _)| name.is_none_or(|name| name == *known));
    found.map(|(_, device)| device).ok_or_else(|| match name {
        Some(name) => format!("the backend `{name}` is not compiled in (compiled in: {names})"),
        None => "no backend is compiled in; add `--features flex` to the cargo command".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backend_that_is_not_there_is_named() {
        let message = named(Some("abacus")).expect_err("there is none");
        assert!(message.starts_with("the backend `abacus` is not compiled in"), "{message}");
    }

    #[cfg(feature = "flex")]
    #[test]
    fn flex_comes_first() {
        assert_eq!(named(None), Ok(Device::flex()));
    }
}
