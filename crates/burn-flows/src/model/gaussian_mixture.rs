//! A mixture of Gaussians, given a context or not.

use burn::config::Config;
use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};
use flows_core::{
    ColumnStatistics, Density, FittedMixture, GaussianMixtureConfig, MixtureError, budget, log_sum_exp, noise, replace,
    zero_density_beyond,
};

/// Configuration of [`ConditionalMixture`].
#[derive(Config, Debug)]
pub struct ConditionalMixtureConfig {
    /// The number of features.
    pub features: usize,
    /// The width of the context, 0 for none.
    #[config(default = 0)]
    pub context: usize,
    /// The number of components.
    #[config(default = 1)]
    pub components: usize,
}

impl ConditionalMixtureConfig {
    /// Makes the mixture: standard normals, all alike.
    ///
    /// # Panics
    /// If there are no features or no components.
    pub fn init(&self, device: &Device) -> ConditionalMixture {
        assert!(self.features > 0, "`features`: expected at least 1, got 0");
        assert!(self.components > 0, "`components`: expected at least 1, got 0");
        let (k, width) = (self.components, self.features.saturating_add(self.context));
        budget::claim([k, width, width]);
        let eye = Tensor::<2>::eye(width, device).unsqueeze::<3>().repeat_dim(0, k);
        ConditionalMixture {
            context: self.context,
            logits: Param::from_tensor(Tensor::zeros([k], device)),
            loc: Param::from_tensor(Tensor::zeros([k, width], device)),
            factors: Param::from_tensor(eye),
        }
    }

    /// Fits the mixture of context and features together to weighted rows, in double precision, by
    /// expectation-maximisation; what the context has of it cancels in the density.
    ///
    /// Columns of the context that do not vary, or follow from others, are left out. So many steps of
    /// expectation-maximisation run at most, from so many starts.
    ///
    /// # Errors
    /// If there are fewer rows than components, a value is not finite, or a feature does not vary.
    pub fn fit(
        &self,
        x: &[f64],
        context: &[f64],
        weights: &[f64],
        (iterations, starts): (usize, usize),
        device: &Device,
    ) -> Result<ConditionalMixture, MixtureError> {
        let seen = independent(context, self.context);
        let rows: Vec<f64> = x
            .chunks_exact(self.features)
            .enumerate()
            .flat_map(|(row, x)| {
                let context = &context[row * self.context..][..self.context];
                seen.iter().map(|place| context[*place]).chain(x.iter().copied()).collect::<Vec<_>>()
            })
            .collect();
        let config = GaussianMixtureConfig::new(vec![seen.len() + self.features], self.components)
            .with_iterations(iterations)
            .with_starts(starts);
        let fit = config.fit_weighted(&rows, weights).map_err(|error| match error {
            MixtureError::Constant { feature, value } if feature >= seen.len() => {
                MixtureError::Constant { feature: feature - seen.len(), value }
            }
            other => other,
        })?;
        Ok(self.init(device).with_fit(&fit, &seen))
    }
}

/// The columns that are no linear functions of those before them, for all but a rounding error.
fn independent(rows: &[f64], columns: usize) -> Vec<usize> {
    if columns == 0 {
        return vec![];
    }
    let constant: Vec<bool> =
        ColumnStatistics::of_rows(rows, columns).iter().map(ColumnStatistics::is_constant).collect();
    let n = (rows.len() / columns) as f64;
    let means: Vec<f64> = (0..columns).map(|j| rows.iter().skip(j).step_by(columns).sum::<f64>() / n).collect();
    let mut products = vec![0.0; columns * columns];
    for row in rows.chunks_exact(columns) {
        for i in 0..columns {
            let d = row[i] - means[i];
            (0..=i).for_each(|j| products[i * columns + j] += d * (row[j] - means[j]) / n);
        }
    }
    // Cholesky's factor of the columns taken so far, one row for each of all columns.
    let (mut kept, mut factor): (Vec<usize>, Vec<Vec<f64>>) = (vec![], vec![]);
    for i in 0..columns {
        let mut row: Vec<f64> = vec![];
        for (at, &j) in kept.iter().enumerate() {
            let dot: f64 = factor[j][..at].iter().zip(&row).map(|(a, b)| a * b).sum();
            row.push((products[i * columns + j] - dot) / factor[j][at]);
        }
        let variance = products[i * columns + i];
        let rest = variance - row.iter().map(|a| a * a).sum::<f64>();
        if rest > 1e-9 * variance && !constant[i] {
            kept.push(i);
            row.push(rest.sqrt());
        }
        factor.push(row);
    }
    kept
}

