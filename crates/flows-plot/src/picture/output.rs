//! From the canvas to the file.

use std::path::Path;

use flows_core::atomic;

use crate::PlotError;

use super::canvas::Canvas;

/// Why a picture cannot be drawn.
pub(crate) type Reason = String;

/// A drawn picture as the bytes of a PNG file, or the reason there is none.
pub(crate) fn bytes(picture: Result<Canvas, Reason>) -> Result<Vec<u8>, Reason> {
    picture.and_then(|canvas| encode(canvas).map_err(|error| format!("cannot encode it: {error}")))
}

/// Writes a drawn picture, or says why there is none.
pub(crate) fn write(path: &Path, picture: Result<Canvas, Reason>) -> Result<(), PlotError> {
    let bytes = named_png(path)
        .and_then(|()| bytes(picture))
        .map_err(|reason| PlotError::Draw { path: path.to_owned(), reason })?;
    Ok(atomic::write(path, bytes)?)
}

/// Programs believe the extension of a picture.
fn named_png(path: &Path) -> Result<(), Reason> {
    match path.extension() {
        Some(extension) if !extension.eq_ignore_ascii_case("png") => {
            Err(format!("a PNG picture under a name that ends in .{}; hint: end it in .png", extension.display()))
        }
        _ => Ok(()),
    }
}

fn encode(canvas: Canvas) -> Result<Vec<u8>, png::EncodingError> {
    let (width, height, pixels) = canvas.finish();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn files(directory: &Path) -> Vec<String> {
        let names = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect()
    }

    fn reason(result: Result<(), PlotError>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn a_picture_replaces_the_old_file_and_leaves_nothing_beside_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.png");
        fs::write(&path, "old").unwrap();
        write(&path, Ok(Canvas::new((8, 8)))).unwrap();
        assert!(fs::read(&path).unwrap().starts_with(b"\x89PNG"));
        assert_eq!(files(directory.path()), ["a.png"]);
    }

    #[test]
    fn a_png_is_not_written_under_another_extension() {
        let directory = tempfile::tempdir().unwrap();
        let message = reason(write(&directory.path().join("a.jpg"), Ok(Canvas::new((8, 8)))));
        assert!(message.contains("a.jpg") && message.contains("hint: end it in .png"), "{message}");
        assert!(files(directory.path()).is_empty());
        write(&directory.path().join("A.PNG"), Ok(Canvas::new((8, 8)))).unwrap();
    }

    #[test]
    fn a_picture_that_cannot_be_drawn_leaves_the_old_file_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.png");
        fs::write(&path, "old").unwrap();
        assert!(reason(write(&path, Err("no data".to_owned()))).ends_with("a.png: no data"));
        assert_eq!(fs::read(&path).unwrap(), b"old");
    }

    #[test]
    fn a_path_that_cannot_be_written_is_an_error_that_names_it() {
        let directory = tempfile::tempdir().unwrap();
        let missing = directory.path().join("missing").join("a.png");
        let message = reason(write(&missing, Ok(Canvas::new((8, 8)))));
        assert!(message.contains("missing") && message.contains("cannot write"), "{message}");

        // A directory stands where the file should go: the rename fails, and the temporary file goes away.
        let occupied = directory.path().join("occupied");
        fs::create_dir(&occupied).unwrap();
        assert!(write(&occupied, Ok(Canvas::new((8, 8)))).is_err());
        assert_eq!(files(directory.path()), ["occupied"]);

        assert!(reason(write(Path::new("/"), Ok(Canvas::new((8, 8))))).contains("names no file"));
    }
}
