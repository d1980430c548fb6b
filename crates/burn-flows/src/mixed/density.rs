//! The densities that a mixed table can have.

use burn::module::Module;
use burn::tensor::Device;
use flows_autoregressive::{AnyOrder, AnyOrderConfig};
use flows_core::{Density, generator, noise};
use serde::{Deserialize, Serialize};

use super::LatentClasses;
use super::preparation::Scaled;
use crate::tables::{host, matrix};

/// What makes the density of a mixed table.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MixedModel {
    /// A mixture of classes; of one class, independent columns.
    Classes(LatentClasses),
    /// The mean of the densities of so many networks.
    Networks {
        /// What makes each of them.
        config: AnyOrderConfig,
        /// How many there are.
        members: usize,
    },
}

/// The networks of a density; none of a mixture of classes.
#[derive(Module, Debug)]
pub struct Networks {
    /// Each a density of its own.
    pub members: Vec<AnyOrder>,
}

/// A density of rows as a [`MixedPreparation`](super::MixedPreparation) makes them.
#[derive(Debug, Clone)]
pub(super) enum MixedDensity {
    Classes(LatentClasses),
    Networks(Vec<AnyOrder>),
}

/// Rows at a time.
const BATCH: usize = 4096;

impl MixedDensity {
    /// The density of what a file says and its networks.
    pub(super) fn of(model: &MixedModel, networks: &Networks) -> Self {
        match model {
            MixedModel::Classes(classes) => Self::Classes(classes.clone()),
            MixedModel::Networks { .. } => Self::Networks(networks.members.clone()),
        }
    }

    /// The log-density of the cells that each row has, with the log-determinants of their maps.
    pub(super) fn log_probs(&self, rows: &Scaled, device: &Device) -> Vec<f64> {
        let found = match self {
            Self::Classes(classes) => classes.log_probs(rows),
            Self::Networks(members) => batches(rows).flat_map(|batch| mean_of(members, &batch, None, device)).collect(),
        };
        found.into_iter().zip(&rows.log_dets).map(|(score, log_det)| score + log_det).collect()
    }

    /// The log-density of the cells of each row that are known and not given, given those that are; the log-determinants are
    /// those of the cells in question alone.
    pub(super) fn log_probs_given(&self, rows: &Scaled, given: &Scaled, device: &Device) -> Vec<f64> {
        let found: Vec<f64> = match self {
            Self::Classes(classes) => {
                let all = classes.log_probs(rows);
                all.into_iter().zip(classes.log_probs(given)).map(|(all, given)| all - given).collect()
            }
            Self::Networks(members) => batches(rows)
                .zip(batches(given))
                .flat_map(|(batch, given)| mean_of(members, &batch, Some(&given), device))
                .collect(),
        };
        let slopes = rows.log_dets.iter().zip(&given.log_dets).map(|(all, given)| all - given);
        found.into_iter().zip(slopes).map(|(score, slope)| score + slope).collect()
    }

    /// The log-density of the cell of one column given all other cells that each row has, in the density's units.
    pub(super) fn log_probs_of(&self, rows: &Scaled, column: usize, device: &Device) -> Vec<f64> {
        let others = rows.without(column);
        match self {
            Self::Classes(classes) => {
                let all = classes.log_probs(rows);
                all.into_iter().zip(classes.log_probs(&others)).map(|(all, others)| all - others).collect()
            }
            Self::Networks(members) => batches(&others)
                .flat_map(|batch| {
                    let [x, seen] = tensors(&batch, device);
                    mean(members, batch.len(), |member| host(member.log_prob_of(column, x.clone(), &seen)))
                })
                .collect(),
        }
    }

    /// Draws of the cells of one column given all other cells that each row has, so many for each row, row after row.
    pub(super) fn draws_of(
        &self,
        rows: &Scaled,
        column: usize,
        (draws, seed): (usize, u64),
        device: &Device,
    ) -> Vec<f64> {
        let others = rows.without(column);
        let members = match self {
            Self::Classes(classes) => return classes.draws_of(&others, column, draws, &mut generator(seed, 0xd4a1)),
            Self::Networks(members) => members,
        };
        // By the members in turns.
        let mut drawn = vec![0.0; rows.len() * draws];
        for (at, batch) in batches(&others).enumerate() {
            let start = at * BATCH;
            for (turn, member) in members.iter().enumerate() {
                let mine: Vec<usize> = (turn..draws).step_by(members.len()).collect();
                let place = |row: usize| (start + row) * draws;
                let places: Vec<usize> =
                    (0..batch.len()).flat_map(|row| mine.iter().map(move |draw| place(row) + draw)).collect();
                let found = noise::scope(seed, turn as u64, &places, || {
                    let [x, seen] = tensors(&batch, device);
                    host(member.sample_of(column, x, &seen, mine.len()))
                });
                places.into_iter().zip(found).for_each(|(place, found)| drawn[place] = found);
            }
        }
        drawn
    }

