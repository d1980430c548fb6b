//! Images of one size as bytes.

use super::ImageError;

/// What errors call images that come from no file.
const IN_MEMORY: &str = "images in memory";

/// Images of one size: a byte a pixel and channel, with labels where there are any.
///
/// Pixels are in the order of a tensor `[count, channels, height, width]`. Every way to make images checks that they
/// are complete.
///
/// # Example
///
/// ```
/// use flows_data::pictures::Images;
///
/// let images = Images::new((0..12).collect(), [2, 1, 2, 3])?;
/// assert_eq!(images.len(), 2);
/// assert_eq!(images.image(1), [6, 7, 8, 9, 10, 11]);
/// assert!(Images::new(vec![0; 5], [1, 1, 2, 3]).is_err());
/// # Ok::<(), flows_data::ImageError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Images {
    pixels: Vec<u8>,
    dims: [usize; 4],
    labels: Option<Vec<usize>>,
    /// As many as the whole data set has, of which these images may be a part.
    classes: usize,
    class_names: Vec<String>,
    /// Where each image came from; none where nothing is known of it.
    names: Vec<String>,
}

impl Images {
    /// Makes images from their pixels and `[count, channels, height, width]`. There may be none of them.
    ///
    /// # Errors
    ///
    /// A number of bytes that is not the product of the sizes, or an image of no pixels.
    pub fn new(pixels: Vec<u8>, dims: [usize; 4]) -> Result<Self, ImageError> {
        let expected = dims.iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
        if expected != Some(pixels.len()) || dims[1..].contains(&0) {
            return Err(ImageError::PixelCount { file: IN_MEMORY.to_owned(), dims, found: pixels.len() });
        }
        Ok(Self { pixels, dims, labels: None, classes: 0, class_names: Vec::new(), names: Vec::new() })
    }

    /// Images that were checked where they come from.
    pub(super) fn complete(pixels: Vec<u8>, dims: [usize; 4], labels: Option<Vec<usize>>) -> Self {
        debug_assert_eq!(pixels.len(), dims.iter().product::<usize>());
        let classes = classes_of(labels.as_deref());
        Self { pixels, dims, labels, classes, class_names: Vec::new(), names: Vec::new() }
    }

    /// The same images in one channel, if they have three and these are equal everywhere: gray pictures in a format of colours.
    ///
    /// Of three equal channels two have no density: a flow learns that they are copies, and its bits per dimension mean
    /// nothing.
    ///
    /// # Example
    ///
    /// ```
    /// use flows_data::pictures::Images;
    ///
    /// let gray = Images::new(vec![7, 9, 7, 9, 7, 9], [1, 3, 1, 2])?;
    /// assert_eq!(gray.gray().map(|images| images.pixels().to_vec()), Some(vec![7, 9]));
    /// assert!(Images::new(vec![7, 9, 7, 9, 7, 8], [1, 3, 1, 2])?.gray().is_none());
    /// # Ok::<(), flows_data::ImageError>(())
    /// ```
    pub fn gray(&self) -> Option<Self> {
        let [count, channels, height, width] = self.dims;
        let size = height * width;
        let each = || self.pixels.chunks_exact(3 * size);
        if count == 0
            || channels != 3
            || !each().all(|image| image[..size] == image[size..2 * size] && image[..size] == image[2 * size..])
        {
            return None;
        }
        let pixels = each().flat_map(|image| &image[..size]).copied().collect();
        Some(Self { pixels, dims: [count, 1, height, width], ..self.clone() })
    }

    /// The same images with a label each.
    ///
    /// # Errors
    ///
    /// More or fewer labels than images, and a label that none of the named classes has.
    pub fn with_labels(self, labels: Vec<usize>) -> Result<Self, ImageError> {
        self.labelled(labels, IN_MEMORY)
    }

    /// The same images with the labels of a file.
    pub(super) fn labelled(self, labels: Vec<usize>, file: &str) -> Result<Self, ImageError> {
        if labels.len() != self.len() {
            return Err(ImageError::LabelCount { file: file.to_owned(), images: self.len(), labels: labels.len() });
        }
        if !self.class_names.is_empty() {
            check_labels(&labels, self.class_names.len(), file)?;
        }
        let classes = classes_of(Some(&labels)).max(self.class_names.len());
        Ok(Self { labels: Some(labels), classes, ..self })
    }

    /// The same images with a name for each class: label 0 is the first.
    ///
    /// # Errors
    ///
    /// A label that is beyond the names.
    pub fn with_class_names<S: Into<String>>(self, names: impl IntoIterator<Item = S>) -> Result<Self, ImageError> {
        let class_names: Vec<String> = names.into_iter().map(Into::into).collect();
        if let Some(labels) = &self.labels {
            check_labels(labels, class_names.len(), IN_MEMORY)?;
        }
        Ok(Self { classes: class_names.len(), class_names, ..self })
    }

    /// Other images with other labels, of the same classes.
    pub(super) fn replaced(&self, pixels: Vec<u8>, dims: [usize; 4], labels: Option<Vec<usize>>) -> Self {
        let class_names = self.class_names.clone();
        // The names of as many images are those of the same ones; who selects others, names them.
        let names = if dims[0] == self.len() { self.names.clone() } else { vec![] };
        Self { classes: self.classes, class_names, names, ..Self::complete(pixels, dims, labels) }
    }

