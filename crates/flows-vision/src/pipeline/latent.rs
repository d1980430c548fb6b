//! What can be done with the latents of images.

use burn::config::Config;
use burn::tensor::{Device, Tensor, TensorData};
use flows_core::{Bijection, Context, StandardNormal, sum_event};

use super::ImageFlow;

/// The path from one latent to another.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub enum Interpolation {
    /// The straight line, as in Glow.
    Linear,
    /// The arc round the origin: latents on the way are as long as those at the ends, as normal ones are.
    Spherical,
}

impl<B> ImageFlow<B, StandardNormal<4>> {
    /// The latents of images: `[batch, channels, height, width]`, of each pixel's middle, without noise.
    ///
    /// The context has one row an image.
    pub fn encode<C: Context>(&self, images: Tensor<4>, context: &C) -> Tensor<4>
    where
        B: Bijection<4, C>,
    {
        self.flow.bijection.forward(self.middle(images), &self.flow.seen(context)).0
    }

    /// The images of latents: whole numbers from 0 to 255.
    pub fn decode<C: Context>(&self, latents: Tensor<4>, context: &C) -> Tensor<4>
    where
        B: Bijection<4, C>,
    {
        self.to_pixels(self.flow.bijection.inverse(latents, &self.flow.seen(context)).0)
    }

    /// Draws `n` images at a temperature: the latent is `temperature` times as wide as in training.
    ///
    /// Below one, images are more alike and more regular; at one this is [`Density::sample`](flows_core::Density).
    pub fn sample_at<C: Context>(&self, n: usize, temperature: f64, context: &C, device: &Device) -> Tensor<4>
    where
        B: Bijection<4, C>,
    {
        let base = StandardNormal::<4>::new(self.event());
        let noise = flows_core::Density::sample(&base, n, &(), device);
        self.decode(noise * temperature, context)
    }

    /// Images on the way from one to another through the latent space, both ends included: `[steps, ...]`.
    ///
    /// The context has one row for each step.
    ///
    /// # Panics
    /// If there are fewer than two steps, or more or fewer than one image at either end.
    pub fn interpolate<C: Context>(
        &self,
        [from, to]: [Tensor<4>; 2],
        steps: usize,
        path: Interpolation,
        [from_context, to_context, way]: [&C; 3],
    ) -> Tensor<4>
    where
        B: Bijection<4, C>,
    {
        assert!(steps >= 2, "`steps`: expected at least 2, got {steps}");
        let ends = [(&from, "first"), (&to, "second")];
        for (end, name) in ends {
            assert!(end.dims()[0] == 1, "the {name} image: expected one, got {}", end.dims()[0]);
        }
        let (a, b) = (self.encode(from, from_context), self.encode(to, to_context));
        self.decode(between(a, b, steps, path), way)
    }
}

/// Latents on the way from `a` to `b`.
fn between(a: Tensor<4>, b: Tensor<4>, steps: usize, path: Interpolation) -> Tensor<4> {
    let device = a.device();
    let share = |of: &dyn Fn(f64) -> f64| {
        let values: Vec<f64> = (0..steps).map(|i| of(i as f64 / (steps - 1) as f64)).collect();
        Tensor::<4>::from_data(TensorData::new(values, [steps, 1, 1, 1]), (&device, a.dtype()))
    };
    let length = |x: Tensor<4>| sum_event(x.clone() * x).sqrt();
    let cosine = sum_event(a.clone() * b.clone()) / (length(a.clone()) * length(b.clone()));
    let angle = f64::from(cosine.into_scalar::<f32>()).clamp(-1.0, 1.0).acos();
    // Nearly parallel latents have no arc between them that differs from the line.
    if path == Interpolation::Linear || angle.sin() < 1e-4 {
        return a.clone() * share(&|t| 1.0 - t) + b * share(&|t| t);
    }
    let from = share(&|t| ((1.0 - t) * angle).sin() / angle.sin());
    let to = share(&|t| (t * angle).sin() / angle.sin());
    a * from + b * to
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Tolerance;

    #[test]
    fn the_arc_keeps_the_length_and_the_line_does_not() {
        let device = Device::default();
        let a = Tensor::<4>::from_data([[[[1.0, 0.0]]]], &device);
        let b = Tensor::<4>::from_data([[[[0.0, 1.0]]]], &device);
        let arc = between(a.clone(), b.clone(), 3, Interpolation::Spherical);
        let half = 0.5f32.sqrt();
        let expected = [[[[1.0, 0.0]]], [[[half, half]]], [[[0.0, 1.0]]]];
        arc.into_data().assert_approx_eq::<f32>(&expected.into(), Tolerance::absolute(1e-6));
        let line = between(a, b, 3, Interpolation::Linear);
        assert_eq!(line.into_data(), [[[[1.0f32, 0.0]]], [[[0.5, 0.5]]], [[[0.0, 1.0]]]].into());
    }
}