    /// The probability of each class of a column of classes, given all other cells that each row has: row after row.
    ///
    /// # Panics
    /// If the column is none of classes.
    pub(super) fn shares_of(&self, rows: &Scaled, column: usize, device: &Device) -> Vec<f64> {
        let others = rows.without(column);
        match self {
            Self::Classes(classes) => classes.shares_of(&others, column),
            Self::Networks(members) => batches(&others)
                .flat_map(|batch| {
                    let [x, seen] = tensors(&batch, device);
                    let of = |member: &AnyOrder| {
                        let found = member.log_shares_of(column, x.clone(), &seen).expect("a column of classes");
                        host(found.exp())
                    };
                    let each: Vec<Vec<f64>> = members.iter().map(of).collect();
                    let mean = |at: usize| each.iter().map(|shares| shares[at]).sum::<f64>() / each.len() as f64;
                    (0..each[0].len()).map(mean).collect::<Vec<f64>>()
                })
                .collect(),
        }
    }

    /// By how much the orders, and the networks, differ: the standard deviation of the log-densities of each row by one of them.
    /// Zero where there is one density alone.
    pub(super) fn spread(&self, rows: &Scaled, device: &Device) -> Vec<f64> {
        let Self::Networks(members) = self else { return vec![0.0; rows.len()] };
        let of = |batch: Scaled| {
            let [x, known] = tensors(&batch, device);
            let of = |member: &AnyOrder| {
                let found = host(member.log_probs_by_order(x.clone(), &known, &known.zeros_like()));
                found.chunks_exact(batch.len()).map(<[f64]>::to_vec).collect::<Vec<_>>()
            };
            let each: Vec<Vec<f64>> = members.iter().flat_map(of).collect();
            let n = each.len() as f64;
            let deviation = |row: usize| {
                let mean = each.iter().map(|scores| scores[row]).sum::<f64>() / n;
                (each.iter().map(|scores| (scores[row] - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0)).sqrt()
            };
            (0..batch.len()).map(deviation).collect::<Vec<f64>>()
        };
        batches(rows).flat_map(of).collect()
    }

    /// The cells of each row that are not known, drawn given those that are; the same seed draws the same.
    pub(super) fn complete(&self, rows: &Scaled, seed: u64, device: &Device) -> Vec<f64> {
        match self {
            Self::Classes(classes) => classes.complete(rows, &mut generator(seed, 0xf111)),
            Self::Networks(members) => {
                let drawn = batches(rows).enumerate().flat_map(|(at, batch)| {
                    // Each row by one of the members and one of its orders, in turns.
                    let mut x = vec![0.0; batch.x.len()];
                    let orders = members[0].orders().len();
                    let turns = members.len() * orders;
                    for turn in 0..turns.min(batch.len()) {
                        let member = &members[turn % members.len()];
                        let mine: Vec<usize> = (turn..batch.len()).step_by(turns).collect();
                        let part = batch.select(&mine);
                        let places: Vec<usize> = mine.iter().map(|row| at * BATCH + row).collect();
                        let drawn = noise::scope(seed, turn as u64, &places, || {
                            let [values, known] = tensors(&part, device);
                            host(member.complete_in(turn / members.len(), values, &known))
                        });
                        for (row, drawn) in mine.iter().zip(drawn.chunks_exact(batch.width)) {
                            x[row * batch.width..][..batch.width].copy_from_slice(drawn);
                        }
                    }
                    x
                });
                drawn.collect()
            }
        }
    }
}

/// The rows, some at a time.
fn batches(rows: &Scaled) -> impl Iterator<Item = Scaled> {
    (0..rows.len()).step_by(BATCH).map(|start| {
        let places: Vec<usize> = (start..(start + BATCH).min(rows.len())).collect();
        rows.select(&places)
    })
}

/// The values of rows and which of them are known.
fn tensors(rows: &Scaled, device: &Device) -> [burn::tensor::Tensor<2>; 2] {
    [&rows.x, &rows.known].map(|values| matrix(values.clone(), rows.width, device))
}

/// The logarithm of the mean density.
fn mean_of(members: &[AnyOrder], rows: &Scaled, given: Option<&Scaled>, device: &Device) -> Vec<f64> {
    let [x, known] = tensors(rows, device);
    mean(members, rows.len(), |member| match given {
        None => host(Density::<2, _>::log_prob(member, x.clone(), &known)),
        Some(given) => host(member.log_prob_given(x.clone(), &known, &tensors(given, device)[1])),
    })
}

/// The logarithm of the mean of what members say of rows.
fn mean(members: &[AnyOrder], rows: usize, of: impl Fn(&AnyOrder) -> Vec<f64>) -> Vec<f64> {
    let each: Vec<Vec<f64>> = members.iter().map(of).collect();
    let mean = |row: usize| {
        let largest = each.iter().map(|scores| scores[row]).fold(f64::NEG_INFINITY, f64::max);
        if largest == f64::NEG_INFINITY {
            return largest;
        }
        let sum: f64 = each.iter().map(|scores| (scores[row] - largest).exp()).sum();
        largest + (sum / members.len() as f64).ln()
    };
    (0..rows).map(mean).collect()
}
