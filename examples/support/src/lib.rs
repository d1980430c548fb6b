//! What examples share: the choice of a device on the command line, Ctrl-C, output, and two moons.
//!
//! ```
//! use clap::Parser;
//! use example_support::DeviceChoice;
//!
//! #[derive(Parser)]
//! struct Args {
//!     #[command(flatten)]
//!     device: DeviceChoice,
//! }
//!
//! let args = Args::parse_from(["example", "--device", "flex"]);
//! let device = args.device.init()?;
//! # let _ = device;
//! # Ok::<(), example_support::DeviceError>(())
//! ```

mod device_arg;
mod device_choice;
mod interrupt;
mod moons;
mod speech;

pub use device_arg::{DeviceArg, DeviceError};
pub use device_choice::DeviceChoice;
pub use interrupt::interrupt;
pub use moons::{points, two_moons};
pub use speech::{note, print};
