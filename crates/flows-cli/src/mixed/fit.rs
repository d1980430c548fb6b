//! `flows fit --missing model`.

use std::path::Path;

use burn::tensor::Device;
use burn_flows::mixed::{Family, FittedMixed, MixedFit, MixedSettings};
use burn_flows::tables::Stage;

use super::rows::{self, Prepared};
use super::{model, summary};
use crate::duration;
use crate::fit::{Alone, Fit, QualityName, checkpoint};
use crate::interrupt::interrupt;
use crate::output::{self, is_standard};
use crate::problem::Problem;
use crate::progress::Progress;
use crate::terminal::{self, bold};

/// Reads, plans, fits, writes and tells.
pub(crate) fn fit(fit: &Fit, family: Option<Family>, device: &Device) -> Result<(), Problem> {
    terminal::go_on_unread();
    let settings = settings(fit, family);
    settings.check()?;
    let output = fit.output()?;
    let checkpoint = checkpoint(&output);
    let alone = Alone::at(&checkpoint);
    let [table, train, validation, test] =
        [&fit.table, &fit.rows.train, &fit.rows.val, &fit.rows.test].map(|table| table.as_deref());
    let read = [table, train, validation, test, Some(checkpoint.as_path())];
    output::prepare(&[Some(&output), fit.json.as_deref()], &read)?;
    if is_standard(&output) {
        return Err(Problem::usage("a model is no text for standard output").hint("`-o NAME.flow` names its file"));
    }
    let prepared = rows::prepare(fit)?;
    if !fit.force {
        existing(&output, &prepared, &settings, device)?;
    }
    terminal::say(format_args!("{} {}\n", bold(format_args!("{}:", prepared.name)), summary::rows(&prepared)))?;
    terminal::say(&prepared.plan)?;
    let kept = alone.is_some().then_some(checkpoint.as_path());
    match kept {
        None => terminal::note(format_args!(
            "another `flows fit` is at work on {}: the state of this one is not kept, and a fit that is killed begins anew",
            output.display()
        )),
        Some(path) if path.exists() && !fit.force => terminal::note(format_args!("going on from {}", path.display())),
        Some(_) => {}
    }
    let fitted = fitted(&prepared, settings, (kept, fit.force), device)?;
    fitted.flow.save(&output)?;
    let odd = summary::odd_rows(&fitted.flow, &prepared)?;
    let told = terminal::say(summary::text(&fitted, &prepared, &odd, &output, fit.table.as_deref()));
    if kept.is_some_and(Path::exists) {
        terminal::note(format_args!(
            "training was cut short: the same command with more `--time` goes on from {}",
            checkpoint.display()
        ));
    }
    if let Some(path) = &fit.json {
        output::json(path, &summary::record(&fitted, &prepared, &odd, &output))?;
    }
    told
}

fn settings(fit: &Fit, family: Option<Family>) -> MixedSettings {
    MixedSettings {
        family,
        quality: match fit.quality {
            QualityName::Fast => burn_flows::model::Quality::Fast,
            QualityName::Normal => burn_flows::model::Quality::Normal,
            QualityName::Best => burn_flows::model::Quality::Best,
        },
        seconds: fit.time,
        seed: fit.seed,
        threads: fit.model.threads,
        folds: fit.model.folds,
        folds_below: fit.model.folds_below,
        held_out: fit.rows.held_out.0,
        ..MixedSettings::default()
    }
}

fn fitted(
    prepared: &Prepared,
    settings: MixedSettings,
    (checkpoint, anew): (Option<&Path>, bool),
    device: &Device,
) -> Result<FittedMixed, Problem> {
    let (limit, mut progress, flags) = (settings.seconds, Progress::new(), interrupt());
    let mut fit = MixedFit::new(settings)
        .device(device)
        .anew(anew)
        .stop_on(&flags.stop)
        .cool_down_on(&flags.cool_down)
        .data_hash(prepared.hash.clone())
        .source(prepared.source.clone())
        .codec(prepared.codec.clone())
        .on_progress(|at| {
            progress.tell(at.done, || {
                let what = match at.stage {
                    Stage::Preparing => "preparing the rows".to_owned(),
                    Stage::Classical | Stage::Trial => "fitting mixtures of classes".to_owned(),
                    Stage::Training => format!("training networks, epoch {}", at.epochs),
                    Stage::Evaluating => "testing on held-out rows".to_owned(),
                };
                let best = at.best.map_or(String::new(), |best| format!(" · best {best:.3} nats a row"));
                let left = (limit - at.seconds).max(0.0);
                format!("{what}{best} · {}, {} left at most", duration::shown(at.seconds), duration::shown(left))
            });
        });
    if let Some(checkpoint) = checkpoint {
        fit = fit.checkpoint(checkpoint);
    }
    let fitted = fit.run_parts(&prepared.train, prepared.validation.as_ref(), prepared.test.as_ref());
    fitted.map_err(|error| {
        let problem = Problem::from(error);
        let there = checkpoint.filter(|path| path.exists()).map(|path| path.display().to_string());
        if there.is_some_and(|there| problem.to_string().contains(&there)) {
            return problem.hint("`--force` begins anew and forgets the fit that was interrupted");
        }
        problem
    })
}

/// Whether a fit may replace the file at its output: a model of the same data and settings.
fn existing(output: &Path, prepared: &Prepared, settings: &MixedSettings, device: &Device) -> Result<(), Problem> {
    if !output.exists() {
        return Ok(());
    }
    let refuse = |what: &str| {
        Problem::new(format!("{}: {what}, and is not replaced", output.display()))
            .hint("`-o NAME.flow` writes another file, `--force` replaces this one")
    };
    let Ok(Some(flow)) = model::load(output, device) else {
        return Err(refuse("it is there already, and no model of `--missing model`"));
    };
    let before = MixedSettings { seconds: settings.seconds, ..flow.config().settings.clone() };
    if before != *settings {
        return Err(refuse("it is a model of another fit (other settings)"));
    }
    if flow.config().data_hash != prepared.hash
        || flow.codec().is_none_or(|codec| codec.signs() != prepared.codec.signs())
    {
        return Err(refuse("it is a model of another fit (other rows)"));
    }
    terminal::note(format_args!("{}: a model of the same rows and settings is fitted again", output.display()));
    Ok(())
}
