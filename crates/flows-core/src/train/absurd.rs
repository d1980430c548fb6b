//! Values so far from all others that nothing else could be told apart.

use burn::tensor::{Int, Tensor};

use super::TrainingError;
use crate::ColumnStatistics;
use crate::event::event_size;
use crate::numerics::host;
use crate::statistics::of_tensor;

/// Median distances from the median beyond which a value may be absurd.
const FAR: f64 = 1e6;
/// How many times as far as the next value it then is: tails, however heavy, have no such gap.
const GAP: f64 = 1e3;
/// The largest share of rows that may lie beyond the gap.
const SHARE: f64 = 0.01;
/// The number of values of a feature that its median is taken of.
const SAMPLE: usize = 20_000;

/// Where the values of a feature lie: its median, and the median distance from it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Place {
    median: f64,
    deviation: f64,
}

impl Place {
    fn of(mut sample: Vec<f64>) -> Self {
        let median = middle(&mut sample);
        let mut distances: Vec<f64> = sample.iter().map(|value| (value - median).abs()).collect();
        let mut deviation = middle(&mut distances);
        if deviation == 0.0 {
            // Most values are one and the same: the others tell how far apart values are.
            distances.retain(|distance| *distance > 0.0);
            deviation = if distances.len() < 8 { f64::INFINITY } else { middle(&mut distances) };
        }
        Self { median, deviation }
    }

    fn is_far(self, value: f64) -> bool {
        (value - self.median).abs() > self.deviation * FAR
    }

    /// The indices of absurd values.
    fn absurd(self, values: &[f64]) -> Vec<usize> {
        let distance = |value: f64| (value - self.median).abs();
        let mut found: Vec<usize> = (0..values.len()).filter(|i| self.is_far(values[*i])).collect();
        if found.is_empty() || found.len() as f64 > (values.len() as f64 * SHARE).max(1.0) {
            return vec![];
        }
        let nearest = found.iter().map(|i| distance(values[*i])).fold(f64::INFINITY, f64::min);
        let next = values.iter().map(|v| distance(*v)).filter(|d| *d < nearest).fold(0.0, f64::max);
        // The gap may lie among those found: a heavy tail, and one value far beyond it.
        let mut sorted: Vec<f64> = found.iter().map(|i| distance(values[*i])).collect();
        sorted.sort_by(f64::total_cmp);
        let below = std::iter::once(next).chain(sorted.iter().copied());
        let Some((_, beyond)) = below.zip(sorted.iter().copied()).find(|(below, above)| *above > below * GAP) else {
            return vec![];
        };
        found.retain(|i| distance(values[*i]) >= beyond);
        found
    }
}

/// The middle one in size.
fn middle(values: &mut [f64]) -> f64 {
    let at = values.len() / 2;
    *values.select_nth_unstable_by(at, f64::total_cmp).1
}

/// Names the first absurd value of `x` by where the values of the training rows lie, feature by feature (axis 1).
///
/// Medians are of a sample of the rows, and a feature comes to the host only where its largest or smallest value is far
/// out.
pub(super) fn check_absurd<const D: usize>(
    name: &'static str,
    x: &Tensor<D>,
    train: &Tensor<D>,
) -> Result<(), TrainingError> {
    let (size, rows) = (event_size(x), train.dims()[0]);
    let count = if D > 1 { x.dims()[1] } else { 1 };
    if size == 0 || rows == 0 || x.dims()[1..] != train.dims()[1..] {
        return Ok(());
    }
    let pixels = size / count;
    let sampled = rows.min((SAMPLE / pixels).max(8));
    let places = (0..sampled).map(|i| (i * rows / sampled) as i64).collect::<Vec<_>>();
    let sample = host(train.clone().select(0, Tensor::<1, Int>::from_data(places.as_slice(), &train.device())));
    let of_feature = |values: &[f64], feature: usize| -> Vec<f64> {
        values.chunks(size).flat_map(|row| &row[feature * pixels..][..pixels]).copied().collect()
    };
    let ends = [host(x.clone().min_dim(0)), host(x.clone().max_dim(0))];
    for feature in 0..count {
        let place = Place::of(of_feature(&sample, feature));
        if ends.iter().flat_map(|end| of_feature(end, feature)).all(|value| !place.is_far(value)) {
            continue;
        }
        let own = host(if D > 1 { x.clone().narrow(1, feature, 1) } else { x.clone() });
        let found = place.absurd(&own);
        if let Some(first) = found.first() {
            let mut rows: Vec<usize> = found.iter().map(|i| i / pixels).collect();
            rows.dedup();
            let Place { median, deviation } = place;
            return Err(TrainingError::Absurd { name, feature, rows, value: own[*first], median, deviation });
        }
    }
    Ok(())
}

