//! The `--device` option.

use burn::tensor::Device;

use crate::{DeviceArg, DeviceError};

/// The `--device` option, to flatten into an example's arguments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::Args)]
pub struct DeviceChoice {
    /// What to compute on; by default the fastest of the backends compiled in
    #[arg(long, value_enum, value_name = "BACKEND")]
    pub device: Option<DeviceArg>,
}

impl DeviceChoice {
    /// The device that was asked for, or the fastest one the program was built with.
    ///
    /// # Errors
    ///
    /// The backend is not compiled in; the error names the cargo feature to add.
    pub fn init(&self) -> Result<Device, DeviceError> {
        self.device.map_or_else(DeviceArg::best, Ok)?.init()
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Args {
        #[command(flatten)]
        choice: DeviceChoice,
    }

    #[test]
    fn a_backend_can_be_named_or_left_to_the_program() {
        let choice = |args: &[&str]| Args::try_parse_from(args).map(|args| args.choice.device).ok();
        assert_eq!(choice(&["example", "--device", "wgpu"]), Some(Some(DeviceArg::Wgpu)));
        assert_eq!(choice(&["example"]), Some(None));
        assert_eq!(choice(&["example", "--device", "abacus"]), None);
    }

    #[cfg(feature = "flex")]
    #[test]
    fn the_device_computes() {
        let choice = DeviceChoice { device: Some(DeviceArg::Flex) };
        let device = choice.init().expect("flex is compiled in");
        let sum: f32 = burn::tensor::Tensor::<1>::ones([3], &device).sum().into_scalar();
        assert_eq!(sum, 3.0);
    }
}