/// A mixture of Gaussians with full covariances, given a context or not.
///
/// ```text
/// p(x | c) = Σₖ wₖ N([c, x]; μₖ, (AₖᵀAₖ)⁻¹) / Σₖ wₖ N(c; ..)
/// ```
///
/// where the denominator is the same mixture without the features. Each component is a linear regression with correlated
/// Gaussian errors, and the context decides which of them hold: with one component it is linear regression itself. As
/// `Aₖ` is lower triangular and the context comes first, its leading rows are the factor of the context alone.
///
/// # Shapes
/// - `x`: `[batch, features]`; `context`: `[batch, width]`
///
/// # Example
/// ```
/// use burn_flows::model::ConditionalMixtureConfig;
/// use burn_flows::prelude::*;
///
/// // y = 2 c ± 1, equally often above as below.
/// let context: Vec<f64> = (0..40).map(|i| f64::from(i / 2) / 5.0 - 2.0).collect();
/// let y: Vec<f64> = (0..40).map(|i| 2.0 * context[i] + if i % 2 == 0 { 1.0 } else { -1.0 }).collect();
/// let device = Device::default();
/// let config = ConditionalMixtureConfig::new(1).with_context(1);
/// let regression = config.fit(&y, &context, &[1.0; 40], (100, 1), &device)?;
/// let (x, at) = (Tensor::<2>::from_data([[6.0]], &device), Tensor::<2>::from_data([[3.0]], &device));
/// // The mean is 6 there, and the variance 1.
/// let log_prob = regression.log_prob(x, &at).into_scalar::<f32>();
/// assert!((log_prob + 0.918_938_5).abs() < 1e-4);
/// # Ok::<(), burn_flows::core::MixtureError>(())
/// ```
///
/// # Reference
/// "Supervised learning from incomplete data via an EM approach", Ghahramani, Jordan, 1994.
#[derive(Module, Debug)]
pub struct ConditionalMixture {
    context: usize,
    /// Logarithms of the weights up to a constant, `[components]`.
    pub logits: Param<Tensor<1>>,
    /// Means of context and features, `[components, width + features]`.
    pub loc: Param<Tensor<2>>,
    /// `A`, lower triangular with a positive diagonal, `[components, width + features, width + features]`.
    pub factors: Param<Tensor<3>>,
}

/// The numbers of a mixture on the host.
struct Host {
    logits: Vec<f64>,
    loc: Vec<f64>,
    factors: Vec<f64>,
}

impl ConditionalMixture {
    /// Takes the numbers of a mixture of those columns of the context, and then the features.
    fn with_fit(self, fit: &FittedMixture, seen: &[usize]) -> Self {
        let [k, width] = self.loc.dims();
        let places: Vec<usize> = seen.iter().copied().chain(self.context..width).collect();
        let (means, factors, fitted) = (fit.means(), fit.factors(), places.len());
        let mut loc = vec![0.0; k * width];
        // What is not seen is standard normal by itself, and cancels.
        let mut whole: Vec<f64> =
            (0..k * width * width).map(|at| if at / width % width == at % width { 1.0 } else { 0.0 }).collect();
        for component in 0..k {
            for (i, &to) in places.iter().enumerate() {
                loc[component * width + to] = means[component * fitted + i];
                for (j, &from) in places.iter().enumerate() {
                    whole[(component * width + to) * width + from] = factors[(component * fitted + i) * fitted + j];
                }
            }
        }
        let logits: Vec<f64> = fit.weights().iter().map(|weight| weight.max(1e-300).ln()).collect();
        fn tensor<const D: usize>(values: Vec<f64>, shape: [usize; D], like: &Param<Tensor<D>>) -> Tensor<D> {
            let like = like.val();
            Tensor::from_data(TensorData::new(values, shape), (&like.device(), like.dtype()))
        }
        let logits = tensor(logits, [k], &self.logits);
        let loc = tensor(loc, [k, width], &self.loc);
        let factors = tensor(whole, [k, width, width], &self.factors);
        Self {
            context: self.context,
            logits: replace(self.logits, logits),
            loc: replace(self.loc, loc),
            factors: replace(self.factors, factors),
        }
    }