    /// The same images with a name each, such as that of a file.
    ///
    /// # Panics
    ///
    /// If there are more or fewer names than images.
    #[must_use]
    pub fn with_names<S: Into<String>>(self, names: impl IntoIterator<Item = S>) -> Self {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        assert_eq!(names.len(), self.len(), "`names`: expected one for each image");
        Self { names, ..self }
    }

    /// The names of the images, those of their files where they are from a folder; none where nothing is known of them.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How many images there are.
    pub fn len(&self) -> usize {
        self.dims[0]
    }

    /// Whether there is no image.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// `[count, channels, height, width]`.
    pub fn dims(&self) -> [usize; 4] {
        self.dims
    }

    /// Channels of each image.
    pub fn channels(&self) -> usize {
        self.dims[1]
    }

    /// Height of each image in pixels.
    pub fn height(&self) -> usize {
        self.dims[2]
    }

    /// Width of each image in pixels.
    pub fn width(&self) -> usize {
        self.dims[3]
    }

    /// The pixels of all images, one image after the other.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The pixels of one image, in the order `[channels, height, width]`.
    ///
    /// # Panics
    ///
    /// If there is no such image.
    pub fn image(&self, index: usize) -> &[u8] {
        assert!(index < self.len(), "image {index} of {} images", self.len());
        let size = self.image_bytes();
        &self.pixels[index * size..][..size]
    }

    /// How many bytes one image has.
    pub(super) fn image_bytes(&self) -> usize {
        self.dims[1..].iter().product()
    }

    /// The label of each image, if they have any.
    pub fn labels(&self) -> Option<&[usize]> {
        self.labels.as_deref()
    }

    /// The number of classes, if the images have labels: that of the names, else one more than the largest label.
    ///
    /// Parts of the images ([`select`](Self::select), [`take`](Self::take), [`split`](Self::split)) have as many as the
    /// whole, whichever of them occur in the part.
    ///
    /// # Example
    ///
    /// ```
    /// use flows_data::pictures::Images;
    ///
    /// let images = Images::new(vec![0; 3], [3, 1, 1, 1])?.with_labels(vec![0, 0, 2])?;
    /// assert_eq!((images.classes(), images.take(1).classes()), (Some(3), Some(3)));
    /// # Ok::<(), flows_data::ImageError>(())
    /// ```
    pub fn classes(&self) -> Option<usize> {
        self.labels.as_ref().map(|_| self.classes)
    }

    /// The name of each class; none where they are not known.
    pub fn class_names(&self) -> &[String] {
        &self.class_names
    }
}

/// One more than the largest label.
fn classes_of(labels: Option<&[usize]>) -> usize {
    labels.and_then(|labels| labels.iter().max()).map_or(0, |largest| largest.saturating_add(1))
}

/// Checks that every label is one of the classes.
pub(super) fn check_labels(labels: &[usize], classes: usize, file: &str) -> Result<(), ImageError> {
    match labels.iter().position(|&label| label >= classes) {
        None => Ok(()),
        Some(image) => Err(ImageError::UnknownLabel { file: file.to_owned(), image, label: labels[image], classes }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn images() -> Images {
        Images::new((0..12).collect(), [3, 1, 2, 2]).expect("complete")
    }

    #[test]
    fn sizes_and_pixels_are_what_was_given() {
        let images = Images::new((0..24).collect(), [1, 3, 2, 4]).expect("complete");
        assert_eq!((images.len(), images.channels(), images.height(), images.width()), (1, 3, 2, 4));
        assert_eq!((images.dims(), images.pixels().len()), ([1, 3, 2, 4], 24));
        assert!(!images.is_empty() && images.labels().is_none() && images.class_names().is_empty());
    }

    #[test]
    fn there_may_be_no_image_but_none_without_a_pixel() {
        assert!(Images::new(vec![], [0, 3, 32, 32]).expect("no image").is_empty());
        assert!(Images::new(vec![], [2, 0, 32, 32]).is_err());
    }

    #[test]
    fn bytes_that_do_not_fill_the_images_are_an_error() {
        let message = Images::new(vec![0; 7], [2, 1, 2, 2]).expect_err("a byte is missing").to_string();
        let sizes = "[count, channels, height, width] = [2, 1, 2, 2]";
        assert_eq!(message, format!("images in memory: 7 bytes do not make images of {sizes}"));
        assert!(Images::new(vec![], [usize::MAX, 2, 1, 1]).is_err());
    }

    #[test]
    fn there_is_a_label_for_each_image() {
        assert_eq!(images().with_labels(vec![2, 0, 1]).expect("three").labels(), Some(&[2, 0, 1][..]));
        let message = images().with_labels(vec![0; 4]).expect_err("four").to_string();
        assert_eq!(message, "images in memory: 4 labels for 3 images");
    }

    #[test]
    fn labels_beyond_the_names_are_an_error_in_either_order() {
        let names = ["cat", "dog"];
        let labels = vec![0, 1, 2];
        let after = images().with_labels(labels.clone()).and_then(|images| images.with_class_names(names));
        let before = images().with_class_names(names).and_then(|images| images.with_labels(labels));
        for result in [after, before] {
            let message = result.expect_err("no third class").to_string();
            assert_eq!(message, "images in memory, image 2 (counting from 0): label 2, there are 2 classes");
        }
    }

    #[test]
    #[should_panic(expected = "image 3 of 3 images")]
    fn an_image_that_is_not_there_panics() {
        let _ = images().image(3);
    }
}
