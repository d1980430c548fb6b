//! The backends an example can compute on.

use burn::tensor::Device;
#[cfg(feature = "wgpu")]
use burn::tensor::DeviceKind;
use clap::ValueEnum;

/// A backend by name. Which ones work depends on the cargo features the program was built with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DeviceArg {
    /// The CPU, in pure Rust
    Flex,
    /// The CPU, through ndarray
    Ndarray,
    /// A GPU through the graphics interface that the system has
    Wgpu,
    /// A GPU through Vulkan
    Vulkan,
    /// An Nvidia GPU through CUDA
    Cuda,
}

/// Why there is no device.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// The program was built without this backend.
    #[error(
        "the backend `{wanted}` is not compiled in; add `--features {wanted}` to the cargo command (compiled in: {available})"
    )]
    NotCompiledIn {
        /// The backend, which is also the name of the feature.
        wanted: &'static str,
        /// The backends there are, separated by commas.
        available: String,
    },
    /// The program was built without any backend.
    #[error("no backend is compiled in; add `--features flex` to the cargo command, or another backend's name")]
    None,
}

impl DeviceArg {
    /// Every backend, the fastest first.
    pub const BEST_FIRST: [Self; 5] = [Self::Cuda, Self::Vulkan, Self::Wgpu, Self::Flex, Self::Ndarray];

    /// Its name on the command line, which is also the name of the cargo feature that brings it in.
    pub fn name(self) -> &'static str {
        match self {
            Self::Flex => "flex",
            Self::Ndarray => "ndarray",
            Self::Wgpu => "wgpu",
            Self::Vulkan => "vulkan",
            Self::Cuda => "cuda",
        }
    }

    /// Whether the program was built with it.
    pub fn is_compiled_in(self) -> bool {
        match self {
            Self::Flex => cfg!(feature = "flex"),
            Self::Ndarray => cfg!(feature = "ndarray"),
            Self::Wgpu => cfg!(feature = "wgpu"),
            Self::Vulkan => cfg!(feature = "vulkan"),
            Self::Cuda => cfg!(feature = "cuda"),
        }
    }

    /// The fastest backend the program was built with.
    ///
    /// # Errors
    ///
    /// None was.
    pub fn best() -> Result<Self, DeviceError> {
        Self::BEST_FIRST.into_iter().find(|device| device.is_compiled_in()).ok_or(DeviceError::None)
    }

    /// The device of this backend; the first one where there are several.
    ///
    /// # Errors
    ///
    /// The program was built without it; the error names the cargo feature to add.
    pub fn init(self) -> Result<Device, DeviceError> {
        match self {
            #[cfg(feature = "flex")]
            Self::Flex => Ok(Device::flex()),
            #[cfg(feature = "ndarray")]
            #[allow(deprecated, reason = "it is offered for as long as burn has it")]
            Self::Ndarray => Ok(Device::ndarray()),
            #[cfg(feature = "wgpu")]
            Self::Wgpu => Ok(Device::wgpu(DeviceKind::DefaultDevice)),
            #[cfg(feature = "vulkan")]
            Self::Vulkan => Ok(Device::vulkan(DeviceKind::DefaultDevice)),
            #[cfg(feature = "cuda")]
            Self::Cuda => Ok(Device::cuda(0_usize)),
            #[allow(unreachable_patterns, reason = "with every backend compiled in, none is left")]
            missing => Err(missing.not_compiled_in()),
        }
    }

    fn not_compiled_in(self) -> DeviceError {
        let available: Vec<&str> =
            Self::BEST_FIRST.into_iter().filter(|device| device.is_compiled_in()).map(Self::name).collect();
        let available = if available.is_empty() { "none".to_owned() } else { available.join(", ") };
        DeviceError::NotCompiledIn { wanted: self.name(), available }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_backend_compiled_in_gives_a_device_and_no_other_does() {
        // Only the processor's: a machine that builds for a GPU need not have one.
        for backend in [DeviceArg::Flex, DeviceArg::Ndarray] {
            assert_eq!(backend.init().is_ok(), backend.is_compiled_in(), "{backend:?}");
        }
        for backend in DeviceArg::BEST_FIRST.into_iter().filter(|backend| !backend.is_compiled_in()) {
            assert!(backend.init().is_err(), "{backend:?}");
        }
    }

    #[test]
    fn a_backend_that_is_not_compiled_in_names_the_feature_to_add() {
        let message = DeviceArg::Cuda.not_compiled_in().to_string();
        let start = "the backend `cuda` is not compiled in; add `--features cuda` to the cargo command";
        assert!(message.starts_with(start), "{message}");
    }

    #[test]
    fn a_backend_is_called_the_same_on_the_command_line_and_in_code() {
        for backend in DeviceArg::value_variants() {
            let value = backend.to_possible_value().expect("none is hidden");
            assert_eq!(value.get_name(), backend.name());
            assert!(DeviceArg::BEST_FIRST.contains(backend));
        }
    }
}
