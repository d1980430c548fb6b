//! What tensors are computed on.

use std::{env, process::Command};

use clap::ValueEnum;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Backend {
    #[default]
    Flex,
    Ndarray,
    Wgpu,
    Vulkan,
    Cuda,
}

impl Backend {
    /// The name burn knows it by in `BURN_DEVICE`, and that of the cargo feature that brings it in.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Flex => "flex",
            Self::Ndarray => "ndarray",
            Self::Wgpu => "wgpu",
            Self::Vulkan => "vulkan",
            Self::Cuda => "cuda",
        }
    }

    /// The features of burn, and of our libraries, that bring it in.
    fn features(self) -> &'static [&'static str] {
        match self {
            Self::Flex => &["burn/flex", "burn/simd", "burn/rayon", "burn/x86-v4", "flows-core/flex"],
            Self::Ndarray => &["burn/ndarray"],
            Self::Wgpu => &["burn/wgpu", "burn/fusion", "burn/autotune", "flows-core/wgpu"],
            Self::Vulkan => &["burn/wgpu", "burn/fusion", "burn/autotune", "burn/vulkan", "flows-core/vulkan"],
            Self::Cuda => &["burn/cuda", "burn/fusion", "burn/autotune", "flows-core/cuda"],
        }
    }

    pub(crate) fn is_gpu(self) -> bool {
        !matches!(self, Self::Flex | Self::Ndarray)
    }

    /// Lets a program that was built with it compute on it.
    pub(crate) fn select(self, command: &mut Command) {
        command.env("BURN_DEVICE", self.name());
        if self.is_gpu() {
            tune_little(command);
        }
    }
}

/// The features of one build that has all of these.
pub(crate) fn features(backends: &[Backend]) -> Vec<&'static str> {
    let mut features = Vec::new();
    for feature in backends.iter().flat_map(|backend| backend.features()) {
        if !features.contains(feature) {
            features.push(*feature);
        }
    }
    features
}

/// Tuning every kernel to the last percent takes longer than what is done with it; who wants it says so.
pub(crate) fn tune_little(command: &mut Command) {
    if env::var_os("CUBECL_AUTOTUNE_LEVEL").is_none() {
        command.env("CUBECL_AUTOTUNE_LEVEL", "minimal");
    }
    // Mesa complains where there is no session.
    if env::var_os("XDG_RUNTIME_DIR").is_none() {
        command.env("XDG_RUNTIME_DIR", env::temp_dir());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::program;

    #[test]
    fn one_build_has_the_features_of_all_its_backends_once() {
        assert_eq!(features(&[Backend::Ndarray]), ["burn/ndarray"]);
        let both = features(&[Backend::Wgpu, Backend::Cuda]);
        let expected = ["burn/wgpu", "burn/fusion", "burn/autotune", "flows-core/wgpu", "burn/cuda", "flows-core/cuda"];
        assert_eq!(both, expected);
    }

    #[test]
    fn a_program_is_told_its_backend_and_only_a_gpu_tunes_its_kernels() {
        for backend in Backend::value_variants() {
            let mut command = program("flows-bench", &["maf-43"]);
            backend.select(&mut command);
            let value = |name: &str| command.get_envs().find(|(key, _)| *key == name).and_then(|(_, value)| value);
            assert_eq!(value("BURN_DEVICE").and_then(|name| name.to_str()), Some(backend.name()));
            assert!(backend.is_gpu() || value("CUBECL_AUTOTUNE_LEVEL").is_none());
        }
    }
}
