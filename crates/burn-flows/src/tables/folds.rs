//! Models compared on folds: each row is held out once.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::time::Instant;

use burn::module::Module;
use burn::tensor::Device;
use flows_core::train::{FitConfig, Stop, StopFlag, Training};
use flows_core::{Density, FlowError};

use super::choice::{choose, differences};
use super::classical::{Growth, component_counts, enough, mixture};
use super::fit::{HeldOut, Outcome, parameters, reason};
use super::gradient::{Plan, scores};
use super::hold_out::{Contender, Trace, asked_components, classical_model, ended, exact_scores, wanted};
use super::prepared::Prepared;
use super::trainee::Trainee;
use super::{
    Candidate, Ensemble, Figures, Fit, Losses, Mean, Member, Preparation, Progress, RowCounts, ScheduleKind, Stage,
    TableRows, TablesError, Wanted,
};
use crate::model::{ModelKind, Quality};

/// The rows of a fold, and all others.
struct Fold {
    numbers: Vec<usize>,
    train: Prepared,
    held: Prepared,
}

/// A model fitted on the rows outside of each fold.
struct OnFolds {
    contender: Contender,
    folds: Vec<Ensemble>,
    /// Of each row, by the model that was not trained on it.
    scores: Vec<f64>,
}

/// Fits all models to the rows outside of each fold and chooses by the rows inside. A classical model that is kept is
/// fitted to all rows; a flow is the mean of those of the folds.
pub(super) fn by_folds(
    fit: &mut Fit<'_>,
    preparation: &Preparation,
    rows: &TableRows,
    numbers: &[Vec<usize>],
    test: Option<&TableRows>,
) -> Result<Outcome, TablesError> {
    let device = fit.device.clone();
    let all = preparation.apply(rows, fit.settings.seed);
    let folds: Vec<Fold> = numbers
        .iter()
        .map(|numbers| {
            let rest: Vec<usize> = (0..all.len()).filter(|row| numbers.binary_search(row).is_err()).collect();
            Fold { numbers: numbers.clone(), train: all.select(&rest), held: all.select(numbers) }
        })
        .collect();
    fit.progress(Stage::Classical, None);
    let mut fitted = classical(fit, &all, &folds, preparation.names())?;
    let best = fitted.iter().map(|model| all.mean(&model.scores).mean).fold(f64::NEG_INFINITY, f64::max);
    let mut trace = Trace { stopped: "none".to_owned(), ..Trace::default() };
    if let Some(plan) = Plan::of(&fit.settings, folds[0].train.len(), all.columns) {
        let (model, found) = flows(fit, &plan, all.len(), &folds, best)?;
        fitted.push(model);
        trace = found;
    }
    let weights = all.weights.as_deref();
    let all_scores: Vec<Vec<f64>> = fitted.iter().map(|model| model.scores.clone()).collect();
    let (on_folds, contenders): (Vec<Vec<Ensemble>>, Vec<Contender>) =
        fitted.into_iter().map(|model| (model.folds, model.contender)).unzip();
    let chosen = wanted(&fit.settings.model, &contenders).unwrap_or_else(|| choose(&all_scores, weights));
    let kinds: Vec<ModelKind> = contenders.iter().map(|contender| contender.model.kind()).collect();
    // Of whole numbers, what is reported are probabilities.
    let whole = !preparation.whole().places().is_empty();
    let held_out = |at: usize| -> Vec<f64> {
        if !whole {
            return all_scores[at].clone();
        }
        let mut scores = vec![0.0; rows.len()];
        for (fold, ensemble) in folds.iter().zip(&on_folds[at]) {
            let found = exact_scores(preparation, ensemble, &rows.select(&fold.numbers), &device);
            fold.numbers.iter().zip(found).for_each(|(row, score)| scores[*row] = score);
        }
        scores
    };
    let on_folds_exactly: Vec<Vec<f64>> = (0..contenders.len()).map(held_out).collect();
    let reported: Vec<Vec<f64>> = match test {
        Some(test) => {
            (contenders.iter()).map(|contender| exact_scores(preparation, &contender.ensemble, test, &device)).collect()
        }
        None => on_folds_exactly.clone(),
    };
    let reported_weights = test.map_or(weights, |test| test.weights.as_deref());
    let differences = differences(&kinds, &reported, chosen, reported_weights);
    let candidate = |at: usize| Candidate {
        model: contenders[at].model.kind(),
        detail: contenders[at].detail.clone(),
        validation: Mean::of(&all_scores[at], weights),
        test: Mean::of(&reported[at], reported_weights),
    };
    let candidates: Vec<Candidate> = (0..contenders.len()).map(candidate).collect();
    let Contender { model, ensemble, .. } = contenders.into_iter().nth(chosen).expect("one of them");
    let kept_flow = !model.kind().is_classical();
    let figures = Figures {
        chosen: model.kind(),
        reason: reason(model.kind(), fit.settings.model != Wanted::Auto, &differences, candidates.len()),
        test: candidates[chosen].test,
        candidates,
        differences,
        rows: RowCounts { train: rows.len(), validation: rows.len(), test: test.map_or(0, TableRows::len) },
        folds: Some(folds.len()),
        members: ensemble.members.len(),
        whitened: ensemble.members[0].whitening.is_some(),
        given_whitened: ensemble.members[0].of_given.is_some(),
        parameters: parameters(&ensemble),
        epochs: if kept_flow { trace.epochs } else { 0 },
        best_epoch: if kept_flow { trace.best_epoch } else { 0 },
        stopped: trace.stopped,
        losses: trace.losses,
        seconds: 0.0,
    };
    let scores = &on_folds_exactly[chosen];
    let mut ranked = scores.clone();
    let held_out = match test {
        Some(test) => {
            let scores = reported[chosen].clone();
            ranked.extend(&scores);
            vec![HeldOut { ensemble: ensemble.clone(), rows: test.clone(), scores }]
        }
        None => folds
            .iter()
            .zip(&on_folds[chosen])
            .map(|(fold, ensemble)| HeldOut {
                ensemble: ensemble.clone(),
                rows: rows.select(&fold.numbers),
                scores: fold.numbers.iter().map(|row| scores[*row]).collect(),
            })
            .collect(),
    };
    Ok(Outcome { ensemble, model, figures, held_out, scores: ranked })
}

