//! Folders of pictures: every format whole, and what becomes of classes, colours and other files.

use std::{
    fs,
    io::Cursor,
    path::{Path, PathBuf},
};

use flows_data::{
    ImageError,
    pictures::{Color, FolderOptions, PictureFolder, image_folder},
};
use image::{DynamicImage, ImageEncoder, ImageFormat, Luma, Rgb, RgbImage, Rgba, RgbaImage, codecs::jpeg::JpegEncoder};
use tempfile::TempDir;

fn dir() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn message<T>(result: Result<T, ImageError>) -> String {
    result.err().expect("this is wrong").to_string()
}

fn write(dir: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, bytes).unwrap();
    path
}

fn save(picture: impl Into<DynamicImage>, dir: &Path, name: &str) -> PathBuf {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, ImageFormat::from_path(name).unwrap()).unwrap();
    write(dir, name, &bytes.into_inner())
}

fn plain(width: u32, height: u32, color: [u8; 3]) -> RgbImage {
    RgbImage::from_pixel(width, height, Rgb(color))
}

#[test]
fn pictures_of_several_sizes_and_kinds_become_images_of_one() {
    let dir = dir();
    save(plain(9, 4, [10, 20, 30]), dir.path(), "b.png");
    save(plain(4, 7, [40, 50, 60]), dir.path(), "a.PNG");
    save(image::GrayImage::from_pixel(8, 8, Luma([77])), dir.path(), "c.png");
    save(image::ImageBuffer::from_pixel(4, 4, Rgb([0xffff_u16, 0x8080, 0])), dir.path(), "d.png");
    save(plain(16, 16, [200, 200, 200]), dir.path(), "e.jpeg");
    write(dir.path(), "notes.txt", b"not a picture");
    write(dir.path(), "._a.png", b"what some systems leave beside a file");
    let images = image_folder(dir.path(), &FolderOptions::new(4)).unwrap();
    assert_eq!(images.dims(), [5, 3, 4, 4]);
    assert!(images.labels().is_none() && images.class_names().is_empty());
    let colors = [[40, 50, 60], [10, 20, 30], [77, 77, 77], [255, 128, 0], [200, 200, 200]];
    for (index, color) in colors.iter().enumerate() {
        for (plane, value) in images.image(index).chunks(16).zip(color) {
            assert!(plane.iter().all(|pixel| pixel == value), "{index}: {plane:?}");
        }
    }
}

#[test]
fn the_square_in_the_middle_is_taken_and_planes_are_told_apart() {
    let dir = dir();
    // A column of its own brightness each: the middle four of six are kept.
    save(RgbImage::from_fn(6, 4, |x, y| Rgb([x as u8, y as u8 + 50, 100])), dir.path(), "a.png");
    let images = image_folder(dir.path(), &FolderOptions::new(4)).unwrap();
    let planes: Vec<&[u8]> = images.image(0).chunks(16).collect();
    assert_eq!(planes[0], [1, 2, 3, 4].repeat(4));
    assert_eq!(planes[1], [[50; 4], [51; 4], [52; 4], [53; 4]].concat());
    assert_eq!(planes[2], [100; 16]);
}

#[test]
fn fine_stripes_become_their_mean_when_a_picture_gets_smaller() {
    let dir = dir();
    save(RgbImage::from_fn(64, 64, |x, _| Rgb([if x % 2 == 0 { 0 } else { 200 }; 3])), dir.path(), "a.png");
    let images = image_folder(dir.path(), &FolderOptions::new(8).with_color(Color::Gray)).unwrap();
    assert_eq!(images.dims(), [1, 1, 8, 8]);
    // Picked pixels would be 0 or 200. At the edges the filter has less to take the mean of: there it is off by 4.
    assert!(images.pixels().iter().all(|pixel| (95..=105).contains(pixel)), "{:?}", images.pixels());
}

#[test]
fn gray_is_brightness() {
    let dir = dir();
    save(plain(2, 2, [0, 255, 0]), dir.path(), "a.png");
    let images = image_folder(dir.path(), &FolderOptions::new(2).with_color(Color::Gray)).unwrap();
    // Rec. 601 weighs green by 0.587.
    assert_eq!(images.pixels(), [150; 4]);
}

