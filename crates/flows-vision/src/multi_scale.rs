//! The multi-scale architecture.

use burn::module::{Module, ModuleDisplay};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use flows_core::Bijection;

use crate::squeeze::{squeeze, unsqueeze};

/// The multi-scale architecture of RealNVP and Glow: after each scale but the last, half of the channels are done.
///
/// ```text
/// (h₁, z₁) = halves(scale₁(x)),  (h₂, z₂) = halves(scale₂(h₁)),  ...,  z_L = scale_L(h_{L-1})
/// z = the latents z₁ ... z_L, put together in the shape of x        log_det = sum over the scales
/// ```
///
/// A scale is any bijection that makes an image `factor` times smaller, most often by a [`Squeeze`](crate::Squeeze) at
/// its start or in its middle. A prior of the channels that go out, given those that stay, is an affine coupling at the
/// end of the scale: it brings them to a standard normal. The first half of the channels (the larger one where their
/// number is odd) goes on, the second goes out.
///
/// **The latent has the shape of the image**, so that no base density need know of the scales. Going back from the last
/// scale: the latent so far and the channels that went out are laid one after the other, and unsqueezed by the factor
/// of the scale. [`latents`](MultiScale::latents) takes the latents of the scales out of it, and
/// [`from_latents`](MultiScale::from_latents) puts them back.
///
/// # Shapes
/// - `x`, `z`: `[batch, channels, height, width]`
/// - latents, for a factor 2 each: `[batch, 2ⁱ·channels, height/2ⁱ, width/2ⁱ]` for scale `i` from 1, twice as many
///   channels at the last
///
/// # Panics
/// If a scale does not make the image smaller by its factor, or leaves fewer than two channels to take apart.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::Bijection;
/// use flows_vision::{MultiScale, Squeeze};
///
/// let scales = MultiScale::new(vec![Squeeze::new(2), Squeeze::new(2)], vec![2, 2]);
/// let x = Tensor::<4>::ones([5, 3, 8, 8], &Device::default());
/// let (z, _) = scales.forward(x, &());
/// let latents = scales.latents(z.clone());
/// assert_eq!([latents[0].dims(), latents[1].dims()], [[5, 6, 4, 4], [5, 24, 2, 2]]);
/// assert_eq!(scales.from_latents(latents).to_data(), z.to_data());
/// ```
///
/// # Reference
/// "Density estimation using Real NVP", Dinh, Sohl-Dickstein, Bengio, 2017, section 3.6,
/// <https://arxiv.org/abs/1605.08803>.
#[derive(Module, Debug)]
pub struct MultiScale<B> {
    /// The scales.
    pub scales: Vec<B>,
    factors: Vec<usize>,
}

impl<B> MultiScale<B> {
    /// Scales in the order in which an image passes them, and by how much each makes it smaller.
    ///
    /// # Panics
    /// If there is no scale, or not one factor for each, or a factor is zero.
    pub fn new(scales: Vec<B>, factors: Vec<usize>) -> Self {
        assert!(!scales.is_empty(), "`scales`: expected at least one, got none");
        assert!(!factors.contains(&0), "`factors`: expected at least 1 each, got {factors:?}");
        assert_eq!(factors.len(), scales.len(), "`factors`: expected one a scale, {}, got {factors:?}", scales.len());
        Self { scales, factors }
    }

    /// The latents of the scales, the finest first.
    pub fn latents(&self, z: Tensor<4>) -> Vec<Tensor<4>> {
        let mut latents = Vec::with_capacity(self.factors.len());
        let mut z = z;
        for (i, factor) in self.factors.iter().enumerate() {
            let y = squeeze(z, *factor);
            if i + 1 == self.factors.len() {
                latents.push(y);
                break;
            }
            let (rest, out) = halves(y, i);
            latents.push(out);
            z = rest;
        }
        latents
    }

    /// The latent of the image from those of the scales, the finest first.
    ///
    /// # Panics
    /// If there is not one latent a scale, or their shapes do not fit together.
    pub fn from_latents(&self, latents: Vec<Tensor<4>>) -> Tensor<4> {
        assert_eq!(
            latents.len(),
            self.factors.len(),
            "`latents`: expected one a scale, {}, got {}",
            self.factors.len(),
            latents.len()
        );
        let whole =
            latents.into_iter().zip(&self.factors).rev().fold(None, |rest: Option<Tensor<4>>, (out, factor)| {
                let y = match rest {
                    Some(rest) => Tensor::cat(vec![rest, out], 1),
                    None => out,
                };
                Some(unsqueeze(y, *factor))
            });
        whole.expect("there is a scale")
    }