/// A Gaussian, and the mixture whose number of components is best for the rows of all folds.
fn classical(fit: &Fit<'_>, all: &Prepared, folds: &[Fold], names: &[String]) -> Result<Vec<OnFolds>, TablesError> {
    let device = &fit.device;
    let on_folds = |components: usize| -> Result<(Vec<Ensemble>, Vec<f64>), TablesError> {
        let mut scores_of_all = vec![0.0; all.len()];
        let mut ensembles = vec![];
        for fold in folds {
            let ensemble = mixture(&fold.train, components, names, device)?;
            let found = scores(&ensemble, &fold.held, device);
            fold.numbers.iter().zip(found).for_each(|(row, score)| scores_of_all[*row] = score);
            ensembles.push(ensemble);
        }
        Ok((ensembles, scores_of_all))
    };
    let whole = |kind: ModelKind, components: usize, detail: String| -> Result<Contender, TablesError> {
        let model = classical_model(fit, kind, components, all);
        Ok(Contender { model, detail, ensemble: mixture(all, components, names, device)? })
    };
    if !enough(&folds[0].train, &fit.settings.model)? {
        return Ok(vec![]);
    }
    let (ensembles, scores) = on_folds(1)?;
    let contender = whole(ModelKind::Gaussian, 1, String::new())?;
    let mut fitted = vec![OnFolds { contender, folds: ensembles, scores }];
    let counts: Vec<usize> = match asked_components(&fit.settings.model) {
        Some(components) => vec![components],
        None => component_counts(folds[0].train.len(), all.columns.0 + all.columns.1).collect(),
    };
    let mut growth = Growth::new();
    for components in counts {
        let (ensembles, scores) = on_folds(components)?;
        let likelihood = all.mean(&scores).mean;
        let goes_on = growth.push(components, likelihood, (ensembles, scores));
        if !goes_on || fit.left() < 0.5 * fit.settings.seconds || fit.stop.is_raised() {
            break;
        }
    }
    if let Some((components, _, (ensembles, scores))) = growth.best {
        let contender = whole(ModelKind::Mixture, components, format!("{components} components"))?;
        fitted.push(OnFolds { contender, folds: ensembles, scores });
    }
    Ok(fitted)
}

/// Steps of training in all.
fn steps(quality: Quality) -> usize {
    match quality {
        Quality::Fast => 300,
        Quality::Normal => 1_500,
        Quality::Best => 4_000,
    }
}

/// A flow that was trained on the rows outside of a fold.
struct Run {
    member: Member,
    /// The scores of the rows of the fold before training and after each epoch.
    curve: Vec<Vec<f64>>,
    /// Their weighted means.
    means: Vec<f64>,
    best: usize,
    losses: Vec<Losses>,
    stopped: &'static str,
}

