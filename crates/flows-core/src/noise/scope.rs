//! Which seed, step and rows random numbers belong to.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use burn::tensor::{Device, Distribution, Tensor};

use crate::generator::mix;

thread_local! {
    static SCOPE: RefCell<Option<Scope>> = const { RefCell::new(None) };
}

/// Runs a forward pass whose random numbers belong to rows of a data set and a step of a run.
///
/// What is drawn for a row follows from the seed, the step, the number of the row, and how often the pass has drawn
/// before: not from the other rows, their order, or the thread. `rows` names the rows of the batch, in its order.
///
/// # Example
/// ```
/// use burn::tensor::Device;
/// use flows_core::noise;
///
/// let device = Device::default();
/// let draw = |step, rows: &[usize]| {
///     noise::scope(42, step, rows, || noise::uniform([rows.len(), 3], &device).to_data().to_vec::<f32>().unwrap())
/// };
/// let (both, second) = (draw(1, &[8, 5]), draw(1, &[5]));
/// assert_eq!(both[3..], second[..]); // row 5, in either batch
/// assert_ne!(draw(2, &[5]), second);
/// ```
pub fn scope<R>(seed: u64, step: u64, rows: &[usize], run: impl FnOnce() -> R) -> R {
    let range = 0..rows.len();
    let key = Key::Known(mix(seed, step));
    enter(Scope { key, step: Some(step), rows: rows.into(), range, draws: 0, shared: false }, run).0
}

/// The step that the scope was opened with; none outside of any scope.
///
/// What takes turns from step to step takes them by it, so that all workers of a step agree.
///
/// ```
/// use flows_core::noise;
///
/// assert_eq!(noise::step(), None);
/// assert_eq!(noise::scope(0, 17, &[0, 1], noise::step), Some(17));
/// ```
pub fn step() -> Option<u64> {
    SCOPE.with_borrow(|scope| scope.as_ref()?.step)
}

#[derive(Debug, Clone)]
struct Scope {
    key: Key,
    step: Option<u64>,
    /// The numbers of all rows of the scope, of which this thread works on those in the range.
    rows: Arc<[usize]>,
    range: Range<usize>,
    /// How often the pass has drawn.
    draws: u64,
    /// Whether several threads draw at once.
    shared: bool,
}

#[derive(Debug, Clone)]
enum Key {
    Known(u64),
    /// Drawn from the generator of the device, once for all threads, when it is first needed.
    Drawn(Arc<OnceLock<u64>>, Device),
}

impl Key {
    fn get(&self) -> u64 {
        match self {
            Self::Known(key) => *key,
            Self::Drawn(key, device) => *key.get_or_init(|| from_device(device)),
        }
    }
}

/// A key from the generator of the device.
pub(super) fn from_device(device: &Device) -> u64 {
    let halves = Tensor::<1>::random([2], Distribution::Default, &device.clone().without_autodiff());
    let halves = halves.try_into_vec_as::<f64>().expect("the device answers");
    halves.into_iter().fold(0, |key, half| mix(key, half.to_bits()))
}

/// The key of a draw, and the rows it is for.
pub(super) struct Draw {
    /// Follows from seed, step and how often the pass has drawn before.
    pub(super) key: u64,
    /// Whether several threads draw at once.
    pub(super) shared: bool,
    rows: Arc<[usize]>,
    range: Range<usize>,
}

impl Draw {
    /// The next draw of this thread's scope; none outside of any scope.
    pub(super) fn next() -> Option<Self> {
        SCOPE.with_borrow_mut(|scope| {
            let scope = scope.as_mut()?;
            let key = mix(scope.key.get(), scope.draws);
            scope.draws += 1;
            Some(Self { key, shared: scope.shared, rows: scope.rows.clone(), range: scope.range.clone() })
        })
    }

    /// The numbers of the rows.
    pub(super) fn rows(&self) -> impl Iterator<Item = u64> + '_ {
        self.rows[self.range.clone()].iter().map(|row| *row as u64)
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.range.len()
    }

    /// A key of the draw in this part of the rows: for numbers that belong to no row.
    pub(super) fn of_part(&self) -> u64 {
        mix(mix(self.key, self.range.len() as u64), self.rows().next().unwrap_or(0))
    }
}

/// Runs something in a scope; how often it has drawn comes back, too.
fn enter<R>(scope: Scope, run: impl FnOnce() -> R) -> (R, u64) {
    /// Sets back what was before, also after a panic.
    struct Back(Option<Scope>);
    impl Drop for Back {
        fn drop(&mut self) {
            SCOPE.set(self.0.take());
        }
    }
    let _back = Back(SCOPE.replace(Some(scope)));
    let result = run();
    (result, SCOPE.with_borrow(|scope| scope.as_ref().map_or(0, |scope| scope.draws)))
}

/// A scope whose rows are worked on in parts: a data set that is evaluated in batches, say.
///
/// Each part draws for its rows what a pass over all of them would draw. Outside of any scope it only runs them.
///
/// # Example
/// ```
/// use burn::tensor::Device;
/// use flows_core::noise;
///
/// let device = Device::default();
/// let draw = |n| noise::uniform([n, 2], &device).to_data().to_vec::<f32>().unwrap();
/// let whole = noise::scope(1, 0, &[0, 1, 2], || draw(3));
/// let in_parts = noise::scope(1, 0, &[0, 1, 2], || {
///     let parts = noise::Parts::new(3);
///     [parts.run(0, 2, || draw(2)), parts.run(2, 1, || draw(1))].concat()
/// });
/// assert_eq!(in_parts, whole);
/// ```
#[derive(Debug)]
pub struct Parts {
    scope: Option<Scope>,
    total: usize,
    shared: bool,
    reached: AtomicU64,
}

