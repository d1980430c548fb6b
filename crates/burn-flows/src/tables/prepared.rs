//! Rows as a flow sees them.

use burn::tensor::{Device, Tensor, TensorData};
use flows_core::train::Rows;

use super::Mean;

/// Rows as a flow sees them: scaled, with the log-determinants of the scaling.
#[derive(Debug, Clone, Default)]
pub(super) struct Prepared {
    pub(super) x: Vec<f64>,
    pub(super) log_dets: Vec<f64>,
    pub(super) context: Vec<f64>,
    /// With mean one; `None` where all rows count the same.
    pub(super) weights: Option<Vec<f64>>,
    /// Columns of `x` and of the context.
    pub(super) columns: (usize, usize),
}

impl Prepared {
    pub(super) fn len(&self) -> usize {
        self.log_dets.len()
    }

    /// A weight for each row.
    pub(super) fn weights(&self) -> Vec<f64> {
        self.weights.clone().unwrap_or_else(|| vec![1.0; self.len()])
    }

    /// The mean of a number a row, weighted.
    pub(super) fn mean(&self, values: &[f64]) -> Mean {
        Mean::of(values, self.weights.as_deref())
    }

    /// Rows for training, with what each brings along: its log-determinant, its weight and its context.
    pub(super) fn to_train(&self, device: &Device) -> Rows<2, Tensor<2>> {
        let (features, width) = self.columns;
        let weights = self.weights();
        let each = |row: usize| {
            let context = &self.context[row * width..][..width];
            [self.log_dets[row], weights[row]].into_iter().chain(context.iter().copied())
        };
        let brought: Vec<f64> = (0..self.len()).flat_map(each).collect();
        Rows::given(&matrix(self.x.clone(), features, device), &matrix(brought, width + 2, device))
    }

    /// So many of the rows, evenly spread.
    pub(super) fn at_most(&self, rows: usize) -> Self {
        if self.len() <= rows {
            return self.clone();
        }
        let places: Vec<usize> = (0..rows).map(|i| i * self.len() / rows).collect();
        self.select(&places)
    }

    pub(super) fn select(&self, rows: &[usize]) -> Self {
        let of = |values: &[f64], width: usize| -> Vec<f64> {
            rows.iter().flat_map(|row| &values[row * width..][..width]).copied().collect()
        };
        Self {
            x: of(&self.x, self.columns.0),
            log_dets: of(&self.log_dets, 1),
            context: of(&self.context, self.columns.1),
            weights: self.weights.as_ref().map(|weights| of(weights, 1)),
            columns: self.columns,
        }
    }
}

/// Rows on a device.
pub(crate) fn matrix(values: Vec<f64>, columns: usize, device: &Device) -> Tensor<2> {
    let rows = values.len().checked_div(columns).unwrap_or(0);
    Tensor::from_data(TensorData::new(values, [rows, columns]), device)
}

/// The numbers of a tensor on the host.
pub(crate) fn host<const D: usize>(x: Tensor<D>) -> Vec<f64> {
    x.try_into_vec_as::<f64>().expect("the device answers, and every float type converts to f64")
}
