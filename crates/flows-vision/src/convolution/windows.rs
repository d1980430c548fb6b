//! Which pixels the windows of a convolution see.

use std::sync::{Arc, Mutex, PoisonError};

use burn::tensor::{Device, Int, Tensor, TensorData};

/// The sizes that the indices of windows depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Geometry {
    pub(super) kernel: usize,
    pub(super) batch: usize,
    pub(super) height: usize,
    pub(super) width: usize,
}

impl Geometry {
    /// Pixels on each side that are not of the image.
    pub(super) fn border(&self) -> usize {
        self.kernel / 2
    }

    /// The number of pixels of the images with their borders.
    pub(super) fn padded(&self) -> usize {
        let border = 2 * self.border();
        self.batch * (self.height + border) * (self.width + border)
    }

    /// For each place in the window, the index, among the pixels with borders, of the pixel that each pixel sees there.
    fn indices(&self) -> Vec<i32> {
        let (rows, columns) = (self.height + 2 * self.border(), self.width + 2 * self.border());
        let mut indices = Vec::with_capacity(self.kernel * self.kernel * self.batch * self.height * self.width);
        for place in 0..self.kernel * self.kernel {
            let (i, j) = (place / self.kernel, place % self.kernel);
            for image in 0..self.batch {
                for row in 0..self.height {
                    let start = (image * rows + row + i) * columns + j;
                    indices.extend(start as i32..(start + self.width) as i32);
                }
            }
        }
        indices
    }
}

/// The indices of the last geometry, shared by clones: they stay the same from step to step.
#[derive(Debug, Clone, Default)]
pub(super) struct Windows {
    last: Arc<Mutex<Option<(Geometry, Device, Tensor<1, Int>)>>>,
}

impl Windows {
    pub(super) fn indices(&self, geometry: Geometry, device: &Device) -> Tensor<1, Int> {
        let device = device.clone().without_autodiff();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((known, place, indices)) if *known == geometry && *place == device => indices.clone(),
            _ => {
                let indices = geometry.indices();
                let shape = [indices.len()];
                let indices = Tensor::from_data(TensorData::new(indices, shape), &device);
                *last = Some((geometry, device, indices.clone()));
                indices
            }
        }
    }
}
