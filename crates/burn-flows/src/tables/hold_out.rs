//! Models compared on rows that are held out.

use burn::tensor::Device;
use flows_core::Scaled;
use flows_core::train::{FitConfig, Fitted, Stop, Training};

use super::choice::{choose, differences};
use super::classical::{Growth, component_counts, enough, mixture, seconds};
use super::fit::{HeldOut, Outcome, parameters, reason};
use super::gradient::{Plan, patience, scores};
use super::prepared::Prepared;
use super::trainee::Trainee;
use super::trial::tried;
use super::{
    Candidate, Ensemble, Figures, Fit, Losses, Mean, Preparation, Progress, RowCounts, ScheduleKind, Stage, TableRows,
    TablesError, Wanted,
};
use crate::model::{Model, ModelKind};

/// A model that was fitted.
pub(super) struct Contender {
    pub(super) model: Model,
    pub(super) detail: String,
    pub(super) ensemble: Ensemble,
}

/// What training a flow left behind.
#[derive(Debug, Default)]
pub(super) struct Trace {
    pub(super) losses: Vec<Losses>,
    pub(super) epochs: usize,
    pub(super) best_epoch: usize,
    pub(super) stopped: String,
}

/// Fits all models to the training rows, chooses by the validation rows and reports the test rows.
pub(super) fn hold_out(
    fit: &mut Fit<'_>,
    preparation: &Preparation,
    train: &TableRows,
    validation: &TableRows,
    test: Option<&TableRows>,
) -> Result<Outcome, TablesError> {
    let (seed, device) = (fit.settings.seed, fit.device.clone());
    let (train_rows, held) = (preparation.apply(train, seed), preparation.apply(validation, seed.wrapping_add(1)));
    let (mut contenders, mut held_scores) = (vec![], vec![]);
    fit.progress(Stage::Classical, None);
    for contender in classical(fit, &train_rows, &held, preparation.names())? {
        held_scores.push(scores(&contender.ensemble, &held, &device));
        contenders.push(contender);
    }
    let best = held_scores.iter().map(|scores| held.mean(scores).mean).fold(f64::NEG_INFINITY, f64::max);
    let mut trace = Trace { stopped: "none".to_owned(), ..Trace::default() };
    if let Some(plan) = Plan::of(&fit.settings, train_rows.len(), train_rows.columns) {
        let plan = tried(fit, plan, &train_rows, &held);
        let (contender, found) = flow(fit, &plan, &train_rows, &held, best)?;
        held_scores.push(scores(&contender.ensemble, &held, &device));
        contenders.push(contender);
        trace = found;
    }
    let chosen =
        wanted(&fit.settings.model, &contenders).unwrap_or_else(|| choose(&held_scores, held.weights.as_deref()));
    let kinds: Vec<ModelKind> = contenders.iter().map(|contender| contender.model.kind()).collect();

    fit.progress(Stage::Evaluating, None);
    let reported = test.unwrap_or(validation);
    let of_reported: Vec<Vec<f64>> =
        contenders.iter().map(|contender| exact_scores(preparation, &contender.ensemble, reported, &device)).collect();
    let differences = differences(&kinds, &of_reported, chosen, reported.weights.as_deref());
    let candidates =
        contenders.iter().zip(&held_scores).zip(&of_reported).map(|((contender, held_scores), reported_scores)| {
            Candidate {
                model: contender.model.kind(),
                detail: contender.detail.clone(),
                validation: held.mean(held_scores),
                test: Mean::of(reported_scores, reported.weights.as_deref()),
            }
        });
    let candidates: Vec<Candidate> = candidates.collect();
    let scores_of_reported = of_reported[chosen].clone();
    let mut all_scores = scores_of_reported.clone();
    let Contender { model, ensemble, .. } = contenders.swap_remove(chosen);
    if test.is_some() {
        all_scores.extend(exact_scores(preparation, &ensemble, validation, &device));
    }
    let kept_flow = !model.kind().is_classical();
    let figures = Figures {
        chosen: model.kind(),
        reason: reason(model.kind(), fit.settings.model != Wanted::Auto, &differences, candidates.len()),
        test: candidates[chosen].test,
        candidates,
        differences,
        rows: RowCounts { train: train.len(), validation: validation.len(), test: test.map_or(0, TableRows::len) },
        folds: None,
        members: 1,
        whitened: ensemble.members[0].whitening.is_some(),
        given_whitened: ensemble.members[0].of_given.is_some(),
        parameters: parameters(&ensemble),
        epochs: if kept_flow { trace.epochs } else { 0 },
        best_epoch: if kept_flow { trace.best_epoch } else { 0 },
        stopped: trace.stopped,
        losses: trace.losses,
        seconds: 0.0,
    };
    let held_out = vec![HeldOut { ensemble: ensemble.clone(), rows: reported.clone(), scores: scores_of_reported }];
    Ok(Outcome { ensemble, model, figures, held_out, scores: all_scores })
}