#[test]
fn what_is_transparent_is_white() {
    let dir = dir();
    let mut picture = RgbaImage::from_pixel(2, 1, Rgba([10, 20, 30, 255]));
    picture.put_pixel(1, 0, Rgba([10, 20, 30, 0]));
    save(picture, dir.path(), "a.png");
    save(RgbaImage::from_pixel(1, 1, Rgba([0, 0, 0, 128])), dir.path(), "b.png");
    // Of the first the square in the middle is its left pixel.
    let images = image_folder(dir.path(), &FolderOptions::new(1)).unwrap();
    assert_eq!((images.image(0), images.image(1)), (&[10, 20, 30][..], &[127, 127, 127][..]));
}

#[test]
fn a_photograph_is_turned_upright() {
    let dir = dir();
    // Left half black, right half white, and the note (EXIF tag 0x0112, value 6) to turn it clockwise to look at it.
    let picture = image::GrayImage::from_fn(16, 16, |x, _| Luma([if x < 8 { 0 } else { 255 }]));
    let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 100);
    encoder.set_exif_metadata(exif.to_vec()).unwrap();
    encoder.write_image(&picture, 16, 16, image::ExtendedColorType::L8).unwrap();
    write(dir.path(), "a.jpg", &bytes);
    let images = image_folder(dir.path(), &FolderOptions::new(2).with_color(Color::Gray)).unwrap();
    let [top_left, top_right, bottom_left, bottom_right] = *images.pixels() else { panic!("2 x 2 pixels") };
    assert!(top_left < 60 && top_right < 60 && bottom_left > 195 && bottom_right > 195, "{:?}", images.pixels());
}

#[test]
fn sub_folders_are_classes_in_the_order_of_their_names() {
    let dir = dir();
    save(plain(2, 2, [1; 3]), dir.path(), "dog/1.png");
    save(plain(2, 2, [2; 3]), dir.path(), "cat/2.png");
    save(plain(3, 3, [3; 3]), dir.path(), "cat/1.png");
    write(dir.path(), "readme.txt", b"about them");
    write(dir.path(), ".hidden/x.png", b"");
    let images = image_folder(dir.path(), &FolderOptions::new(2)).unwrap();
    assert_eq!(images.class_names(), ["cat", "dog"]);
    assert_eq!(images.labels(), Some(&[0, 0, 1][..]));
    assert_eq!([0, 1, 2].map(|index| images.image(index)[0]), [3, 2, 1]);
}

#[test]
fn folders_without_pictures_and_pictures_without_a_class_are_errors() {
    let dir = dir();
    let options = FolderOptions::new(2);
    let read = || message(image_folder(dir.path(), &options));
    assert!(message(image_folder(dir.path().join("nowhere"), &options)).starts_with("cannot list "));
    let none = ": there is no picture in it (.png, .jpg, .jpeg, .bmp, .webp, .gif); hint: ";
    assert!(read().contains(none), "{}", read());
    save(plain(2, 2, [1; 3]), dir.path(), "cat/1.png");
    fs::create_dir(dir.path().join("dog")).unwrap();
    let text = read();
    assert!(text.contains("dog: there is no picture in it") && text.ends_with("or delete it"), "{text}");
    save(plain(2, 2, [1; 3]), dir.path(), "stray.png");
    let text = read();
    assert!(text.contains("stray.png: not in a sub-folder, while others are"), "{text}");
    // Beside pictures without classes, folders of other things do no harm.
    fs::remove_dir_all(dir.path().join("cat")).unwrap();
    assert_eq!(image_folder(dir.path(), &options).unwrap().len(), 1);
}

#[test]
fn a_picture_that_is_too_small_or_damaged_is_named() {
    let dir = dir();
    save(plain(8, 8, [1; 3]), dir.path(), "a.png");
    save(plain(8, 3, [1; 3]), dir.path(), "small.png");
    let text = message(image_folder(dir.path(), &FolderOptions::new(4)));
    let end = "small.png: 8 x 3 pixels, too small for images of 4 x 4; choose a smaller size";
    assert!(text.ends_with(end), "{text}");

    let good = fs::read(save(plain(8, 8, [1; 3]), dir.path(), "small.png")).unwrap();
    for bytes in [&b"not a picture"[..], b"", &good[..20], &good[..good.len() - 20]] {
        write(dir.path(), "small.png", bytes);
        let text = message(image_folder(dir.path(), &FolderOptions::new(4)));
        assert!(text.contains("small.png: cannot be decoded: "), "{text}");
    }
}

