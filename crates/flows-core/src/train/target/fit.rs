//! Variational inference from a start.

use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor, TensorData};

use super::check::{Target, check_target};
use super::progress::show;
use super::start::moments;
use super::{FitTargetConfig, Start, TargetCheck, TargetError};
use crate::generator::mix;
use crate::numerics::host;
use crate::train::{AdamConfig, Stop, StopFlag, clip_global_norm};
use crate::{Density, FlowError, sum_event};

/// An evaluation on the way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TargetRecord {
    /// The step, counted from 1.
    pub step: usize,
    /// The share `β` of the target in what was fitted.
    pub temperature: f64,
    /// The evidence lower bound of the target itself, in nats, a little noisy: at most `log Z`.
    pub elbo: f64,
    /// The learning rate.
    pub learning_rate: f64,
}

/// A flow that was fitted to a target, and how far it can be trusted.
#[derive(Debug, Clone)]
pub struct FittedTarget<F> {
    /// The flow with the best evidence lower bound, without autodiff.
    pub flow: F,
    /// All evaluations.
    pub history: Vec<TargetRecord>,
    /// The step whose parameters the flow has, counted from 1.
    pub best_step: usize,
    /// Why it ended: all steps are done ([`Stop::Epochs`]), patience ran out, or a [`StopFlag`] was raised.
    pub stopped: Stop,
    /// Estimates of the target's normaliser, from inside and outside of the flow, and what is wrong with them.
    pub check: TargetCheck,
}

impl<F> FittedTarget<F> {
    /// The estimate of `log Z`, from samples of the flow. Look at the [warnings](TargetCheck::warnings) before you use
    /// it.
    pub fn log_z(&self) -> f64 {
        self.check.inside.log_z
    }

    /// The standard error of [`log_z`](Self::log_z).
    pub fn log_z_error(&self) -> f64 {
        self.check.inside.error
    }

    /// Whether no check found anything.
    pub fn is_trusted(&self) -> bool {
        self.check.warnings.is_empty()
    }
}

/// Fits a flow to an unnormalised density `p̃` of which the logarithm and its gradient can be computed, from a start.
///
/// ```text
/// minimise  E_q [log q(x) - log p_β(x)],   log p_β = (1 - β) log N(x; start) + β log p̃
/// ```
///
/// The flow is set from the start, and with `β` rising from 0.01 to 1 it follows the target from there; then the target
/// itself is fitted by Adam until the evidence lower bound stops rising, and the learning rate falls to zero. The
/// parameters with the best bound come back.
///
/// `log_target` is given rows, `[batch, features]`, and returns their log-densities, `[batch]`; rows and gradients go
/// through it, so that constants must be made on the device of the rows.
///
/// **The result says how far it can be trusted**, because a bad fit may look good from inside: a flow that sits in a corner
/// of the target, or in one of its modes, has evenly weighted samples, and a normaliser that is wrong. So besides the
/// effective sample size and `k̂` of the weights ([`pareto_k`](crate::pareto_k)) it has
/// - the normaliser from a defensive mixture: half of it the flow, half the start's normal, 1 to 100 times as wide;
/// - the pull of the target on the flow's samples, which is zero where the flow has all mass there is nearby;
/// - of a start from draws, how many lie where the target has mass and the flow has none.
///
/// What no check sees is mass that neither the start, widened, nor a path from it has met: in many dimensions a second
/// mode far off is found by nobody who does not know where to look. Start wide, from several draws, or twice.
///
/// # Errors
/// If the start has no usable scale, the flow does not take it over, the configuration cannot be meant, or the target or
/// its gradient is not finite at a sample: the error says where.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::train::{FitTargetConfig, Reporting, Start, fit_target};
/// use flows_core::{RealNvpConfig, sum_event};
///
/// // N(100, 10) in each of two dimensions, without its normaliser: log Z = log 2π + 2 log 10 = 6.443.
/// let log_target = |x: Tensor<2>| sum_event(((x - 100.0) * 0.1).powi_scalar(2)) * -0.5;
/// let device = Device::default();
/// device.seed(1);
/// let flow = RealNvpConfig::new(2).with_layers(2).with_hidden(vec![16]).init(&device);
/// let config = FitTargetConfig::new().with_steps(600).with_learning_rate(1e-2).with_reporting(Reporting::Silent);
/// let fitted = fit_target(flow, log_target, &Start::normal(&[0.0; 2], &[50.0; 2]), &config)?;
/// assert!((fitted.log_z() - 6.443).abs() < 0.05);
/// # Ok::<(), flows_core::FlowError>(())
/// ```
///
/// # Notes
/// Models whose sampling is the fast direction ([`RealNvp`](crate::RealNvp), [`SplineFlow`](crate::SplineFlow), and the
/// inverse autoregressive flow) suit it best; BatchNorm does not. Two runs of one seed are equal.
///
/// # Reference
/// "Variational Inference with Normalizing Flows", Rezende, Mohamed, 2015, <https://arxiv.org/abs/1505.05770>;
/// defensive mixtures: "Safe and Effective Importance Sampling", Owen, Zhou, 2000,
/// <https://doi.org/10.1080/01621459.2000.10473909>.
pub fn fit_target<F: Density<2>>(
    flow: F,
    log_target: impl Fn(Tensor<2>) -> Tensor<1>,
    start: &Start,
    config: &FitTargetConfig,
) -> Result<FittedTarget<F>, FlowError> {
    fit_target_until(&StopFlag::new(), flow, log_target, start, config)
}

