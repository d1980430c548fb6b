//! Bits per dimension.

use std::f64::consts::LN_2;

use burn::config::Config;
use burn::module::{Module, ModuleDisplay};
use burn::tensor::{Int, Tensor};
use flows_core::{Bijection, Context, Density, noise};

use super::ImageFlow;
use super::image_flow::assert_pixels;

/// How images are evaluated.
#[derive(Config, Debug)]
pub struct Evaluation {
    /// Draws of noise for each image. The probability is the mean over them, and the bound the tighter the more there
    /// are.
    #[config(default = 1)]
    pub draws: usize,
    /// Seeds the noise: that of an image follows from the seed, its number, and the number of the draw.
    #[config(default = 0)]
    pub seed: u64,
    /// Images at a time.
    #[config(default = 256)]
    pub batch_size: usize,
    /// The number of dimensions to divide by, where not all are of the data: of images that were padded.
    pub dims: Option<usize>,
}

/// Bits per dimension of some images.
#[derive(Debug, Clone, PartialEq)]
pub struct BitsPerDim {
    /// Their mean.
    pub mean: f64,
    /// The standard error of the mean; NaN for a single image, which says nothing of it.
    pub standard_error: f64,
    /// Those of each image.
    pub each: Vec<f64>,
}

impl BitsPerDim {
    fn new(each: Vec<f64>) -> Self {
        let n = each.len() as f64;
        let mean = each.iter().sum::<f64>() / n;
        let variance = each.iter().map(|bits| (bits - mean).powi(2)).sum::<f64>() / (n - 1.0);
        Self { mean, standard_error: (variance / n).sqrt(), each }
    }
}

impl<B: ModuleDisplay, P: ModuleDisplay> ImageFlow<B, P> {
    /// Bits per dimension of each image, `[batch]`, with one draw of noise, as training sees it: differentiable.
    pub fn bits_per_dim<C: Context>(&self, images: Tensor<4>, context: &C) -> Tensor<1>
    where
        B: Bijection<4, C>,
        P: Density<4, C>,
    {
        self.log_ratio(images, context) * (-1.0 / (self.dims() as f64 * LN_2)) + self.bits() as f64
    }

    /// Bits per dimension of images, on a snapshot without autodiff: whole numbers in, bits out.
    ///
    /// ```text
    /// bits(x) = n - log 1/K Σₖ [p(vₖ) / q(uₖ | x)] / (D log 2)
    /// ```
    ///
    /// The context has one row an image.
    ///
    /// # Panics
    /// If there are no images or no draws, or the images are not whole numbers from 0 to 255.
    pub fn evaluate<C: Context>(&self, images: &Tensor<4>, context: &C, evaluation: &Evaluation) -> BitsPerDim
    where
        B: Bijection<4, C>,
        P: Density<4, C>,
    {
        let rows = images.dims()[0];
        assert!(rows > 0, "`images`: expected at least one, got none");
        assert!(evaluation.draws > 0, "`draws`: expected at least 1, got 0");
        assert!(evaluation.batch_size > 0, "`batch_size`: expected at least 1, got 0");
        let (density, images) = (self.valid(), images.clone().without_autodiff());
        let mut each = Vec::with_capacity(rows);
        for start in (0..rows).step_by(evaluation.batch_size) {
            let count = evaluation.batch_size.min(rows - start);
            let indices = Tensor::<1, Int>::arange(start as i64..(start + count) as i64, &images.device());
            let (x, context) = (images.clone().narrow(0, start, count), context.select_rows(&indices));
            assert_pixels(&x);
            let numbered: Vec<usize> = (start..start + count).collect();
            let draw = |draw| {
                let scope = || numbers(density.log_ratio(x.clone(), &context));
                noise::scope(evaluation.seed, draw as u64, &numbered, scope)
            };
            let draws: Vec<Vec<f64>> = (0..evaluation.draws).map(draw).collect();
            each.extend((0..count).map(|i| self.bits_of(&draws, i, evaluation.dims)));
        }
        BitsPerDim::new(each)
    }

    /// Bits of one image, from the draws of its batch.
    fn bits_of(&self, draws: &[Vec<f64>], image: usize, dims: Option<usize>) -> f64 {
        let max = draws.iter().map(|draw| draw[image]).fold(f64::NEG_INFINITY, f64::max);
        let log_ratio = match draws {
            [one] => one[image],
            // Impossible under each draw, where the differences below would be no numbers.
            _ if max == f64::NEG_INFINITY && draws.iter().all(|draw| draw[image] == max) => max,
            _ => max + (draws.iter().map(|draw| (draw[image] - max).exp()).sum::<f64>() / draws.len() as f64).ln(),
        };
        let bits = self.bits() as f64 - log_ratio / (self.dims() as f64 * LN_2);
        match dims {
            Some(dims) => bits * self.dims() as f64 / dims as f64,
            None => bits,
        }
    }

    /// A score of each image, the higher the less it is like the training data: its bits per dimension.
    ///
    /// # Notes
    /// Likelihood alone is misled by texture: smooth images of another kind may score lower than the training data
    /// itself. To find what is unusual on both sides, take the distance from the mean score of validation images.
    ///
    /// # Panics
    /// As [`evaluate`](ImageFlow::evaluate).
    ///
    /// # Reference
    /// "Do Deep Generative Models Know What They Don't Know?", Nalisnick, Matsukawa, Teh, Gorur, Lakshminarayanan,
    /// 2019, <https://arxiv.org/abs/1810.09136>.
    pub fn anomaly_scores<C: Context>(&self, images: &Tensor<4>, context: &C, evaluation: &Evaluation) -> Vec<f64>
    where
        B: Bijection<4, C>,
        P: Density<4, C>,
    {
        self.evaluate(images, context, evaluation).each
    }
}

fn numbers(x: Tensor<1>) -> Vec<f64> {
    x.try_into_vec_as::<f64>().expect("the device answers, and every float type converts to f64")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Preprocess;
    use flows_core::{Exp, Flow, UniformBox};

    #[test]
    fn one_image_has_no_standard_error() {
        let bits = BitsPerDim::new(vec![3.0]);
        assert!(bits.mean == 3.0 && bits.standard_error.is_nan());
        assert_eq!(BitsPerDim::new(vec![1.0, 3.0]).standard_error, 1.0);
    }

    #[test]
    fn an_image_that_is_impossible_under_every_draw_has_infinite_bits() {
        let base = UniformBox::<4>::new([1, 1, 1], &[0.0], &[1.0]);
        let flow: ImageFlow<Option<Exp>, UniformBox<4>> =
            ImageFlow::new([1, 1, 1], 8, Preprocess::None, Flow::new(None, base));
        let impossible = vec![f64::NEG_INFINITY];
        assert_eq!(flow.bits_of(&[impossible.clone(), impossible.clone()], 0, None), f64::INFINITY);
        assert_eq!(flow.bits_of(&[impossible, vec![2.0 * LN_2]], 0, None), 8.0 - 1.0);
        assert!(flow.bits_of(&[vec![f64::NAN], vec![0.0]], 0, None).is_nan());
    }
}
