//! A training run and what goes with it: a stop flag, a watcher, the identity of what is trained.

use serde::Serialize;

use super::run::run;
use super::{EpochRecord, FitConfig, Fitted, Rows, StopFlag};
use crate::{Context, Density, FlowError};

/// A training run with all that [`fit`](super::fit) leaves out; `fit` and its kin are shorthands for it.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Distribution, Tensor};
/// use flows_core::RealNvpConfig;
/// use flows_core::train::{FitConfig, Reporting, Rows, Stop, StopFlag, Training};
///
/// let device = Device::default();
/// let x = Tensor::<2>::random([512, 2], Distribution::Normal(3.0, 0.5), &device);
/// let model = RealNvpConfig::new(2).with_layers(2).with_hidden(vec![16]);
/// let config = FitConfig::new().with_epochs(50).with_reporting(Reporting::Silent);
/// let flag = StopFlag::new();
/// let fitted = Training::new(&config)
///     .identity(&model)
///     .stop_on(&flag)
///     .watch(|record, _| {
///         if record.epoch == 3 {
///             flag.raise();
///         }
///         Ok(())
///     })
///     .run(model.init(&device), &Rows::new(&x), None)?;
/// assert_eq!((fitted.history.len(), fitted.stopped), (3, Stop::Interrupted));
/// # Ok::<(), flows_core::FlowError>(())
/// ```
#[must_use = "nothing is trained before `run`"]
pub struct Training<'a, F> {
    pub(super) config: &'a FitConfig,
    pub(super) identity: serde_json::Value,
    pub(super) stop: StopFlag,
    pub(super) cool_down: StopFlag,
    pub(super) anew: bool,
    pub(super) started: Option<Box<dyn FnOnce() -> Result<(), FlowError> + 'a>>,
    pub(super) watch: Watch<'a, F>,
}

pub(super) type Watch<'a, F> = Box<dyn FnMut(&EpochRecord, &F) -> Result<(), FlowError> + 'a>;

impl<'a, F> Training<'a, F> {
    /// A run as the configuration says.
    pub fn new(config: &'a FitConfig) -> Self {
        let identity = serde_json::Value::Null;
        let (stop, cool_down) = (StopFlag::new(), StopFlag::new());
        Self { config, identity, stop, cool_down, anew: false, started: None, watch: Box::new(|_, _| Ok(())) }
    }

    /// What a checkpoint should know of the run beside what training sees: the model's configuration, how the data was
    /// prepared. A run with another identity is not resumed, and the error names each field that differs with both values.
    ///
    /// The layers of the flow with their hyperparameters, the data, and the [`FitConfig`] are compared anyway; an identity
    /// adds what a flow does not show, and names settings as the user wrote them.
    ///
    /// # Panics
    /// If the value has no JSON form.
    pub fn identity(mut self, identity: &impl Serialize) -> Self {
        self.identity = serde_json::to_value(identity).expect("`identity`: a value with a JSON form");
        self
    }

    /// Ends training at the next step after the flag is raised, with [`Stop::Interrupted`](super::Stop::Interrupted): the
    /// checkpoint is written there and then, and a resumed run goes on from that step. The parameters that were best come
    /// back, those of the epoch under way included.
    pub fn stop_on(mut self, flag: &StopFlag) -> Self {
        self.stop = flag.clone();
        self
    }

    /// Cools the learning rate down once the flag is raised, as at the end of the time but shorter, a ninth of the training
    /// done, and then ends with [`Stop::Interrupted`](super::Stop::Interrupted). With a schedule other than
    /// [`Schedule::WarmupStableDecay`](super::Schedule::WarmupStableDecay) training ends there and then.
    ///
    /// # Example
    /// ```
    /// use burn::tensor::{Device, Distribution, Tensor};
    /// use flows_core::RealNvpConfig;
    /// use flows_core::train::{FitConfig, Phase, Reporting, Rows, Stop, StopFlag, Training};
    ///
    /// let x = Tensor::<2>::random([64, 2], Distribution::Normal(3.0, 0.5), &Device::default());
    /// let flow = RealNvpConfig::new(2).with_layers(2).with_hidden(vec![8]).init(&Device::default());
    /// let config = FitConfig::new().with_epochs(1000).with_reporting(Reporting::Silent);
    /// let flag = StopFlag::new();
    /// let training = Training::new(&config).cool_down_on(&flag).watch(|record, _| {
    ///     if record.epoch == 18 {
    ///         flag.raise();
    ///     }
    ///     Ok(())
    /// });
    /// let fitted = training.run(flow, &Rows::new(&x), None)?;
    /// assert_eq!((fitted.history.len(), fitted.stopped), (20, Stop::Interrupted));
    /// assert_eq!(fitted.history[18].phase, Phase::CoolDown);
    /// # Ok::<(), flows_core::FlowError>(())
    /// ```
    pub fn cool_down_on(mut self, flag: &StopFlag) -> Self {
        self.cool_down = flag.clone();
        self
    }

    /// Begins anew where a checkpoint is there already, if `anew`: it is removed once all checks have passed, so that a run
    /// that is refused leaves it as it was.
    ///
    /// # Example
    /// ```
    /// use burn::tensor::{Device, Distribution, Tensor};
    /// use flows_core::RealNvpConfig;
    /// use flows_core::train::{FitConfig, Reporting, Rows, Training};
    ///
    /// let x = Tensor::<2>::random([64, 2], Distribution::Normal(3.0, 0.5), &Device::default());
    /// let path = std::env::temp_dir().join(format!("flows-anew-{}.part", std::process::id()));
    /// let config = FitConfig::new().with_epochs(2).with_reporting(Reporting::Silent).with_checkpoint(Some(path.clone()));
    /// let flow = |layers: usize| RealNvpConfig::new(2).with_layers(layers).with_hidden(vec![8]).init(&Device::default());
    /// Training::new(&config).run(flow(1), &Rows::new(&x), None)?;
    /// // The checkpoint is another flow's.
    /// assert!(Training::new(&config).run(flow(2), &Rows::new(&x), None).is_err());
    /// let fitted = Training::new(&config).anew(true).run(flow(2), &Rows::new(&x), None)?;
    /// assert_eq!(fitted.history.len(), 2);
    /// # std::fs::remove_file(path).unwrap();
    /// # Ok::<(), flows_core::FlowError>(())
    /// ```
    pub fn anew(mut self, anew: bool) -> Self {
        self.anew = anew;
        self
    }

    /// Calls `started` once all checks have passed (rows, configuration, checkpoint) and before the first step: the time
    /// to write files beside the checkpoint, since a run that is refused has changed none.
    pub fn started(mut self, started: impl FnOnce() -> Result<(), FlowError> + 'a) -> Self {
        self.started = Some(Box::new(started));
        self
    }

    /// Calls `watch` after every epoch with its record and the flow as it is then, without autodiff: to draw samples, to
    /// print a figure, or to stop by an error. The checkpoint of the epoch is written before.
    pub fn watch(mut self, watch: impl FnMut(&EpochRecord, &F) -> Result<(), FlowError> + 'a) -> Self {
        self.watch = Box::new(watch);
        self
    }

    /// Trains on the one rows and validates on the others; without validation rows some are set aside.
    ///
    /// # Errors
    /// As [`fit`](super::fit), and what `started` and `watch` return.
    pub fn run<const D: usize, C: Context>(
        self,
        flow: F,
        train: &Rows<D, C>,
        validation: Option<&Rows<D, C>>,
    ) -> Result<Fitted<F>, FlowError>
    where
        F: Density<D, C>,
    {
        run(self, flow, train, validation)
    }
}