    /// Checks that a scale has made an image as small as it should.
    fn check(&self, scale: usize, before: [usize; 4], after: [usize; 4]) {
        let factor = self.factors[scale];
        assert!(
            after[2] * factor == before[2] && after[3] * factor == before[3],
            "`factors`: scale {} has factor {factor}, and makes {} x {} pixels of {} x {}",
            scale + 1,
            after[2],
            after[3],
            before[2],
            before[3]
        );
    }

    /// Passes an image through the scales by `step`, which has the number of the scale: the latents.
    fn descend(&self, x: Tensor<4>, mut step: impl FnMut(usize, Tensor<4>) -> Tensor<4>) -> Vec<Tensor<4>> {
        let (last, mut x, mut latents) = (self.factors.len() - 1, x, vec![]);
        for scale in 0..last {
            let before = x.dims();
            let y = step(scale, x);
            self.check(scale, before, y.dims());
            let (rest, out) = halves(y, scale);
            latents.push(out);
            x = rest;
        }
        let before = x.dims();
        let y = step(last, x);
        self.check(last, before, y.dims());
        latents.push(y);
        latents
    }

    /// As [`descend`](Self::descend), with scales that `step` replaces.
    fn replace(mut self, x: Tensor<4>, step: impl Fn(B, Tensor<4>) -> (B, Tensor<4>)) -> (Self, Tensor<4>) {
        let mut scales: Vec<Option<B>> = std::mem::take(&mut self.scales).into_iter().map(Some).collect();
        let latents = self.descend(x, |i, x| {
            let (scale, y) = step(scales[i].take().expect("each scale is passed once"), x);
            scales[i] = Some(scale);
            y
        });
        self.scales = scales.into_iter().flatten().collect();
        let z = self.from_latents(latents);
        (self, z)
    }
}

/// The channels that go on and those that go out.
fn halves(y: Tensor<4>, scale: usize) -> (Tensor<4>, Tensor<4>) {
    let [_, channels, ..] = y.dims();
    assert!(channels >= 2, "`scales`: expected scale {} to leave two channels to take apart, got one", scale + 1);
    let kept = channels.div_ceil(2);
    (y.clone().narrow(1, 0, kept), y.narrow(1, kept, channels - kept))
}

fn sum(total: &mut Option<Tensor<1>>, log_det: Tensor<1>) {
    *total = Some(match total.take() {
        Some(sum) => sum + log_det,
        None => log_det,
    });
}

impl<C, B: Bijection<4, C> + ModuleDisplay> Bijection<4, C> for MultiScale<B> {
    fn forward(&self, x: Tensor<4>, context: &C) -> (Tensor<4>, Tensor<1>) {
        let mut total = None;
        let latents = self.descend(x, |scale, x| {
            let (y, log_det) = self.scales[scale].forward(x, context);
            sum(&mut total, log_det);
            y
        });
        (self.from_latents(latents), total.expect("there is a scale"))
    }

    fn inverse(&self, z: Tensor<4>, context: &C) -> (Tensor<4>, Tensor<1>) {
        let (mut total, mut rest) = (None, None);
        for (scale, out) in self.scales.iter().zip(self.latents(z)).rev() {
            let y = match rest.take() {
                Some(rest) => Tensor::cat(vec![rest, out], 1),
                None => out,
            };
            let (x, log_det) = scale.inverse(y, context);
            sum(&mut total, log_det);
            rest = Some(x);
        }
        (rest.expect("there is a scale"), total.expect("there is a scale"))
    }

    fn init_from_data(self, x: Tensor<4>, context: &C) -> (Self, Tensor<4>) {
        self.replace(x, |scale, x| scale.init_from_data(x, context))
    }

    fn recompute_statistics(self, x: Tensor<4>, context: &C) -> (Self, Tensor<4>) {
        self.replace(x, |scale, x| scale.recompute_statistics(x, context))
    }

