//! The order of the features.

use burn::config::Config;
use flows_core::generator;
use rand::seq::SliceRandom;

/// The order in which the features are made, each given those before it.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub enum InputOrder {
    /// As they stand.
    Natural,
    /// The last one first.
    Reversed,
    /// A random one, the same for the same seed.
    Random {
        /// The seed.
        seed: u64,
    },
}

/// The degrees of the features: the place of each in the order, counted from 1.
///
/// ```
/// use flows_autoregressive::mask::{InputOrder, input_degrees};
///
/// assert_eq!(input_degrees(3, InputOrder::Natural), [1, 2, 3]);
/// assert_eq!(input_degrees(3, InputOrder::Reversed), [3, 2, 1]);
/// ```
pub fn input_degrees(features: usize, order: InputOrder) -> Vec<usize> {
    let mut degrees: Vec<usize> = (1..=features).collect();
    match order {
        InputOrder::Natural => {}
        InputOrder::Reversed => degrees.reverse(),
        InputOrder::Random { seed } => degrees.shuffle(&mut generator(seed, 0)),
    }
    degrees
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_random_order_has_every_place_once_and_follows_its_seed() {
        let order = |seed| input_degrees(50, InputOrder::Random { seed });
        assert_eq!(order(1), order(1));
        assert_ne!(order(1), order(2));
        let mut sorted = order(1);
        sorted.sort_unstable();
        assert_eq!(sorted, input_degrees(50, InputOrder::Natural));
    }
}
