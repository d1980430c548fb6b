//! Models that are fitted to all rows but those of a fold and compared on these.

use std::sync::Mutex;

use super::contender::{Contender, figures};
use super::density::MixedDensity;
use super::exact::exact;
use super::hold_out::{CLASSES, SHARE};
use super::network::{Plan, Run};
use super::preparation::Scaled;
use super::{Family, LatentClasses, MixedFigures, MixedFit, MixedPreparation, MixedTable};
use crate::tables::{Mean, Progress, RowCounts, Stage, TablesError, choose, folds, shuffled};

/// The share of a fold's rows by which a network's training is ended.
const INNER: f64 = 0.15;

impl MixedFit<'_> {
    /// Fits all models to the rows outside of each fold and chooses by the rows inside. Classes that are kept are fitted to all
    /// rows; networks are the mean of those of the folds.
    pub(super) fn by_folds(
        &mut self,
        preparation: &MixedPreparation,
        table: &MixedTable,
        test: Option<&MixedTable>,
    ) -> Result<(Contender, MixedFigures, Vec<f64>), TablesError> {
        let (seed, device) = (self.settings.seed, self.device.clone());
        let all = preparation.forward(table, seed);
        let numbers = folds(table.len(), self.settings.folds.min(table.len() / 2), seed);
        let rest = |numbers: &Vec<usize>| -> Vec<usize> {
            (0..table.len()).filter(|row| numbers.binary_search(row).is_err()).collect()
        };
        self.progress(Stage::Classical, None);
        // Of each family the scores of every row by a model that was not fitted to it, and the model.
        let mut found: Vec<(Contender, Vec<f64>)> = vec![];
        let measures = preparation.measures();
        let of_folds = |fits: &[MixedDensity]| -> Vec<f64> {
            let mut scores = vec![0.0; table.len()];
            for (numbers, fit) in numbers.iter().zip(fits) {
                let held = exact(fit, preparation, &table.select(numbers), &device);
                numbers.iter().zip(held).for_each(|(row, score)| scores[*row] = score);
            }
            scores
        };
        let (mut worse, mut best) = (0, None::<(f64, usize, Vec<f64>)>);
        for classes in CLASSES.into_iter().take_while(|classes| 5 * classes <= table.len()) {
            let fit = |numbers: &Vec<usize>| {
                MixedDensity::Classes(LatentClasses::fit(&measures, &all.select(&rest(numbers)), classes, seed))
            };
            let scores = of_folds(&numbers.iter().map(fit).collect::<Vec<_>>());
            if classes == 1 {
                let whole = LatentClasses::fit(&measures, &all, 1, seed);
                found.push((Contender::classes(Family::Independent, whole), scores));
                continue;
            }
            let mean = Mean::of(&scores, table.weights()).mean;
            if best.as_ref().is_none_or(|(best, ..)| mean > *best) {
                (best, worse) = (Some((mean, classes, scores)), 0);
            } else {
                worse += 1;
            }
            if worse == 2 || self.started.elapsed().as_secs_f64() > SHARE * self.settings.seconds {
                break;
            }
        }
        if let Some((_, classes, scores)) = best {
            let whole = LatentClasses::fit(&measures, &all, classes, seed);
            found.push((Contender::classes(Family::Classes, whole), scores));
        }
        found.retain(|(contender, _)| self.wants(contender.family));
        if self.wants(Family::AnyOrder) {
            found.push(self.networks_of_folds(preparation, &all, &numbers, &rest, &of_folds)?);
        }
        self.progress(Stage::Evaluating, None);
        let (mut contenders, held): (Vec<Contender>, Vec<Vec<f64>>) = found.into_iter().unzip();
        let chosen = choose(&held, table.weights());
        let of_test = test
            .map(|test| contenders.iter().map(|c| exact(&c.density, preparation, test, &device)).collect::<Vec<_>>());
        let reported_weights = test.map_or(table.weights(), MixedTable::weights);
        let reported = of_test.as_ref().unwrap_or(&held);
        let rows = RowCounts { train: table.len(), validation: table.len(), test: test.map_or(0, MixedTable::len) };
        let figures = figures(
            &contenders,
            chosen,
            (&held, table.weights()),
            (reported, reported_weights),
            self.settings.family.is_some(),
            MixedFigures { rows, folds: Some(numbers.len()), ..MixedFigures::default() },
        );
        let scores = held[chosen].clone();
        Ok((contenders.swap_remove(chosen), figures, scores))
    }

    /// A network of each fold, trained beside each other.
    fn networks_of_folds(
        &mut self,
        preparation: &MixedPreparation,
        all: &Scaled,
        numbers: &[Vec<usize>],
        rest: &dyn Fn(&Vec<usize>) -> Vec<usize>,
        of_folds: &dyn Fn(&[MixedDensity]) -> Vec<f64>,
    ) -> Result<(Contender, Vec<f64>), TablesError> {
        let (seed, device) = (self.settings.seed, self.device.clone());
        let plan = Plan::of(preparation.measures(), all.len(), self.settings.quality, seed);
        let threads = if flows_core::is_host(&device) { self.settings.threads().min(numbers.len()) } else { 1 };
        let rounds = numbers.len().div_ceil(threads) as f64;
        let run = Run {
            seconds: (0.85 * self.left() / rounds).max(0.05 * self.settings.seconds / rounds),
            seed,
            workers: 1,
            stop: self.stop.clone(),
            cool_down: self.cool_down.clone(),
            ..Run::default()
        };
        // Weights are drawn from the one generator of the device: one after the other.
        let jobs: Vec<_> = numbers
            .iter()
            .enumerate()
            .map(|(fold, numbers)| {
                let order = shuffled(all.len() - numbers.len(), seed.wrapping_add(fold as u64));
                let rest = rest(numbers);
                let (inner, train) = order.split_at(((INNER * order.len() as f64).round() as usize).max(1));
                let rows_of =
                    |places: &[usize]| all.select(&places.iter().map(|place| rest[*place]).collect::<Vec<_>>());
                (fold, plan.start(seed.wrapping_add(fold as u64), &device), rows_of(train), rows_of(inner))
            })
            .collect();
        let (waiting, done) = (Mutex::new(jobs.into_iter()), Mutex::new(vec![]));
        let limit = self.settings.seconds;
        let (begun, progress) = (self.started, Mutex::new(&mut self.on_progress));
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    loop {
                        let next = waiting.lock().expect("no thread panics with it").next();
                        let Some((fold, start, train, inner)) = next else { return };
                        let trained = plan.train(start, [&train, &inner], &run, &device, |epochs, best| {
                            let seconds = begun.elapsed().as_secs_f64();
                            let (stage, done) = (Stage::Training, (seconds / limit).min(1.0));
                            let told = Progress { stage, model: None, epochs, best, seconds, done };
                            if let Ok(mut tell) = progress.try_lock() {
                                (*tell)(&told);
                            }
                        });
                        done.lock().expect("no thread panics with it").push((fold, trained));
                    }
                });
            }
        });
        let mut done = done.into_inner().expect("no thread panics with it");
        done.sort_by_key(|(fold, _)| *fold);
        let (mut members, mut traces) = (vec![], vec![]);
        for (_, trained) in done {
            let trained = trained?;
            members.push(trained.network);
            traces.push((trained.losses, trained.best_epoch, trained.stopped));
        }
        let each: Vec<MixedDensity> =
            members.iter().map(|member| MixedDensity::Networks(vec![member.clone()])).collect();
        let scores = of_folds(&each);
        // The run that took longest stands for all.
        let (losses, best_epoch, stopped) = traces.into_iter().max_by_key(|(losses, ..)| losses.len()).expect("a fold");
        Ok((Contender::network(&plan, members, losses, best_epoch, stopped), scores))
    }
}
