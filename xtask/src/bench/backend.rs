//! What our flows compute on.

use std::{env, process::Command};

use clap::ValueEnum;

use crate::process::cargo;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Backend {
    #[default]
    Flex,
    Ndarray,
    Wgpu,
    Vulkan,
    Cuda,
}

impl Backend {
    /// The name by which burn knows it, and that of the cargo feature that brings it in.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Flex => "flex",
            Self::Ndarray => "ndarray",
            Self::Wgpu => "wgpu",
            Self::Vulkan => "vulkan",
            Self::Cuda => "cuda",
        }
    }

    pub(super) fn is_gpu(self) -> bool {
        !matches!(self, Self::Flex | Self::Ndarray)
    }

    /// Builds flows-bench with it and no other.
    pub(super) fn build(self) -> Command {
        let mut command = cargo(&["build", "--release", "--package", "flows-bench"]);
        if self != Self::default() {
            command.args(["--no-default-features", "--features", self.name()]);
        }
        command
    }

    /// Lets a program that was built with it compute on it.
    pub(super) fn select(self, command: &mut Command) {
        command.args(["--device", self.name()]).env("BURN_DEVICE", self.name());
        if self.is_gpu() {
            // Tuning every kernel to the last percent takes longer than the measurement; who wants it says so.
            if env::var_os("CUBECL_AUTOTUNE_LEVEL").is_none() {
                command.env("CUBECL_AUTOTUNE_LEVEL", "minimal");
            }
            if env::var_os("XDG_RUNTIME_DIR").is_none() {
                command.env("XDG_RUNTIME_DIR", env::temp_dir());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::{program, shown};

    #[test]
    fn a_backend_is_built_without_the_others() {
        assert_eq!(shown(&Backend::Flex.build()), "cargo build --release --package flows-bench");
        let line = shown(&Backend::Cuda.build());
        assert!(line.ends_with("--package flows-bench --no-default-features --features cuda"), "{line}");
    }

    #[test]
    fn a_program_is_told_its_backend() {
        for backend in [Backend::Flex, Backend::Ndarray, Backend::Wgpu, Backend::Vulkan, Backend::Cuda] {
            let mut command = program("flows-bench", &["maf-43"]);
            backend.select(&mut command);
            assert_eq!(shown(&command), format!("flows-bench maf-43 --device {}", backend.name()));
            let set = |name: &str| command.get_envs().any(|(key, value)| key == name && value.is_some());
            assert!(set("BURN_DEVICE"));
            assert!(backend.is_gpu() || !set("CUBECL_AUTOTUNE_LEVEL"), "only a GPU's kernels are tuned");
        }
    }
}