/// The number of the model that is asked for.
pub(super) fn wanted(wanted: &Wanted, contenders: &[Contender]) -> Option<usize> {
    let Wanted::Model(preset) = wanted else { return None };
    contenders.iter().position(|contender| contender.model.kind() == preset.kind)
}

/// The configuration of a classical model.
pub(super) fn classical_model(fit: &Fit<'_>, kind: ModelKind, components: usize, rows: &Prepared) -> Model {
    let (features, context) = rows.columns;
    let mut size = crate::model::Size::of(rows.len(), features + context, fit.settings.quality);
    size.components = components;
    size.model(kind, features, context, fit.settings.seed)
}

/// The number of components that is asked for.
pub(super) fn asked_components(wanted: &Wanted) -> Option<usize> {
    match wanted {
        Wanted::Model(preset) if preset.kind == ModelKind::Mixture => preset.components,
        _ => None,
    }
}

/// A Gaussian, and the mixture whose number of components is best for the rows that are held out.
fn classical(
    fit: &Fit<'_>,
    train: &Prepared,
    held: &Prepared,
    names: &[String],
) -> Result<Vec<Contender>, TablesError> {
    if !enough(train, &fit.settings.model)? {
        return Ok(vec![]);
    }
    let gaussian = mixture(train, 1, names, &fit.device)?;
    let model = classical_model(fit, ModelKind::Gaussian, 1, train);
    let mut contenders = vec![Contender { model, detail: String::new(), ensemble: gaussian }];
    let counts: Vec<usize> = match asked_components(&fit.settings.model) {
        Some(components) => vec![components],
        None => component_counts(train.len(), train.columns.0 + train.columns.1).collect(),
    };
    let mut growth = Growth::new();
    let (before, width, mut estimated) = (fit.started.elapsed().as_secs_f64(), train.columns.0 + train.columns.1, 0.0);
    for components in counts {
        estimated += seconds(train.len(), width, components);
        let mixture = mixture(train, components, names, &fit.device)?;
        let likelihood = held.mean(&scores(&mixture, held, &fit.device)).mean;
        let spent = fit.started.elapsed().as_secs_f64() - before;
        // The flow needs the rest of the time. The clock has a word where a machine is much slower than most.
        let enough = estimated > 0.15 * fit.settings.seconds || spent > 0.4 * fit.settings.seconds;
        if !growth.push(components, likelihood, mixture) || enough || fit.stop.is_raised() {
            break;
        }
    }
    if let Some((components, _, ensemble)) = growth.best {
        let model = classical_model(fit, ModelKind::Mixture, components, train);
        contenders.push(Contender { model, detail: format!("{components} components"), ensemble });
    }
    Ok(contenders)
}

/// More epochs than there is time for.
const ENDLESS: usize = 1_000_000;
/// Steps in which the learning rate rises.
const WARM_UP: usize = 50;

