//! How the learning rate changes over a run.

use burn::config::Config;
use serde::{Deserialize, Serialize};

use super::TrainingError;

/// How the learning rate changes, as a share of its start, over the progress of training from 0 to 1.
///
/// Progress is the share of the epochs or of the seconds, whichever is ahead.
#[derive(Config, Debug, Copy, PartialEq)]
pub enum Schedule {
    /// The learning rate stays.
    Constant,
    /// A linear rise, then half a cosine down.
    Cosine {
        /// The share of training in which it rises.
        warm_up: f64,
        /// The share of the learning rate at the end.
        end: f64,
    },
    /// Exponential decay.
    Exponential {
        /// The share of the learning rate at the end.
        end: f64,
    },
    /// Warm-up, stable, decay: a linear rise, a plateau of any length, and a cool-down to zero as soon as the patience or
    /// the budget of epochs or seconds runs out. The default.
    ///
    /// ```text
    /// cool-down:  factor = 1 - √t,  t from 0 to 1
    /// ```
    ///
    /// Out of patience, the cool-down starts from the best parameters so far. Every run ends annealed, however early or
    /// late it ends. Only a run that needs all of its seconds follows the clock: others go by their steps alone, and two of
    /// them with one seed are equal.
    ///
    /// # Reference
    /// "MiniCPM: Unveiling the Potential of Small Language Models with Scalable Training Strategies", Hu et al., 2024,
    /// <https://arxiv.org/abs/2404.06395>; the shape and length of the cool-down: "Scaling Laws and Compute-Optimal
    /// Training Beyond Fixed Training Durations", Hägele et al., 2024, <https://arxiv.org/abs/2405.18392>; earlier:
    /// "Scaling Vision Transformers", Zhai, Kolesnikov, Houlsby, Beyer, 2022, <https://arxiv.org/abs/2106.04560>.
    WarmupStableDecay {
        /// The share of the epochs in which it rises. With a limit of seconds the rise ends after `warm_up + 0.06` of
        /// them at the latest.
        warm_up: f64,
        /// The share of the training done that is the cool-down: 0.2 is a quarter of what went before.
        decay: f64,
    },
}

impl Default for Schedule {
    /// Warm-up over a thousandth of the budget, and a fifth of the training done for the cool-down.
    fn default() -> Self {
        Self::WarmupStableDecay { warm_up: 1e-3, decay: 0.2 }
    }
}

impl Schedule {
    /// The share of the learning rate at a progress from 0 to 1, in a run that uses its whole budget.
    ///
    /// ```
    /// use flows_core::train::Schedule;
    ///
    /// let cosine = Schedule::Cosine { warm_up: 0.1, end: 0.0 };
    /// assert_eq!(cosine.factor(0.05), 0.5);
    /// assert!(cosine.factor(1.0).abs() < 1e-12);
    /// ```
    pub fn factor(self, progress: f64) -> f64 {
        let progress = progress.clamp(0.0, 1.0);
        match self {
            Self::Constant => 1.0,
            Self::Cosine { warm_up, .. } | Self::WarmupStableDecay { warm_up, .. } if progress < warm_up => {
                progress / warm_up
            }
            Self::Cosine { warm_up, end } => {
                let fallen = ((progress - warm_up) / (1.0 - warm_up).max(f64::MIN_POSITIVE)).min(1.0);
                end + (1.0 - end) * 0.5 * (1.0 + (std::f64::consts::PI * fallen).cos())
            }
            Self::Exponential { end } => end.powf(progress),
            Self::WarmupStableDecay { decay, .. } => {
                let place = Place { steps: progress, time: 0.0 };
                CoolDown::of_budget(decay).filter(|c| c.start <= progress).map_or(1.0, |c| c.factor(place))
            }
        }
    }

