//! Models from files.

use std::path::Path;

use burn::tensor::Device;
use burn_flows::tables::TableFlow;

use crate::images;
use crate::problem::Problem;

/// Loads a model of a table that `flows fit` has written.
pub(crate) fn load(path: &Path, device: &Device) -> Result<TableFlow, Problem> {
    let flow = match TableFlow::load(path, device) {
        Ok(flow) => flow,
        Err(error) => {
            let problem = Problem::from(error);
            return match images::show(path, device) {
                Ok(Some(_)) => Err(Problem::new(format!("{}: it is a model of pictures", path.display()))
                    .hint("`flows images` has the verbs for it")),
                _ => Err(problem),
            };
        }
    };
    if flow.codec().is_none() {
        return Err(Problem::new(format!("{}: the model knows no columns of a file", path.display()))
            .hint("`flows fit` makes one that does"));
    }
    Ok(flow)
}
