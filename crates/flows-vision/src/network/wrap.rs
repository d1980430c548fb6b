//! What a model's networks see beside their input.

use burn::tensor::Device;
use flows_core::{ClassConfig, ContextConfig, WithClass, WithContext};

use super::{ImageNetwork, NetworkConfig, WithImage};

/// Makes networks of a kind: plain ones, or such as also see a context.
pub(crate) trait Wrap {
    /// The network.
    type Network;

    /// A network from so many channels to so many, beside those of the context.
    fn network(&self, config: &NetworkConfig, inputs: usize, outputs: usize, device: &Device) -> Self::Network;
}

/// Networks without a context.
pub(crate) struct Plain;

impl Wrap for Plain {
    type Network = ImageNetwork;

    fn network(&self, config: &NetworkConfig, inputs: usize, outputs: usize, device: &Device) -> ImageNetwork {
        config.init(inputs, outputs, device)
    }
}

impl Wrap for ContextConfig {
    type Network = WithContext<ImageNetwork>;

    fn network(&self, config: &NetworkConfig, inputs: usize, outputs: usize, device: &Device) -> Self::Network {
        self.wrap(config.init(inputs + self.embedded_width(), outputs, device), device)
    }
}

impl Wrap for ClassConfig {
    type Network = WithClass<ImageNetwork>;

    fn network(&self, config: &NetworkConfig, inputs: usize, outputs: usize, device: &Device) -> Self::Network {
        self.wrap(config.init(inputs + self.width, outputs, device), device)
    }
}

/// Networks that also see an image, which has so many pixels for each of theirs.
pub(crate) struct Image {
    /// Channels that the image adds.
    pub(crate) channels: usize,
}

impl Wrap for Image {
    type Network = WithImage<ImageNetwork>;

    fn network(&self, config: &NetworkConfig, inputs: usize, outputs: usize, device: &Device) -> Self::Network {
        WithImage { network: config.init(inputs + self.channels, outputs, device) }
    }
}