    fn pull_back(
        &self,
        z: Tensor<4>,
        dz: Tensor<4>,
        d_log_det: &Tensor<1>,
        context: &C,
        grads: &mut GradientsParams,
    ) -> (Tensor<4>, Tensor<4>) {
        let mut rest: Option<(Tensor<4>, Tensor<4>)> = None;
        for ((scale, out), d_out) in self.scales.iter().zip(self.latents(z)).zip(self.latents(dz)).rev() {
            let (y, dy) = match rest.take() {
                Some((x, dx)) => (Tensor::cat(vec![x, out], 1), Tensor::cat(vec![dx, d_out], 1)),
                None => (out, d_out),
            };
            rest = Some(scale.pull_back(y, dy, d_log_det, context, grads));
        }
        rest.expect("there is a scale")
    }

    fn sees_context(&self) -> bool {
        self.scales.iter().any(|scale| scale.sees_context())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Squeeze;
    use burn::tensor::{Device, Distribution, Int};
    use flows_core::DiagonalScaling;

    #[test]
    fn latents_have_the_documented_shapes_to_any_depth() {
        let x = Tensor::<4>::random([2, 3, 8, 16], Distribution::Normal(0.0, 1.0), &Device::default());
        for depth in 1..=3 {
            let scales = MultiScale::new(vec![Squeeze::new(2); depth], vec![2; depth]);
            let (z, _) = scales.forward(x.clone(), &());
            assert_eq!(z.dims(), x.dims());
            let latents = scales.latents(z.clone());
            for (i, latent) in latents.iter().enumerate() {
                let (halved, last) = (1 << (i + 1), i + 1 == depth);
                let channels = 3 * halved * if last { 2 } else { 1 };
                assert_eq!(latent.dims(), [2, channels, 8 / halved, 16 / halved], "depth {depth}, scale {i}");
            }
            assert_eq!(scales.from_latents(latents).to_data(), z.to_data());
            assert_eq!(Bijection::<4>::inverse(&scales, z, &()).0.to_data(), x.to_data());
        }
    }

    #[test]
    fn a_pixel_of_the_finest_latent_is_one_that_went_out_first() {
        let x = Tensor::<1, Int>::arange(0..16, &Device::default()).float().reshape([1, 1, 4, 4]);
        let scales = MultiScale::new(vec![Squeeze::new(2), Squeeze::new(2)], vec![2, 2]);
        let latents = scales.latents(scales.forward(x, &()).0);
        // Of four channels the last two go out: the lower rows of the blocks of two by two pixels.
        let finest: Vec<f32> = latents[0].clone().try_into_vec_as().unwrap();
        assert_eq!(finest, [4.0, 6.0, 12.0, 14.0, 5.0, 7.0, 13.0, 15.0]);
    }

    // nflows' base_test composes scalings by 2, 1 and 1/4 and expects half of the input and the summed log-det.
    #[test]
    fn log_determinants_of_the_scales_are_summed() {
        let device = Device::default();
        let scaling = |channels: usize, by: f64| {
            let mut layer = DiagonalScaling::new(channels, &device);
            layer.log_scale = flows_core::replace(layer.log_scale, Tensor::full([channels], by.ln(), &device));
            layer
        };
        let scales = MultiScale::new(vec![scaling(4, 2.0), scaling(2, 0.25)], vec![1, 1]);
        let (z, log_det) = scales.forward(Tensor::<4>::ones([1, 4, 3, 1], &device), &());
        let latents = scales.latents(z);
        assert_eq!(latents[0].to_data(), [[[[2.0f32], [2.0], [2.0]]; 2]].into());
        assert_eq!(latents[1].to_data(), [[[[0.5f32], [0.5], [0.5]]; 2]].into());
        let expected = 12.0 * 2f32.ln() + 6.0 * 0.25f32.ln();
        assert!((log_det.into_scalar::<f32>() - expected).abs() < 1e-5);
    }

    #[test]
    #[should_panic(expected = "expected a height and a width that 2 divides, got 3 x 3 pixels")]
    fn sizes_that_do_not_divide_are_rejected() {
        let scales = MultiScale::new(vec![Squeeze::new(2), Squeeze::new(2)], vec![2, 2]);
        scales.forward(Tensor::<4>::zeros([1, 1, 6, 6], &Device::default()), &());
    }

    #[test]
    #[should_panic(expected = "scale 1 has factor 4, and makes 2 x 2 pixels of 4 x 4")]
    fn a_wrong_factor_is_named() {
        let scales = MultiScale::new(vec![Squeeze::new(2)], vec![4]);
        scales.forward(Tensor::<4>::zeros([1, 1, 4, 4], &Device::default()), &());
    }
}
