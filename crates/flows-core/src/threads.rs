//! Threads that share the rows of a batch.

use std::cell::Cell;
use std::sync::OnceLock;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Int, Tensor};
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::device::is_host;
use crate::{Context, noise};

/// Threads that work beside the calling one.
///
/// On a CPU the matrices of a network are often too small for several threads to work on one; on rows of their own they
/// need not wait for each other.
#[derive(Debug)]
pub(crate) struct Threads {
    /// One thread each, so that operations inside do not share out their work again.
    others: Vec<ThreadPool>,
}

thread_local! {
    /// Whether this thread works on its part of something that is shared out already.
    static ON_A_PART: Cell<bool> = const { Cell::new(false) };
}

/// Sets back what was before, also when a job panics.
struct OnAPart(bool);

impl Drop for OnAPart {
    fn drop(&mut self) {
        ON_A_PART.set(self.0);
    }
}

/// Whether this thread works on its part of something that is shared out already.
pub(crate) fn on_a_part() -> bool {
    ON_A_PART.get()
}

impl Threads {
    /// So many threads, the calling one among them.
    ///
    /// # Panics
    /// If the system starts no more threads.
    pub(crate) fn new(threads: usize) -> Self {
        let pool = |_| ThreadPoolBuilder::new().num_threads(1).build().expect("the system starts a thread");
        Self { others: (1..threads).map(pool).collect() }
    }

    /// As many as rayon uses, made at the first call.
    fn all() -> &'static Self {
        static ALL: OnceLock<Threads> = OnceLock::new();
        ALL.get_or_init(|| Self::new(rayon::current_num_threads()))
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        1 + self.others.len()
    }

    /// Runs each job on a thread of its own, all at once, the first on the calling thread, and waits for them.
    ///
    /// # Panics
    /// If there are more jobs than threads, or a job panics.
    pub(crate) fn run<J: Send>(&self, jobs: Vec<J>, run: &(impl Fn(J) + Sync)) {
        let mut jobs = jobs.into_iter();
        let Some(first) = jobs.next() else { return };
        self.run_beside(|| run(first), jobs.collect(), run);
    }

    /// Runs each job on a thread of its own, and meanwhile something on the calling thread, and waits for them.
    ///
    /// # Panics
    /// If there are more jobs than other threads, or a job panics.
    pub(crate) fn run_beside<J: Send>(&self, own: impl FnOnce(), jobs: Vec<J>, run: &(impl Fn(J) + Sync)) {
        let others = self.others.len();
        assert!(jobs.len() <= others, "expected at most {others} jobs beside the calling thread's, got {}", jobs.len());
        let part = |job| {
            let _on_a_part = OnAPart(ON_A_PART.replace(true));
            run(job);
        };
        hand_out(&self.others, jobs.into_iter(), &part, || {
            let _on_a_part = OnAPart(ON_A_PART.replace(true));
            own();
        });
    }
}

