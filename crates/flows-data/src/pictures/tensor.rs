//! Images to tensors and back.

use burn::tensor::{Device, Int, Tensor, TensorData};

use super::ImageError;
use super::Images;

impl Images {
    /// The images as a tensor `[count, channels, height, width]` of the whole numbers 0 to 255, of the device's own
    /// floating point type.
    ///
    /// # Example
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use flows_data::pictures::Images;
    ///
    /// let x = Images::new(vec![0, 255], [1, 2, 1, 1])?.tensor(&Device::default());
    /// assert_eq!(x.try_into_vec_as::<f32>().unwrap(), [0.0, 255.0]);
    /// # Ok::<(), flows_data::ImageError>(())
    /// ```
    pub fn tensor(&self, device: &Device) -> Tensor<4> {
        let values: Vec<f32> = self.pixels().iter().copied().map(f32::from).collect();
        Tensor::from_data(TensorData::new(values, self.dims()), device)
    }

    /// The labels as a tensor `[count]`, if there are any.
    pub fn labels_tensor(&self, device: &Device) -> Option<Tensor<1, Int>> {
        let labels: Vec<i64> = self.labels()?.iter().map(|&label| label as i64).collect();
        let count = labels.len();
        Some(Tensor::from_data(TensorData::new(labels, [count]), device))
    }

    /// Images from a tensor `[count, channels, height, width]` of brightnesses from 0 to 255, such as a flow samples.
    ///
    /// Values are rounded to the nearest whole number; those beyond the ends become the ends.
    ///
    /// # Errors
    ///
    /// A NaN or an infinity: the error says in which image. Images of no pixels.
    ///
    /// # Example
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use flows_data::pictures::Images;
    ///
    /// let x = Tensor::<4>::from_data([[[[-3.0, 1.4, 1.6, 300.0]]]], &Device::default());
    /// assert_eq!(Images::from_tensor(x)?.pixels(), [0, 1, 2, 255]);
    /// # Ok::<(), flows_data::ImageError>(())
    /// ```
    pub fn from_tensor(x: Tensor<4>) -> Result<Self, ImageError> {
        let dims = x.dims();
        let values = x.try_into_vec_as::<f32>().expect("the device answers, and every float type converts to f32");
        Self::from_floats(&values, dims)
    }

    /// Images of a flow's samples, and how many of them are not finite: those are black. Otherwise
    /// [`from_tensor`](Self::from_tensor).
    ///
    /// One sample that diverged then does not cost all the others.
    ///
    /// # Errors
    ///
    /// Images of no pixels.
    ///
    /// # Example
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use flows_data::pictures::Images;
    ///
    /// let x = Tensor::<4>::from_data([[[[7.0, f32::NAN]]], [[[8.0, 9.0]]]], &Device::default());
    /// let (images, broken) = Images::from_samples(x)?;
    /// assert_eq!((images.pixels(), broken), (&[0, 0, 8, 9][..], 1));
    /// # Ok::<(), flows_data::ImageError>(())
    /// ```
    pub fn from_samples(x: Tensor<4>) -> Result<(Self, usize), ImageError> {
        let dims = x.dims();
        let mut values = x.try_into_vec_as::<f32>().expect("the device answers, and every float type converts to f32");
        let mut broken = 0;
        for image in values.chunks_mut(dims[1..].iter().product::<usize>().max(1)) {
            if image.iter().any(|value| !value.is_finite()) {
                image.fill(0.0);
                broken += 1;
            }
        }
        Ok((Self::from_floats(&values, dims)?, broken))
    }

    fn from_floats(values: &[f32], dims: [usize; 4]) -> Result<Self, ImageError> {
        if let Some(first) = values.iter().position(|value| !value.is_finite()) {
            let image = first / dims[1..].iter().product::<usize>();
            let count = values.iter().filter(|value| !value.is_finite()).count();
            return Err(ImageError::NotFinite { image, value: values[first], count });
        }
        // The cast stops at the ends by itself.
        Self::new(values.iter().map(|value| value.round() as u8).collect(), dims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brightnesses_are_rounded_and_kept_between_the_ends() {
        let values = [-1e30, -0.4, 0.5, 1.49, 127.5, 254.6, 255.4, 1e30];
        let images = Images::from_floats(&values, [2, 1, 2, 2]).expect("finite");
        assert_eq!(images.pixels(), [0, 0, 1, 1, 128, 255, 255, 255]);
        assert_eq!(images.dims(), [2, 1, 2, 2]);
    }

    #[test]
    fn the_image_of_the_first_value_that_is_not_finite_is_named() {
        let mut values = [0.0; 12];
        values[9] = f32::NAN;
        values[11] = f32::INFINITY;
        let message = Images::from_floats(&values, [3, 1, 2, 2]).expect_err("a NaN").to_string();
        let expected = "image 2 (counting from 0): NaN is not a brightness (2 such values, this is the first)";
        assert_eq!(message, expected);
    }

    #[test]
    fn images_survive_the_way_to_a_tensor_and_back() {
        let device = Device::default();
        let images = Images::new((0..=255).collect(), [4, 1, 8, 8]).expect("complete");
        let x = images.tensor(&device);
        assert_eq!(x.dims(), [4, 1, 8, 8]);
        assert_eq!(Images::from_tensor(x).expect("finite"), images);
        assert!(images.labels_tensor(&device).is_none());
    }

    #[test]
    fn labels_come_out_in_order() {
        let images = Images::new(vec![0; 3], [3, 1, 1, 1]).expect("complete").with_labels(vec![7, 0, 300]).unwrap();
        let labels = images.labels_tensor(&Device::default()).expect("there are labels");
        assert_eq!(labels.try_into_vec_as::<i64>().unwrap(), [7, 0, 300]);
    }
}
