//! The figures of a run.

use flows_core::train::{EpochRecord, Fitted};
use serde::Serialize;

use crate::settings::Settings;
use crate::source::Parts;

/// All figures of a run; likelihoods in nats a row, in the units of the table. What a run does not have is `null`.
#[derive(Debug, Serialize)]
pub(crate) struct Figures {
    pub(crate) model: serde_json::Value,
    pub(crate) test_log_likelihood: f64,
    pub(crate) two_standard_errors: f64,
    pub(crate) val_log_likelihood: f64,
    pub(crate) train_log_likelihood: f64,
    pub(crate) bits_per_feature: f64,
    pub(crate) gaussian_test_log_likelihood: Option<f64>,
    pub(crate) params: usize,
    pub(crate) epochs: usize,
    pub(crate) best_epoch: usize,
    pub(crate) stopped: serde_json::Value,
    pub(crate) seconds: f64,
    pub(crate) train_loss: Option<f64>,
    pub(crate) train_rows: usize,
    pub(crate) validation_rows: usize,
    pub(crate) test_rows: usize,
    pub(crate) features: usize,
    pub(crate) columns: Vec<String>,
    pub(crate) whole_number_columns: Vec<String>,
    pub(crate) heavy_tailed_columns: Vec<String>,
    pub(crate) notes: Vec<String>,
    pub(crate) seed: u64,
}

/// The log-likelihoods of the parts.
#[derive(Debug)]
pub(crate) struct Likelihoods {
    pub(crate) train: Mean,
    pub(crate) validation: Mean,
    pub(crate) test: Mean,
    pub(crate) gaussian: Option<Mean>,
}

/// A mean and its standard error; NaN for what cannot be known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Mean {
    pub(crate) mean: f64,
    pub(crate) error: f64,
}

impl Mean {
    /// Of values that count by their weights.
    pub(crate) fn of(values: &[f64], weights: Option<&[f64]>) -> Self {
        let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]);
        let total: f64 = (0..values.len()).map(weight).sum();
        let mean = values.iter().enumerate().map(|(row, value)| weight(row) * value).sum::<f64>() / total;
        let squares = values.iter().enumerate().map(|(row, value)| (weight(row) * (value - mean)).powi(2));
        let rows = values.len() as f64;
        let error = (squares.sum::<f64>() * rows / (rows - 1.0)).sqrt() / total;
        Self { mean, error: if values.len() < 2 { f64::NAN } else { error } }
    }
}

impl Figures {
    pub(crate) fn new<F>(
        settings: &Settings,
        parts: &Parts,
        likelihoods: &Likelihoods,
        fitted: &Fitted<F>,
        params: usize,
        heavy: &[usize],
    ) -> Self {
        let Likelihoods { train, validation, test, gaussian } = likelihoods;
        let columns = parts.train.table.names();
        let named = |places: &[usize]| places.iter().map(|place| columns[*place].clone()).collect();
        let last = fitted.history.last();
        Self {
            model: serde_json::to_value(settings.model).expect("a name"),
            test_log_likelihood: test.mean,
            two_standard_errors: 2.0 * test.error,
            val_log_likelihood: validation.mean,
            train_log_likelihood: train.mean,
            bits_per_feature: -test.mean / (columns.len() as f64 * std::f64::consts::LN_2),
            gaussian_test_log_likelihood: gaussian.map(|gaussian| gaussian.mean),
            params,
            epochs: fitted.history.len(),
            best_epoch: fitted.best_epoch,
            stopped: serde_json::to_value(fitted.stopped).expect("a name"),
            seconds: last.map_or(0.0, |record: &EpochRecord| record.seconds),
            train_loss: last.map(|record| record.train_loss),
            train_rows: parts.train.table.rows(),
            validation_rows: parts.validation.table.rows(),
            test_rows: parts.test.table.rows(),
            features: columns.len(),
            columns: columns.to_vec(),
            whole_number_columns: named(parts.whole.places()),
            heavy_tailed_columns: named(heavy),
            notes: parts.notes.clone(),
            seed: settings.seed,
        }
    }

    /// What the person who trained reads.
    pub(crate) fn report(&self) -> String {
        let error = match self.two_standard_errors {
            error if error.is_nan() => "nats a row".to_owned(),
            error => format!("± {error:.4} nats a row (two standard errors)"),
        };
        let gaussian = self.gaussian_test_log_likelihood.map_or("none".to_owned(), |value| format!("{value:.4}"));
        format!(
            "test log-likelihood   {:10.4} {error}\n  of a Gaussian       {gaussian:>10}\nbits per feature      {:10.4}\n\
             validation rows       {:10.4}\ntraining rows         {:10.4}\nparameters            {:10}\n\
             epochs                {:10}   (the best was {})\nseconds               {:10.1}\n",
            self.test_log_likelihood,
            self.bits_per_feature,
            self.val_log_likelihood,
            self.train_log_likelihood,
            self.params,
            self.epochs,
            self.best_epoch,
            self.seconds,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_of_two_counts_as_two_rows() {
        let twice = Mean::of(&[1.0, 4.0], Some(&[2.0, 1.0]));
        assert!((twice.mean - 2.0).abs() < 1e-12 && twice.error > 0.0);
        let plain = Mean::of(&[1.0, 3.0], None);
        assert_eq!((plain.mean, plain.error), (2.0, 1.0));
        assert!(Mean::of(&[1.0], None).error.is_nan());
    }
}
