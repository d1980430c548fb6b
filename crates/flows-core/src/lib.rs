//! Normalizing flows for [burn](https://burn.dev): exact densities, exact sampling and exact inversion as ordinary
//! modules, on every burn backend.
//!
//! # In short
//! - [`Flow`]: a [`Bijection`] from data to latent and a base [`Density`]. `log_prob`, `sample`, `encode`, `decode`,
//!   `given(&context)`.
//! - The models: [`Nice`], [`RealNvp`], [`SplineFlow`], each from a configuration.
//! - Composition: tuples, `Vec`, arrays and `Option` of bijections are bijections, applied in reading order;
//!   [`chain_fields!`] does it for structs with named fields; [`Inverse`] turns one round.
//! - Layers: [`Coupling`] of any [`Elementwise`] map ([`Additive`], [`Affine`], [`RationalQuadratic`]) with any
//!   [`Conditioner`]; normalising, linear and fixed maps.
//! - [`Scaled`]: a flow in the units of its data, in `f64`, whatever offset, scale and tails the columns have;
//!   [`ScoreRanks`]: what share of held-out rows is less likely.
//! - `train::fit` (feature `train`), [`save`] and [`load`], and the
//!   laws that a layer of one's own can be tested by ([`testing`]).
//!
//! # Direction
//! `forward` goes from data to latent, `inverse` from latent to data; log-determinants are of the direction that was
//! asked for, summed over the event, in nats. Users of a flow meet `log_prob`, `sample`, `encode` and `decode`.
//!
//! # Training and evaluation
//! A module on a device with autodiff is in training. Sample and evaluate on `flow.valid()`: a forward pass in training
//! that no backward pass follows keeps its graph in memory until the next one.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod bijection;
mod bijections;
mod compose;
mod conditioner;
mod config;
mod context;
mod context_scale;
mod coupling;
mod density;
mod device;
mod elementwise;
mod empty_batch;
mod error;
mod evaluate;
mod event;
mod file;
mod finite;
mod flow;
mod generator;
mod gradients;
mod kernel;
mod linear;
mod models;
mod normalize;
mod numerics;
mod objective;
mod overflow;
mod parameter;
mod reversible;
mod scaling;
mod score_ranks;
mod statistics;
mod threads;
mod vjp;

pub mod atomic;
pub mod budget;
pub mod noise;
pub mod testing;
#[cfg(feature = "train")]
pub mod train;

pub use bijection::Bijection;
pub(crate) use bijection::forward_vjp;
pub use bijections::{Exp, LeakyRelu, Logit, Reshape, Sigmoid, Softplus, Tanh};
pub use compose::{Flattened, Inverse};
pub use conditioner::{
    Activation, ClassConfig, Conditioner, ContextConfig, Dropout, DropoutConfig, Mlp, MlpConfig, NetworkRange,
    Periodic, PeriodicConfig, WithClass, WithContext, params_vjp, within_range, within_range_vjp,
};
pub use config::{ByClass, ClassFlowConfig, Conditional, ConditionalFlowConfig, FlowConfig};
pub use context::Context;
pub use context_scale::ContextScale;
pub use coupling::{Coupling, FeatureSplit};
pub use density::{
    ConditionalNormal, ConditionalNormalConfig, Density, DiagonalNormal, DiagonalNormalConfig, FittedMixture,
    GaussianMixture, GaussianMixtureConfig, MixtureError, StandardNormal, StudentT, StudentTConfig, UniformBox,
};
pub use device::is_host;
pub use elementwise::{
    Additive, Affine, Elementwise, LogScaleBound, RationalQuadratic, RationalQuadraticConfig, RationalQuadraticKnots,
    Tails, rational_quadratic_forward, rational_quadratic_inverse,
};
pub use error::FlowError;
pub use evaluate::{log_probs, mean_log_prob};
pub use event::sum_event;
pub use file::{FileProblem, load, save};
pub use finite::finite_rows;
pub use flow::{Flow, Given};
pub use generator::{Generator, generator};
pub use gradients::add_gradients;
pub use kernel::{DenseLayer, DenseParts, DensePullBack, HostRows, HostWeights, dense, dense_layers_vjp};
pub use linear::{
    DenseLinear, DenseLinearConfig, DiagonalScaling, Householder, HouseholderConfig, Permutation, Plu, PluConfig,
    PluStart,
};
pub use models::{
    CouplingBlock, Mixing, Nice, NiceConfig, NiceLayers, Normalization, Partition, RealNvp, RealNvpConfig,
    RealNvpLayers, SplineFlow, SplineFlowConfig, SplineFlowLayers,
};
pub use normalize::{
    ActNorm, ActNormConfig, BatchNorm, BatchNormConfig, JohnsonSu, JohnsonSuConfig, ScaleShift, Standardize,
};
pub use numerics::{log_one_minus_exp_neg, log_sum_exp, softplus};
pub use objective::{
    ImportanceSamples, importance_sample, negative_log_likelihood, pareto_k, reverse_kl, reverse_kl_path,
};
pub use overflow::zero_density_beyond;
pub use parameter::{draw, replace};
pub use reversible::Reversible;
pub use scaling::{ColumnMap, Scaled, ScaledConfig, Scaling, ScalingConfig, ScalingError, Support};
pub use score_ranks::ScoreRanks;
pub use statistics::ColumnStatistics;
pub use vjp::{MapPullBack, NetworkPullBack, PullBack, add_gradient};
