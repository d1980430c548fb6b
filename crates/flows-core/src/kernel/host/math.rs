//! Elementary functions that a compiler can vectorise: no calls, no branches, no tables.
//!
//! Each is within 2 units in the last place or so of the exact value (stated and tested below), and has the limits, the
//! infinities and the NaN of the one in the standard library. A fused multiply-add is nowhere asked for: where the
//! hardware has none it would be a slow call.
//!
//! The polynomials are those of the Cephes library, Stephen L. Moshier, 1984-2000, <https://www.netlib.org/cephes/>.

/// `1.5 · 2²³`: added to a small number, it leaves the nearest integer in the lowest bits.
const ROUND: f32 = 12_582_912.0;
/// The two parts of `ln 2`: the first has few digits, so that a product with a small integer is exact.
const LN_2_HIGH: f32 = 0.693_359_4;
const LN_2_LOW: f32 = -2.121_944_4e-4;

/// `eˣ`.
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    // Beyond these the result is infinite or zero. Written so that a NaN passes.
    let x = if x > 89.0 { 89.0 } else { x };
    let x = if x < -104.0 { -104.0 } else { x };
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = (shifted.to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32);
    let k = shifted - ROUND;
    let r = x - k * LN_2_HIGH - k * LN_2_LOW;
    let p = polynomial(r, [1.987_569_1e-4, 1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 5e-1]);
    let p = p * (r * r) + r + 1.0;
    // In two steps, so that neither factor leaves the range of exponents.
    let half = n >> 1;
    p * power_of_two(half) * power_of_two(n.wrapping_sub(half))
}

/// `2ⁿ` for exponents of normal numbers.
#[inline(always)]
fn power_of_two(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) as u32) << 23)
}

#[inline(always)]
fn polynomial<const N: usize>(x: f32, coefficients: [f32; N]) -> f32 {
    let mut sum = 0.0;
    for c in coefficients {
        sum = sum * x + c;
    }
    sum
}

/// `ln x`.
#[inline(always)]
pub(super) fn ln(x: f32) -> f32 {
    let subnormal = x < f32::MIN_POSITIVE;
    let scaled = if subnormal { x * 8_388_608.0 } else { x };
    let bits = scaled.to_bits();
    // x = m 2ᵉ with m from √½ to √2.
    let e = (bits.wrapping_sub(std::f32::consts::FRAC_1_SQRT_2.to_bits()) as i32) >> 23;
    let m = f32::from_bits(bits.wrapping_sub((e as u32) << 23));
    let e = e as f32 - if subnormal { 23.0 } else { 0.0 };
    let f = m - 1.0;
    let square = f * f;
    let coefficients = [
        7.037_684e-2,
        -1.151_461e-1,
        1.167_699_9e-1,
        -1.242_014_1e-1,
        1.424_932_3e-1,
        -1.666_805_8e-1,
        2.000_071_5e-1,
        -2.499_999_4e-1,
        3.333_333e-1,
    ];
    let tail = polynomial(f, coefficients) * f * square + e * LN_2_LOW - 0.5 * square;
    let y = f + tail + e * LN_2_HIGH;
    let y = if x == 0.0 { f32::NEG_INFINITY } else { y };
    let y = if x == f32::INFINITY { x } else { y };
    // Of a negative number and of a NaN.
    if x >= 0.0 { y } else { f32::NAN }
}

/// `ln(1 + u)` for `u` from 0 to 1, with all digits of small `u`.
#[inline(always)]
fn ln_1p(u: f32) -> f32 {
    let w = 1.0 + u;
    // What rounding did to 1 + u is undone by the quotient.
    let y = ln(w) * (u / (w - 1.0));
    if w == 1.0 { u } else { y }
}

/// `ln(1 + eˣ)`.
#[inline(always)]
pub(super) fn softplus(x: f32) -> f32 {
    (if x > 0.0 { x } else { 0.0 }) + ln_1p(exp(-x.abs()))
}

