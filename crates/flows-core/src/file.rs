//! One file holds a flow: what made it, and its weights.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use burn::module::{Module, ModuleMapper, Param, ParamId};
use burn::store::ModuleRecord;
use burn::tensor::{Bool, Bytes, Device, Int, Tensor};
use serde::{Deserialize, Serialize};

use crate::{FlowConfig, FlowError, atomic, budget};

/// What is wrong with a saved flow or checkpoint.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileProblem {
    /// It does not start as such a file does.
    #[error("it is not a file of this library")]
    Foreign,
    /// It was written by a later version of the library.
    #[error("it has format version {found}, and this library reads up to {known}")]
    Version {
        /// The version in the file.
        found: u32,
        /// The latest version that can be read.
        known: u32,
    },
    /// It ends too early.
    #[error("it is truncated: {found} bytes of {expected}")]
    Truncated {
        /// The length that its header announces.
        expected: u64,
        /// The length it has.
        found: u64,
    },
    /// Its checksum does not match.
    #[error("it is corrupted: its checksum is {found:08x}, and {expected:08x} was written")]
    Corrupted {
        /// The checksum in the file.
        expected: u32,
        /// The checksum of what the file holds.
        found: u32,
    },
    /// It holds something else.
    #[error("it holds `{found}`, and `{expected}` was asked for")]
    Kind {
        /// What was asked for.
        expected: String,
        /// What it holds.
        found: String,
    },
    /// Its header or configuration cannot be understood.
    #[error("its configuration cannot be read: {0}")]
    Config(String),
    /// Its weights do not fit the flow.
    #[error("its weights do not fit: {0}")]
    Weights(String),
}

impl FileProblem {
    pub(crate) fn at(self, path: &Path) -> FlowError {
        FlowError::File { path: path.to_path_buf(), problem: self }
    }
}

/// Saves a flow: its configuration and its weights, in one file.
///
/// The file appears whole or not at all, also where several threads or programs save to one path: see [`atomic`]. Equal
/// flows with equal configurations make equal files, byte for byte.
///
/// # Errors
/// If the file cannot be written.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{RealNvpConfig, load, save};
///
/// let device = Device::default();
/// let (config, path) = (RealNvpConfig::new(2), std::env::temp_dir().join("flows-core-doc.flow"));
/// let flow = config.init(&device);
/// save(&path, &config, &flow)?;
///
/// let (_, loaded) = load::<RealNvpConfig>(&path, &device)?;
/// let x = Tensor::<2>::from_data([[0.3, -1.0]], &device);
/// assert_eq!(loaded.log_prob(x.clone()).to_data(), flow.log_prob(x).to_data());
/// # std::fs::remove_file(path).unwrap();
/// # Ok::<(), flows_core::FlowError>(())
/// ```
pub fn save<F: FlowConfig>(path: impl AsRef<Path>, config: &F, flow: &F::Flow) -> Result<(), FlowError> {
    let path = path.as_ref();
    let header = Header { kind: F::NAME.to_owned(), config: to_json(config, path)?, sections: vec![] };
    write(path, header, vec![record(numbered(flow.valid()), path)?])
}

/// Loads a flow that [`save`] has written, on any device: the configuration, and the flow with its weights.
///
/// Weights take the float type of the device. No more is allocated than a few times what the file holds, whatever its
/// configuration asks for (see [`budget`]).
///
/// # Errors
/// If the file cannot be read, is truncated, corrupted or foreign, holds another kind of flow, no flow can be made of
/// its configuration, or its weights do not fit; nothing is ever half-loaded.
pub fn load<F: FlowConfig>(path: impl AsRef<Path>, device: &Device) -> Result<(F, F::Flow), FlowError> {
    let path = path.as_ref();
    let (header, sections) = read(path, F::NAME)?;
    let config: F = serde_json::from_value(header.config).map_err(|e| FileProblem::Config(e.to_string()).at(path))?;
    let [bytes] = sections.as_slice() else {
        return Err(FileProblem::Config(format!("expected 1 section, found {}", sections.len())).at(path));
    };
    let flow = budget::within(bytes.len(), || config.init(device)).map_err(|problem| problem.at(path))?;
    Ok((config, renamed(with_weights(flow, bytes, path)?)))
}

const MAGIC: &[u8; 8] = b"BRNFLOWS";
const VERSION: u32 = 1;
/// Magic, version, length of the header.
const PREFIX: usize = 8 + 4 + 8;

/// What stands at the start of a file, as JSON.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Header {
    /// What the file holds.
    pub(crate) kind: String,
    /// What made it.
    pub(crate) config: serde_json::Value,
    /// Lengths of the sections; filled in by `write`.
    pub(crate) sections: Vec<u64>,
}

/// The weights of a module as bytes, with the ids by which an optimizer knows them.
pub(crate) fn weights<M: Module>(module: &M, path: &Path) -> Result<Vec<u8>, FlowError> {
    record(module.valid(), path)
}

fn record<M: Module>(module: M, path: &Path) -> Result<Vec<u8>, FlowError> {
    let bytes = module.into_record().into_bytes().map_err(|e| FileProblem::Weights(e.to_string()).at(path))?;
    Ok(bytes.to_vec())
}

/// A module whose parameters are numbered in their order; burn gives them random ids.
fn numbered<M: Module>(module: M) -> M {
    let mut next = 0;
    module.map(&mut Rename(|| {
        next += 1;
        ParamId::from(next)
    }))
}

/// A module whose parameters have new ids: two flows that were loaded may be parts of one.
fn renamed<M: Module>(module: M) -> M {
    module.map(&mut Rename(ParamId::new))
}

/// Gives each parameter an id.
struct Rename<F>(F);

