//! The degrees of the hidden units.

use burn::config::Config;
use flows_core::generator;
use rand::RngExt;

/// How the hidden units get their degrees: how many of the first features each may see.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub enum HiddenDegrees {
    /// Spread evenly from the lowest to the highest, in ascending order.
    Sequential,
    /// Drawn at random, from the lowest degree of the layer before to the highest, the same for the same seed.
    Random {
        /// The seed.
        seed: u64,
    },
}

/// The degrees of the hidden units of each layer, from `lowest` to `highest`.
///
/// No unit has a degree below all of the layer before, so that every unit is connected to it.
///
/// ```
/// use flows_autoregressive::mask::{HiddenDegrees, hidden_degrees};
///
/// assert_eq!(hidden_degrees(&[6, 2], 1, 3, HiddenDegrees::Sequential), [vec![1, 1, 2, 2, 3, 3], vec![1, 3]]);
/// ```
pub fn hidden_degrees(widths: &[usize], lowest: usize, highest: usize, degrees: HiddenDegrees) -> Vec<Vec<usize>> {
    match degrees {
        HiddenDegrees::Sequential => widths.iter().map(|&width| sequential(width, lowest, highest)).collect(),
        HiddenDegrees::Random { seed } => {
            let mut rng = generator(seed, 0);
            let mut lowest = lowest;
            widths
                .iter()
                .map(|&width| {
                    let layer: Vec<usize> = (0..width).map(|_| rng.random_range(lowest..=highest)).collect();
                    lowest = layer.iter().copied().min().unwrap_or(lowest);
                    layer
                })
                .collect()
        }
    }
}

fn sequential(width: usize, lowest: usize, highest: usize) -> Vec<usize> {
    let (values, last) = (highest - lowest + 1, highest - lowest);
    let degree = |unit: usize| match width {
        _ if width >= values => unit * values / width,
        1 => last / 2,
        // Fewer units than degrees: both ends are there, and the rest evenly between.
        _ => (unit * last + (width - 1) / 2) / (width - 1),
    };
    (0..width).map(|unit| lowest + degree(unit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequential_degrees_are_ascending_and_reach_from_the_lowest_to_the_highest() {
        for width in 2..40 {
            let layer = sequential(width, 1, 12);
            assert!(layer.is_sorted(), "{layer:?}");
            assert_eq!((layer[0], layer[width - 1]), (1, 12), "{layer:?}");
        }
        assert_eq!(sequential(1, 1, 9), [5]);
        assert_eq!(sequential(3, 0, 0), [0, 0, 0]);
    }

    #[test]
    fn every_random_unit_is_connected_to_the_layer_before() {
        for seed in 0..50 {
            let layers = hidden_degrees(&[4, 3, 5], 1, 20, HiddenDegrees::Random { seed });
            for pair in layers.windows(2) {
                let lowest_before = pair[0].iter().min().unwrap();
                assert!(pair[1].iter().all(|degree| degree >= lowest_before && *degree <= 20), "{layers:?}");
            }
        }
    }
}
