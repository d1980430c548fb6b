//! Models that are fitted to a part of the rows and compared on others.

use std::time::Instant;

use super::contender::{Contender, figures};
use super::density::MixedDensity;
use super::exact::exact;
use super::network::{Plan, Run};
use super::preparation::Scaled;
use super::{Family, LatentClasses, MixedFigures, MixedFit, MixedPreparation, MixedTable};
use crate::tables::{Mean, Progress, RowCounts, Stage, TablesError, choose};

/// Numbers of classes that are tried, one after the other.
pub(super) const CLASSES: [usize; 12] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];
/// Starts of a mixture of classes.
const STARTS: u64 = 3;
/// The share of the time that the mixtures may take.
pub(super) const SHARE: f64 = 0.25;

impl MixedFit<'_> {
    /// Fits all models to the training rows, chooses by the validation rows and reports the test rows.
    pub(super) fn hold_out(
        &mut self,
        preparation: &MixedPreparation,
        train: &MixedTable,
        validation: &MixedTable,
        test: Option<&MixedTable>,
    ) -> Result<(Contender, MixedFigures, Vec<f64>), TablesError> {
        let (seed, device) = (self.settings.seed, self.device.clone());
        let train_rows = possible(&preparation.forward(train, seed));
        let held = possible(&preparation.forward(validation, seed.wrapping_add(1)));
        self.progress(Stage::Classical, None);
        let mut contenders = self.classes(preparation, &train_rows, &held);
        let best =
            contenders.iter().map(|c| Mean::of(&c.density.log_probs(&held, &device), held.weights.as_deref()).mean);
        let best = best.fold(f64::NEG_INFINITY, f64::max);
        if self.wants(Family::AnyOrder) {
            let plan = Plan::of(preparation.measures(), train_rows.len(), self.settings.quality, seed);
            let run = Run {
                // What is left over is for the evaluation.
                seconds: (0.85 * self.left()).max(0.05 * self.settings.seconds),
                seed,
                workers: plan.workers(self.settings.threads(), &device),
                checkpoint: self.checkpoint.clone(),
                anew: self.anew,
                stop: self.stop.clone(),
                cool_down: self.cool_down.clone(),
                identity: serde_json::json!({ "model": &plan.config, "preparation": preparation }),
            };
            let (limit, before, on_progress) =
                (self.settings.seconds, self.started.elapsed().as_secs_f64(), &mut self.on_progress);
            let (started, mut best) = (Instant::now(), best);
            let trained =
                plan.train(plan.start(seed, &device), [&train_rows, &held], &run, &device, |epochs, found| {
                    best = found.map_or(best, |found| best.max(found));
                    let seconds = before + started.elapsed().as_secs_f64();
                    let (stage, done) = (Stage::Training, (seconds / limit).min(1.0));
                    on_progress(&Progress {
                        stage,
                        model: None,
                        epochs,
                        best: best.is_finite().then_some(best),
                        seconds,
                        done,
                    });
                })?;
            contenders.push(Contender::network(
                &plan,
                vec![trained.network],
                trained.losses,
                trained.best_epoch,
                trained.stopped,
            ));
        }
        self.progress(Stage::Evaluating, None);
        let scores_of = |table: &MixedTable| -> Vec<Vec<f64>> {
            contenders.iter().map(|contender| exact(&contender.density, preparation, table, &device)).collect()
        };
        let of_validation = scores_of(validation);
        let chosen = choose(&of_validation, validation.weights());
        let (of_reported, reported) = match test {
            Some(test) => (scores_of(test), test),
            None => (of_validation.clone(), validation),
        };
        let mut all_scores = of_reported[chosen].clone();
        if test.is_some() {
            all_scores.extend(&of_validation[chosen]);
        }
        let rows =
            RowCounts { train: train.len(), validation: validation.len(), test: test.map_or(0, MixedTable::len) };
        let figures = figures(
            &contenders,
            chosen,
            (&of_validation, validation.weights()),
            (&of_reported, reported.weights()),
            self.settings.family.is_some(),
            MixedFigures { rows, ..MixedFigures::default() },
        );
        Ok((contenders.swap_remove(chosen), figures, all_scores))
    }

    /// Independent columns, and the mixture whose number of classes is best for the rows that are held out.
    fn classes(&self, preparation: &MixedPreparation, train: &Scaled, held: &Scaled) -> Vec<Contender> {
        let measures = preparation.measures();
        let mean = |classes: &LatentClasses| {
            let scores = MixedDensity::Classes(classes.clone()).log_probs(held, &self.device);
            Mean::of(&scores, held.weights.as_deref()).mean
        };
        let (mut contenders, mut worse, mut best) = (vec![], 0, None::<(f64, LatentClasses)>);
        let before = self.started.elapsed().as_secs_f64();
        for classes in CLASSES.into_iter().take_while(|classes| 4 * classes <= train.len()) {
            let starts = if classes == 1 || train.len() > 20_000 { 1 } else { STARTS };
            let fits = (0..starts)
                .map(|start| LatentClasses::fit(&measures, train, classes, self.settings.seed ^ (start << 32)));
            let found = fits.map(|fit| (mean(&fit), fit)).max_by(|a, b| a.0.total_cmp(&b.0)).expect("a start");
            if classes == 1 {
                contenders.push(Contender::classes(Family::Independent, found.1));
                continue;
            }
            if best.as_ref().is_none_or(|(best, _)| found.0 > *best) {
                (best, worse) = (Some(found), 0);
            } else {
                worse += 1;
            }
            let spent = self.started.elapsed().as_secs_f64() - before;
            if worse == 2 || spent > SHARE * self.settings.seconds || self.stop.is_raised() {
                break;
            }
        }
        contenders.extend(best.map(|(_, classes)| Contender::classes(Family::Classes, classes)));
        contenders.retain(|contender| self.wants(contender.family));
        contenders
    }
}

/// The rows that can be: an impossible one would make the likelihood of all of them minus infinity.
fn possible(rows: &Scaled) -> Scaled {
    let places: Vec<usize> = (0..rows.len()).filter(|row| rows.log_dets[*row].is_finite()).collect();
    if places.len() == rows.len() { rows.clone() } else { rows.select(&places) }
}
