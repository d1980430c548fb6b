//! Two moons.

use burn::tensor::{Device, Tensor, TensorData};
use flows_core::generator;
use rand::RngExt;
use rand_distr::StandardNormal;

/// Points on two interleaved half circles with Gaussian noise, and the moon of each: `[n, 2]` and `[n, 1]`.
///
/// ```text
/// moon 0: (cos t, sin t)        moon 1: (1 - cos t, ½ - sin t),   t uniform on [0, π]
/// ```
pub fn two_moons(n: usize, noise: f64, seed: u64, device: &Device) -> (Tensor<2>, Tensor<2>) {
    let mut rng = generator(seed, 0);
    let (mut points, mut labels) = (Vec::with_capacity(2 * n), Vec::with_capacity(n));
    for _ in 0..n {
        let moon = rng.random_range(0..2u8);
        let (sin, cos) = rng.random_range(0.0..std::f64::consts::PI).sin_cos();
        let (x, y) = if moon == 0 { (cos, sin) } else { (1.0 - cos, 0.5 - sin) };
        points.extend([x, y].map(|v| v + noise * rng.sample::<f64, _>(StandardNormal)));
        labels.push(f64::from(moon));
    }
    let tensor = |values: Vec<f64>, columns| Tensor::from_data(TensorData::new(values, [n, columns]), device);
    (tensor(points, 2), tensor(labels, 1))
}

/// The rows of a tensor with two columns, for plotting.
///
/// # Panics
/// Unless there are two columns.
pub fn points(x: Tensor<2>) -> Vec<[f32; 2]> {
    assert_eq!(x.dims()[1], 2, "`x`: expected 2 columns, got {}", x.dims()[1]);
    let values = x.try_into_vec_as::<f32>().expect("the device answers");
    values.chunks(2).map(|row| [row[0], row[1]]).collect()
}