/// The flow, trained for as long as the rows that are held out get more likely, or the time lasts.
fn flow(
    fit: &mut Fit<'_>,
    plan: &Plan,
    train: &Prepared,
    held: &Prepared,
    best: f64,
) -> Result<(Contender, Trace), TablesError> {
    let device = fit.device.clone();
    let whitenings = plan.whitenings(train, &device);
    let (train, held) = (whitenings.apply(train), whitenings.apply(held));
    let trainee = plan.start(fit.settings.seed, train.weights.is_some() || held.weights.is_some(), &device);
    let steps = plan.steps_per_epoch(train.len());
    // What is left over is for the evaluation.
    let seconds = (0.92 * fit.left()).max(0.05 * fit.settings.seconds);
    let schedule = fit.settings.schedule.unwrap_or(ScheduleKind::WarmupStableDecay);
    let warm_up = match schedule {
        // Of the time, as all other epochs will not come.
        ScheduleKind::Cosine => 0.05,
        _ => WARM_UP as f64 / (steps * ENDLESS) as f64,
    };
    let config: FitConfig = plan
        .config(fit.settings.seed)
        .with_epochs(ENDLESS)
        .with_max_seconds(Some(seconds))
        .with_patience(Some((patience(fit.settings.quality) / steps).max(5)))
        .with_schedule(schedule.schedule(warm_up))
        .with_workers(workers(fit, plan))
        .with_checkpoint(fit.checkpoint.clone())
        .with_checkpoint_every((50_000 / train.len().max(1)).clamp(1, 50));
    let (stop, cool_down, kind) = (fit.stop.clone(), fit.cool_down.clone(), plan.model.kind());
    let (before, limit) = (fit.started.elapsed().as_secs_f64(), fit.settings.seconds);
    let mut best_so_far = best;
    let identity = serde_json::json!({
        "model": &plan.model,
        "whitened": plan.whitened.columns,
        "given_whitened": plan.whitened.given,
        "signs": fit.signs(),
    });
    let training =
        Training::new(&config).identity(&identity).anew(fit.anew).stop_on(&stop).cool_down_on(&cool_down).watch(
            |record, _| {
                best_so_far = record.validation_loss.map_or(best_so_far, |loss| best_so_far.max(-loss));
                let seconds = before + record.seconds;
                let (stage, done) = (Stage::Training, (seconds / limit).min(1.0));
                let best = best_so_far.is_finite().then_some(best_so_far);
                fit.tell(&Progress { stage, model: Some(kind), epochs: record.epoch, best, seconds, done });
                Ok(())
            },
        );
    let fitted: Fitted<Trainee> = training.run(trainee, &train.to_train(&device), Some(&held.to_train(&device)))?;
    let trace = Trace {
        losses: fitted.history.iter().map(Losses::from).collect(),
        epochs: fitted.history.len(),
        best_epoch: fitted.best_epoch,
        stopped: ended(fitted.stopped).to_owned(),
    };
    let ensemble = Ensemble { members: vec![whitenings.member(&fitted.flow)] };
    let detail = plan.told();
    Ok((Contender { model: plan.model.clone(), detail, ensemble }, trace))
}

/// Why training ended, in a word.
pub(crate) fn ended(stop: Stop) -> &'static str {
    match stop {
        Stop::Epochs => "epochs",
        Stop::Patience => "patience",
        Stop::Time => "time",
        Stop::Interrupted => "interrupted",
    }
}

/// Threads that share the rows of a step: small networks are faster on one.
fn workers(fit: &Fit<'_>, plan: &Plan) -> usize {
    let widest = plan.size.hidden.iter().copied().max().unwrap_or(1);
    if flows_core::is_host(&fit.device) && widest * plan.batch_size >= 16_384 { fit.settings.threads() } else { 1 }
}

/// Evaluations of rows of whole numbers, at most: each of them takes many.
const EVALUATIONS: usize = 60_000;
/// The least likely rows, which are scored by all points of noise in any case: more than the ranks that a model keeps one by one.
const TAIL: usize = 1_200;
/// Points of noise for each row of whole numbers, as `WholeNumbers::log_probs` takes them.
const POINTS: usize = 64;

/// The log-densities of rows in the units of the table; of whole numbers, probabilities, by fewer points of noise where
/// there are many rows.
pub(super) fn exact_scores(
    preparation: &Preparation,
    ensemble: &Ensemble,
    rows: &TableRows,
    device: &Device,
) -> Vec<f64> {
    let whole = preparation.whole();
    if whole.places().is_empty() {
        return scores(ensemble, &preparation.apply(rows, 0), device);
    }
    let draws = EVALUATIONS / rows.len().max(1);
    if draws >= POINTS {
        let flow = Scaled::new(ensemble.clone(), preparation.scaling().clone());
        return super::table_flow::log_probs(preparation, &flow, &rows.values, &rows.context);
    }
    let draws = draws.max(1);
    let each: Vec<Vec<f64>> =
        (0..draws).map(|draw| scores(ensemble, &preparation.apply(rows, draw as u64 + 1), device)).collect();
    let mean = |row: usize| {
        let largest = each.iter().map(|scores| scores[row]).fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = each.iter().map(|scores| (scores[row] - largest).exp()).sum();
        if largest == f64::NEG_INFINITY { largest } else { largest + (sum / draws as f64).ln() }
    };
    let mut found: Vec<f64> = (0..rows.len()).map(mean).collect();
    // The tail is what p-values are made of: it is scored as new rows are.
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by(|a, b| found[*a].total_cmp(&found[*b]));
    order.truncate(TAIL);
    let tail = rows.select(&order);
    let flow = Scaled::new(ensemble.clone(), preparation.scaling().clone());
    let exact = super::table_flow::log_probs(preparation, &flow, &tail.values, &tail.context);
    order.iter().zip(exact).for_each(|(row, score)| found[*row] = score);
    found
}