/// Hands the jobs to the pools, and does its own work meanwhile.
fn hand_out<J: Send>(
    pools: &[ThreadPool],
    mut jobs: impl Iterator<Item = J>,
    run: &(impl Fn(J) + Sync),
    own: impl FnOnce(),
) {
    match (pools.split_first(), jobs.next()) {
        (Some((pool, rest)), Some(job)) => pool.in_place_scope(|scope| {
            scope.spawn(|_| run(job));
            // As a trait object: the recursion would have no end of types.
            hand_out(rest, jobs.collect::<Vec<_>>().into_iter(), run, Box::new(own) as Box<dyn FnOnce() + '_>);
        }),
        _ => own(),
    }
}

/// Multiplications that are worth waking another thread for: well above what that takes.
const WORTHWHILE: usize = 2_500_000;

/// Applies a module to all rows: in one go, or in parts by several threads where that is faster. A part starts with the
/// rows that come first.
///
/// Rows are shared out on the host, without autodiff, where there is enough to do. What is computed for a row must not
/// depend on the others. No thread draws from the generator of the device, which all share.
pub(crate) fn by_rows<const D: usize, M: Module, C: Context, R: Send>(
    module: &M,
    x: Tensor<D>,
    context: &C,
    apply: impl Fn(&M, Tensor<D>, &C) -> R + Sync,
) -> Vec<R> {
    let rows = x.dims()[0];
    let parts =
        if on_a_part() || rayon::current_thread_index().is_some() || x.is_autodiff() { 1 } else { parts(module, &x) };
    if parts < 2 {
        return vec![apply(module, x, context)];
    }
    let size = rows.div_ceil(parts);
    let part = |start: usize| {
        let count = size.min(rows - start);
        let indices = Tensor::<1, Int>::arange(start as i64..(start + count) as i64, &x.device());
        (module.clone(), x.clone().narrow(0, start, count), context.select_rows(&indices))
    };
    let jobs: Vec<_> = (0..rows).step_by(size).map(part).collect();
    let mut results: Vec<Option<R>> = jobs.iter().map(|_| None).collect();
    let noise = noise::Parts::seeded_by(&x.device(), rows);
    let jobs = jobs.into_iter().zip(&mut results).enumerate().collect();
    Threads::all().run(jobs, &|(k, ((module, x, context), result))| {
        let count = x.dims()[0];
        *result = Some(noise.run(k * size, count, || apply(&module, x, &context)));
    });
    results.into_iter().map(|result| result.expect("every job has run")).collect()
}

/// How many parts the rows are worth.
fn parts<const D: usize, M: Module>(module: &M, x: &Tensor<D>) -> usize {
    if !is_host(&x.device()) {
        return 1;
    }
    let mut cost = Cost { parameters: 0, tracked: false };
    module.visit(&mut cost);
    let rows = x.dims()[0];
    if cost.tracked { 1 } else { (rows * cost.parameters / WORTHWHILE).min(Threads::all().count()).min(rows) }
}

struct Cost {
    parameters: usize,
    tracked: bool,
}

impl ModuleVisitor for Cost {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let value = param.val();
        self.parameters += value.shape().num_elements();
        self.tracked |= value.is_autodiff();
    }
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use super::*;
    use crate::RealNvpConfig;
    use crate::testing::{randomize, uniform};
    use burn::tensor::{Device, Tolerance};
    use std::collections::HashSet;

    #[test]
    fn every_job_runs_once_on_its_own_thread() {
        let threads = Threads::new(3);
        for count in 0..=3 {
            let mut seen = vec![None; count];
            threads.run(seen.iter_mut().collect(), &|seen: &mut Option<_>| {
                *seen = Some((std::thread::current().id(), on_a_part()));
            });
            let ids: HashSet<_> = seen.iter().map(|seen| seen.expect("it has run")).collect();
            assert!(ids.iter().all(|(_, on_a_part)| *on_a_part));
            assert_eq!(ids.len(), count);
        }
        assert!(!on_a_part());
    }

    #[test]
    fn a_job_that_panics_leaves_the_thread_as_it_was() {
        let panics = || Threads::new(1).run(vec![()], &|()| panic!("on purpose"));
        assert!(std::panic::catch_unwind(panics).is_err());
        assert!(!on_a_part());
    }

    /// What one thread makes of it: a pool of one shares nothing.
    fn alone<R: Send>(work: impl FnOnce() -> R + Send) -> R {
        ThreadPoolBuilder::new().num_threads(1).build().expect("a thread").install(work)
    }

    fn near<const D: usize>(a: Tensor<D>, b: Tensor<D>) {
        // Products of fewer rows may sum in another order.
        a.into_data().assert_approx_eq::<f32>(&b.into_data(), Tolerance::rel_abs(1e-5, 1e-5));
    }

    #[test]
    fn rows_that_are_shared_out_come_back_in_their_order() {
        let device = Device::flex();
        let config = RealNvpConfig::new(3).with_layers(2).with_hidden(vec![64, 64]);
        let flow = randomize(config.clone().init(&device), 0.1, 1);
        let given = randomize(config.given(2).init(&device), 0.1, 2);
        let (rows, context) = (1001, uniform([1001, 2], -1.0, 1.0, 5, &device));
        let x = uniform([rows, 3], -2.0, 2.0, 4, &device);
        let count = parts(&flow, &x);
        assert!(count > 1 || rayon::current_num_threads() == 1, "{count} parts");
        let seen = by_rows(&flow, x.clone(), &(), |_, x, &()| x);
        assert_eq!(seen.len(), count);
        assert_eq!(Tensor::cat(seen, 0).into_data(), x.clone().into_data());
        near(flow.log_prob(x.clone()), alone(|| flow.log_prob(x.clone())));
        near(given.given(&context).log_prob(x.clone()), alone(|| given.given(&context).log_prob(x.clone())));
        let (drawn, log_prob) = flow.sample_with_log_prob(rows, &device);
        near(log_prob, alone(|| flow.log_prob(drawn)));
    }

    #[test]
    fn what_trains_is_not_shared_out() {
        let device = Device::flex();
        let flow = RealNvpConfig::new(3).with_hidden(vec![256, 256]).init(&device).train();
        assert_eq!(parts(&flow, &Tensor::<2>::zeros([2000, 3], &device)), 1);
    }
}
