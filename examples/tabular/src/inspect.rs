//! `tabular inspect`: what a saved flow is.

use std::path::PathBuf;

use burn::module::Module;
use burn::tensor::Device;
use example_support::print;

use crate::model::Trained;
use crate::problem::Problem;

/// What a saved flow is.
#[derive(Debug, clap::Args)]
pub(crate) struct Inspect {
    /// The flow that `train` has written
    #[arg(default_value = "tabular-out/flow.flow")]
    flow: PathBuf,
}

/// Says what a flow is.
pub(crate) fn run(arguments: &Inspect, device: &Device) -> Result<(), Problem> {
    let (trained, flow) = Trained::load(&arguments.flow, device)?;
    let pretty = |value: &serde_json::Value| serde_json::to_string_pretty(value).expect("it was read from JSON");
    let model = serde_json::to_value(&trained.model).expect("it was read from JSON");
    let quantiles: String = [0, 1, 5, 25, 50, 75, 95, 99, 100]
        .map(|percent| format!("  {percent:3} %  {:12.4}\n", trained.ranks.quantile(f64::from(percent) / 100.0)))
        .concat();
    let columns = trained.columns.join(", ");
    let maps: String =
        trained.columns.iter().zip(trained.scaling.columns()).map(|(n, map)| format!("  {n}: {map:?}\n")).collect();
    print(&format!(
        "model: {}\nfigures: {}\ncolumns: {columns}\nscaling:\n{maps}parameters: {}\n\
         log-densities of {} rows that were held out, in nats:\n{quantiles}",
        pretty(&model),
        pretty(&trained.figures),
        Module::num_params(&flow),
        trained.ranks.count(),
    ))
    .map_err(Problem::from)
}
