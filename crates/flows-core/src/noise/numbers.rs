//! Random numbers from a counter.

use crate::generator::mix;

/// What random bits are made into.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// Uniform in `0..1`.
    Uniform,
    /// Standard normal.
    Normal,
    /// `value` where the bits are below the threshold, zero elsewhere.
    Kept { threshold: u32, value: f64 },
}

impl Kind {
    /// `1 / (1 - probability)`, or zero with that probability.
    pub(super) fn kept(probability: f64) -> Self {
        let kept = 1.0 - probability;
        // The conversion saturates: what is dropped once in 2³³ numbers is never dropped.
        Self::Kept { threshold: (kept * 2f64.powi(32)).round() as u32, value: kept.recip() }
    }
}

/// The key of a row in a draw.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key(u32, u32);

impl Key {
    fn new(draw: u64, row: u64) -> Self {
        let key = mix(draw, row);
        Self(key as u32, (key >> 32) as u32)
    }

    /// 32 random bits at a position: a counter, hashed between the halves of the key.
    #[inline(always)]
    fn bits(self, position: u32) -> u32 {
        let mut x = self.0.wrapping_add(position.wrapping_mul(0x9e37_79b9));
        x = (x ^ (x >> 16)).wrapping_mul(0x21f0_aaad) ^ self.1;
        x = (x ^ (x >> 15)).wrapping_mul(0x735a_2d97);
        x ^ (x >> 15)
    }

    /// Two standard normal numbers (Box, Muller), those of positions `2 pair` and `2 pair + 1`.
    fn normal_pair(self, pair: u32) -> (f64, f64) {
        let open = |position| (f64::from(self.bits(position)) + 0.5) * 2f64.powi(-32);
        let radius = (-2.0 * open(2 * pair).ln()).sqrt();
        let (sin, cos) = (std::f64::consts::TAU * open(2 * pair + 1)).sin_cos();
        (radius * cos, radius * sin)
    }
}

/// A number in single or double precision.
pub(super) trait Number: Copy {
    fn of(x: f64) -> Self;

    /// Uniform in `0..1`; the first 24 bits are the same in both precisions.
    fn unit(key: Key, position: u32) -> Self;
}

impl Number for f32 {
    fn of(x: f64) -> Self {
        x as f32
    }

    #[inline(always)]
    fn unit(key: Key, position: u32) -> Self {
        (key.bits(position) >> 8) as f32 * (1.0 / 16_777_216.0)
    }
}

impl Number for f64 {
    fn of(x: f64) -> Self {
        x
    }

    #[inline(always)]
    fn unit(key: Key, position: u32) -> Self {
        let (high, low) = (key.bits(position) >> 8, key.bits(position | (1 << 31)) >> 3);
        f64::from(high) * 2f64.powi(-24) + f64::from(low) * 2f64.powi(-53)
    }
}

/// The numbers of rows in a draw, as a tensor of `[outer, rows, inner]` has them in memory.
///
/// Those of a row follow from the draw and the number of the row, whatever the other rows.
pub(super) fn numbers<T: Number>(
    kind: Kind,
    draw: u64,
    rows: impl Iterator<Item = u64>,
    outer: usize,
    inner: usize,
) -> Vec<T> {
    let keys: Vec<Key> = rows.map(|row| Key::new(draw, row)).collect();
    assert!(outer * inner < (1 << 31), "expected less than 2^31 numbers a row, got {}", outer * inner);
    let mut out = vec![T::of(0.0); outer * keys.len() * inner];
    if out.is_empty() {
        return out;
    }
    match kind {
        Kind::Uniform => by_row(&mut out, &keys, inner, |key, first, out| {
            out.iter_mut().zip(first..).for_each(|(x, position)| *x = T::unit(key, position));
        }),
        Kind::Kept { threshold, value } => {
            let (kept, dropped) = (T::of(value), T::of(0.0));
            by_row(&mut out, &keys, inner, |key, first, out| {
                out.iter_mut().zip(first..).for_each(|(x, position)| {
                    *x = if key.bits(position) < threshold { kept } else { dropped };
                });
            });
        }
        Kind::Normal => by_row(&mut out, &keys, inner, |key, first, out| {
            let mut pair = key.normal_pair(first / 2);
            for (x, position) in out.iter_mut().zip(first..) {
                let odd = position % 2 == 1;
                if !odd {
                    pair = key.normal_pair(position / 2);
                }
                *x = T::of(if odd { pair.1 } else { pair.0 });
            }
        }),
    }
    out
}

