//! What a column is measured by.

use burn::config::Config;
use burn::tensor::{Int, Tensor, activation};
use flows_core::{LogScaleBound, log_one_minus_exp_neg, log_sum_exp, noise, softplus};

use crate::{ConditionalFamily, MixtureOfGaussians};

/// What a column holds, and the measure that its conditional is a density of.
///
/// ```text
/// number    p(x) = Σₖ πₖ N(x; μₖ, σₖ²)                                     a density
/// spiked    P(x = aᵢ) = ρᵢ,  p(x) = ρ₀ Σₖ πₖ N(x; μₖ, σₖ²) elsewhere         atoms, and a density beside them
/// count     P(x) = Σₖ πₖ [S((x + h/2 - μₖ)/sₖ) - S((x - h/2 - μₖ)/sₖ)]       a probability of each point of a lattice
/// category  P(x = i) = softmax(l)ᵢ                                          a probability of each class
/// ```
///
/// with `S` the sigmoid and `h` the step of the lattice; the first and the last point of a lattice that has ends get the tails
/// beyond them, where the probability is zero. Probabilities of a column sum to one whatever the network says, so that no discrete column can be learnt to an
/// infinite density.
///
/// Numbers and counts should be standardised: the network starts at mixtures with mean zero and unit variance.
///
/// # Example
/// ```
/// use flows_autoregressive::Measure;
///
/// let eggs = Measure::Count { origin: -1.2, step: 0.5, ends: [Some(-1.2), None], components: 3 };
/// assert_eq!((eggs.params(), Measure::Category { classes: 4 }.params()), (9, 4));
/// ```
///
/// # Reference
/// Discretised mixtures of logistics: "PixelCNN++", Salimans, Karpathy, Chen, Kingma, 2017,
/// <https://arxiv.org/abs/1701.05517>.
#[derive(Config, Debug, PartialEq)]
pub enum Measure {
    /// A number with a density: a mixture of normals.
    Number {
        /// Components of the mixture.
        components: usize,
    },
    /// A number with a density, and values that it takes with a probability.
    Spiked {
        /// The values.
        atoms: Vec<f64>,
        /// Components of the mixture.
        components: usize,
    },
    /// One of the points `origin + step · i`: a mixture of logistics, discretised.
    Count {
        /// One of the points.
        origin: f64,
        /// The distance of neighbouring points.
        step: f64,
        /// The first and the last point, where there are such.
        ends: [Option<f64>; 2],
        /// Components of the mixture.
        components: usize,
    },
    /// One of several classes, by their numbers `0, 1, ..`.
    Category {
        /// The number of classes.
        classes: usize,
    },
}

/// The log-scales of components are within this of their start.
const BOUND: f64 = 7.0;
/// What a network sees of a number: at most so much.
const RANGE: f64 = 10.0;

impl Measure {
    /// # Panics
    /// If there is no component, class or atom, the step is not positive, or the ends are not in order.
    pub(super) fn check(&self) {
        match self {
            Self::Number { components } | Self::Spiked { components, .. } | Self::Count { components, .. } => {
                assert!(*components > 0, "`components`: expected at least 1, got 0");
            }
            Self::Category { classes } => assert!(*classes > 0, "`classes`: expected at least 1, got 0"),
        }
        match self {
            Self::Spiked { atoms, .. } => {
                let distinct = (1..atoms.len()).all(|i| !atoms[..i].contains(&atoms[i]));
                assert!(!atoms.is_empty() && distinct, "`atoms`: expected different values, got {atoms:?}");
            }
            Self::Count { step, ends, .. } => {
                assert!(*step > 0.0 && step.is_finite(), "`step`: expected a positive number, got {step}");
                if let [Some(first), Some(last)] = ends {
                    assert!(first < last, "`ends`: expected the first below the last, got {first} and {last}");
                }
            }
            _ => {}
        }
    }