/// What a fold tells of itself: its number, epochs done, and the best likelihood of its rows.
type Told = (usize, usize, f64);

/// A flow for each fold, several at once.
fn flows(
    fit: &mut Fit<'_>,
    plan: &Plan,
    rows: usize,
    folds: &[Fold],
    best: f64,
) -> Result<(OnFolds, Trace), TablesError> {
    let device = fit.device.clone();
    let weighted = folds[0].train.weights.is_some();
    let epochs = (steps(fit.settings.quality) / plan.steps_per_epoch(folds[0].train.len())).clamp(30, 400);
    let threads = fit.settings.threads().clamp(1, folds.len());
    let turns = folds.len().div_ceil(threads) as f64;
    let seconds = (0.9 * fit.left() / turns).max(0.01 * fit.settings.seconds);
    let config = plan
        .config(fit.settings.seed)
        .with_epochs(epochs)
        .with_patience(None)
        .with_validation_fraction(0.0)
        .with_init_from_data(false)
        .with_schedule(fit.settings.schedule.unwrap_or(ScheduleKind::Cosine).schedule(0.05));
    // Weights are drawn here, one fold after the other, as all share the generator of the device.
    let starts: Vec<Mutex<Option<Trainee>>> = (0..folds.len())
        .map(|fold| Mutex::new(Some(plan.start(fit.settings.seed.wrapping_add(fold as u64), weighted, &device))))
        .collect();
    let (next, flags) = (AtomicUsize::new(0), [fit.stop.clone(), fit.cool_down.clone()]);
    let results: Vec<Mutex<Option<Result<Run, FlowError>>>> = folds.iter().map(|_| Mutex::new(None)).collect();
    let (tell, told) = channel::<Told>();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (tell, next, starts, results, flags) = (tell.clone(), &next, &starts, &results, &flags);
            let (config, device) = (&config, &device);
            scope.spawn(move || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(fold) = folds.get(at) else { return };
                    let start = lock(&starts[at]).take().expect("each fold is trained once");
                    *lock(&results[at]) = Some(run(plan, config, fold, start, (flags, seconds), (at, &tell), device));
                }
            });
        }
        drop(tell);
        let (mut done, mut bests) = (vec![0; folds.len()], vec![f64::NAN; folds.len()]);
        for (fold, epoch, likelihood) in told {
            (done[fold], bests[fold]) = (epoch, likelihood);
            let seconds = fit.started.elapsed().as_secs_f64();
            let share = done.iter().sum::<usize>() as f64 / (folds.len() * epochs) as f64;
            let mean = bests.iter().sum::<f64>() / folds.len() as f64;
            let best = if mean > best { mean } else { best };
            fit.tell(&Progress {
                stage: Stage::Training,
                model: Some(plan.model.kind()),
                epochs: done.iter().copied().max().unwrap_or(0),
                best: best.is_finite().then_some(best),
                seconds,
                done: share.max(seconds / fit.settings.seconds).min(1.0),
            });
        }
    });
    let runs: Result<Vec<Run>, FlowError> = results
        .into_iter()
        .map(|result| result.into_inner().expect("no thread has panicked").expect("it has run"))
        .collect();
    let runs = runs?;
    let mut scores = vec![0.0; rows];
    for (at, (fold, run)) in folds.iter().zip(&runs).enumerate() {
        // The epoch that is best for the other folds: a row does not choose the epoch of its own score.
        let epoch = best_epoch(&runs, folds, at).min(run.curve.len() - 1);
        fold.numbers.iter().zip(&run.curve[epoch]).for_each(|(row, score)| scores[*row] = *score);
    }
    let trace = Trace {
        losses: mean_losses(&runs),
        epochs: runs.iter().map(|run| run.losses.len()).max().unwrap_or(0),
        best_epoch: runs.iter().map(|run| run.best).sum::<usize>() / runs.len(),
        stopped: runs[0].stopped.to_owned(),
    };
    let bests: Vec<f64> = runs.iter().map(|run| run.means[run.best]).collect();
    let members: Vec<Member> = runs.into_iter().map(|run| run.member).collect();
    let ensembles: Vec<Ensemble> = members.iter().map(|member| Ensemble { members: vec![member.clone()] }).collect();
    // What is kept is what was trained: a flow whose rows have other scores than in training is chosen by those that it has.
    for ((fold, ensemble), best) in folds.iter().zip(&ensembles).zip(bests) {
        let found = self::scores(ensemble, &fold.held, &device);
        let mean = fold.held.mean(&found).mean;
        if (mean - best).abs() > AGREES * (1.0 + best.abs()) || mean.is_nan() != best.is_nan() {
            fold.numbers.iter().zip(found).for_each(|(row, score)| scores[*row] = score);
        }
    }
    let detail = format!("mean of {}, each of {}", members.len(), plan.told());
    let contender = Contender { model: plan.model.clone(), detail, ensemble: Ensemble { members } };
    Ok((OnFolds { contender, folds: ensembles, scores }, trace))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// To what share likelihoods in training and after it are the same.