#[test]
fn a_picture_that_claims_to_be_huge_is_an_error_and_not_an_allocation() {
    let dir = dir();
    let mut bytes = fs::read(save(plain(8, 8, [1; 3]), dir.path(), "huge.png")).unwrap();
    // Width and height are the first eight bytes of the first chunk; its checksum follows it.
    bytes[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
    let mut crc = flate2::Crc::new();
    crc.update(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&crc.sum().to_be_bytes());
    write(dir.path(), "huge.png", &bytes);
    let text = message(image_folder(dir.path(), &FolderOptions::new(4)));
    assert!(text.contains("huge.png: cannot be decoded: Memory limit exceeded"), "{text}");
}

#[test]
fn the_gray_of_a_colour_is_that_of_rec_601_in_every_kind_of_picture() {
    // As Pillow, OpenCV and torchvision have it.
    for (color, gray) in [([255, 0, 0], 76), ([0, 255, 0], 150), ([0, 0, 255], 29), ([90, 120, 33], 101)] {
        let dir = dir();
        save(plain(4, 4, color), dir.path(), "a.png");
        save(image::ImageBuffer::from_pixel(4, 4, Rgb(color.map(|v| u16::from(v) * 257))), dir.path(), "b.png");
        let [red, green, blue] = color;
        save(RgbaImage::from_pixel(4, 4, Rgba([red, green, blue, 255])), dir.path(), "c.png");
        for ending in ["bmp", "webp", "gif"] {
            save(plain(4, 4, color), dir.path(), &format!("d.{ending}"));
        }
        save(image::GrayImage::from_pixel(4, 4, Luma([gray])), dir.path(), "e.png");
        save(image::ImageBuffer::from_pixel(4, 4, Luma([u16::from(gray) * 257])), dir.path(), "f.png");
        let images = image_folder(dir.path(), &FolderOptions::new(2).with_color(Color::Gray)).unwrap();
        assert_eq!(images.pixels(), [gray; 4].repeat(8), "{color:?}");
    }
}

#[test]
fn the_same_picture_is_the_same_image_in_every_format() {
    let dir = dir();
    // Few enough colours for a palette.
    let picture = RgbImage::from_fn(12, 10, |x, y| Rgb([20 * x as u8, 25 * y as u8, if x > y { 200 } else { 10 }]));
    for ending in ["png", "bmp", "webp", "gif"] {
        save(picture.clone(), dir.path(), &format!("{ending}.{ending}"));
    }
    // The name says one thing and the file another.
    fs::copy(dir.path().join("webp.webp"), dir.path().join("lie.png")).unwrap();
    let images = image_folder(dir.path(), &FolderOptions::new(10)).unwrap();
    assert_eq!(images.len(), 5);
    assert!((1..5).all(|index| images.image(index) == images.image(0)));
    assert_eq!(images.image(0)[..3], [20, 40, 60]);
}

/// Pictures that other programs wrote (`tests/fixtures/pictures/make.py`), and what is wrong with a copy of them.
fn others() -> Vec<(String, Vec<u8>)> {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/pictures");
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending != "py") {
            found.push((path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap()));
        }
    }
    found.sort();
    found
}

/// The image of a file's bytes.
fn read(dir: &Path, name: &str, bytes: &[u8]) -> Result<Vec<u8>, ImageError> {
    write(dir, name, bytes);
    image_folder(dir, &FolderOptions::new(8)).map(|images| images.pixels().to_vec())
}

