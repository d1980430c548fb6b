//! Classes by their names.

use super::ImageError;
use super::Images;

impl Images {
    /// The same images with the labels of these classes, matched by name: for a flow that was trained on other images.
    ///
    /// Label 0 is the first of `names`, whatever it was before. The images must be of exactly these classes, in any
    /// order; where the images are to be of some of them alone, see [`of_some_classes`](Self::of_some_classes).
    ///
    /// # Errors
    ///
    /// Names that the images' classes have and `names` does not, or the other way round: the error lists both. Images
    /// without labels, or whose classes have no names.
    ///
    /// # Example
    ///
    /// ```
    /// use flows_data::pictures::Images;
    ///
    /// let images = Images::new(vec![1, 2], [2, 1, 1, 1])?.with_labels(vec![0, 1])?.with_class_names(["dog", "cat"])?;
    /// let matched = images.of_classes(&["cat".into(), "dog".into()])?;
    /// assert_eq!(matched.labels(), Some(&[1, 0][..]));
    /// assert!(images.of_classes(&["cat".into(), "cow".into()]).is_err());
    /// # Ok::<(), flows_data::ImageError>(())
    /// ```
    pub fn of_classes(&self, names: &[String]) -> Result<Self, ImageError> {
        match names.iter().all(|name| self.class_names().contains(name)) {
            true => self.of_some_classes(names),
            false => Err(self.other_classes(names)),
        }
    }

    /// The same images with the labels of these classes, of which the images may lack some; see
    /// [`of_classes`](Self::of_classes).
    ///
    /// # Errors
    ///
    /// Names that the images' classes have and `names` does not; images without labels, or whose classes have no names.
    pub fn of_some_classes(&self, names: &[String]) -> Result<Self, ImageError> {
        let place = |name: &String| names.iter().position(|other| other == name);
        let places: Option<Vec<usize>> = self.class_names().iter().map(place).collect();
        let (Some(places), Some(labels), false) = (places, self.labels(), self.class_names().is_empty()) else {
            return Err(self.other_classes(names));
        };
        let labels = labels.iter().map(|&label| places[label]).collect();
        self.replaced(self.pixels().to_vec(), self.dims(), Some(labels)).with_class_names(names.iter().cloned())
    }

    /// The number of images of each class; empty without labels.
    ///
    /// # Example
    ///
    /// ```
    /// use flows_data::pictures::Images;
    ///
    /// let images = Images::new(vec![0; 3], [3, 1, 1, 1])?.with_labels(vec![2, 0, 2])?;
    /// assert_eq!(images.class_counts(), [1, 0, 2]);
    /// assert_eq!(images.take(1).class_counts(), [0, 0, 1]);
    /// # Ok::<(), flows_data::ImageError>(())
    /// ```
    pub fn class_counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.classes().unwrap_or(0)];
        for &label in self.labels().unwrap_or_default() {
            counts[label] += 1;
        }
        counts
    }

    fn other_classes(&self, names: &[String]) -> ImageError {
        ImageError::ClassNames { expected: names.to_vec(), found: self.class_names().to_vec() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    fn images(classes: &[&str], labels: &[usize]) -> Images {
        let images = Images::new(vec![7; labels.len()], [labels.len(), 1, 1, 1]).expect("complete");
        let images = images.with_labels(labels.to_vec()).expect("as many");
        images.with_class_names(names(classes)).expect("as many classes")
    }

    #[test]
    fn a_class_is_its_name_and_not_its_place() {
        let matched = images(&["b", "c", "a"], &[0, 2, 1]).of_classes(&names(&["a", "b", "c"])).expect("the same");
        assert_eq!(matched.labels(), Some(&[1, 0, 2][..]));
        assert_eq!((matched.class_names(), matched.classes()), (&names(&["a", "b", "c"])[..], Some(3)));
    }

    #[test]
    fn names_on_one_side_alone_are_errors_that_list_both() {
        let two = images(&["b", "c"], &[0, 1]);
        let missing = two.of_classes(&names(&["a", "b", "c"])).expect_err("no a").to_string();
        assert!(missing.contains("`a`, `b`, `c`;") && missing.contains("are `b`, `c`; missing: `a`"), "{missing}");
        let unknown = two.of_some_classes(&names(&["a", "b"])).expect_err("c").to_string();
        assert!(unknown.contains("unknown: `c`"), "{unknown}");
        assert!(two.of_classes(&names(&["b", "C"])).is_err());
    }

    #[test]
    fn some_of_the_classes_keep_their_labels() {
        let some = images(&["b", "c"], &[0, 1]).of_some_classes(&names(&["a", "b", "c"])).expect("both are there");
        assert_eq!((some.labels(), some.classes()), (Some(&[1, 2][..]), Some(3)));
        assert_eq!(some.class_counts(), [0, 1, 1]);
    }

    #[test]
    fn images_without_classes_are_of_no_class() {
        let images = Images::new(vec![1], [1, 1, 1, 1]).expect("complete");
        let message = images.of_some_classes(&names(&["a"])).expect_err("no labels").to_string();
        assert!(message.contains("those of the images are none"), "{message}");
        assert!(images.class_counts().is_empty() && images.classes().is_none());
        // Labels without names may mean anything.
        assert!(images.with_labels(vec![0]).expect("one").of_some_classes(&names(&["a"])).is_err());
    }

    #[test]
    fn a_part_has_the_classes_of_the_whole() {
        let whole = images(&["a", "b", "z"], &[0, 1, 0, 1, 2]);
        assert!((0..5).all(|held_out| whole.split(held_out, 3).0.classes() == Some(3)));
        let unnamed = Images::new(vec![0; 3], [3, 1, 1, 1]).unwrap().with_labels(vec![0, 1, 2]).unwrap();
        assert_eq!((unnamed.take(1).classes(), unnamed.padded(2, 2).classes()), (Some(3), Some(3)));
    }
}