const AGREES: f64 = 1e-2;

/// Steps without a better likelihood after which a fold ends; later, as many as it took to get there.
const PATIENCE: usize = 150;

/// Trains a flow on the rows outside of a fold.
fn run(
    plan: &Plan,
    config: &FitConfig,
    fold: &Fold,
    start: Trainee,
    (flags, seconds): (&[StopFlag; 2], f64),
    (number, tell): (usize, &Sender<Told>),
    device: &Device,
) -> Result<Run, FlowError> {
    let whitenings = plan.whitenings(&fold.train, device);
    let (train, held) = (whitenings.apply(&fold.train), whitenings.apply(&fold.held));
    let rows = train.to_train(device);
    let start = Density::init_from_data(start, rows.x.clone(), &rows.context);
    let first = scores(&start.flow.valid(), &held, device);
    let mean =
        |scores: &[f64]| Some(held.mean(scores).mean).filter(|mean| mean.is_finite()).unwrap_or(f64::NEG_INFINITY);
    let (mut means, mut curve, mut losses) = (vec![mean(&first)], vec![first], vec![]);
    let (mut best, mut best_flow) = (0, start.valid());
    let (stop, started) = (StopFlag::new(), Instant::now());
    // The schedule does not follow the clock: two runs that have the time are equal.
    let interrupted = || flags.iter().any(StopFlag::is_raised);
    let over = || started.elapsed().as_secs_f64() > seconds;
    let patience = PATIENCE.div_ceil(plan.steps_per_epoch(train.len()));
    let fitted = Training::new(config)
        .stop_on(&stop)
        .watch(|record, flow: &Trainee| {
            let found = scores(&flow.flow, &held, device);
            let likelihood = mean(&found);
            if likelihood > means[best] {
                (best, best_flow) = (record.epoch, flow.clone());
            }
            losses.push(Losses { validation: likelihood, ..Losses::from(record) });
            means.push(likelihood);
            curve.push(found);
            // That nobody listens any more is no reason to end.
            let _ = tell.send((number, record.epoch, means[best]));
            if record.epoch > best + (best / 2).max(patience) || interrupted() || over() {
                stop.raise();
            }
            Ok(())
        })
        .run(start, &rows, None)?;
    let stopped = match fitted.stopped {
        Stop::Interrupted if !interrupted() => {
            if over() {
                "time"
            } else {
                "patience"
            }
        }
        other => ended(other),
    };
    Ok(Run { member: whitenings.member(&best_flow), curve, means, best, losses, stopped })
}

/// The epoch that is best for all folds but one.
fn best_epoch(runs: &[Run], folds: &[Fold], but: usize) -> usize {
    let longest = runs.iter().map(|run| run.means.len()).max().unwrap_or(1);
    let at = |epoch: usize| -> f64 {
        let others = runs.iter().zip(folds).enumerate().filter(|(fold, _)| *fold != but);
        // A run that has ended stays where it was.
        others.map(|(_, (run, fold))| run.means[epoch.min(run.means.len() - 1)] * fold.numbers.len() as f64).sum()
    };
    (0..longest).max_by(|a, b| at(*a).total_cmp(&at(*b)).then(b.cmp(a))).unwrap_or(0)
}

/// The mean of the folds that have got so far.
fn mean_losses(runs: &[Run]) -> Vec<Losses> {
    let longest = runs.iter().map(|run| run.losses.len()).max().unwrap_or(0);
    let mean = |epoch: usize| {
        let there: Vec<&Losses> = runs.iter().filter_map(|run| run.losses.get(epoch)).collect();
        let n = there.len() as f64;
        let train = there.iter().map(|losses| losses.train).sum::<f64>() / n;
        Losses { epoch: epoch + 1, train, validation: there.iter().map(|losses| losses.validation).sum::<f64>() / n }
    };
    (0..longest).map(mean).collect()
}
