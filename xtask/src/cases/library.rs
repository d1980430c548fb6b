//! The cases that no command can run, and the tests that hold them.

use comfy_table::{ContentArrangement, Table, presets};

/// A case, and the test that holds it.
pub(super) const TESTS: [(&str, &str, &str); 34] = [
    (
        "columns far from zero (5000.npy) through Standardize and ActNorm",
        "flows-core lib",
        "every_layer_that_starts_from_data_standardises_columns_far_from_zero",
    ),
    ("a constant column (constant.npy) through fit", "flows-core refusals", "a_constant_feature_is_named"),
    ("a constant column through the layers", "flows-core lib", "a_constant_column_is_known_whatever_its_value"),
    (
        "a Gaussian of columns of any scale (scales.csv), and of breast cancer",
        "flows-core mixtures",
        "the_gaussian_of_columns_of_any_scale_is_numpys",
    ),
    (
        "the Gaussian of scikit-learn's breast cancer",
        "flows-core mixtures",
        "the_gaussian_of_breast_cancer_rows_is_numpys",
    ),
    (
        "a last batch of one row under BatchNorm (batch_257.csv)",
        "flows-core refusals",
        "a_last_batch_of_one_row_is_merged_so_that_batch_norm_has_a_variance",
    ),
    ("a context of any scale, MAF", "flows-autoregressive contexts", "a_maf_learns_contexts_of_any_size"),
    (
        "a context of any scale, spline coupling",
        "flows-autoregressive contexts",
        "a_spline_coupling_flow_learns_contexts_of_any_size",
    ),
    (
        "NaN in row 17 of the context",
        "flows-core training",
        "a_context_that_is_not_finite_is_an_error_that_names_the_row",
    ),
    (
        "one context for all rows, and another number of them",
        "flows-core densities",
        "scores_of_many_rows_take_one_row_of_context_for_all",
    ),
    ("a picture's gray", "flows-data folders", "the_gray_of_a_colour_is_that_of_rec_601_in_every_kind_of_picture"),
    (
        "empty batches, 1e38, infinity and NaN: models of rows",
        "flows-core extremes",
        "every_model_knows_absurd_rows_and_no_rows",
    ),
    (
        "empty batches, 1e38, infinity and NaN: models of images",
        "flows-vision image_flow",
        "every_model_knows_absurd_images_and_no_images",
    ),
    (
        "a stopped MADE with three masks, one worker and two",
        "flows-autoregressive training",
        "made_with_three_masks_that_is_stopped_and_resumed_is_the_undisturbed_run_on_one_worker_and_two",
    ),
    (
        "dropout on two workers, stopped",
        "flows-core training",
        "dropout_on_two_workers_repeats_itself_and_survives_a_stop",
    ),
    (
        "a killed run on two workers",
        "flows-core training",
        "a_run_on_two_workers_that_is_killed_again_and_again_ends_as_an_undisturbed_one",
    ),
    (
        "a run stopped by time or patience, resumed with more of it",
        "flows-core resuming",
        "a_run_stopped_by_patience_time_or_epochs_goes_on_with_more_of_it",
    ),
    ("a fit of a table that ran out of time", "flows-cli tables", "a_fit_that_ran_out_of_time_goes_on_with_more_of_it"),
    (
        "a resume of another model",
        "flows-cli images",
        "a_run_is_resumed_by_the_same_model_alone_and_a_refused_one_changes_no_file",
    ),
    (
        "two threads, or two processes, save to one path",
        "flows-core files",
        "threads_that_save_to_one_path_all_succeed_and_every_load_finds_a_whole_flow",
    ),
    ("the same run twice", "flows-core training", "two_equal_runs_save_the_same_bytes"),
    (
        "a header that asks for impossible sizes",
        "flows-core files",
        "files_that_ask_for_impossible_sizes_are_errors_for_every_model",
    ),
    (
        "samples of an overfitted flow, of large weights",
        "flows-autoregressive finite_samples",
        "maf_with_large_weights_maps_ordinary_latents_to_finite_rows",
    ),
    ("one training row of 1e20", "flows-core refusals", "a_single_absurd_row_is_named_wherever_it_stands"),
    (
        "temporary files of killed programs",
        "flows-core lib",
        "the_temporary_file_of_a_killed_program_goes_at_the_next_write",
    ),
    ("a flow through a link", "flows-core lib", "the_target_of_a_link_is_replaced_and_the_link_stays"),
    ("a flow onto a device", "flows-core lib", "devices_pipes_and_folders_are_refused_and_stay"),
    (
        "reverse KL far from the standard normal",
        "flows-core training",
        "variational_inference_finds_mean_scale_and_normaliser_of_a_gaussian",
    ),
    ("a Cauchy column", "flows-core scaling", "a_spline_flow_learns_a_cauchy_column"),
    ("gradients of LoRA's adapters", "flows-core training", "the_adapters_of_lora_get_their_gradients_and_are_trained"),
    (
        "BatchNorm's statistics on two workers",
        "flows-core training",
        "batch_norms_running_statistics_move_on_two_workers",
    ),
    (
        "gradient checkpointing",
        "flows-core training",
        "a_flow_on_a_device_with_gradient_checkpointing_starts_from_data_and_trains",
    ),
    (
        "a context is never forgotten",
        "flows-core training",
        "a_flow_that_is_made_without_its_context_is_never_trained_with_one",
    ),
    ("couplings of one feature", "flows-autoregressive laws", "one_feature_is_a_learnt_map_and_sees_the_context"),
];

/// The table of them.
pub(super) fn table() -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    if table.width().is_none() {
        table.set_width(140);
    }
    table.set_header(["case", "program", "test"]);
    for (case, program, test) in TESTS {
        table.add_row([case, program, test]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::sources;

    #[test]
    fn every_test_that_holds_a_case_is_a_test_of_the_program_that_is_named() {
        for (case, program, test) in TESTS {
            let (package, program) = program.split_once(' ').expect("a package and a program");
            let folder = if program == "lib" { "src" } else { "tests" };
            let text = sources(&[format!("crates/{package}/{folder}").as_str()]);
            let Some((before, _)) = text.split_once(&format!("fn {test}(")) else { panic!("{case}: `{test}` is gone") };
            let attributes = before.rsplit('}').next().unwrap_or_default();
            assert!(attributes.contains("#[test]"), "{case}: `{test}` is no test");
            assert!(!attributes.contains("#[ignore"), "{case}: `{test}` is never run");
            let there = program == "lib"
                || std::path::Path::new(&format!("../crates/{package}/tests/{program}.rs")).exists()
                || std::path::Path::new(&format!("../crates/{package}/tests/{program}/main.rs")).exists();
            assert!(there, "{case}: there is no program `{program}` of {package}");
        }
    }
}
