//! Tests that do not run on a GPU, and why. What is not named here runs.

use super::programs::TestProgram;
use crate::process::Outcome;

/// Tests of one program.
pub(super) struct LeftOut {
    package: &'static str,
    target: &'static str,
    /// Their names; none stands for all of the program.
    tests: &'static [&'static str],
    reason: &'static str,
}

const LEFT_OUT: [LeftOut; 8] = [
    LeftOut {
        package: "flows-core",
        target: "lib",
        tests: &[
            "elementwise::affine::tests::every_bound_is_the_identity_near_zero_and_keeps_its_promise_far_out",
            "numerics::tests::log_one_minus_exp_neg_keeps_its_digits_near_zero_and_far_out",
        ],
        reason: "a driver's tanh near zero may be good to 1e-7 alone, and not to a millionth of its value",
    },
    LeftOut {
        package: "flows-core",
        target: "densities",
        tests: &["densities_integrate_to_one", "flows_integrate_to_one", "samples_have_the_moments_of_the_density"],
        reason: "hundreds of thousands of points; the laws hold the log-determinants, the golden values the densities",
    },
    LeftOut {
        package: "flows-core",
        target: "extremes",
        tests: &["nice_stays_finite", "real_nvp_stays_finite"],
        reason: "their maps and the spline flow are tested at every magnitude",
    },
    LeftOut {
        package: "flows-core",
        target: "training",
        tests: &[
            "a_checkpoint_of_another_run_is_refused_and_says_what_differs",
            "a_conditional_flow_learns_what_it_is_given",
            "a_resumed_run_is_bit_for_bit_the_uninterrupted_one",
            "a_run_is_not_resumed_with_another_context",
            "a_run_that_is_killed_again_and_again_ends_as_an_undisturbed_one",
        ],
        reason: "many steps, for what the host does; shorter runs are there",
    },
    LeftOut {
        package: "flows-vision",
        target: "training",
        tests: &[
            "a_flow_by_class_scores_an_image_higher_with_its_own_class",
            "a_resumed_run_is_bit_for_bit_the_uninterrupted_one_on_one_worker_and_two",
            "training_without_stored_activations_goes_the_same_way",
        ],
        reason: "many steps, for what the host does or the laws say; shorter runs are there",
    },
    LeftOut {
        package: "flows-autoregressive",
        target: "laws",
        tests: &["the_one_pass_inverse_is_the_inverse_by_passes"],
        reason: "hundreds of networks, feature by feature; `networks` compares the two on fewer",
    },
    LeftOut {
        package: "flows-autoregressive",
        target: "densities",
        tests: &["densities_of_two_features_integrate_to_one"],
        reason: "as in flows-core",
    },
    LeftOut {
        package: "flows-autoregressive",
        target: "networks",
        tests: &[
            "a_deep_residual_network_is_as_well_connected",
            "every_output_depends_on_all_earlier_features_and_on_no_other",
        ],
        reason: "a gradient an output and feature of large networks; the masks are the same on every backend",
    },
];

/// What is left out of a program: `None` where that is all of it.
///
/// # Errors
/// A test that is named here is not there.
pub(super) fn tests(program: &TestProgram) -> Outcome<Option<Vec<&'static str>>> {
    among(&LEFT_OUT, program, || program.tests())
}

/// The same, from a given list.
fn among(
    list: &[LeftOut],
    program: &TestProgram,
    all: impl FnOnce() -> Outcome<Vec<String>>,
) -> Outcome<Option<Vec<&'static str>>> {
    let mine: Vec<_> =
        list.iter().filter(|out| out.package == program.package && out.target == program.target).collect();
    if let Some(whole) = mine.iter().find(|out| out.tests.is_empty()) {
        println!("== left out: all of {} {}: {}", program.package, program.target, whole.reason);
        return Ok(None);
    }
    let mut names = Vec::new();
    for out in &mine {
        names.extend(out.tests);
        println!("== left out of {} {}: {}: {}", program.package, program.target, out.tests.join(", "), out.reason);
    }
    if !names.is_empty() {
        let all = all()?;
        if let Some(name) = names.iter().find(|name| !all.iter().any(|test| test == *name)) {
            let (package, target) = (&program.package, &program.target);
            return Err(format!("xtask/src/test/left_out.rs names `{name}`, which is not in {package} {target}"));
        }
    }
    Ok(Some(names))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::sources;

    #[test]
    fn every_test_that_is_left_out_is_there() {
        let text = sources(&["crates"]);
        for test in LEFT_OUT.iter().flat_map(|out| out.tests) {
            let name = test.rsplit("::").next().unwrap_or(test);
            assert!(
                [format!("fn {name}("), format!("{name}:")].iter().any(|made| text.contains(made)),
                "`{name}` is gone"
            );
        }
    }

    const LIST: [LeftOut; 2] = [
        LeftOut { package: "flows-core", target: "laws", tests: &["exp", "tanh"], reason: "slow" },
        LeftOut { package: "flows-core", target: "files", tests: &[], reason: "no device" },
    ];

    fn left_out(target: &str) -> Outcome<Option<Vec<&'static str>>> {
        let program = TestProgram::named("flows-core", target);
        among(&LIST, &program, || Ok(vec!["exp".to_owned(), "tanh".to_owned(), "logit".to_owned()]))
    }

    #[test]
    fn some_tests_of_a_program_or_all_of_it_are_left_out() {
        assert_eq!(left_out("laws"), Ok(Some(vec!["exp", "tanh"])));
        assert_eq!(left_out("files"), Ok(None));
        assert_eq!(left_out("golden"), Ok(Some(vec![])));
    }

    #[test]
    fn a_name_that_is_no_test_is_an_error() {
        let program = TestProgram::named("flows-core", "laws");
        let message = among(&LIST, &program, || Ok(vec!["exp".to_owned()])).expect_err("`tanh` is gone");
        assert!(message.contains("`tanh`, which is not in flows-core laws"), "{message}");
    }
}