/// [`fit_target`] that ends at the next step once the flag is raised: the best flow so far is checked and comes back. Where the
/// target was still tempered, that is the last one, and it says little of the target itself.
///
/// # Errors
/// As [`fit_target`].
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::train::{FitTargetConfig, Reporting, Start, Stop, StopFlag, fit_target_until};
/// use flows_core::{RealNvpConfig, sum_event};
///
/// let flow = RealNvpConfig::new(2).with_layers(2).with_hidden(vec![16]).init(&Device::default());
/// let (flag, log_target) = (StopFlag::new(), |x: Tensor<2>| sum_event(x.powi_scalar(2)) * -0.5);
/// flag.raise(); // from a handler of Ctrl-C, or another thread
/// let config = FitTargetConfig::new().with_reporting(Reporting::Silent);
/// let fitted = fit_target_until(&flag, flow, log_target, &Start::normal(&[0.0; 2], &[1.0; 2]), &config)?;
/// assert_eq!((fitted.best_step, fitted.stopped), (1, Stop::Interrupted));
/// # Ok::<(), flows_core::FlowError>(())
/// ```
pub fn fit_target_until<F: Density<2>>(
    stop: &StopFlag,
    flow: F,
    log_target: impl Fn(Tensor<2>) -> Tensor<1>,
    start: &Start,
    config: &FitTargetConfig,
) -> Result<FittedTarget<F>, FlowError> {
    config.check()?;
    let device = flow.devices().first().cloned().unwrap_or_default().without_autodiff();
    let target = Target { log_density: &log_target, device: device.clone() };
    let flow = started(flow, start, config, &device)?;
    let fitted = Run::new(flow, &target, start, config)?.fit(stop)?;
    let check = check_target(&fitted.flow, &target, start, config.check_draws, config.seed)?;
    Ok(FittedTarget { check, ..fitted })
}

// Streams of random numbers, apart from the steps, which count from 1.
const EVALUATION: u64 = u64::MAX;
const START: u64 = u64::MAX - 1;

/// Rows that set the flow where the start is a normal.
const START_ROWS: usize = 4096;
/// How much the target counts in the first step.
const COLDEST: f64 = 0.01;
/// Steps in which the learning rate rises.
const WARM_UP: usize = 50;
/// How much better an evaluation must be, in nats, for patience to begin anew.
const BETTER: f64 = 1e-3;

/// The flow set from the start.
fn started<F: Density<2>>(flow: F, start: &Start, config: &FitTargetConfig, device: &Device) -> Result<F, TargetError> {
    let (mean, sd) = start.moments()?;
    device.seed(mix(config.seed, START));
    let features = flow.valid().sample(1, &(), device).dims()[1];
    if mean.len() != features {
        let problem = format!("expected {features} features, as the flow has, got {}", mean.len());
        return Err(TargetError::Start { problem });
    }
    let flow = flow.train().init_from_data(start.rows(START_ROWS, device)?, &());
    let samples = host(flow.valid().sample(START_ROWS, &(), device));
    let (got_mean, got_sd) = moments(&samples, features);
    for feature in 0..features {
        let (expected, got) = ((mean[feature], sd[feature]), (got_mean[feature], got_sd[feature]));
        let same = (got.0 - expected.0).abs() < 0.5 * expected.1 && (0.5..2.0).contains(&(got.1 / expected.1));
        if !same {
            return Err(TargetError::StartIgnored { feature, expected, got });
        }
    }
    Ok(flow)
}

struct Run<'a, F, T> {
    config: &'a FitTargetConfig,
    target: &'a Target<'a, T>,
    mean: Vec<f64>,
    sd: Vec<f64>,
    optimizer: ModuleOptimizer,
    flow: Option<F>,
    best: Option<(usize, f64, F)>,
    history: Vec<TargetRecord>,
    /// The step from which the learning rate falls, and the last one.
    cooling: (usize, usize),
}

/// Why the flow of a run is there: only a step takes it.
const PUT_BACK: &str = "a step puts the flow back";

impl<'a, F: Density<2>, T: Fn(Tensor<2>) -> Tensor<1>> Run<'a, F, T> {
    fn new(
        flow: F,
        target: &'a Target<'a, T>,
        start: &Start,
        config: &'a FitTargetConfig,
    ) -> Result<Self, TargetError> {
        let (mean, sd) = start.moments()?;
        let optimizer = AdamConfig::new().init();
        let cooling = (config.steps - (config.steps as f64 * config.cool_down) as usize, config.steps);
        Ok(Self { config, target, mean, sd, optimizer, flow: Some(flow), best: None, history: vec![], cooling })
    }

