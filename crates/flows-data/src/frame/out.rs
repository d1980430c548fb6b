//! What a writer's bytes go through, and where they go.

use std::io::{self, BufWriter, Write};

use flate2::write::GzEncoder;
use flows_core::atomic::AtomicFile;

use super::columnar::BatchWriter;

/// Where bytes go.
#[derive(Debug)]
pub(super) enum Target {
    File(AtomicFile),
    Standard(BufWriter<io::Stdout>),
}

/// What bytes go through.
#[derive(Debug)]
pub(super) enum Out {
    Plain(Target),
    Batches(BatchWriter),
    Gzip(GzEncoder<Target>),
    Zstd(ZstdEncoder),
}

/// The encoder has no `Debug`.
pub(super) struct ZstdEncoder(pub(super) zstd::Encoder<'static, Target>);

impl std::fmt::Debug for ZstdEncoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ZstdEncoder").field(self.0.get_ref()).finish()
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.write(bytes),
            Self::Standard(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.flush(),
            Self::Standard(out) => out.flush(),
        }
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(out) => out.write(bytes),
            Self::Gzip(out) => out.write(bytes),
            Self::Zstd(out) => out.0.write(bytes),
            Self::Batches(_) => Err(io::Error::other("batches are written whole")),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.flush(),
            Self::Gzip(out) => out.flush(),
            Self::Zstd(out) => out.0.flush(),
            Self::Batches(_) => Ok(()),
        }
    }
}