macro_rules! rename {
    ($method:ident, $kind:ty) => {
        fn $method<const D: usize>(&mut self, mut param: Param<$kind>) -> Param<$kind> {
            param.id = (self.0)();
            param
        }
    };
}

impl<F: FnMut() -> ParamId> ModuleMapper for Rename<F> {
    rename!(map_float, Tensor<D>);
    rename!(map_int, Tensor<D, Int>);
    rename!(map_bool, Tensor<D, Bool>);
}

/// A module with the weights that the bytes hold.
pub(crate) fn with_weights<M: Module>(module: M, bytes: &[u8], path: &Path) -> Result<M, FlowError> {
    let load = || {
        ModuleRecord::from_bytes(Bytes::from_bytes_vec(bytes.to_vec()))
            .and_then(|record| module.try_load_record(record.cast_to_module_dtype()))
    };
    match budget::within(bytes.len(), load) {
        Ok(loaded) => loaded.map_err(|e| FileProblem::Weights(e.to_string()).at(path)),
        Err(problem) => Err(problem.at(path)),
    }
}

/// Writes a file: prefix, header, sections, checksum of it all.
pub(crate) fn write(path: &Path, mut header: Header, sections: Vec<Vec<u8>>) -> Result<(), FlowError> {
    header.sections = sections.iter().map(|s| s.len() as u64).collect();
    let json = serde_json::to_vec(&header).map_err(|e| FileProblem::Config(e.to_string()).at(path))?;
    let (version, length) = (VERSION.to_le_bytes(), (json.len() as u64).to_le_bytes());
    let parts: [&[u8]; 4] = [MAGIC, &version, &length, &json];
    let mut checksum = crc32fast::Hasher::new();
    atomic::write_with(path, |file| {
        for part in parts.into_iter().chain(sections.iter().map(Vec::as_slice)) {
            checksum.update(part);
            file.write_all(part)?;
        }
        file.write_all(&checksum.finalize().to_le_bytes())
    })
}

/// Reads a file that `write` has written, and checks all of it before anything is believed.
pub(crate) fn read(path: &Path, kind: &str) -> Result<(Header, Vec<Vec<u8>>), FlowError> {
    let bytes = content(path).map_err(|source| FlowError::Io { action: "read", path: path.to_path_buf(), source })?;
    parse(&bytes, kind).map_err(|problem| problem.at(path))
}

/// A whole file, if it may be one of ours: what starts otherwise may be a large file, or a device without an end.
fn content(path: &Path) -> io::Result<Vec<u8>> {
    let (mut file, mut bytes) = (File::open(path)?, vec![]);
    (&mut file).take(MAGIC.len() as u64).read_to_end(&mut bytes)?;
    if bytes == MAGIC {
        file.read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

fn parse(bytes: &[u8], kind: &str) -> Result<(Header, Vec<Vec<u8>>), FileProblem> {
    let found = bytes.len() as u64;
    if !bytes.starts_with(MAGIC) {
        // A file cut off within its first bytes, or empty, is a truncated one.
        let cut = bytes.len() < MAGIC.len() && MAGIC.starts_with(bytes);
        return Err(if cut { FileProblem::Truncated { expected: PREFIX as u64, found } } else { FileProblem::Foreign });
    }
    let Some((prefix, rest)) = bytes.split_at_checked(PREFIX) else {
        return Err(FileProblem::Truncated { expected: PREFIX as u64, found });
    };
    let version = u32::from_le_bytes(fixed(&prefix[8..12]));
    if version > VERSION {
        return Err(FileProblem::Version { found: version, known: VERSION });
    }
    let header_length = u64::from_le_bytes(fixed(&prefix[12..20]));
    let Some((json, rest)) = usize::try_from(header_length).ok().and_then(|n| rest.split_at_checked(n)) else {
        return Err(FileProblem::Truncated { expected: header_length.saturating_add(PREFIX as u64 + 4), found });
    };
    let checksum = |body: &[u8], end: &[u8]| {
        let (expected, found) = (u32::from_le_bytes(fixed(end)), crc32fast::hash(body));
        if expected == found { Ok(()) } else { Err(FileProblem::Corrupted { expected, found }) }
    };
    let header: Header = match serde_json::from_slice(json) {
        Ok(header) => header,
        Err(error) => {
            // An unreadable header is a corrupted file, unless the checksum says that it was written so.
            let (body, end) = bytes.split_at(bytes.len() - 4);
            checksum(body, end)?;
            return Err(FileProblem::Config(error.to_string()));
        }
    };
    let sections = header.sections.iter().fold(0u64, |sum, n| sum.saturating_add(*n));
    let expected = sections.saturating_add(header_length).saturating_add(PREFIX as u64 + 4);
    if found < expected {
        return Err(FileProblem::Truncated { expected, found });
    }
    let (body, end) = bytes.split_at(bytes.len() - 4);
    checksum(body, end)?;
    if found > expected {
        return Err(FileProblem::Config(format!("{} bytes too many", found - expected)));
    }
    if header.kind != kind {
        return Err(FileProblem::Kind { expected: kind.to_owned(), found: header.kind });
    }
    let mut rest = rest;
    let sections = header
        .sections
        .iter()
        .map(|n| {
            let (section, after) = rest.split_at(*n as usize);
            rest = after;
            section.to_vec()
        })
        .collect();
    Ok((header, sections))
}

fn fixed<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.try_into().expect("the slice has that length")
}

pub(crate) fn to_json<T: Serialize>(value: &T, path: &Path) -> Result<serde_json::Value, FlowError> {
    serde_json::to_value(value).map_err(|e| FileProblem::Config(e.to_string()).at(path))
}