    fn fit(mut self, stop: &StopFlag) -> Result<FittedTarget<F>, TargetError> {
        let annealed = (self.config.steps as f64 * self.config.anneal) as usize;
        let (mut marked, mut stale) = (f64::NEG_INFINITY, 0);
        let (mut step, mut stopped) = (0, Stop::Epochs);
        while step < self.cooling.1 {
            step += 1;
            let temperature = match step <= annealed {
                true => COLDEST.powf(1.0 - (step - 1) as f64 / annealed as f64),
                false => 1.0,
            };
            let learning_rate = self.learning_rate(step);
            self.step(step, temperature, learning_rate)?;
            if stop.is_raised() {
                (self.cooling.1, stopped) = (step, Stop::Interrupted);
            }
            if !step.is_multiple_of(self.config.evaluate_every) && step < self.cooling.1 {
                continue;
            }
            let elbo = self.evaluate(step, step > annealed)?;
            self.history.push(TargetRecord { step, temperature, elbo, learning_rate });
            show(self.config.reporting, self.config.steps, &self.history);
            stale = if elbo > marked + BETTER || step <= annealed { 0 } else { stale + 1 };
            if stale == 0 {
                marked = if step <= annealed { f64::NEG_INFINITY } else { elbo };
            }
            // Out of patience: what is left is to cool down.
            let out = self.config.patience.is_some_and(|patience| stale >= patience);
            if out && stopped == Stop::Epochs && step < self.cooling.0 {
                stopped = Stop::Patience;
                let length = (step as f64 * self.config.cool_down) as usize;
                self.cooling = (step, (step + length.max(1)).min(self.config.steps));
            }
        }
        let (best_step, _, flow) = self.best.expect("the last step is evaluated");
        let check = TargetCheck::default();
        Ok(FittedTarget { flow, history: self.history, best_step, stopped, check })
    }

    fn learning_rate(&self, step: usize) -> f64 {
        let (from, to) = self.cooling;
        let warm = (step as f64 / WARM_UP as f64).min(1.0);
        let cool = if step > from { (to - step + 1) as f64 / (to - from + 1) as f64 } else { 1.0 };
        self.config.learning_rate * warm.min(cool)
    }

    fn step(&mut self, step: usize, temperature: f64, learning_rate: f64) -> Result<(), TargetError> {
        let (config, device) = (self.config, &self.target.device);
        device.seed(mix(config.seed, step as u64));
        let flow = self.flow.take().expect(PUT_BACK);
        let autodiff = device.clone().autodiff();
        let (x, log_prob) = if config.path_gradient {
            let x = flow.sample(config.draws, &(), &autodiff);
            // The parameters of a snapshot are constants: only the path through the samples is left.
            let log_prob = flow.valid().log_prob(x.clone(), &());
            (x, log_prob)
        } else {
            flow.sample_with_log_prob(config.draws, &(), &autodiff)
        };
        let log_target = self.target.finite(&x, Some(step))?;
        let tempered = match temperature < 1.0 {
            true => log_target * temperature + self.log_start(x.clone()) * (1.0 - temperature),
            false => log_target,
        };
        let grads = (log_prob - tempered).mean().backward();
        let mut grads = GradientsParams::from_grads(grads, &flow);
        if let Some(norm) = clip_global_norm(&flow, &mut grads, config.clip_norm) {
            let norm = norm.into_scalar::<f64>();
            if !norm.is_finite() {
                self.target.gradient(x, Some(step))?;
                return Err(TargetError::FlowGradient { value: norm, step });
            }
        }
        self.flow = Some(self.optimizer.step(learning_rate, flow, grads));
        Ok(())
    }

    /// The log-density of the start's normal, up to a constant.
    fn log_start(&self, x: Tensor<2>) -> Tensor<1> {
        let row = |values: Vec<f64>| {
            let shape = [1, values.len()];
            Tensor::<2>::from_data(TensorData::new(values, shape), (&x.device(), x.dtype()))
        };
        let scale = row(self.sd.iter().map(|sd| 1.0 / sd).collect());
        sum_event(((x.clone() - row(self.mean.clone())) * scale).powi_scalar(2)) * -0.5
    }

    /// The evidence lower bound, and the best flow so far put aside.
    fn evaluate(&mut self, step: usize, counts: bool) -> Result<f64, TargetError> {
        let snapshot = self.flow.as_ref().expect(PUT_BACK).valid();
        self.target.device.seed(mix(self.config.seed, EVALUATION));
        let (x, log_prob) = snapshot.sample_with_log_prob(self.config.evaluation_draws, &(), &self.target.device);
        let log_target = host(self.target.finite(&x, Some(step))?);
        let log_prob = host(log_prob);
        let elbo = log_target.iter().zip(&log_prob).map(|(p, q)| p - q).sum::<f64>() / log_prob.len() as f64;
        let last = step == self.cooling.1;
        if counts && self.best.as_ref().is_none_or(|(_, best, _)| elbo > *best) || last && self.best.is_none() {
            self.best = Some((step, elbo, snapshot));
        }
        Ok(elbo)
    }
}