    /// How many numbers of a network say what the conditional is.
    pub fn params(&self) -> usize {
        match self {
            Self::Number { components } | Self::Count { components, .. } => 3 * components,
            Self::Spiked { atoms, components } => 1 + atoms.len() + 3 * components,
            Self::Category { classes } => *classes,
        }
    }

    /// How many numbers a network sees of the column.
    pub(super) fn inputs(&self) -> usize {
        match self {
            Self::Number { .. } | Self::Count { .. } => 2,
            Self::Spiked { atoms, .. } => 2 + atoms.len(),
            Self::Category { classes } => *classes,
        }
    }

    /// What a network sees: the value and that it is seen, or which class or atom it is; zeros where it is not seen.
    ///
    /// # Shapes
    /// - `x`, `seen`: `[batch, 1]`; result: `[batch, inputs]`
    pub(super) fn embed(&self, x: &Tensor<2>, seen: &Tensor<2>) -> Tensor<2> {
        let value = || x.clone().clamp(-RANGE, RANGE) * seen.clone();
        match self {
            Self::Number { .. } | Self::Count { .. } => Tensor::cat(vec![value(), seen.clone()], 1),
            Self::Spiked { atoms, .. } => {
                let mut parts = vec![value(), seen.clone()];
                parts.extend(atoms.iter().map(|atom| x.clone().equal_elem(*atom).float() * seen.clone()));
                Tensor::cat(parts, 1)
            }
            Self::Category { classes } => {
                let [batch, _] = x.dims();
                let numbers = (0..*classes).map(|class| class as f64).collect::<Vec<_>>();
                let numbers = Tensor::<1>::from_data(numbers.as_slice(), (&x.device(), x.dtype()));
                let numbers = numbers.reshape([1, *classes]).expand([batch, *classes]);
                numbers.equal(x.clone().expand([batch, *classes])).float() * seen.clone()
            }
        }
    }

