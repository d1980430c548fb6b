//! Which of several models is kept.

use serde::{Deserialize, Serialize};

use super::Mean;
use crate::model::ModelKind;

/// A model that was compared with others on rows held out; likelihoods are in nats a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The model.
    pub model: ModelKind,
    /// What else there is to say of it, such as the number of components.
    pub detail: String,
    /// The log-likelihood of the rows it was chosen by.
    pub validation: Mean,
    /// The log-likelihood of the rows that are reported.
    pub test: Mean,
}

/// By how much the model that was chosen is better than another, in nats a row, on the rows that are reported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The other model.
    pub against: ModelKind,
    /// The mean of the differences a row, and its standard error.
    pub difference: Mean,
}

impl Difference {
    /// Whether the difference is no more than two standard errors.
    pub fn is_tie(&self) -> bool {
        self.difference.mean.abs() <= 2.0 * self.difference.error
    }
}

/// The number of the model to keep, by scores of the same rows: of simple models first. A later one is kept where its mean
/// is better than that of the best so far by more than one standard error of the paired differences.
pub(crate) fn choose(scores: &[Vec<f64>], weights: Option<&[f64]>) -> usize {
    // What has no likelihood is no better than what is impossible.
    let known = |scores: &[f64]| -> Vec<f64> {
        scores.iter().map(|score| if score.is_nan() { f64::NEG_INFINITY } else { *score }).collect()
    };
    let scores: Vec<Vec<f64>> = scores.iter().map(|scores| known(scores)).collect();
    let mut best = 0;
    for i in 1..scores.len() {
        let gain = Mean::of_differences(&scores[i], &scores[best], weights);
        // An infinite gain has no error.
        let clear = gain.mean > 0.0 && (gain.error.is_nan() || gain.mean > gain.error);
        if clear {
            best = i;
        }
    }
    best
}

/// The differences between the model that was chosen and the others, by scores of the same rows.
pub(super) fn differences(
    models: &[ModelKind],
    scores: &[Vec<f64>],
    chosen: usize,
    weights: Option<&[f64]>,
) -> Vec<Difference> {
    let others = (0..scores.len()).filter(|i| *i != chosen);
    let difference = |i: usize| Mean::of_differences(&scores[chosen], &scores[i], weights);
    others.map(|i| Difference { against: models[i], difference: difference(i) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_go_to_the_simpler_model_and_clear_gains_do_not() {
        let simple: Vec<f64> = (0..100).map(|i| (f64::from(i) * 0.7).sin()).collect();
        let moved = |by: f64, noise: f64| -> Vec<f64> {
            simple.iter().enumerate().map(|(i, s)| s + by + noise * (i as f64 * 1.9).sin()).collect()
        };
        // The standard error of the noise is 0.07.
        assert_eq!(choose(&[simple.clone(), moved(0.03, 1.0)], None), 0);
        assert_eq!(choose(&[simple.clone(), moved(0.2, 1.0)], None), 1);
        assert_eq!(choose(&[simple.clone(), moved(0.01, 0.0)], None), 1);
        assert_eq!(choose(&[simple.clone(), moved(0.3, 0.0), moved(0.3, 0.5)], None), 1);
    }

    #[test]
    fn a_model_for_which_a_row_is_impossible_is_never_better() {
        let (fine, impossible) = (vec![-5.0, -6.0], vec![1.0, f64::NEG_INFINITY]);
        assert_eq!(choose(&[fine.clone(), impossible.clone()], None), 0);
        assert_eq!(choose(&[impossible, fine.clone()], None), 1);
        let unknown = vec![1.0, f64::NAN];
        assert_eq!((choose(&[fine.clone(), unknown.clone()], None), choose(&[unknown, fine], None)), (0, 1));
    }
}
