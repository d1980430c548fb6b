//! Training a flow in the units of its data.

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};

use super::{ColumnMap, Scaled, Scaling};
use crate::numerics::softplus;
use crate::train::{EpochRecord, FitConfig, Fitted, Rows, fit_watched};
use crate::{Context, Density, FlowError, sum_event};

impl<M: Module> Scaled<M> {
    /// Trains the flow on rows in the units of the data; losses are in those units too. See [`fit`](crate::train::fit).
    ///
    /// # Errors
    /// As [`fit`](crate::train::fit).
    ///
    /// # Panics
    /// If the values do not fill whole rows.
    pub fn fit(self, rows: &[f64], config: &FitConfig) -> Result<Fitted<Self>, FlowError>
    where
        M: Density<2>,
    {
        self.fit_given(rows, &(), config)
    }

    /// Trains the flow on rows with a context of as many rows. See [`fit_given`](crate::train::fit_given).
    ///
    /// # Errors
    /// As [`fit`](crate::train::fit).
    ///
    /// # Panics
    /// If the values do not fill whole rows.
    pub fn fit_given<C: Context>(self, rows: &[f64], context: &C, config: &FitConfig) -> Result<Fitted<Self>, FlowError>
    where
        M: Density<2, C>,
    {
        let rows = self.rows_given(rows, context);
        self.fit_watched(&rows, None, config, |_, _| Ok(()))
    }

    /// Rows to train on, scaled: for [`fit_watched`](Self::fit_watched).
    ///
    /// # Panics
    /// If the values do not fill whole rows.
    pub fn rows(&self, values: &[f64]) -> Rows<2> {
        self.rows_given(values, &())
    }

    /// Rows to train on with a context of as many rows, scaled: for [`fit_watched`](Self::fit_watched).
    ///
    /// # Panics
    /// If the values do not fill whole rows.
    pub fn rows_given<C: Context>(&self, values: &[f64], context: &C) -> Rows<2, C> {
        Rows::given(&self.to_tensor(values, &self.device()), context)
    }

    /// Trains on the one rows and validates on the others, both as [`rows`](Self::rows) scales them, and calls `watch`
    /// after every epoch. See [`fit_watched`](crate::train::fit_watched()).
    ///
    /// # Errors
    /// As [`fit_watched`](crate::train::fit_watched()).
    ///
    /// # Example
    /// ```
    /// use burn::tensor::Device;
    /// use flows_core::train::{FitConfig, Reporting};
    /// use flows_core::{RealNvpConfig, ScaledConfig};
    ///
    /// let rows: Vec<f64> = (0..600).map(|i| 5.4e6 + 100.0 * (0.7 * f64::from(i)).sin()).collect();
    /// let (train, validation) = rows.split_at(500);
    /// let flow = ScaledConfig::from_rows(RealNvpConfig::new(2).with_layers(2), train, 2)?.init(&Device::default());
    /// let (train, held_out) = (flow.rows(train), flow.rows(validation));
    /// let config = FitConfig::new().with_epochs(2).with_reporting(Reporting::Silent);
    /// let fitted = flow.fit_watched(&train, Some(&held_out), &config, |_, _| Ok(()))?;
    /// // The loss is that of the rows in metres.
    /// let loss = -fitted.flow.mean_log_prob(validation).0;
    /// assert!((fitted.best_validation_loss().unwrap() - loss).abs() < 1e-4);
    /// # Ok::<(), flows_core::FlowError>(())
    /// ```
    pub fn fit_watched<C: Context>(
        self,
        train: &Rows<2, C>,
        validation: Option<&Rows<2, C>>,
        config: &FitConfig,
        mut watch: impl FnMut(&EpochRecord, &Self) -> Result<(), FlowError>,
    ) -> Result<Fitted<Self>, FlowError>
    where
        M: Density<2, C>,
    {
        let fitted = fit_watched(InUnits { scaled: self }, train, validation, config, |record, flow| {
            watch(record, &flow.scaled)
        })?;
        Ok(fitted.map(|flow| flow.scaled))
    }
}

/// What trains: on scaled rows, with the likelihood of the rows in their own units.
#[derive(Module, Debug)]
struct InUnits<M> {
    scaled: Scaled<M>,
}

/// The log-determinant of the scaling, from scaled rows.
fn log_det(scaling: &Scaling, y: Tensor<2>) -> Tensor<1> {
    let (rows, device) = (y.dims()[0], y.device());
    let constant: f64 = scaling.columns().iter().map(ColumnMap::slope_constant).sum();
    let curved: Vec<(usize, &ColumnMap, (f64, f64))> = (scaling.columns().iter().enumerate())
        .filter_map(|(place, map)| map.moments().map(|moments| (place, map, moments)))
        .collect();
    if curved.is_empty() {
        return Tensor::full([rows], constant, (&device, y.dtype()));
    }
    let places: Vec<i64> = curved.iter().map(|(place, ..)| *place as i64).collect();
    let place = Tensor::from_data(TensorData::new(places, [curved.len()]), &device);
    let dtype = y.dtype();
    let numbers = |number: fn(&ColumnMap, (f64, f64)) -> f64| {
        let numbers: Vec<f64> = curved.iter().map(|(_, map, moments)| number(map, *moments)).collect();
        Tensor::<2>::from_data(TensorData::new(numbers, [1, curved.len()]), (&device, dtype))
    };
    let u = y.select(1, place) * numbers(|_, (_, std)| std) + numbers(|_, (mean, _)| mean);
    let bend = softplus(-u.clone() * numbers(|map, _| map.slope()[2])) * numbers(|map, _| map.slope()[1]);
    sum_event(u * numbers(|map, _| map.slope()[0]) + bend) + constant
}

impl<C: Context, M: Density<2, C>> Density<2, C> for InUnits<M> {
    fn log_prob(&self, y: Tensor<2>, context: &C) -> Tensor<1> {
        let log_det = log_det(self.scaled.scaling(), y.clone());
        self.scaled.flow.log_prob(y, context) + log_det
    }

    fn sample(&self, n: usize, context: &C, device: &Device) -> Tensor<2> {
        self.scaled.flow.sample(n, context, device)
    }

    fn sees_context(&self) -> bool {
        self.scaled.flow.sees_context()
    }

    fn init_from_data(self, y: Tensor<2>, context: &C) -> Self {
        let scaling = self.scaled.scaling().clone();
        Self { scaled: Scaled::new(self.scaled.flow.init_from_data(y, context), scaling) }
    }

    fn recompute_statistics(self, y: Tensor<2>, context: &C) -> Self {
        let scaling = self.scaled.scaling().clone();
        Self { scaled: Scaled::new(self.scaled.flow.recompute_statistics(y, context), scaling) }
    }

    // The log-determinant does not depend on what is trained.
    fn gradients(&self, y: Tensor<2>, context: &C, weight: f64) -> (Tensor<1>, GradientsParams) {
        let log_det = log_det(self.scaled.scaling(), y.clone().without_autodiff());
        let (log_prob, gradients) = self.scaled.flow.gradients(y, context, weight);
        (log_prob + log_det, gradients)
    }
}
