//! Whether columns are whitened, by a trial of both.

use flows_core::train::{Schedule, Stop, Training, checkpoint_identity};

use super::gradient::{Plan, scores};
use super::prepared::Prepared;
use super::{Fit, Stage};

/// Steps of a trial, at most.
const STEPS: usize = 150;
/// Fewer tell nothing.
const LEAST: usize = 30;
/// Steps for each second of the whole fit: both trials together take a twentieth of it or so.
const STEPS_A_SECOND: f64 = 5.0;
/// Rows that are held out to compare by, at most.
const HELD: usize = 2_000;
/// Nats a column by which the middle row is to be more likely.
const LEAD: f64 = 0.3;
/// The largest share of the time for a trial.
const SHARE: f64 = 0.08;

/// The plan with whitened columns, where they make rows that are held out much more likely after a few steps; otherwise as it is.
///
/// Of tables whose columns are nearly functions of each other, as the magnitudes of galaxies are, a flow sees little but that until
/// they are whitened; of others, whose columns have structure of their own, whitening hides it. Whitened columns are learnt
/// faster at first by most tables: of six, a lead of 0.38 nats a column lasted, and those of 0.25 and less turned round.
///
/// A run that goes on from a checkpoint has what that one had.
pub(super) fn tried(fit: &mut Fit<'_>, plan: Plan, train: &Prepared, held: &Prepared) -> Plan {
    if fit.settings.whiten.is_some() || train.columns.0 < 2 {
        return plan;
    }
    if let Some(before) = fit.interrupted().and_then(|path| checkpoint_identity(path).ok()) {
        return plan.with_whitened_columns(before.get("whitened").is_some_and(|whitened| whitened == "true"));
    }
    let steps = ((fit.settings.seconds * STEPS_A_SECOND) as usize).min(STEPS);
    if steps < LEAST {
        return plan;
    }
    fit.progress(Stage::Trial, None);
    let (train, held) = (train.at_most(steps * plan.batch_size), held.at_most(HELD));
    let white = plan.clone().with_whitened_columns(true);
    let Some(of_plain) = after(fit, &plan, steps, &train, &held) else { return plan };
    let Some(of_white) = after(fit, &white, steps, &train, &held) else { return plan };
    let gains = of_white.iter().zip(&of_plain).map(|(white, plain)| white - plain);
    // Of few rows that are far off, either may say anything.
    let gain = median(gains.zip(held.weights()).collect());
    if gain > LEAD * train.columns.0 as f64 { white } else { plan }
}

/// The middle one of values that count by their weights; NaN where nothing counts.
fn median(mut weighted: Vec<(f64, f64)>) -> f64 {
    weighted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = 0.5 * weighted.iter().map(|(_, weight)| weight).sum::<f64>();
    let mut below = 0.0;
    let middle = weighted.iter().find(|(_, weight)| {
        below += weight;
        *weight > 0.0 && below >= half
    });
    middle.map_or(f64::NAN, |(value, _)| *value)
}

/// Trains for the given number of steps and scores the held-out rows; `None` if training fails or is cut short.
fn after(fit: &Fit<'_>, plan: &Plan, steps: usize, train: &Prepared, held: &Prepared) -> Option<Vec<f64>> {
    let whitenings = plan.whitenings(train, &fit.device);
    let (train, held) = (whitenings.apply(train), whitenings.apply(held));
    let config = plan
        .config(fit.settings.seed)
        .with_epochs(steps.div_ceil(plan.steps_per_epoch(train.len())))
        .with_patience(None)
        .with_validation_fraction(0.0)
        .with_max_seconds(Some(SHARE * fit.settings.seconds))
        .with_schedule(Schedule::Cosine { warm_up: 0.1, end: 0.0 });
    let start = plan.start(fit.settings.seed, train.weights.is_some(), &fit.device);
    let training = Training::new(&config).stop_on(&fit.stop).cool_down_on(&fit.cool_down);
    let fitted = training.run(start, &train.to_train(&fit.device), None).ok()?;
    matches!(fitted.stopped, Stop::Epochs).then(|| scores(&fitted.flow.flow, &held, &fit.device))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_without_weight_are_not_in_the_middle() {
        assert_eq!(median(vec![(3.0, 1.0), (1.0, 1.0), (2.0, 1.0)]), 2.0);
        assert_eq!(median(vec![(9.0, 0.0), (1.0, 1.0), (8.0, 0.0), (2.0, 3.0), (9.5, 0.0)]), 2.0);
        assert!(median(vec![(1.0, 0.0)]).is_nan() && median(vec![]).is_nan());
    }
}
