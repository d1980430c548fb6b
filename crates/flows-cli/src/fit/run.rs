//! What `flows fit` does.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use burn_flows::tables::{FitSettings, FittedTable, Stage, TablesError};
use flows_core::FlowError;

use super::alone::Alone;
use super::arguments::Fit;
use super::rows::{self, Prepared};
use super::{existing, summary};
use crate::interrupt::interrupt;
use crate::output::{self, is_standard};
use crate::problem::Problem;
use crate::progress::Progress;
use crate::terminal::{self, bold};
use crate::{duration, mixed, peek};

impl Fit {
    /// Reads, plans, fits, writes and tells.
    pub(crate) fn run(&self, device: &Device) -> Result<(), Problem> {
        let family = self.family()?;
        if self.columns.models_missing() {
            return mixed::fit(self, family, device);
        }
        terminal::go_on_unread();
        let settings = self.settings()?;
        let output = self.output()?;
        let checkpoint = checkpoint(&output);
        let alone = Alone::at(&checkpoint);
        let [table, train, validation, test] =
            [&self.table, &self.rows.train, &self.rows.val, &self.rows.test].map(|table| table.as_deref());
        let read = [table, train, validation, test, Some(checkpoint.as_path())];
        output::prepare(&[Some(&output), self.json.as_deref()], &read)?;
        if is_standard(&output) {
            return Err(Problem::usage("a model is no text for standard output").hint("`-o NAME.flow` names its file"));
        }
        let prepared = rows::prepare(self)?;
        if !self.force {
            existing::check(&output, &prepared, &settings, device)?;
        }
        terminal::say(format_args!("{} {}\n", bold(format_args!("{}:", prepared.first().name)), prepared.rows_told()))?;
        terminal::say(&prepared.plan)?;
        for line in peek::doubts(&prepared.first().frame, &prepared.plan)? {
            terminal::say(format_args!("{line}\n"))?;
        }
        if alone.is_none() {
            terminal::note(format_args!(
                "another `flows fit` is at work on {}: the state of this one is not kept, and a fit that is killed begins anew",
                output.display()
            ));
        } else if checkpoint.exists() && !self.force {
            terminal::note(format_args!("going on from {}", checkpoint.display()));
        }
        terminal::detail(format_args!("settings: {}", serde_json::to_string(&settings).unwrap_or_default()));
        let before = std::fs::read(&output).ok();
        let kept = alone.is_some().then_some(checkpoint.as_path());
        let fitted = fit(&prepared, settings, (kept, self.force), device)?;
        let output = if self.force { output } else { existing::spare(output, before.as_deref()) };
        fitted.flow.save(&output)?;
        let odd = summary::odd_rows(&fitted.flow, &prepared)?;
        let told = terminal::say(summary::text(&fitted, &prepared, &odd, &output, self.table.as_deref()));
        if kept.is_some_and(Path::exists) {
            terminal::note(format_args!(
                "training was cut short: the same command with more `--time` goes on from {}",
                checkpoint.display()
            ));
        }
        if let Some(path) = &self.json {
            output::json(path, &summary::record(&fitted, &prepared, &odd, &output))?;
        }
        told
    }

    /// The model's file: the table's name, in the folder at hand, with `.flow` for its extensions.
    pub(crate) fn output(&self) -> Result<PathBuf, Problem> {
        if let Some(output) = &self.output {
            return Ok(output.clone());
        }
        let table = self.table.as_ref().or(self.rows.train.as_ref()).filter(|table| !is_standard(table));
        let Some(name) = table.and_then(|table| table.file_name()) else {
            return Err(Problem::usage("standard input has no name").hint("`-o NAME.flow` names the model's file"));
        };
        Ok(model_of(Path::new(name)))
    }
}

/// The model's file of a table: `t.csv` and `t.csv.gz` become `t.flow`.
fn model_of(table: &Path) -> PathBuf {
    let packed = table.extension().is_some_and(|end| ["gz", "zst"].iter().any(|known| end.eq_ignore_ascii_case(known)));
    let table = if packed { table.with_extension("") } else { table.to_owned() };
    table.with_extension("flow")
}

/// Where the state of training is kept, so that a fit that was killed goes on.
pub(crate) fn checkpoint(output: &Path) -> PathBuf {
    let mut name = output.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

fn fit(
    prepared: &Prepared,
    settings: FitSettings,
    (checkpoint, anew): (Option<&Path>, bool),
    device: &Device,
) -> Result<FittedTable, Problem> {
    let (limit, mut progress, flags) = (settings.seconds, Progress::new(), interrupt());
    let fit = burn_flows::tables::Fit::new(settings);
    let fit = match checkpoint {
        Some(checkpoint) => fit.checkpoint(checkpoint),
        None => fit,
    };
    let fitted = fit
        .device(device)
        .anew(anew)
        .stop_on(&flags.stop)
        .cool_down_on(&flags.cool_down)
        .data_hash(prepared.hash.clone())
        .source(prepared.source.clone())
        .codec(prepared.codec.clone())
        .on_progress(|at| {
            progress.tell(at.done, || {
                let what = match (at.stage, at.model) {
                    (Stage::Preparing, _) => "preparing the rows".to_owned(),
                    (Stage::Classical, _) => "fitting mixtures of Gaussians".to_owned(),
                    (Stage::Trial, _) => "trying whitened columns".to_owned(),
                    (Stage::Training, Some(model)) => format!("training {model}, epoch {}", at.epochs),
                    (Stage::Training, None) => format!("training, epoch {}", at.epochs),
                    (Stage::Evaluating, _) => "testing on held-out rows".to_owned(),
                };
                let best = at.best.map_or(String::new(), |best| format!(" · best {best:.3} nats a row"));
                let left = (limit - at.seconds).max(0.0);
                format!("{what}{best} · {}, {} left at most", duration::shown(at.seconds), duration::shown(left))
            });
        })
        .run(prepared.parts.clone());
    drop(progress);
    let fitted = fitted.map_err(|error| {
        // A state that cannot be gone on from, and not one for which there is no room.
        let of_the_state = matches!(&error, TablesError::Flow(FlowError::Training(_) | FlowError::File { .. }));
        let problem = Problem::from(error);
        let there =
            checkpoint.filter(|checkpoint| checkpoint.exists()).map(|checkpoint| checkpoint.display().to_string());
        if of_the_state && there.is_some_and(|there| problem.to_string().contains(&there)) {
            return problem.hint("`--force` begins anew and forgets the fit that was interrupted");
        }
        problem
    })?;
    Ok(fitted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_has_the_name_of_its_table() {
        for (table, model) in [
            ("t.csv", "t.flow"),
            ("é.csv", "é.flow"),
            ("sales.2024.csv.gz", "sales.2024.flow"),
            (".hidden", ".hidden.flow"),
            ("名前", "名前.flow"),
        ] {
            assert_eq!(model_of(Path::new(table)), Path::new(model), "{table}");
        }
    }

    #[test]
    fn a_state_of_training_lies_beside_the_model() {
        assert_eq!(checkpoint(Path::new("a/m.flow")), Path::new("a/m.flow.part"));
    }
}