impl Parts {
    /// Splits `total` rows into parts that run one after the other on this thread.
    pub fn new(total: usize) -> Self {
        Self { scope: SCOPE.with_borrow(Clone::clone), total, shared: false, reached: AtomicU64::new(0) }
    }

    /// Splits `total` rows into parts that each run on a thread of their own.
    pub(crate) fn on_threads(total: usize) -> Self {
        let mut parts = Self::new(total);
        parts.shared = true;
        parts
    }

    /// As [`on_threads`](Self::on_threads); outside of any scope one is made, whose numbers follow from the generator of the device:
    /// threads must not draw from it themselves.
    pub(crate) fn seeded_by(device: &Device, total: usize) -> Self {
        let mut parts = Self::on_threads(total);
        parts.scope.get_or_insert_with(|| Scope {
            key: Key::Drawn(Arc::default(), device.clone()),
            step: None,
            rows: (0..total).collect(),
            range: 0..total,
            draws: 0,
            shared: true,
        });
        parts
    }

    /// Runs a forward pass of `count` rows, from the `start`th.
    ///
    /// # Panics
    /// If there are fewer rows.
    pub fn run<R>(&self, start: usize, count: usize, run: impl FnOnce() -> R) -> R {
        let end = start + count;
        assert!(end <= self.total, "`start + count`: expected at most {}, got {end}", self.total);
        let Some(scope) = &self.scope else { return run() };
        let mut part = Scope { shared: scope.shared || self.shared, ..scope.clone() };
        if scope.range.len() == self.total {
            part.range = scope.range.start + start..scope.range.start + start + count;
        } else {
            // Not one a row of the scope: several samples for each, or one for all. They are told apart by their place.
            let first = scope.rows.get(scope.range.start).map_or(0, |row| *row as u64);
            part.key = Key::Known(mix(scope.key.get(), first.wrapping_add(1 << 63)));
            (part.rows, part.range) = ((start..start + count).collect(), 0..count);
        }
        let (result, draws) = enter(part, run);
        self.reached.fetch_max(draws, Ordering::Relaxed);
        result
    }
}

impl Drop for Parts {
    /// What is drawn after the parts is not what was drawn in them.
    fn drop(&mut self) {
        let reached = *self.reached.get_mut();
        SCOPE.with_borrow_mut(|scope| {
            if let Some(scope) = scope {
                scope.draws = scope.draws.max(reached);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys of all rows in the next draw.
    fn draw() -> Vec<(u64, u64)> {
        let draw = Draw::next().expect("a scope");
        draw.rows().map(|row| (draw.key, row)).collect()
    }

    #[test]
    fn parts_draw_what_the_whole_draws_and_later_draws_are_others() {
        let rows = [4, 9, 2, 7, 0];
        let whole = scope(1, 2, &rows, || [draw(), draw(), draw()]);
        let parts = scope(1, 2, &rows, || {
            let first = draw();
            let shares = Parts::on_threads(5);
            let second = std::thread::scope(|threads| {
                let part = |start, count| {
                    let shares = &shares;
                    threads.spawn(move || shares.run(start, count, draw))
                };
                [part(0, 3), part(3, 2)].map(|part| part.join().expect("no panic")).concat()
            });
            drop(shares);
            [first, second, draw()]
        });
        assert_eq!(parts, whole);
        assert_ne!(whole[1], whole[2]);
        let in_batches = scope(1, 2, &rows, || {
            let parts = Parts::new(5);
            [parts.run(0, 2, draw), parts.run(2, 3, draw)].concat()
        });
        assert_eq!(in_batches, whole[0]);
    }

    #[test]
    fn a_scope_ends_also_when_what_runs_in_it_panics() {
        let panics = || scope(0, 0, &[0], || panic!("on purpose"));
        assert!(std::panic::catch_unwind(panics).is_err());
        assert!(step().is_none() && Draw::next().is_none());
        scope(0, 1, &[0], || scope(0, 2, &[0], || ()));
        assert_eq!(step(), None);
    }

    #[test]
    fn parts_of_other_rows_than_the_scopes_have_numbers_of_their_own() {
        let keys = scope(3, 1, &[5, 6], || {
            let shares = Parts::on_threads(4);
            [shares.run(0, 2, draw), shares.run(2, 2, draw)].concat()
        });
        let mut distinct = keys.clone();
        distinct.dedup();
        assert_eq!((keys.len(), distinct.len()), (4, 4));
        let other = scope(3, 1, &[6, 5], || Parts::on_threads(4).run(0, 2, draw));
        assert_ne!(other, keys[..2], "other rows");
    }

    #[test]
    fn threads_outside_of_any_scope_get_one_key_for_all() {
        let device = Device::default();
        let shares = Parts::seeded_by(&device, 4);
        let part = |start| shares.run(start, 2, draw);
        let (one, two) = (part(0), part(2));
        assert_eq!((one[0].0, one[0].1, two[0].1), (two[0].0, 0, 2));
        assert_eq!(step(), None);
    }
}
