//! One file holds a flow: what made it, and its weights.

use std::fs;
use std::io::Write;
use std::path::Path;

use burn::module::Module;
use burn::store::ModuleRecord;
use burn::tensor::{Bytes, Device};
use serde::{Deserialize, Serialize};

use crate::{FlowConfig, FlowError};

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
/// The file is written beside its place and then renamed, so that there is never half a file.
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
    write(path, header, vec![weights(flow, path)?])
}

/// Loads a flow that [`save`] has written, on any device: the configuration, and the flow with its weights.
///
/// Weights take the float type of the device.
///
/// # Errors
/// If the file cannot be read, is truncated, corrupted or foreign, holds another kind of flow, or its weights do not
/// fit; nothing is ever half-loaded.
pub fn load<F: FlowConfig>(path: impl AsRef<Path>, device: &Device) -> Result<(F, F::Flow), FlowError> {
    let path = path.as_ref();
    let (header, sections) = read(path, F::NAME)?;
    let config: F = serde_json::from_value(header.config).map_err(|e| FileProblem::Config(e.to_string()).at(path))?;
    let [bytes] = sections.as_slice() else {
        return Err(FileProblem::Config(format!("expected 1 section, found {}", sections.len())).at(path));
    };
    let flow = with_weights(config.init(device), bytes, path)?;
    Ok((config, flow))
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

/// The weights of a module as bytes.
pub(crate) fn weights<M: Module>(module: &M, path: &Path) -> Result<Vec<u8>, FlowError> {
    let bytes = module.valid().into_record().into_bytes().map_err(|e| FileProblem::Weights(e.to_string()).at(path))?;
    Ok(bytes.to_vec())
}

/// A module with the weights that the bytes hold.
pub(crate) fn with_weights<M: Module>(module: M, bytes: &[u8], path: &Path) -> Result<M, FlowError> {
    ModuleRecord::from_bytes(Bytes::from_bytes_vec(bytes.to_vec()))
        .and_then(|record| module.try_load_record(record.cast_to_module_dtype()))
        .map_err(|e| FileProblem::Weights(e.to_string()).at(path))
}

/// Writes a file: prefix, header, sections, checksum of it all.
pub(crate) fn write(path: &Path, mut header: Header, sections: Vec<Vec<u8>>) -> Result<(), FlowError> {
    header.sections = sections.iter().map(|s| s.len() as u64).collect();
    let json = serde_json::to_vec(&header).map_err(|e| FileProblem::Config(e.to_string()).at(path))?;
    let mut bytes = Vec::with_capacity(PREFIX + json.len() + sections.iter().map(Vec::len).sum::<usize>() + 4);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&(json.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&json);
    sections.iter().for_each(|section| bytes.extend_from_slice(section));
    bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
    write_atomically(path, &bytes)
}

/// Reads a file that `write` has written, and checks all of it before anything is believed.
pub(crate) fn read(path: &Path, kind: &str) -> Result<(Header, Vec<Vec<u8>>), FlowError> {
    let bytes = fs::read(path).map_err(|source| FlowError::Io { action: "read", path: path.to_path_buf(), source })?;
    parse(&bytes, kind).map_err(|problem| problem.at(path))
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

/// Writes beside the place and renames, so that the place holds the old file or the new one.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), FlowError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.tmp", std::process::id()));
    let beside = Path::new(&beside);
    let attempt = || {
        let mut file = fs::File::create(beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(beside, path)
    };
    attempt().map_err(|source| {
        let _ = fs::remove_file(beside);
        FlowError::Io { action: "write", path: path.to_path_buf(), source }
    })
}