    pub(super) fn check(self) -> Result<(), TrainingError> {
        let share = |name: &str, value: f64, most: f64| match (0.0..=most).contains(&value) {
            true => Ok(()),
            false => {
                let problem = format!("expected `{name}` from 0 to {most}, got {value}");
                Err(TrainingError::Config { field: "schedule", problem })
            }
        };
        match self {
            Self::Constant => Ok(()),
            Self::Cosine { warm_up, end } => share("warm_up", warm_up, 1.0).and(share("end", end, 1.0)),
            Self::Exponential { end } if end > 0.0 => share("end", end, 1.0),
            Self::Exponential { end } => {
                let problem = format!("expected a positive `end`, got {end}");
                Err(TrainingError::Config { field: "schedule", problem })
            }
            Self::WarmupStableDecay { warm_up, decay } => {
                share("warm_up", warm_up, 1.0).and(share("decay", decay, 0.99))
            }
        }
    }
}

/// Where a run stands, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    /// The share of all steps.
    pub(super) steps: f64,
    /// The share of the seconds; zero without a limit to them.
    pub(super) time: f64,
}

impl Place {
    /// The progress by steps or by seconds, whichever is ahead.
    pub(super) fn ahead(self) -> f64 {
        self.steps.max(self.time)
    }

    /// The place in the middle of the way to this one.
    pub(super) fn half(self) -> Self {
        Self { steps: 0.5 * self.steps, time: 0.5 * self.time }
    }

    /// The share of the learning rate in a warm-up: by the steps, so that it does not follow the clock unless it would take
    /// long.
    pub(super) fn warmed_up(self, warm_up: f64) -> f64 {
        let [from, to] = LATEST.map(|share| share + warm_up);
        match warm_up {
            0.0 => 1.0,
            _ if self.time > from => (self.steps / warm_up).max((self.time - from) / (to - from)).min(1.0),
            _ => (self.steps / warm_up).min(1.0),
        }
    }
}

/// The shares of the seconds between which a warm-up comes to its end, if not earlier.
const LATEST: [f64; 2] = [0.02, 0.06];

/// The last part of a run, in which the learning rate falls to zero.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct CoolDown {
    /// Where it starts and ends: out of patience or on request by the steps, with the budget by what is ahead.
    pub(super) start: f64,
    pub(super) end: f64,
    /// The share of the seconds at which one by the steps started: it ends with the last of them.
    #[serde(default)]
    time: f64,
    /// Whether the patience ran out; otherwise the budget does.
    pub(super) patience: bool,
    /// Whether somebody asked for it.
    #[serde(default)]
    pub(super) requested: bool,
}

impl CoolDown {
    /// The one that ends with the budget.
    pub(super) fn of_budget(decay: f64) -> Option<Self> {
        let whole = Self { start: 1.0 - decay, end: 1.0, time: 0.0, patience: false, requested: false };
        (decay > 0.0).then_some(whole)
    }

    /// The one that starts at a place because the patience has run out, or `None` if the budget leaves no room for it.
    /// With a number of epochs its length is rounded up to whole ones.
    pub(super) fn of_patience(decay: f64, Place { steps, time }: Place, epochs: Option<usize>) -> Option<Self> {
        let mut length = steps * decay / (1.0 - decay);
        if let Some(epochs) = epochs {
            // Not an epoch more for a length that is whole but for rounding.
            length = (length * epochs as f64 - ROUNDING).ceil().max(1.0) / epochs as f64;
        }
        let end = (steps + length).min(1.0);
        let some = decay > 0.0 && end > steps && time < 1.0;
        some.then_some(Self { start: steps, end, time, patience: true, requested: false })
    }

    /// The one that somebody asks for: half as long as that of the patience.
    pub(super) fn of_request(decay: f64, place: Place, epochs: Option<usize>) -> Option<Self> {
        let cool_down = Self::of_patience(0.5 * decay, place, epochs)?;
        Some(Self { patience: false, requested: true, ..cool_down })
    }

    /// How much of it is over, from 0 to 1.
    fn over(self, place: Place) -> f64 {
        let share = |at: f64, start: f64, end: f64| (at - start) / (end - start);
        let over = match self.patience || self.requested {
            // The second half of the seconds that were left hurries those that the steps would not bring to the end.
            true => share(place.steps, self.start, self.end).max(share(place.time, 0.5 + 0.5 * self.time, 1.0)),
            false => share(place.ahead(), self.start, self.end),
        };
        over.clamp(0.0, 1.0)
    }

