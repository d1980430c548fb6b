//! The generator of random numbers.

use rand::SeedableRng;

/// The generator of everything that is drawn on the host: ChaCha with 8 rounds, whose numbers are the same on every
/// machine and in every version.
pub type Generator = chacha20::ChaCha8Rng;

/// The generator of one stream of a seed; the streams of a seed are independent of each other.
///
/// # Example
/// ```
/// use flows_core::generator;
/// use rand::RngExt;
///
/// let draw = |seed, stream| generator(seed, stream).random::<u64>();
/// assert_eq!(draw(7, 0), draw(7, 0));
/// assert_ne!(draw(7, 0), draw(7, 1));
/// ```
///
/// # Reference
/// "ChaCha, a variant of Salsa20", Bernstein, 2008, <https://cr.yp.to/chacha/chacha-20080128.pdf>.
pub fn generator(seed: u64, stream: u64) -> Generator {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    let mut generator = Generator::from_seed(key);
    generator.set_stream(stream);
    generator
}

/// A seed of its own for every stream, for generators that have no streams (the finaliser of SplitMix64).
pub(crate) fn mix(seed: u64, stream: u64) -> u64 {
    let mut z = seed ^ stream.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;

    #[test]
    fn the_first_numbers_of_a_stream_are_those_of_the_cipher() {
        // The key stream of ChaCha8 with a key and a nonce of zeros: 3e00ef2f 895f40d6 ("Test Vectors for the Stream Cipher
        // ChaCha", draft-strombergson-chacha-test-vectors-01, TC1, 8 rounds).
        assert_eq!(generator(0, 0).next_u64().to_le_bytes(), [0x3e, 0x00, 0xef, 0x2f, 0x89, 0x5f, 0x40, 0xd6]);
    }

    #[test]
    fn seeds_and_streams_have_numbers_of_their_own() {
        let mut first: Vec<u64> =
            (0..30).flat_map(|seed| (0..30).map(move |stream| generator(seed, stream).next_u64())).collect();
        first.sort_unstable();
        first.dedup();
        assert_eq!(first.len(), 900);
    }
}