    /// The log-density of the features given the context.
    fn log_prob_given(&self, x: Tensor<2>, context: Option<Tensor<2>>) -> Tensor<1> {
        let (loc, factors) = (self.loc.val(), self.factors.val().tril(0));
        let [k, width] = loc.dims();
        let rows = x.dims()[0];
        let u = match context {
            Some(context) => Tensor::cat(vec![context, x], 1),
            None => x,
        };
        burn::tensor::assert_shape!(u, [rows, width]);
        if rows == 0 {
            return Tensor::empty([0], (&u.device(), u.dtype()));
        }
        let d = u.unsqueeze_dim::<3>(0).repeat_dim(0, k) - loc.unsqueeze_dim::<3>(1);
        // [components, rows, width]
        let z = d.matmul(factors.clone().swap_dims(1, 2));
        let eye = Tensor::<2>::eye(width, &factors.device()).cast(factors.dtype()).unsqueeze::<3>();
        let log_diagonal = (factors * eye).sum_dim(2).reshape([k, 1, width]).log();
        let terms = z.powi_scalar(2) * -0.5 + log_diagonal - 0.5 * (2.0 * std::f64::consts::PI).ln();
        let logits = self.logits.val().reshape([k, 1]);
        let (seen, features) = (self.context, width - self.context);
        let own = terms.clone().narrow(2, seen, features).sum_dim(2).reshape([k, rows]);
        let prior = match seen {
            0 => logits.repeat_dim(1, rows),
            _ => terms.narrow(2, 0, seen).sum_dim(2).reshape([k, rows]) + logits,
        };
        let joint = log_sum_exp(prior.clone() + own, 0);
        (joint - log_sum_exp(prior, 0)).reshape([rows])
    }

    fn host(&self) -> Host {
        Host { logits: host(self.logits.val()), loc: host(self.loc.val()), factors: host(self.factors.val()) }
    }

    /// Draws a row of features for each row of the context.
    fn sample_given(&self, n: usize, context: &[f64], device: &Device) -> Tensor<2> {
        let (numbers, [_, width]) = (self.host(), self.loc.dims());
        let (seen, features) = (self.context, width - self.context);
        if n == 0 {
            return Tensor::empty([0, features], device);
        }
        let choice = host(noise::uniform([n, 1], device));
        let z = host(noise::normal([n, features], device));
        let mut drawn = Vec::with_capacity(n * features);
        let mut d = vec![0.0; width];
        for row in 0..n {
            let context = &context[row * seen..][..seen];
            let k = numbers.choose(context, width, choice[row]);
            let (loc, factor) = (&numbers.loc[k * width..], &numbers.factors[k * width * width..]);
            (0..seen).for_each(|i| d[i] = context[i] - loc[i]);
            for i in seen..width {
                let dot: f64 = (0..i).map(|j| factor[i * width + j] * d[j]).sum();
                d[i] = (z[row * features + i - seen] - dot) / factor[i * width + i];
                drawn.push(loc[i] + d[i]);
            }
        }
        Tensor::from_data(TensorData::new(drawn, [n, features]), device)
    }
}

impl Host {
    /// The component that a number from 0 to 1 picks, given a context.
    fn choose(&self, context: &[f64], width: usize, at: f64) -> usize {
        let weights: Vec<f64> =
            self.logits.iter().enumerate().map(|(k, logit)| logit + self.of(k, context, width)).collect();
        let largest = weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = weights.iter().map(|weight| (weight - largest).exp()).collect();
        let mut mark = at * weights.iter().sum::<f64>();
        let picked = weights.iter().position(|weight| {
            mark -= weight;
            mark < 0.0
        });
        picked.unwrap_or(0)
    }

