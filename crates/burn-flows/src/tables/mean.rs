//! A mean and its error.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A mean of a number a row, and its standard error.
///
/// # Example
/// ```
/// use burn_flows::tables::Mean;
///
/// let plain = Mean::of(&[1.0, 3.0], None);
/// assert_eq!((plain.mean, plain.error), (2.0, 1.0));
/// // A weight of two counts as two rows.
/// assert!((Mean::of(&[1.0, 4.0], Some(&[2.0, 1.0])).mean - 2.0).abs() < 1e-12);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Mean {
    /// The mean.
    #[serde(with = "number")]
    pub mean: f64,
    /// Its standard error; NaN of fewer than two rows.
    #[serde(with = "number")]
    pub error: f64,
}

impl Mean {
    /// The mean of values that count by their weights.
    ///
    /// ```text
    /// mean = Σ wᵢ xᵢ / Σ wᵢ        error² = n/(n - 1) Σ (wᵢ (xᵢ - mean))² / (Σ wᵢ)²
    /// ```
    ///
    /// # Panics
    /// If there is not a weight for each value.
    pub fn of(values: &[f64], weights: Option<&[f64]>) -> Self {
        let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]);
        let counted = || (0..values.len()).filter(|row| weight(*row) != 0.0);
        let total: f64 = counted().map(weight).sum();
        let mean = counted().map(|row| weight(row) * values[row]).sum::<f64>() / total;
        let squares: f64 = counted().map(|row| (weight(row) * (values[row] - mean)).powi(2)).sum();
        let rows = counted().count() as f64;
        let error = (squares * rows / (rows - 1.0)).sqrt() / total;
        Self { mean, error: if rows < 2.0 { f64::NAN } else { error } }
    }

    /// The mean difference of pairs of values.
    ///
    /// # Panics
    /// If there are not as many of the one as of the other.
    pub fn of_differences(values: &[f64], others: &[f64], weights: Option<&[f64]>) -> Self {
        assert_eq!(values.len(), others.len(), "`others`: expected as many as `values`");
        // Both impossible is no difference.
        let difference = |(a, b): (&f64, &f64)| if a == b { 0.0 } else { a - b };
        Self::of(&values.iter().zip(others).map(difference).collect::<Vec<_>>(), weights)
    }
}

impl fmt::Display for Mean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(3);
        match f.sign_plus() {
            true => write!(f, "{:+.digits$}", self.mean)?,
            false => write!(f, "{:.digits$}", self.mean)?,
        }
        if self.error.is_nan() { Ok(()) } else { write!(f, " ± {:.digits$}", 2.0 * self.error) }
    }
}

/// Numbers that JSON does not have, as text.
pub(super) mod number {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(in crate::tables) fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        if value.is_finite() { serializer.serialize_f64(*value) } else { serializer.serialize_str(&value.to_string()) }
    }

    pub(in crate::tables) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Saved {
            Number(f64),
            Text(String),
        }
        match Saved::deserialize(deserializer)? {
            Saved::Number(number) => Ok(number),
            Saved::Text(text) => text.parse().map_err(serde::de::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn infinite_means_survive_json() {
        let mean = Mean { mean: f64::NEG_INFINITY, error: f64::NAN };
        let json = serde_json::to_string(&mean).unwrap();
        let back: Mean = serde_json::from_str(&json).unwrap();
        assert!(back.mean == f64::NEG_INFINITY && back.error.is_nan(), "{json}");
    }

    #[test]
    fn rows_without_weight_do_not_count() {
        let some = Mean::of(&[1.0, f64::NEG_INFINITY, 3.0], Some(&[1.0, 0.0, 1.0]));
        assert_eq!(some, Mean::of(&[1.0, 3.0], None));
        let difference = Mean::of_differences(&[1.0, f64::NEG_INFINITY], &[0.5, f64::NEG_INFINITY], None);
        assert_eq!(difference.mean, 0.25);
    }
}
