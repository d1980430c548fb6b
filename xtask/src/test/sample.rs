//! The tests that stand for all others on a backend beside flex, and why: every kernel, every kind of layer once, golden
//! values, extremes, a training run. `--all` runs the rest too.
//!
//! What is the same on every backend, files, tables, masks, the bookkeeping of training, is tested on flex alone.

use super::programs::TestProgram;
use crate::process::Outcome;

/// Tests of one program that belong to the sample.
struct Sample {
    package: &'static str,
    target: &'static str,
    /// Their names; one that ends in `::` stands for a module, none at all for the whole program.
    tests: &'static [&'static str],
    reason: &'static str,
    /// Whether a GPU does it in a moment, and it tells much: kernels, golden values, extremes.
    brief: bool,
}

const SAMPLE: [Sample; 15] = [
    Sample {
        package: "flows-core",
        target: "lib",
        tests: &["kernel::"],
        reason: "kernels beside ordinary operations",
        brief: true,
    },
    Sample { package: "flows-core", target: "laws", tests: &[], reason: "every kind of layer", brief: false },
    Sample { package: "flows-core", target: "golden", tests: &[], reason: "the numbers of the models", brief: true },
    Sample { package: "flows-core", target: "splines", tests: &[], reason: "the spline at its edges", brief: true },
    Sample {
        package: "flows-core",
        target: "extremes",
        tests: &[
            "elementwise_maps_stay_finite_at_every_magnitude",
            "the_largest_numbers_have_a_log_density_and_a_nan_stays_one",
        ],
        reason: "each backend has its own infinities",
        brief: true,
    },
    Sample {
        package: "flows-core",
        target: "training",
        tests: &["training_makes_the_likelihood_better_and_changes_every_parameter"],
        reason: "a training run from start to end",
        brief: false,
    },
    Sample { package: "flows-autoregressive", target: "laws", tests: &[], reason: "every kind of layer", brief: false },
    Sample {
        package: "flows-autoregressive",
        target: "golden",
        tests: &[],
        reason: "the numbers of the models",
        brief: true,
    },
    Sample {
        package: "flows-autoregressive",
        target: "networks",
        tests: &[
            "the_jacobian_of_a_layer_is_exactly_triangular_in_its_order",
            "the_one_pass_inverse_is_the_inverse_by_passes_in_single_precision",
            "wide_layers_that_are_stored_as_staircases_have_the_same_inverse",
            "gradients_go_through_the_one_pass_inverse_as_through_the_passes",
        ],
        reason: "sampling in one pass, in every shape of network",
        brief: false,
    },
    Sample {
        package: "flows-autoregressive",
        target: "extremes",
        tests: &["a_nan_is_not_hidden"],
        reason: "each backend has its own infinities",
        brief: true,
    },
    Sample { package: "flows-vision", target: "laws", tests: &[], reason: "every kind of layer", brief: false },
    Sample { package: "flows-vision", target: "golden", tests: &[], reason: "the numbers of the models", brief: true },
    Sample {
        package: "flows-vision",
        target: "lib",
        tests: &["convolution::"],
        reason: "convolutions of our own",
        brief: true,
    },
    Sample {
        package: "flows-vision",
        target: "image_flow",
        tests: &[
            "bits_are_those_of_a_computation_by_hand_with_the_same_noise",
            "images_come_back_from_their_latents_pixel_for_pixel",
        ],
        reason: "bits per dimension, and the way back",
        brief: false,
    },
    Sample {
        package: "flows-vision",
        target: "training",
        tests: &["training_lowers_the_bits_of_images_that_it_has_not_seen"],
        reason: "a training run from start to end",
        brief: false,
    },
];

/// Tests whose layer is in the sample as another test. A law that is not named here belongs to the sample, so that a new
/// layer is in it by itself.
struct Represented {
    package: &'static str,
    target: &'static str,
    by: &'static str,
    tests: &'static [&'static str],
}