    /// The log-density or log-probability of each value; `-inf` of what is no class.
    ///
    /// # Shapes
    /// - `x`: `[batch, 1]`, `params`: `[batch, params]`; result: `[batch, 1]`
    pub(super) fn log_prob(&self, x: Tensor<2>, params: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Number { components } => normals(*components).log_prob(x, params),
            Self::Spiked { atoms, components } => {
                let kinds = atoms.len() + 1;
                let log_shares = activation::log_softmax(params.clone().narrow(1, 0, kinds), 1);
                let mut found = log_shares.clone().narrow(1, 0, 1)
                    + normals(*components).log_prob(x.clone(), params.narrow(1, kinds, 3 * components));
                for (place, atom) in atoms.iter().enumerate() {
                    let share = log_shares.clone().narrow(1, place + 1, 1);
                    found = found.mask_where(x.clone().equal_elem(*atom), share);
                }
                found
            }
            Self::Count { step, ends, components, .. } => {
                let [log_weights, means, log_scales] = logistics(*components, params);
                let x = x.clone().expand(means.dims());
                let end = |end: Option<f64>| end.map(|end| (x.clone() - end).abs().lower_elem(0.25 * step));
                let (first, last) = (end(ends[0]), end(ends[1]));
                // S(b) - S(a) = S(b) S(-a) (1 - e^(a - b)), each in logarithms.
                let scale = log_scales.neg().exp();
                let (below, above) = (x.clone() - 0.5 * step - means.clone(), x.clone() - means + 0.5 * step);
                let (below, above) = (below * scale.clone(), above * scale.clone());
                let (mut to_above, mut from_below) = (-softplus(above.neg()), -softplus(below));
                let width = scale * *step;
                let mut between = log_one_minus_exp_neg(width);
                if let Some(first) = first {
                    from_below = from_below.mask_fill(first.clone(), 0.0);
                    between = between.mask_fill(first, 0.0);
                }
                if let Some(last) = last {
                    to_above = to_above.mask_fill(last.clone(), 0.0);
                    between = between.mask_fill(last, 0.0);
                }
                let found = log_sum_exp(log_weights + to_above + from_below + between, 1);
                // The tails are counted at the ends: beyond them there is nothing left.
                let x = x.narrow(1, 0, 1);
                let found = match ends[0] {
                    Some(first) => found.mask_fill(x.clone().lower_elem(first - 0.25 * step), f64::NEG_INFINITY),
                    None => found,
                };
                match ends[1] {
                    Some(last) => found.mask_fill(x.greater_elem(last + 0.25 * step), f64::NEG_INFINITY),
                    None => found,
                }
            }
            Self::Category { classes } => {
                let log_shares = activation::log_softmax(params, 1);
                let known = x.clone().clamp(0.0, (*classes - 1) as f64).floor();
                let strange = known.clone().not_equal(x);
                log_shares.gather(1, known.int()).mask_fill(strange, f64::NEG_INFINITY)
            }
        }
    }

    /// Draws a value for each row.
    ///
    /// # Shapes
    /// - `params`: `[batch, params]`; result: `[batch, 1]`
    pub(super) fn sample(&self, params: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Number { components } => normals(*components).sample(params),
            Self::Spiked { atoms, components } => {
                let kinds = atoms.len() + 1;
                let kind = choose(params.clone().narrow(1, 0, kinds)).float();
                let mut drawn = normals(*components).sample(params.narrow(1, kinds, 3 * components));
                for (place, atom) in atoms.iter().enumerate() {
                    drawn = drawn.mask_fill(kind.clone().equal_elem((place + 1) as f64), *atom);
                }
                drawn
            }
            Self::Count { origin, step, ends, components } => {
                let [log_weights, means, log_scales] = logistics(*components, params);
                let chosen = choose(log_weights);
                let (mean, scale) = (means.gather(1, chosen.clone()), log_scales.gather(1, chosen).exp());
                let u = noise::uniform(mean.dims(), (&mean.device(), mean.dtype())).clamp(1e-6, 1.0 - 1e-6);
                let logit = u.clone().log() - (-u + 1.0).log();
                let drawn = ((mean + scale * logit - *origin) / *step).round() * *step + *origin;
                let drawn = ends[0].map_or(drawn.clone(), |first| drawn.clamp_min(first));
                ends[1].map_or(drawn.clone(), |last| drawn.clamp_max(last))
            }
            Self::Category { .. } => choose(params).float(),
        }
    }
}

fn normals(components: usize) -> MixtureOfGaussians {
    MixtureOfGaussians::new(components, LogScaleBound::Tanh { bound: BOUND })
}

/// Log-weights, means and log-scales of logistics, `[batch, components]` each: at parameters zero a mixture with mean zero and
/// about unit variance.
fn logistics(components: usize, params: Tensor<2>) -> [Tensor<2>; 3] {
    let k = components as f64;
    let starts: Vec<f64> = (0..components).map(|i| 1.5f64.sqrt() * (2.0 * i as f64 + 1.0 - k) / k).collect();
    let starts = Tensor::<1>::from_data(starts.as_slice(), (&params.device(), params.dtype()));
    // The deviation of a standard logistic variable is π/√3.
    let start = (0.5 * (1.0 + 1.0 / (k * k))).sqrt() * 3f64.sqrt() / std::f64::consts::PI;
    [
        activation::log_softmax(params.clone().narrow(1, 0, components), 1),
        params.clone().narrow(1, components, components) + starts.reshape([1, components]),
        LogScaleBound::Tanh { bound: BOUND }.apply(params.narrow(1, 2 * components, components)) + start.ln(),
    ]
}

/// One of several by their log-weights, which need not be normalised: `[batch, 1]`.
fn choose(log_weights: Tensor<2>) -> Tensor<2, Int> {
    // The largest of log-weight plus Gumbel noise is a draw from the weights.
    let u = noise::uniform(log_weights.dims(), (&log_weights.device(), log_weights.dtype()));
    let gumbel = -(-u.clamp_min(f64::from(f32::MIN_POSITIVE)).log()).log();
    (log_weights + gumbel).argmax(1)
}