    pub(super) fn factor(self, place: Place) -> f64 {
        1.0 - self.over(place).sqrt()
    }

    pub(super) fn is_over(self, place: Place) -> bool {
        self.over(place) >= 1.0 - ROUNDING
    }
}

/// What the sums and quotients of steps and epochs may be off by.
const ROUNDING: f64 = 1e-9;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_starts_at_one_and_ends_where_it_should() {
        for (schedule, end) in [
            (Schedule::Constant, 1.0),
            (Schedule::Cosine { warm_up: 0.0, end: 0.1 }, 0.1),
            (Schedule::Exponential { end: 0.01 }, 0.01),
            (Schedule::WarmupStableDecay { warm_up: 0.0, decay: 0.2 }, 0.0),
        ] {
            assert!((schedule.factor(0.0) - 1.0).abs() < 1e-12, "{schedule}");
            assert!((schedule.factor(1.0) - end).abs() < 1e-12, "{schedule}");
        }
    }

    #[test]
    fn the_default_rises_stays_and_falls() {
        let schedule = Schedule::WarmupStableDecay { warm_up: 0.1, decay: 0.2 };
        let factors = [0.0, 0.05, 0.1, 0.5, 0.8, 0.85, 1.0].map(|progress| schedule.factor(progress));
        // 1 - √¼ after a quarter of the cool-down.
        for (got, expected) in factors.into_iter().zip([0.0, 0.5, 1.0, 1.0, 1.0, 0.5, 0.0]) {
            assert!((got - expected).abs() < 1e-12, "{factors:?}");
        }
    }

    #[test]
    fn the_cool_down_after_patience_is_a_quarter_of_what_went_before_and_fits_the_budget() {
        let at = |steps: f64| Place { steps, time: 0.0 };
        let early = CoolDown::of_patience(0.2, at(40.0 / 1000.0), Some(1000)).unwrap();
        assert!((early.end - 50.0 / 1000.0).abs() < 1e-12, "{early:?}");
        assert_eq!(CoolDown::of_patience(0.2, at(0.95), None).unwrap().end, 1.0);
        assert_eq!(CoolDown::of_patience(0.2, at(1.0), Some(10)), None);
        assert_eq!(CoolDown::of_patience(0.0, at(0.5), Some(10)), None);
    }

    #[test]
    fn what_the_clock_says_changes_nothing_until_the_time_runs_out() {
        for time in [0.0, 0.1, 0.79] {
            assert!((Place { steps: 4e-6, time: 0.001 * time }.warmed_up(1e-5) - 0.4).abs() < 1e-12);
            let cool_down = CoolDown::of_patience(0.2, Place { steps: 0.004, time }, None).unwrap();
            let place = Place { steps: 0.00425, time: time + 0.05 };
            assert!((cool_down.factor(place) - 0.5).abs() < 1e-12 && !cool_down.is_over(place));
            assert!(cool_down.is_over(Place { steps: 0.005, time }));
        }
        // Seconds count where the steps would take long.
        assert!(Place { steps: 1e-9, time: 0.02 }.warmed_up(1e-3) < 1e-5);
        assert!((Place { steps: 1e-9, time: 0.041 }.warmed_up(1e-3) - 0.5).abs() < 1e-9);
        let late = CoolDown::of_patience(0.2, Place { steps: 0.004, time: 0.79 }, None).unwrap();
        assert!(!late.is_over(Place { steps: 0.0041, time: 0.99 }) && late.is_over(Place { steps: 0.0041, time: 1.0 }));
    }

    #[test]
    fn shares_outside_of_their_range_are_errors() {
        assert!(Schedule::WarmupStableDecay { warm_up: 0.0, decay: 1.0 }.check().is_err());
        assert!(Schedule::Cosine { warm_up: f64::NAN, end: 0.0 }.check().is_err());
        assert!(Schedule::Exponential { end: 0.0 }.check().is_err());
        assert!(Schedule::default().check().is_ok());
    }
}