#[test]
fn a_picture_cut_anywhere_is_an_error_that_names_the_file() {
    let dir = dir();
    let picture = RgbImage::from_fn(16, 16, |x, y| Rgb([16 * x as u8, 16 * y as u8, (x * y) as u8]));
    let mut files = others();
    for ending in ["png", "jpg", "bmp", "webp", "gif"] {
        let name = format!("written.{ending}");
        let bytes = fs::read(save(picture.clone(), &dir.path().join("written"), &name)).unwrap();
        files.push((name, bytes));
    }
    fs::remove_dir_all(dir.path().join("written")).unwrap();
    assert!(files.len() > 12);
    for (name, bytes) in files {
        read(dir.path(), &name, &bytes).unwrap_or_else(|error| panic!("{error}"));
        // Every length at the start and the end, where the marks are, and some between.
        let between = (64..bytes.len() - 16).step_by(11);
        for length in (0..64).chain(between).chain(bytes.len() - 16..bytes.len()) {
            let text = message(read(dir.path(), &name, &bytes[..length]));
            assert!(text.contains(&format!("{name}: cannot be decoded: ")), "{name} of {length} bytes: {text}");
            assert!(length < 32 || text.contains("truncated") || !name.contains("jpg"), "{length} bytes: {text}");
        }
        fs::remove_file(dir.path().join(name)).unwrap();
    }
}

#[test]
fn a_photograph_whose_rest_is_missing_is_an_error_even_if_its_end_is_marked() {
    let dir = dir();
    for (name, bytes) in others().into_iter().filter(|(name, _)| name.ends_with("jpg")) {
        let whole = read(dir.path(), &name, &bytes).unwrap();
        for length in (bytes.len() / 2..bytes.len() - 2).step_by(11) {
            // A copy that broke off leaves zeros where room was made for all of the file.
            let mut zeros = bytes.clone();
            zeros[length..].fill(0);
            assert!(read(dir.path(), &name, &zeros).is_err(), "{name}: zeros from {length}");
            // Of a progressive picture, fewer passes are a picture too.
            let marked = [&bytes[..length], &[0xff, 0xd9]].concat();
            let same = |pixels: Vec<u8>| pixels == whole;
            let wrong = read(dir.path(), &name, &marked).is_ok_and(|pixels| !same(pixels));
            assert!(!wrong || name.contains("progressive"), "{name}: the end at {length}");
        }
        fs::remove_file(dir.path().join(name)).unwrap();
    }
}

#[test]
fn what_stands_after_the_end_of_a_photograph_and_a_thumbnail_in_it_do_no_harm() {
    let dir = dir();
    let bytes = fs::read(save(plain(16, 16, [90, 120, 33]), dir.path(), "a.jpg")).unwrap();
    let whole = read(dir.path(), "a.jpg", &bytes).unwrap();
    // Cameras put a second picture after the first.
    assert_eq!(read(dir.path(), "a.jpg", &bytes.repeat(2)).unwrap(), whole);
    // A segment for applications whose content has an end of its own.
    let length = (bytes.len() as u16 + 2).to_be_bytes();
    let thumbnail = [&bytes[..2], &[0xff, 0xe5], &length, &bytes, &bytes[2..]].concat();
    assert_eq!(read(dir.path(), "a.jpg", &thumbnail).unwrap(), whole);
    assert!(message(read(dir.path(), "a.jpg", &thumbnail[..thumbnail.len() - 2])).contains("truncated"));
}

#[test]
fn colours_of_printers_palettes_and_several_passes_are_those_that_pillow_shows() {
    let dir = dir();
    // `make.py` prints these: the mean of each channel in Pillow 13.0.
    let means = [
        ("cmyk.jpg", [159.0, 102.0, 54.0]),
        ("palette.png", [159.0, 102.0, 54.0]),
        ("progressive.jpg", [159.0, 102.0, 54.0]),
    ];
    for (name, expected) in means {
        let (_, bytes) = others().into_iter().find(|(other, _)| other == name).expect("a fixture");
        let pixels = read(dir.path(), name, &bytes).unwrap();
        for (plane, expected) in pixels.chunks(64).zip(expected) {
            let mean = plane.iter().map(|value| f64::from(*value)).sum::<f64>() / 64.0;
            assert!((mean - expected).abs() < 2.0, "{name}: {mean} for {expected}");
        }
        fs::remove_file(dir.path().join(name)).unwrap();
    }
}

#[test]
fn what_is_passed_over_is_counted_by_ending() {
    let dir = dir();
    save(plain(2, 2, [1; 3]), dir.path(), "cat/1.png");
    save(plain(2, 2, [1; 3]), dir.path(), "cat/kittens/1.png");
    for name in ["cat/2.heic", "cat/3.heic", "notes.txt", "LICENSE"] {
        write(dir.path(), name, b"");
    }
    let folder = PictureFolder::list(dir.path()).unwrap();
    assert_eq!((folder.len(), folder.is_empty()), (1, false));
    let line = "4 files that are no pictures (2 .heic, 1 .txt, 1 without an ending) and 1 folder (cat/kittens)";
    assert_eq!(folder.passed_over().to_string(), line);
}

