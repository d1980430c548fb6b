"""Two moons, the same numbers as `benches/flows-bench/src/moons.rs` makes."""

import numpy as np

# The deviation of the noise.
NOISE = 0.1


def moons(n, seed):
    """Points on two interleaved half circles with Gaussian noise, [n, 2], the same for the same seed everywhere."""
    moon, place, radius, angle = uniform(4 * n, seed).reshape(n, 4).T
    cos, sin = np.cos(np.pi * place), np.sin(np.pi * place)
    x, y = np.where(moon < 0.5, (cos, sin), (1 - cos, 0.5 - sin))
    # Box and Muller's normal numbers.
    radius = NOISE * np.sqrt(-2 * np.log(1 - radius))
    return np.stack([x + radius * np.cos(2 * np.pi * angle), y + radius * np.sin(2 * np.pi * angle)], axis=1)


def uniform(n, seed):
    """SplitMix64: the first numbers of the seed's sequence, in [0, 1)."""
    start = np.uint64(seed * 0xD1B54A32D192ED03 % 2**64)
    bits = start + np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((bits ^ (bits >> np.uint64(31))) >> np.uint64(11)) / 2.0**53
