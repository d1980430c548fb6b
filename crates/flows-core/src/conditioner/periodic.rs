//! Angles as a network should see them.

use std::f64::consts::TAU;

use burn::config::Config;
use burn::module::{Module, ModuleDisplay};
use burn::tensor::{Tensor, TensorData};

use crate::Conditioner;

/// Configuration of [`Periodic`].
#[derive(Config, Debug)]
pub struct PeriodicConfig {
    /// For each input its period, or `None` for an ordinary number.
    pub periods: Vec<Option<f64>>,
    /// How many harmonics a periodic input becomes.
    #[config(default = 4)]
    pub harmonics: usize,
}

impl PeriodicConfig {
    /// How many inputs the wrapped network has.
    pub fn embedded_width(&self) -> usize {
        self.periods.iter().map(|period| if period.is_some() { 2 * self.harmonics } else { 1 }).sum()
    }

    /// Wraps a network with `embedded_width` inputs (and more, where a context is appended).
    pub fn wrap<N>(&self, network: N) -> Periodic<N> {
        Periodic {
            network,
            periods: self.periods.iter().map(|p| p.unwrap_or(0.0)).collect(),
            harmonics: self.harmonics,
        }
    }
}

/// Shows a network angles as harmonics, so that it is continuous where they wrap round.
///
/// ```text
/// xᵢ  ↦  cos(2π k xᵢ / period), sin(2π k xᵢ / period)  for k = 1..=harmonics        where xᵢ has a period
/// xᵢ  ↦  xᵢ                                                                        elsewhere
/// ```
///
/// # Shapes
/// - `x`: `[batch, inputs]`; the network sees `[batch, embedded_width]`
#[derive(Module, Debug)]
pub struct Periodic<N> {
    /// The network.
    pub network: N,
    /// Periods, zero for an ordinary input.
    periods: Vec<f64>,
    harmonics: usize,
}

impl<N> Periodic<N> {
    /// What the network sees.
    pub fn embed(&self, x: Tensor<2>) -> Tensor<2> {
        if self.periods.iter().all(|period| *period == 0.0) {
            return x;
        }
        let (device, dtype) = (x.device(), x.dtype());
        let frequencies = |period: f64| -> Tensor<2> {
            let values: Vec<f64> = (1..=self.harmonics).map(|k| TAU * k as f64 / period).collect();
            Tensor::from_data(TensorData::new(values, [1, self.harmonics]), (&device, dtype))
        };
        let mut columns = Vec::with_capacity(self.periods.len());
        for (i, period) in self.periods.iter().enumerate() {
            let column = x.clone().narrow(1, i, 1);
            if *period == 0.0 {
                columns.push(column);
            } else {
                let angles = column * frequencies(*period);
                columns.extend([angles.clone().cos(), angles.sin()]);
            }
        }
        Tensor::cat(columns, 1)
    }
}

impl<C, N: Conditioner<2, C> + ModuleDisplay> Conditioner<2, C> for Periodic<N> {
    fn params(&self, x: Tensor<2>, context: &C) -> Tensor<2> {
        self.network.params(self.embed(x), context)
    }

    fn sees_context(&self) -> bool {
        self.network.sees_context()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MlpConfig;
    use burn::tensor::{Device, Tolerance};

    #[test]
    fn both_ends_of_a_period_look_the_same() {
        let device = Device::default();
        let config = PeriodicConfig::new(vec![Some(360.0), None]);
        let network = config.wrap(MlpConfig::new(config.embedded_width(), 1).init(&device));
        let x = Tensor::<2>::from_data([[-180.0, 0.5], [180.0, 0.5]], &device);
        let seen = network.embed(x);
        assert_eq!(seen.dims(), [2, 9]);
        let (west, east) = (seen.clone().narrow(0, 0, 1), seen.narrow(0, 1, 1));
        // sin of 4π in single precision.
        west.to_data().assert_approx_eq::<f32>(&east.to_data(), Tolerance::absolute(5e-6));
    }
}