/// `1 / (1 + e⁻ˣ)`.
#[inline(always)]
pub(super) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// `tanh x`.
#[inline(always)]
pub(super) fn tanh(x: f32) -> f32 {
    let square = x * x;
    let near = polynomial(square, [-5.704_988_7e-3, 2.063_908_8e-2, -5.373_971_5e-2, 1.333_144_2e-1, -3.333_328e-1]);
    let near = near * square * x + x;
    let far = 1.0 - 2.0 / (exp(2.0 * x.abs()) + 1.0);
    if x.abs() < 0.625 { near } else { far.copysign(x) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The largest relative error over a million points, where the exact value is a normal number.
    fn worst(from: f64, to: f64, ours: fn(f32) -> f32, exact: fn(f64) -> f64) -> f64 {
        let n = 1_000_000;
        let mut worst = 0f64;
        for i in 0..=n {
            let x = (from + (to - from) * f64::from(i) / f64::from(n)) as f32;
            let expected = exact(f64::from(x));
            if expected.abs() > f64::from(f32::MIN_POSITIVE) && expected.abs() < f64::from(f32::MAX) {
                worst = worst.max(((f64::from(ours(x)) - expected) / expected).abs());
            }
        }
        worst
    }

    // 1.2e-7 is one unit in the last place of a number with the smallest mantissa.
    #[test]
    fn every_function_is_within_the_error_that_it_states() {
        let softplus_exact = |x: f64| x.max(0.0) + (-x.abs()).exp().ln_1p();
        let sigmoid_exact = |x: f64| 1.0 / (1.0 + (-x).exp());
        for (name, error, allowed) in [
            ("exp", worst(-87.0, 88.7, exp, f64::exp), 1.5e-7),
            ("ln", worst(1e-6, 0.9, ln, f64::ln), 1.5e-7),
            ("ln, large", worst(1.1, 1e9, ln, f64::ln), 1.5e-7),
            ("softplus", worst(-80.0, 80.0, softplus, softplus_exact), 4e-7),
            ("sigmoid", worst(-80.0, 80.0, sigmoid, sigmoid_exact), 3e-7),
            ("tanh", worst(-12.0, 12.0, tanh, f64::tanh), 2.5e-7),
        ] {
            assert!(error < allowed, "{name}: {error:e}");
        }
    }

    #[test]
    fn the_logarithm_near_one_loses_no_digits() {
        for x in [0.999f32, 0.999_99, 1.000_01, 1.001] {
            let exact = f64::from(x).ln();
            assert!(((f64::from(ln(x)) - exact) / exact).abs() < 2e-7, "{x}");
        }
    }

    #[test]
    fn limits_infinities_and_nan_are_those_of_the_standard_library() {
        let ends = [0.0f32, -0.0, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, f32::MAX, f32::MIN];
        let pairs: [(fn(f32) -> f32, fn(f32) -> f32); 3] = [(exp, f32::exp), (ln, f32::ln), (tanh, f32::tanh)];
        for (ours, theirs) in pairs {
            for x in ends {
                let (a, b) = (ours(x), theirs(x));
                assert!(a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() < 1e-5 * b.abs(), "at {x}: {a}, {b}");
            }
        }
        assert_eq!((softplus(f32::INFINITY), softplus(f32::NEG_INFINITY)), (f32::INFINITY, 0.0));
        assert_eq!((sigmoid(f32::INFINITY), sigmoid(f32::NEG_INFINITY)), (1.0, 0.0));
        assert!(softplus(f32::NAN).is_nan() && sigmoid(f32::NAN).is_nan());
    }

    #[test]
    fn subnormal_numbers_keep_what_digits_they_have() {
        for x in [1e-40f32, 3e-39] {
            assert!((ln(x) - x.ln()).abs() < 1e-5, "{x}");
        }
        assert!((exp(-90.0) / (-90f32).exp() - 1.0).abs() < 1e-4);
    }
}
