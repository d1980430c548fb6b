//! A model that is compared with others.

use burn::module::Module;
use flows_autoregressive::AnyOrder;
use flows_core::train::Stop;

use super::density::{MixedDensity, Networks};
use super::network::Plan;
use super::{Family, LatentClasses, MixedCandidate, MixedFigures, MixedModel};
use crate::tables::{Losses, Mean};

/// A model that was fitted to a part of the rows.
pub(super) struct Contender {
    pub(super) family: Family,
    detail: String,
    pub(super) density: MixedDensity,
    pub(super) model: MixedModel,
    pub(super) networks: Networks,
    losses: Vec<Losses>,
    best_epoch: usize,
    stopped: &'static str,
}

impl Contender {
    pub(super) fn classes(family: Family, classes: LatentClasses) -> Self {
        let detail = match family {
            Family::Independent => String::new(),
            _ => format!("{} classes", classes.classes()),
        };
        Self {
            family,
            detail,
            density: MixedDensity::Classes(classes.clone()),
            model: MixedModel::Classes(classes),
            networks: Networks { members: vec![] },
            losses: vec![],
            best_epoch: 0,
            stopped: "none",
        }
    }

    pub(super) fn network(
        plan: &Plan,
        members: Vec<AnyOrder>,
        losses: Vec<Losses>,
        best_epoch: usize,
        stopped: Stop,
    ) -> Self {
        Self {
            family: Family::AnyOrder,
            detail: plan.told(),
            density: MixedDensity::Networks(members.clone()),
            model: MixedModel::Networks { config: plan.config.clone(), members: members.len() },
            networks: Networks { members },
            losses,
            best_epoch,
            stopped: crate::tables::ended(stopped),
        }
    }

    pub(super) fn parameters(&self) -> usize {
        match &self.density {
            MixedDensity::Classes(classes) => classes.parameters(),
            MixedDensity::Networks(members) => members.iter().map(Module::num_params).sum(),
        }
    }
}

/// What is told of the models.
pub(super) fn figures(
    contenders: &[Contender],
    chosen: usize,
    (held, held_weights): (&[Vec<f64>], Option<&[f64]>),
    (reported, weights): (&[Vec<f64>], Option<&[f64]>),
    asked: bool,
    rows: MixedFigures,
) -> MixedFigures {
    let candidate = |at: usize| MixedCandidate {
        family: contenders[at].family,
        detail: contenders[at].detail.clone(),
        validation: Mean::of(&held[at], held_weights),
        test: Mean::of(&reported[at], weights),
        difference: (at != chosen).then(|| Mean::of_differences(&reported[chosen], &reported[at], weights)),
    };
    let candidates: Vec<MixedCandidate> = (0..contenders.len()).map(candidate).collect();
    let kept = &contenders[chosen];
    MixedFigures {
        chosen: kept.family,
        reason: super::figures::reason(kept.family, &candidates, asked),
        test: candidates[chosen].test,
        candidates,
        members: kept.networks.members.len().max(1),
        parameters: kept.parameters(),
        epochs: kept.losses.len(),
        best_epoch: kept.best_epoch,
        stopped: contenders.last().map_or("none", |last| last.stopped).to_owned(),
        losses: kept.losses.clone(),
        ..rows
    }
}
