//! How much a flow that is rebuilt from a file may allocate.
//!
//! The configuration in a file is believed before the weights are looked at: a file that asks for 10⁹ hidden units would
//! take all memory before anything noticed that it holds ten. So [`load`](crate::load) rebuilds a flow within a budget,
//! the length of its weights in the file. Whatever allocates by a number of its configuration calls [`claim`] first, or
//! makes a [`list`], and a claim beyond the budget ends the rebuilding with an error. Everywhere else a claim does nothing.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Once;

use crate::FileProblem;

/// What a claim costs beside its numbers: a parameter is a few hundred bytes of bookkeeping.
const OVERHEAD: f64 = 128.0;
/// What there is beside the weights: a megabyte in single precision, for masks, indices and small flows.
const SLACK: f64 = 3e5;

thread_local! {
    /// How many numbers may still be allocated on this thread; `None` outside of [`within`].
    static LEFT: Cell<Option<f64>> = const { Cell::new(None) };
}

/// Announces the allocation of a tensor of shape `dims`.
///
/// A layer that allocates by a number of its configuration calls it before it does, in its constructor.
///
/// ```
/// use flows_core::budget::claim;
///
/// let features = 3;
/// claim([features, features]); // nothing happens, except in `load`
/// let matrix = vec![0.0; features * features];
/// ```
pub fn claim<const D: usize>(dims: [usize; D]) {
    let Some(left) = LEFT.get() else { return };
    let numbers: f64 = dims.iter().map(|size| *size as f64).product();
    let left = left - numbers - OVERHEAD;
    LEFT.set(Some(left));
    if left < 0.0 {
        // Unlike `panic!`, this prints nothing.
        resume_unwind(Box::new(Exceeded));
    }
}

/// Makes the members of a list one after the other, each of which [`claim`]s for itself.
///
/// Collecting them would allocate the whole list first, for as many as the configuration asks for.
///
/// ```
/// use flows_core::{ActNormConfig, budget};
///
/// let layers = budget::list(3, |_| ActNormConfig::new(2).init(&burn::tensor::Device::default()));
/// assert_eq!(layers.len(), 3);
/// ```
pub fn list<T>(count: usize, mut make: impl FnMut(usize) -> T) -> Vec<T> {
    let mut members = Vec::new();
    for number in 0..count {
        claim([1]);
        members.push(make(number));
    }
    members
}

/// The budget was not enough.
struct Exceeded;

/// Makes something of what a file says, whose weights are `bytes` long. A panic is an error: what a program would do
/// wrong is wrong in the file here.
pub(crate) fn within<T>(bytes: usize, make: impl FnOnce() -> T) -> Result<T, FileProblem> {
    // A number has four bytes or eight, and some are needed for a while only: one for each byte leaves room.
    quietly(bytes as f64 + SLACK, make).map_err(|payload| {
        if payload.is::<Exceeded>() {
            FileProblem::Weights(format!("its configuration asks for more than the {bytes} bytes it holds"))
        } else {
            FileProblem::Config(format!("no flow can be made of it: {}", text(payload.as_ref())))
        }
    })
}

/// Makes something of what a file says with a library that panics where the file contradicts itself: a panic is an error
/// with its text, and nothing is printed.
///
/// # Errors
///
/// The text of the panic.
///
/// ```
/// use flows_core::budget::caught;
///
/// let lengths = [3usize];
/// assert_eq!(caught(|| lengths[0]), Ok(3));
/// assert!(caught(|| lengths[lengths[0]]).unwrap_err().contains("out of bounds"));
/// ```
pub fn caught<T>(make: impl FnOnce() -> T) -> Result<T, String> {
    quietly(f64::INFINITY, make).map_err(|payload| text(payload.as_ref()).to_owned())
}

fn quietly<T>(budget: f64, make: impl FnOnce() -> T) -> Result<T, Box<dyn Any + Send>> {
    keep_quiet();
    let before = LEFT.replace(Some(budget));
    let made = catch_unwind(AssertUnwindSafe(make));
    LEFT.set(before);
    made
}

/// A panic within a budget becomes an error, and is not reported as a panic as well; any other is, as it was before.
fn keep_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if LEFT.get().is_none() {
                report(info);
            }
        }));
    });
}

fn text(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("a panic without a text")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_beyond_the_budget_is_an_error_and_one_within_it_is_not() {
        assert!(within(1000, || claim([300, 1000])).is_ok());
        let problem = within(1000, || claim([301, 1000])).expect_err("more than the slack").to_string();
        assert!(problem.contains("1000 bytes"), "{problem}");
        // Sizes whose product is beyond all integers.
        assert!(within(1000, || claim([usize::MAX; 4])).is_err());
    }

    #[test]
    fn claims_without_numbers_are_counted_too() {
        assert!(within(0, || (0..1_000_000_000).for_each(|_| claim([0]))).is_err());
    }

    #[test]
    fn a_list_is_not_allocated_before_its_members() {
        assert!(within(0, || list(usize::MAX, |_| [0u8; 64])).is_err());
        assert_eq!(list(3, |number| number), [0, 1, 2]);
    }

    #[test]
    fn after_an_error_nothing_is_counted_any_more() {
        assert!(within(0, || claim([usize::MAX])).is_err());
        claim([usize::MAX]);
    }

    #[test]
    fn a_panic_is_an_error_with_its_text() {
        let problem =
            within(0, || -> () { panic!("`features`: expected at least 2, got {}", 0) }).expect_err("a panic");
        assert!(problem.to_string().contains("`features`: expected at least 2, got 0"), "{problem}");
    }
}
