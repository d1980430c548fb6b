//! numpy's generator of random numbers as it was in 2017, which decides the rows and the noise of POWER.

use rand_mt::Mt;

/// `numpy.random.RandomState`: the Mersenne Twister of 32 bits, and numpy's ways to use it.
///
/// numpy promises never to change what a seed gives here, which is why it is still worth repeating.
pub(crate) struct RandomState(Mt);

impl RandomState {
    /// The state that `RandomState(seed)` begins with.
    pub(crate) fn new(seed: u32) -> Self {
        Self(Mt::new(seed))
    }

    /// A number in `[0, 1)` with 53 random bits, as `random_sample` and `rand` draw it.
    pub(crate) fn uniform(&mut self) -> f64 {
        // Two words, of which 27 and 26 bits are used.
        let high = f64::from(self.0.next_u32() >> 5);
        let low = f64::from(self.0.next_u32() >> 6);
        (high * f64::from(1_u32 << 26) + low) / (1_u64 << 53) as f64
    }

    /// A number from 0 to `max`, both included: words are cut to the bits `max` has, until one is not above it.
    fn up_to(&mut self, max: u32) -> u32 {
        let mask = u32::MAX.checked_shr(max.leading_zeros()).unwrap_or(0);
        loop {
            let drawn = self.0.next_u32() & mask;
            if drawn <= max {
                return drawn;
            }
        }
    }

    /// Shuffles the rows of an array of the given number of columns, as `shuffle` does with its first axis.
    pub(crate) fn shuffle_rows(&mut self, values: &mut [f64], columns: usize) {
        for row in (1..values.len() / columns).rev() {
            let last = u32::try_from(row).expect("a table of 2^32 rows does not fit into memory");
            let other = self.up_to(last) as usize;
            // Also drawn, and then not used, where a row would change places with itself.
            if other < row {
                let (before, from) = values.split_at_mut(row * columns);
                before[other * columns..][..columns].swap_with_slice(&mut from[..columns]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use flows_data::Table;

    use super::*;

    fn fixture(name: &str) -> Vec<f64> {
        let path = format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
        Table::read_npy(path).expect("a committed file").values().to_vec()
    }

    // Both files hold what numpy itself drew; `make.py` beside them wrote them.
    #[test]
    fn rows_are_shuffled_and_numbers_drawn_as_numpy_does_to_the_last_bit() {
        let mut rows: Vec<f64> = (0..2000).map(f64::from).collect();
        let mut generator = RandomState::new(42);
        generator.shuffle_rows(&mut rows, 2);
        assert_eq!(rows, fixture("numpy_shuffle.npy"));
        let drawn: Vec<f64> = (0..50).map(|_| generator.uniform()).collect();
        assert_eq!(drawn, fixture("numpy_rand.npy"));
    }

    #[test]
    fn nothing_is_drawn_for_a_table_of_one_row() {
        let mut generator = RandomState::new(42);
        generator.shuffle_rows(&mut [1.0, 2.0], 2);
        assert_eq!(generator.uniform(), RandomState::new(42).uniform());
    }
}
