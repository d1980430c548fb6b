//! What to compute on.

use burn::tensor::Device;
#[cfg(feature = "wgpu")]
use burn::tensor::DeviceKind;
use clap::ValueEnum;

use crate::problem::Problem;

/// A backend by name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum DeviceName {
    /// The fastest one of this build
    #[default]
    Auto,
    /// The processor
    Cpu,
    /// A GPU, through the graphics interface of the system
    Wgpu,
    /// A GPU, through Vulkan
    Vulkan,
    /// An NVIDIA GPU
    Cuda,
}

/// The others, the fastest first, with whether this build has them.
const BUILT: [(DeviceName, &str, bool); 4] = [
    (DeviceName::Cuda, "cuda", cfg!(feature = "cuda")),
    (DeviceName::Vulkan, "vulkan", cfg!(feature = "vulkan")),
    (DeviceName::Wgpu, "wgpu", cfg!(feature = "wgpu")),
    (DeviceName::Cpu, "cpu", cfg!(feature = "cpu")),
];

impl DeviceName {
    /// The device, which may be used from now on.
    pub(crate) fn init(self) -> Result<Device, Problem> {
        match self {
            Self::Auto => match BUILT.into_iter().find(|(_, _, built)| *built) {
                Some((device, _, _)) => device.init(),
                None => Err(Problem::new("this build computes on nothing").hint(build_with("cpu"))),
            },
            #[cfg(feature = "cpu")]
            Self::Cpu => Ok(Device::flex()),
            #[cfg(feature = "wgpu")]
            Self::Wgpu => Ok(Device::wgpu(DeviceKind::DefaultDevice)),
            #[cfg(feature = "vulkan")]
            Self::Vulkan => Ok(Device::vulkan(burn::tensor::DeviceKind::DefaultDevice)),
            #[cfg(feature = "cuda")]
            Self::Cuda => Ok(Device::cuda(0_usize)),
            #[allow(unreachable_patterns, reason = "a build with all of them misses none")]
            missing => {
                let name = BUILT.into_iter().find(|(device, _, _)| *device == missing).map_or("", |(_, name, _)| name);
                Err(Problem::usage(format!("this build cannot compute on `{name}`")).hint(build_with(name)))
            }
        }
    }
}

fn build_with(feature: &str) -> String {
    format!("`cargo install --path crates/flows-cli --features {feature}` builds one that can")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_that_is_not_built_in_is_an_error_that_says_how_to_build_it() {
        for (device, name, built) in BUILT {
            // A machine that builds for a GPU need not have one.
            if device == DeviceName::Cpu || !built {
                assert_eq!(device.init().is_ok(), built, "{name}");
            }
            if !built {
                let message = device.init().unwrap_err().to_string();
                assert!(message.contains(&format!("--features {name}")) && message.contains("\nhint: "), "{message}");
            }
        }
    }
}
