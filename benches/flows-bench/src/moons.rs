//! Two moons, the same numbers as `benches/peers/moons.py` makes.

use std::f64::consts::{PI, TAU};

use burn::tensor::{Device, Tensor, TensorData};

/// The deviation of the noise.
const NOISE: f64 = 0.1;

/// Uniform numbers that each row takes: its moon, its place on it, and two for the noise.
const A_ROW: usize = 4;

/// Points on two interleaved half circles with Gaussian noise, `[n, 2]`, the same for the same seed everywhere.
pub(crate) fn moons(n: usize, seed: u64, device: &Device) -> Tensor<2> {
    let values: Vec<f64> = (0..n).flat_map(|row| point(row, seed)).collect();
    Tensor::from_data(TensorData::new(values, [n, 2]), device)
}

fn point(row: usize, seed: u64) -> [f64; 2] {
    let [moon, place, radius, angle] = std::array::from_fn(|k| uniform((A_ROW * row + k) as u64, seed));
    let (sin, cos) = (PI * place).sin_cos();
    let [x, y] = if moon < 0.5 { [cos, sin] } else { [1.0 - cos, 0.5 - sin] };
    // Box and Muller's normal numbers.
    let (radius, (sin, cos)) = (NOISE * (-2.0 * (1.0 - radius).ln()).sqrt(), (TAU * angle).sin_cos());
    [x + radius * cos, y + radius * sin]
}

/// SplitMix64: the number at a place of the seed's sequence, in [0, 1).
fn uniform(place: u64, seed: u64) -> f64 {
    let start = seed.wrapping_mul(0xD1B5_4A32_D192_ED03);
    let mut bits = start.wrapping_add((place + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (((bits ^ (bits >> 31)) >> 11) as f64) / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_points_are_those_of_python() {
        let python = [[0.05054266006872214, 1.085877087649409], [1.813326353304534, -0.26148759171969654]];
        for (row, expected) in python.into_iter().enumerate() {
            let [x, y] = point(row, 1);
            assert!((x - expected[0]).abs() + (y - expected[1]).abs() < 1e-12, "{x}, {y} and not {expected:?}");
        }
    }
}