/// Names the first feature (axis 1 of vectors) that does not vary in the training rows.
///
/// Rows of zeros and ones alone may be those of a discrete density, for which that is no matter.
pub(super) fn check_constant<const D: usize>(train: &Tensor<D>) -> Result<(), TrainingError> {
    let rows = train.dims()[0];
    if D != 2 || rows < 2 {
        return Ok(());
    }
    let columns = of_tensor(train, 0, true);
    let Some(&feature) = ColumnStatistics::constant(&columns).first() else { return Ok(()) };
    let value = columns[feature].minimum;
    if (value == 0.0 || value == 1.0) && is_binary(train) {
        return Ok(());
    }
    Err(TrainingError::Constant { feature, rows, value })
}

fn is_binary<const D: usize>(x: &Tensor<D>) -> bool {
    host(x.clone()).iter().all(|value| *value == 0.0 || *value == 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, TensorData};
    use rand_distr::{Cauchy, Distribution, LogNormal, StandardNormal};

    fn drawn(distribution: impl Distribution<f64>, n: usize, seed: u64) -> Vec<f64> {
        distribution.sample_iter(crate::generator(seed, 0)).take(n).collect()
    }

    fn rows(values: &[f64]) -> Tensor<2> {
        Tensor::from_data(TensorData::new(values.to_vec(), [values.len(), 1]), &Device::default())
    }

    fn absurd(values: &[f64]) -> Vec<usize> {
        let x = rows(values);
        match check_absurd("the training data", &x, &x) {
            Err(TrainingError::Absurd { rows, .. }) => rows,
            other => {
                other.unwrap();
                vec![]
            }
        }
    }

    #[test]
    fn heavy_tails_are_not_absurd() {
        for seed in 0..10 {
            assert!(absurd(&drawn(Cauchy::new(0.0, 1.0).unwrap(), 20_000, seed)).is_empty());
            assert!(absurd(&drawn(LogNormal::new(0.0, 4.0).unwrap(), 20_000, seed)).is_empty());
            assert!(absurd(&drawn(StandardNormal, 10, seed)).is_empty());
        }
    }

    #[test]
    fn one_or_a_few_values_out_of_all_proportion_are_named() {
        let mut values = drawn(StandardNormal, 2000, 7);
        values[1234] = 1e20;
        assert_eq!(absurd(&values), [1234]);
        (values[11], values[500], values[1500], values[1234]) = (9.969e36, 9.969e36, 9.969e36, 0.0);
        assert_eq!(absurd(&values), [11, 500, 1500]);
        let mut heavy = drawn(LogNormal::new(0.0, 4.0).unwrap(), 2000, 1);
        heavy[3] = 1e30;
        assert_eq!(absurd(&heavy), [3]);
        // A common offset or scale is none of our business.
        let far: Vec<f64> = drawn(StandardNormal, 2000, 7).iter().map(|v| 5e20 + 1e20 * v).collect();
        assert!(absurd(&far).is_empty());
    }

    #[test]
    fn a_column_of_one_value_but_for_a_few_is_not_absurd() {
        let mut values = vec![0.0; 200];
        values[3] = 1.0;
        assert!(absurd(&values).is_empty());
        values[3] = 1e8;
        assert!(absurd(&values).is_empty());
    }

    #[test]
    fn a_feature_that_does_not_vary_is_named_unless_all_is_binary() {
        let x = |values: [[f32; 2]; 3]| Tensor::<2>::from_data(values, &Device::default());
        let error = check_constant(&x([[0.5, 14.62], [2.0, 14.62], [3.0, 14.62]])).unwrap_err().to_string();
        assert!(error.contains("feature 1") && error.contains("14.62"), "{error}");
        assert!(check_constant(&x([[0.0, 1.0], [1.0, 1.0], [0.0, 1.0]])).is_ok());
        assert!(check_constant(&x([[0.5, 1.0], [1.0, 1.0], [0.0, 1.0]])).is_err());
    }
}