    /// The log-density of a context in a component, but for a constant.
    fn of(&self, k: usize, context: &[f64], width: usize) -> f64 {
        let (loc, factor) = (&self.loc[k * width..], &self.factors[k * width * width..]);
        let term = |i: usize| {
            let z: f64 = (0..=i).map(|j| factor[i * width + j] * (context[j] - loc[j])).sum();
            factor[i * width + i].ln() - 0.5 * z * z
        };
        (0..context.len()).map(term).sum()
    }
}

fn host<const D: usize>(x: Tensor<D>) -> Vec<f64> {
    x.try_into_vec_as::<f64>().expect("the device answers, and every float type converts to f64")
}

impl Density<2, Tensor<2>> for ConditionalMixture {
    fn log_prob(&self, x: Tensor<2>, context: &Tensor<2>) -> Tensor<1> {
        let log_prob = self.log_prob_given(x.clone(), (self.context > 0).then(|| context.clone()));
        match self.context {
            0 => zero_density_beyond(log_prob, &x, &(), self),
            _ => zero_density_beyond(log_prob, &x, context, self),
        }
    }

    fn sample(&self, n: usize, context: &Tensor<2>, device: &Device) -> Tensor<2> {
        let context = if self.context > 0 { host(context.clone()) } else { vec![] };
        self.sample_given(n, &context, device)
    }

    fn sees_context(&self) -> bool {
        self.context > 0
    }
}

impl Density<2> for ConditionalMixture {
    /// # Panics
    /// If the mixture is one given a context.
    fn log_prob(&self, x: Tensor<2>, _: &()) -> Tensor<1> {
        zero_density_beyond(self.log_prob_given(x.clone(), None), &x, &(), self)
    }

    /// # Panics
    /// If the mixture is one given a context.
    fn sample(&self, n: usize, _: &(), device: &Device) -> Tensor<2> {
        assert_eq!(self.context, 0, "`context`: expected a width of {}, got none", self.context);
        self.sample_given(n, &[], device)
    }

    fn sees_context(&self) -> bool {
        self.context > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(i: usize, step: f64) -> f64 {
        (i as f64 * step).sin()
    }

    #[test]
    fn columns_that_do_not_vary_or_follow_from_others_are_left_out() {
        let rows: Vec<f64> =
            (0..50).flat_map(|i| [1.0, wave(i, 0.7), 2.0 * wave(i, 0.7) - 3.0, wave(i, 1.3)]).collect();
        assert_eq!(independent(&rows, 4), [1, 3]);
        assert!(independent(&[], 0).is_empty());
    }

    #[test]
    fn one_component_is_linear_regression_with_correlated_errors() {
        let device = Device::default();
        let n = 400;
        // One-hot of two classes, which follow from each other, and a number.
        let context: Vec<f64> = (0..n).flat_map(|i| [(i % 2) as f64, (1 - i % 2) as f64, wave(i, 0.11)]).collect();
        let x: Vec<f64> = (0..n)
            .flat_map(|i| {
                let (a, b) = (wave(i, 1.7), wave(i, 2.9));
                [context[3 * i] + 2.0 * context[3 * i + 2] + 0.5 * a, 0.3 * a + 0.4 * b - context[3 * i + 2]]
            })
            .collect();
        let config = ConditionalMixtureConfig::new(2).with_context(3);
        let fit = config.fit(&x, &context, &vec![1.0; n], (10, 1), &device).unwrap();
        let tensor = |v: &[f64], width: usize| Tensor::<2>::from_data(TensorData::new(v.to_vec(), [n, width]), &device);
        let scores = host(Density::log_prob(&fit, tensor(&x, 2), &tensor(&context, 3)));
        let mean = scores.iter().sum::<f64>() / n as f64;
        // Errors have covariance [[.125, .075], [.075, .125]], but for the ends of the waves; of the rows a Gaussian is
        // fitted to, the mean log-density is -½ log det(2πe Σ).
        let entropy =
            (2.0 * std::f64::consts::PI * std::f64::consts::E).ln() + 0.5 * (0.125f64.powi(2) - 0.075f64.powi(2)).ln();
        assert!((mean + entropy).abs() < 0.02, "{mean} for {}", -entropy);
    }
}