const fn core(by: &'static str, tests: &'static [&'static str]) -> Represented {
    Represented { package: "flows-core", target: "laws", by, tests }
}

const fn autoregressive(by: &'static str, tests: &'static [&'static str]) -> Represented {
    Represented { package: "flows-autoregressive", target: "laws", by, tests }
}

const fn vision(by: &'static str, tests: &'static [&'static str]) -> Represented {
    Represented { package: "flows-vision", target: "laws", by, tests }
}

const REPRESENTED: [Represented; 24] = [
    core("scale_shift_on_images", &["scale_shift"]),
    core("act_norm_on_images", &["act_norm"]),
    core("batch_norm_on_images", &["batch_norm"]),
    core("permutation", &["reverse_on_images"]),
    core("plu_on_images", &["plu", "plu_with_permutation", "plu_from_a_rotation"]),
    core("dense_linear_on_images", &["dense_linear"]),
    core("affine_coupling", &["affine_coupling_tanh", "affine_coupling_arctan", "affine_coupling_unbounded"]),
    core("spline_coupling", &["spline_coupling_two_bins"]),
    core("coupling_with_embedded_context", &["conditional_affine_coupling", "conditional_spline_coupling"]),
    core("inverse", &["inverse_of_a_spline"]),
    core("nested", &["optional", "absent", "repeated", "empty", "array", "chain", "chain_of_ten", "conditional_chain"]),
    core("scalar_maps_on_images", &["tanh", "softplus"]),
    core("real_nvp_with_everything", &["nice", "real_nvp", "real_nvp_with_batch_norm"]),
    core("conditional_spline_flow", &["spline_flow", "conditional_real_nvp", "conditional_nice"]),
    core(
        "flows_have_the_log_density_that_they_draw_with",
        &["every_parameter_of_a_flow_has_a_gradient_from_log_prob_and_from_samples"],
    ),
    autoregressive(
        "affine_in_a_random_order",
        &["affine", "affine_reversed", "affine_of_a_residual_network", "affine_without_hidden_layers"],
    ),
    autoregressive("spline_of_a_residual_network", &["spline_layer"]),
    autoregressive("conditional_with_embedding", &["conditional_affine", "conditional_spline"]),
    autoregressive("inverse_affine", &["inverse_spline", "beside_a_coupling"]),
    autoregressive(
        "maf_modern",
        &["maf", "maf_with_batch_norm", "maf_with_act_norm", "conditional_maf", "iaf", "conditional_iaf"],
    ),
    autoregressive("spline_flow_of_the_paper", &["spline_flow", "conditional_spline_flow"]),
    vision("checkerboard_swapped_spline", &["checkerboard_affine", "checkerboard_additive"]),
    vision("channel_affine", &["channel_affine_swapped"]),
    vision(
        "multi_scale_without_squeeze",
        &[
            "multi_scale_of_squeezes",
            "glow_model",
            "glow_of_one_channel",
            "glow_of_three_channels",
            "glow_given_a_vector",
            "real_nvp_model",
            "real_nvp_of_one_scale",
            "real_nvp_with_batch_norm",
            "real_nvp_by_class",
            "real_nvp_given_a_vector",
            "spline_glow",
            "spline_glow_by_class",
            "spline_glow_given_a_vector",
        ],
    ),
];

/// The tests of a program that belong to the sample, or to what is brief of it; none where it has no part in it.
///
/// # Errors
/// A test that is named here is not there.
pub(super) fn tests(program: &TestProgram, brief: bool) -> Outcome<Vec<String>> {
    among(&SAMPLE, &REPRESENTED, program, brief, || program.tests())
}

/// The same, from given lists.
fn among(
    sample: &[Sample],
    represented: &[Represented],
    program: &TestProgram,
    brief: bool,
    all: impl FnOnce() -> Outcome<Vec<String>>,
) -> Outcome<Vec<String>> {
    let is_mine = |package: &str, target: &str| package == program.package && target == program.target;
    let asked = |part: &&Sample| is_mine(part.package, part.target) && (part.brief || !brief);
    let mine: Vec<_> = sample.iter().filter(asked).collect();
    if mine.is_empty() {
        return Ok(vec![]);
    }
    let all = all()?;
    let missing = |name: &str| {
        let (package, target) = (&program.package, &program.target);
        Err(format!("xtask/src/test/sample.rs names `{name}`, which is not in {package} {target}"))
    };
    let mut chosen = Vec::new();
    for part in mine {
        println!("== sample of {} {}: {}", program.package, program.target, part.reason);
        if part.tests.is_empty() {
            chosen.extend(all.iter().cloned());
        }
        for name in part.tests {
            let found = all.iter().filter(|test| test == name || name.ends_with("::") && test.starts_with(name));
            let before = chosen.len();
            chosen.extend(found.cloned());
            if chosen.len() == before {
                return missing(name);
            }
        }
    }
    for other in represented.iter().filter(|other| is_mine(other.package, other.target)) {
        if let Some(name) = std::iter::once(&other.by).chain(other.tests).find(|name| !all.iter().any(|t| t == *name)) {
            return missing(name);
        }
        chosen.retain(|test| !other.tests.contains(&test.as_str()));
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: [Sample; 2] = [
        Sample { package: "flows-core", target: "laws", tests: &[], reason: "layers", brief: false },
        Sample { package: "flows-core", target: "lib", tests: &["kernel::", "a::b"], reason: "kernels", brief: true },
    ];

    fn chosen(target: &str, all: &[&str]) -> Outcome<Vec<String>> {
        let represented = [Represented { package: "flows-core", target: "laws", by: "exp", tests: &["tanh"] }];
        let program = TestProgram::named("flows-core", target);
        among(&LIST, &represented, &program, false, || Ok(all.iter().map(|name| (*name).to_owned()).collect()))
    }

    #[test]
    fn a_new_law_is_in_the_sample_unless_another_stands_for_it() {
        assert_eq!(chosen("laws", &["exp", "tanh", "new"]).expect("all are there"), ["exp", "new"]);
    }

    #[test]
    fn what_is_brief_leaves_the_rest_of_the_sample_out() {
        let brief = |target: &str, all: &[&str]| {
            let program = TestProgram::named("flows-core", target);
            among(&LIST, &[], &program, true, || Ok(all.iter().map(|name| (*name).to_owned()).collect()))
        };
        assert_eq!(brief("laws", &["exp"]), Ok(vec![]));
        assert_eq!(brief("lib", &["kernel::a", "a::b"]).expect("both are there"), ["kernel::a", "a::b"]);
        assert!(SAMPLE.iter().any(|part| part.brief) && SAMPLE.iter().any(|part| !part.brief));
    }

    #[test]
    fn a_module_stands_for_its_tests() {
        let tests = chosen("lib", &["kernel::a", "kernel::b::c", "a::b", "a::c"]).expect("all are there");
        assert_eq!(tests, ["kernel::a", "kernel::b::c", "a::b"]);
    }

    #[test]
    fn a_program_without_a_part_in_the_sample_is_not_even_asked() {
        assert_eq!(chosen("files", &[]), Ok(vec![]));
    }

    #[test]
    fn a_name_that_is_no_test_is_an_error() {
        for (target, all, name) in [
            ("laws", &["tanh"][..], "exp"),
            ("laws", &["exp"], "tanh"),
            ("lib", &["a::b"], "kernel::"),
            ("lib", &["kernel::a"], "a::b"),
        ] {
            let message = chosen(target, all).expect_err("it is gone");
            assert!(message.contains(&format!("`{name}`, which is not in flows-core {target}")), "{message}");
        }
    }
}