/// Fills what is side by side of each row: by its key, and the position of the first number.
fn by_row<T>(out: &mut [T], keys: &[Key], inner: usize, fill: impl Fn(Key, u32, &mut [T])) {
    let work = || {
        for (outer, block) in out.chunks_exact_mut(keys.len() * inner).enumerate() {
            for (key, row) in keys.iter().zip(block.chunks_exact_mut(inner)) {
                fill(*key, (outer * inner) as u32, row);
            }
        }
    };
    // The widest vectors that the machine has.
    #[cfg(feature = "flex")]
    pulp::Arch::new().dispatch(work);
    #[cfg(not(feature = "flex"))]
    work();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(values: &[f64]) -> (f64, f64) {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        (mean, values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n)
    }

    #[test]
    fn numbers_have_the_moments_of_their_distribution() {
        // 10⁶ numbers: a standard error of 10⁻³ of a deviation.
        let draw = |kind| moments(&numbers::<f64>(kind, 7, 0..1000, 1, 1000));
        let near = |(mean, variance): (f64, f64), m: f64, v: f64| {
            assert!((mean - m).abs() < 5e-3 && (variance - v).abs() < 1e-2, "{mean} and {variance}, not {m} and {v}");
        };
        near(draw(Kind::Uniform), 0.5, 1.0 / 12.0);
        near(draw(Kind::Normal), 0.0, 1.0);
        // Kept with ¾: mean 1, variance (1 - ¾) / ¾.
        near(draw(Kind::kept(0.25)), 1.0, 1.0 / 3.0);
    }

    #[test]
    fn neighbours_in_a_row_and_in_a_column_and_across_draws_are_uncorrelated() {
        let (a, b) = (numbers::<f64>(Kind::Normal, 1, 0..500, 1, 400), numbers::<f64>(Kind::Normal, 2, 0..500, 1, 400));
        let correlation = |pairs: &mut dyn Iterator<Item = (f64, f64)>| {
            let (mut sum, mut n) = (0.0, 0.0);
            pairs.for_each(|(x, y)| (sum, n) = (sum + x * y, n + 1.0));
            sum / n
        };
        let shifted = |by: usize| correlation(&mut a.iter().copied().zip(a[by..].iter().copied()));
        for found in [shifted(1), shifted(2), shifted(400), correlation(&mut a.iter().copied().zip(b.iter().copied()))]
        {
            // 2 · 10⁵ pairs: a standard error of 0.0022.
            assert!(found.abs() < 0.01, "{found}");
        }
    }

    #[test]
    fn every_bit_of_a_counter_is_even_and_independent_of_the_next_row() {
        let (one, two) = (Key::new(3, 10), Key::new(3, 11));
        for bit in 0..32 {
            let ones: u32 = (0..1 << 16).map(|i| (one.bits(i) >> bit) & 1).sum();
            let alike: u32 = (0..1 << 16).map(|i| (!(one.bits(i) ^ two.bits(i)) >> bit) & 1).sum();
            // 2¹⁶ coins: a deviation of 128.
            assert!(ones.abs_diff(1 << 15) < 700 && alike.abs_diff(1 << 15) < 700, "bit {bit}: {ones}, {alike}");
        }
    }

    #[test]
    fn a_row_has_its_numbers_beside_any_others_and_in_either_precision() {
        for kind in [Kind::Uniform, Kind::Normal, Kind::kept(0.4)] {
            let (all, some) = (numbers::<f64>(kind, 5, 0..8, 2, 3), numbers::<f32>(kind, 5, [6, 1].into_iter(), 2, 3));
            for outer in 0..2 {
                for (place, row) in [6, 1].into_iter().enumerate() {
                    for i in 0..3 {
                        let (a, b) = (all[(outer * 8 + row) * 3 + i], some[(outer * 2 + place) * 3 + i]);
                        assert!((a - f64::from(b)).abs() < 1e-6, "{a} and {b}");
                    }
                }
            }
        }
    }

    #[test]
    fn uniform_numbers_stay_below_one() {
        assert!(numbers::<f32>(Kind::Uniform, 0, 0..100, 1, 100_000).iter().all(|x| (0.0..1.0).contains(x)));
    }
}