#[test]
fn what_systems_leave_beside_pictures_is_neither_read_nor_told_of() {
    let dir = dir();
    for class in ["a", "b"] {
        save(plain(2, 2, [1; 3]), dir.path(), &format!("{class}/1.png"));
        for name in ["._1.png", ".DS_Store", "Thumbs.db", "desktop.ini", "@eaDir/1.png/thumb.jpg"] {
            write(dir.path(), &format!("{class}/{name}"), b"\0\x05\x16\x07");
        }
    }
    for name in ["__MACOSX/a/._1.png", "@eaDir/x.png", ".git/x.png", "lost+found/x.png", "Thumbs.db", ".hidden.png"] {
        write(dir.path(), name, b"\0\x05\x16\x07");
    }
    let folder = PictureFolder::list(dir.path()).unwrap();
    assert_eq!((folder.class_names(), folder.len()), (&["a".to_owned(), "b".to_owned()][..], 2));
    assert!(folder.passed_over().is_empty(), "{}", folder.passed_over());
    assert_eq!(folder.read(&FolderOptions::new(2)).unwrap().labels(), Some(&[0, 1][..]));
}

#[test]
fn a_class_whose_pictures_are_further_down_says_so() {
    let dir = dir();
    save(plain(2, 2, [1; 3]), dir.path(), "train/cat/1.png");
    save(plain(2, 2, [1; 3]), dir.path(), "val/cat/1.png");
    let text = message(PictureFolder::list(dir.path()));
    assert!(text.contains("train: there is no picture in it") && text.contains("folders in them"), "{text}");
    assert!(text.contains(&dir.path().join("train").join("cat").display().to_string()), "{text}");
    assert_eq!(PictureFolder::list(dir.path().join("train")).unwrap().class_names(), ["cat"]);
}

#[test]
fn a_class_has_one_name_however_its_accents_are_written() {
    let (composed, decomposed) = ("caf\u{e9}", "cafe\u{301}");
    let [first, second] = [composed, decomposed].map(|name| {
        let dir = dir();
        save(plain(2, 2, [1; 3]), dir.path(), &format!("{name}/1.png"));
        save(plain(2, 2, [1; 3]), dir.path(), "\u{732b}/1.png");
        image_folder(dir.path(), &FolderOptions::new(2)).unwrap()
    });
    assert_eq!(first.class_names(), [composed, "\u{732b}"]);
    let renamed = second.of_classes(first.class_names()).unwrap();
    assert_eq!((renamed.pixels(), renamed.labels()), (first.pixels(), first.labels()));
    assert_eq!((renamed.class_names(), renamed.names()), (first.class_names(), second.names()));
    let dir = dir();
    save(plain(2, 2, [1; 3]), dir.path(), &format!("{composed}/1.png"));
    save(plain(2, 2, [1; 3]), dir.path(), &format!("{decomposed}/1.png"));
    assert!(message(PictureFolder::list(dir.path())).contains("another sub-folder has the same name"));
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_a_broken_one_is_named() {
    use std::os::unix::fs::symlink;
    let (dir, elsewhere) = (dir(), dir());
    save(plain(2, 2, [1; 3]), elsewhere.path(), "kept/1.png");
    symlink(elsewhere.path().join("kept"), dir.path().join("cat")).unwrap();
    fs::create_dir(dir.path().join("dog")).unwrap();
    symlink(elsewhere.path().join("kept/1.png"), dir.path().join("dog/2.png")).unwrap();
    let images = image_folder(dir.path(), &FolderOptions::new(2)).unwrap();
    assert_eq!((images.labels(), images.class_names().len()), (Some(&[0, 1][..]), 2));
    symlink(elsewhere.path().join("gone.png"), dir.path().join("dog/3.png")).unwrap();
    let text = message(image_folder(dir.path(), &FolderOptions::new(2)));
    assert!(text.starts_with("cannot read ") && text.contains("3.png"), "{text}");
}
