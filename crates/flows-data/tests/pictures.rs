//! Pictures into files, and what becomes of those that cannot be written.

use std::{fs, path::Path};

use flows_data::{
    ImageError,
    pictures::{FolderOptions, Images, grid, image_folder, strip},
};

fn names(dir: &Path) -> Vec<String> {
    fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_gray_picture_comes_out_of_its_file_as_it_went_in() {
    let dir = tempfile::tempdir().unwrap();
    let images = Images::new((0..=255).collect(), [16, 1, 4, 4]).unwrap();
    let picture = grid(&images, 5, 2, 3);
    let path = dir.path().join("grid.png");
    picture.save(&path).unwrap();
    let decoded = image::open(&path).unwrap();
    assert_eq!(decoded.color(), image::ColorType::L8);
    assert_eq!((decoded.width() as usize, decoded.height() as usize), (picture.width(), picture.height()));
    assert_eq!(decoded.as_bytes(), picture.pixels());
}

#[test]
fn a_picture_in_colour_comes_out_of_its_file_as_it_went_in() {
    let dir = tempfile::tempdir().unwrap();
    let images = Images::new((0..=239).collect(), [5, 3, 4, 4]).unwrap();
    let picture = strip(&[images.take(2), images.select(&[4, 3, 2])], 1, 2);
    let path = dir.path().join("strip.png");
    picture.save(&path).unwrap();
    let decoded = image::open(&path).unwrap();
    assert_eq!(decoded.color(), image::ColorType::Rgb8);
    assert_eq!((decoded.width() as usize, decoded.height() as usize), (picture.width(), picture.height()));
    assert_eq!(decoded.as_bytes(), picture.pixels());
}

#[test]
fn a_saved_image_is_read_again_as_the_same_image() {
    let dir = tempfile::tempdir().unwrap();
    let images = Images::new((0..48).map(|i| i * 5).collect(), [1, 3, 4, 4]).unwrap();
    let path = dir.path().join("one.png");
    grid(&images, 1, 0, 1).save(&path).unwrap();
    assert_eq!(
        image_folder(dir.path(), &FolderOptions::new(4)).unwrap(),
        images.with_names([path.display().to_string()])
    );
}

#[test]
fn a_picture_replaces_the_old_file_and_leaves_nothing_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.png");
    fs::write(&path, "old").unwrap();
    grid(&Images::new(vec![1], [1, 1, 1, 1]).unwrap(), 1, 0, 1).save(&path).unwrap();
    assert!(fs::read(&path).unwrap().starts_with(b"\x89PNG"));
    assert_eq!(names(dir.path()), ["a.png"]);
}

#[test]
fn a_place_that_cannot_be_written_is_an_error_that_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let picture = grid(&Images::new(vec![1], [1, 1, 1, 1]).unwrap(), 1, 0, 1);

    let missing = dir.path().join("missing").join("a.png");
    let error = picture.save(&missing).unwrap_err();
    assert!(matches!(&error, ImageError::Io { action: "write", path, .. } if *path == missing), "{error}");
    assert!(error.to_string().contains("a.png"), "{error}");

    // A folder stands where the file should go: the rename fails, and the temporary file goes away.
    let occupied = dir.path().join("occupied.png");
    fs::create_dir(&occupied).unwrap();
    assert!(picture.save(&occupied).is_err());
    assert_eq!(names(dir.path()), ["occupied.png"]);

    assert!(picture.save("/").is_err());
}

#[test]
fn a_picture_is_not_written_under_the_ending_of_another_format() {
    let dir = tempfile::tempdir().unwrap();
    let picture = grid(&Images::new(vec![1], [1, 1, 1, 1]).unwrap(), 1, 0, 1);
    for name in ["a.jpg", "a", "png", ".png", "a.png.gz"] {
        let text = picture.save(dir.path().join(name)).unwrap_err().to_string();
        assert!(text.contains(name) && text.ends_with("hint: end the name in .png"), "{text}");
    }
    assert!(names(dir.path()).is_empty());
    picture.save(dir.path().join("a.PNG")).unwrap();
}
