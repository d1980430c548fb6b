//! Images from files that the tests write themselves, whole and damaged.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};
use flows_data::{
    ImageError,
    pictures::{Images, Split, cifar10, mnist, read_cifar10, read_idx_images},
};
use tempfile::TempDir;

fn dir() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn message<T>(result: Result<T, ImageError>) -> String {
    result.err().expect("this is wrong").to_string()
}

fn idx(sizes: &[u32], data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, sizes.len() as u8];
    bytes.extend(sizes.iter().flat_map(|size| size.to_be_bytes()));
    bytes.extend_from_slice(data);
    bytes
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Two digits of 2 x 3 pixels with labels, as the training part.
fn digits() -> (Vec<u8>, Vec<u8>) {
    (idx(&[2, 2, 3], &(1..=12).collect::<Vec<_>>()), idx(&[2], &[7, 3]))
}

fn write(dir: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn mnist_is_found_under_every_spelling_plain_or_compressed() {
    let (images, labels) = digits();
    for (separator, end) in [("-", ""), ("-", ".gz"), (".", ""), (".", ".gz")] {
        let dir = dir();
        let pack = |bytes: &[u8]| if end.is_empty() { bytes.to_vec() } else { gzipped(bytes) };
        for part in ["train", "t10k"] {
            write(dir.path(), &format!("{part}-images{separator}idx3-ubyte{end}"), &pack(&images));
            write(dir.path(), &format!("{part}-labels{separator}idx1-ubyte{end}"), &pack(&labels));
        }
        for split in [Split::Train, Split::Test] {
            let images = mnist(dir.path(), split).unwrap();
            assert_eq!(images.dims(), [2, 1, 2, 3]);
            assert_eq!(images.image(1), [7, 8, 9, 10, 11, 12]);
            assert_eq!(images.labels(), Some(&[7, 3][..]));
        }
    }
}

#[test]
fn the_two_parts_come_from_their_own_files() {
    let dir = dir();
    for (part, value) in [("train", 1), ("t10k", 2)] {
        write(dir.path(), &format!("{part}-images-idx3-ubyte"), &idx(&[1, 1, 1], &[value]));
        write(dir.path(), &format!("{part}-labels-idx1-ubyte"), &idx(&[1], &[value]));
    }
    assert_eq!(mnist(dir.path(), Split::Train).unwrap().pixels(), [1]);
    assert_eq!(mnist(dir.path(), Split::Test).unwrap().pixels(), [2]);
}

#[test]
fn compression_is_seen_from_the_content_and_not_from_the_name() {
    let (dir, (images, _)) = (dir(), digits());
    let plain = read_idx_images(write(dir.path(), "plain.gz", &images)).unwrap();
    let packed = read_idx_images(write(dir.path(), "packed", &gzipped(&images))).unwrap();
    assert_eq!(plain, packed);
}

#[test]
fn files_that_are_not_there_are_named_with_their_folder() {
    let (dir, (images, _)) = (dir(), digits());
    let text = message(mnist(dir.path(), Split::Train));
    assert!(text.contains(&dir.path().display().to_string()), "{text}");
    assert!(text.contains("train-images-idx3-ubyte, train-images-idx3-ubyte.gz, train-images.idx3-ubyte"), "{text}");
    write(dir.path(), "train-images-idx3-ubyte", &images);
    assert!(message(mnist(dir.path(), Split::Train)).contains("train-labels-idx1-ubyte"));
    for missing in ["no-such.idx", "no/such.idx"] {
        assert!(message(read_idx_images(dir.path().join(missing))).contains(missing));
        assert!(message(read_cifar10(dir.path().join(missing))).starts_with("cannot read "));
    }
    let text = message(cifar10(dir.path(), Split::Test));
    assert!(text.starts_with("cannot read ") && text.contains("test_batch.bin"), "{text}");
}

#[test]
fn more_labels_than_images_are_an_error_that_names_the_labels() {
    let dir = dir();
    write(dir.path(), "t10k-images-idx3-ubyte", &idx(&[2, 1, 1], &[0; 2]));
    write(dir.path(), "t10k-labels-idx1-ubyte", &idx(&[3], &[0; 3]));
    let text = message(mnist(dir.path(), Split::Test));
    assert!(text.ends_with("t10k-labels-idx1-ubyte: 3 labels for 2 images"), "{text}");
}

#[test]
fn labels_in_the_place_of_images_are_told_from_them() {
    let (dir, (_, labels)) = (dir(), digits());
    let text = message(read_idx_images(write(dir.path(), "swapped", &labels)));
    assert!(
        text.contains("swapped: images of unsigned bytes") && text.ends_with("1-dimensional unsigned bytes"),
        "{text}"
    );
}

#[test]
fn a_compressed_file_cut_anywhere_is_an_error_that_names_it() {
    let (dir, (images, _)) = (dir(), digits());
    let packed = gzipped(&images);
    for length in 0..packed.len() {
        let text = message(read_idx_images(write(dir.path(), "cut.gz", &packed[..length])));
        let damaged = text.contains("cut.gz: damaged, it cannot be unpacked");
        // Of less than two bytes nobody can tell what they were.
        assert!(damaged || (length < 2 && text.contains("cut.gz: ")), "{length}: {text}");
    }
}

#[test]
fn a_compressed_file_with_another_checksum_is_damaged() {
    let (dir, (images, _)) = (dir(), digits());
    let mut packed = gzipped(&images);
    let at = packed.len() - 8;
    packed[at] ^= 1;
    let text = message(read_idx_images(write(dir.path(), "flipped.gz", &packed)));
    assert!(text.contains("flipped.gz: damaged"), "{text}");
}

#[test]
fn what_is_packed_may_itself_be_cut_or_go_on() {
    let (dir, (images, _)) = (dir(), digits());
    let cut = message(read_idx_images(write(dir.path(), "cut.gz", &gzipped(&images[..27]))));
    assert!(cut.ends_with("cut.gz: truncated, 28 bytes expected and there are 27"), "{cut}");
    let on = message(read_idx_images(write(dir.path(), "on.gz", &gzipped(&[&images[..], b"x"].concat()))));
    assert!(on.ends_with("on.gz: 28 bytes expected, and it goes on after them"), "{on}");
}

#[test]
fn a_hostile_header_is_an_error_packed_or_not() {
    let dir = dir();
    let hostile = idx(&[1 << 31, 1 << 31, 1], &[0; 100]);
    for bytes in [hostile.clone(), gzipped(&hostile)] {
        let text = message(read_idx_images(write(dir.path(), "hostile", &bytes)));
        assert!(text.contains("truncated") && text.ends_with("there are 116"), "{text}");
    }
}

/// The record of an image whose pixels count up from `start`.
fn record(label: u8, start: u8) -> Vec<u8> {
    std::iter::once(label).chain((0..3072).map(|i| (i as u8).wrapping_add(start))).collect()
}

#[test]
fn records_of_cifar_become_images_in_colour_with_labels() {
    let dir = dir();
    let path = write(dir.path(), "few.bin", &[record(9, 0), record(3, 100)].concat());
    let images = read_cifar10(path).unwrap();
    assert_eq!(images.dims(), [2, 3, 32, 32]);
    assert_eq!(images.labels(), Some(&[9, 3][..]));
    assert_eq!((&*images.class_names()[9], &*images.class_names()[3]), ("truck", "cat"));
    assert_eq!(images.image(1), &record(3, 100)[1..]);
}

#[test]
fn records_of_cifar_cut_anywhere_are_an_error() {
    let (dir, whole) = (dir(), [record(1, 0), record(2, 0)].concat());
    for (length, expected) in [(0, 3073), (1, 3073), (3072, 3073), (3074, 6146), (6145, 6146)] {
        let text = message(read_cifar10(write(dir.path(), "cut.bin", &whole[..length])));
        let end = format!("cut.bin: truncated, {expected} bytes expected and there are {length}");
        assert!(text.ends_with(&end), "{text}");
    }
}

#[test]
fn a_label_that_cifar_does_not_have_is_an_error_with_its_place() {
    let dir = dir();
    let path = write(dir.path(), "bad.bin", &[record(9, 0), record(10, 0)].concat());
    let text = message(read_cifar10(path));
    assert!(text.ends_with("bad.bin, image 1 (counting from 0): label 10, there are 10 classes"), "{text}");
}

#[test]
fn the_published_files_of_cifar_have_ten_thousand_images_each() {
    let dir = dir();
    // Files of zeros that take no room on the disk, each with a first label of its own.
    let batch = |name: &str, label: u8, bytes: u64| {
        let path = write(dir.path(), &format!("cifar-10-batches-bin/{name}"), &[label]);
        fs::OpenOptions::new().write(true).open(path).unwrap().set_len(bytes).unwrap();
    };
    for number in 1..=5 {
        batch(&format!("data_batch_{number}.bin"), number, 30_730_000);
    }
    let train = cifar10(dir.path(), Split::Train).unwrap();
    assert_eq!(train.dims(), [50_000, 3, 32, 32]);
    let labels = train.labels().unwrap();
    assert_eq!([0, 10_000, 20_000, 30_000, 40_000].map(|first| labels[first]), [1, 2, 3, 4, 5]);

    // The folder itself will do as well as the one around it; a file that lacks a whole image is noticed.
    let inner = dir.path().join("cifar-10-batches-bin");
    batch("test_batch.bin", 8, 30_730_000);
    assert_eq!(cifar10(&inner, Split::Test).unwrap().labels().unwrap()[..2], [8, 0]);
    batch("test_batch.bin", 8, 30_730_000 - 3073);
    let text = message(cifar10(&inner, Split::Test));
    assert!(text.ends_with("test_batch.bin: truncated, 30730000 bytes expected and there are 30726927"), "{text}");
    batch("test_batch.bin", 8, 30_730_000 + 3073);
    assert!(message(cifar10(&inner, Split::Test)).ends_with("30730000 bytes expected, and it goes on after them"));
}

#[test]
fn images_in_memory_and_from_a_file_are_the_same() {
    let (dir, (images, _)) = (dir(), digits());
    let read = read_idx_images(write(dir.path(), "images", &images)).unwrap();
    assert_eq!(read, Images::new((1..=12).collect(), [2, 1, 2, 3]).unwrap());
}
