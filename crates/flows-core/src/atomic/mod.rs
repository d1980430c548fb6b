//! Files that appear whole or not at all.
//!
//! Everything that the library writes goes through this module: the content goes into a temporary file beside its
//! place, is flushed to the disk, and then takes its place by a rename. Threads and processes that write the same path
//! at once all succeed, the last one wins, and no reader ever sees half a file.
//!
//! - A symbolic link is followed: what it points to is replaced, and the link stays.
//! - Devices, pipes, sockets, folders and read-only files are refused.
//! - A file that is replaced keeps its permissions; a new one gets those that the umask leaves.
//! - Temporary files are called `.flows-*.part`. Those that killed programs have left in a folder are removed by the
//!   next write there; those of a running program are locked, and stay.

mod file;
mod folder;
mod left_over;
mod place;

pub use file::{AtomicFile, check_writable, write, write_with};
pub use folder::StagedFolder;
