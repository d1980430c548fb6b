//! What is saved with a flow, so that other images can be given to it.

use std::path::Path;

use burn::tensor::Device;
use flows_core::{FlowConfig, ScoreRanks};
use flows_data::pictures::{Images, SeenImages};
use serde::{Deserialize, Serialize};

use super::flow::{AnyFlow, ModelConfig};
use super::problems;
use crate::problem::Problem;

/// The configuration in a saved flow's file: the model, and the names of the classes that it was trained on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Saved {
    #[serde(flatten)]
    pub(super) model: ModelConfig,
    /// In the order of the labels; none where the images had no classes.
    #[serde(default)]
    pub(super) class_names: Vec<String>,
    /// The pictures of a folder that it was trained and chosen on; none of a published set, whose test images are apart.
    #[serde(default)]
    pub(super) seen: SeenImages,
    /// How it was fitted.
    #[serde(default)]
    pub(super) settings: serde_json::Value,
    /// The figures of the fit, but for what the clock says.
    #[serde(default)]
    pub(super) figures: serde_json::Value,
    /// The bits of held-out pictures, with their signs turned: the lower, the less likely.
    #[serde(default = "nothing")]
    pub(super) ranks: ScoreRanks,
}

fn nothing() -> ScoreRanks {
    ScoreRanks::new([])
}

impl FlowConfig for Saved {
    const NAME: &'static str = "image-flow";
    type Flow = AnyFlow;

    fn init(&self, device: &Device) -> AnyFlow {
        self.model.init(device)
    }
}

impl Saved {
    /// A flow that nothing is known of yet.
    pub(super) fn new(model: ModelConfig, class_names: Vec<String>, seen: SeenImages) -> Self {
        let (settings, figures) = (serde_json::Value::Null, serde_json::Value::Null);
        Self { model, class_names, seen, settings, figures, ranks: nothing() }
    }

    /// Images with the labels that the flow knows their classes by; as they are where it does not look at classes.
    ///
    /// All of the flow's classes must be there, or only some of them.
    pub(super) fn labelled(&self, images: Images, some: bool, flow: &Path, dir: &Path) -> Result<Images, Problem> {
        let Some(classes) = self.model.classes() else { return Ok(images) };
        if images.labels().is_none() {
            return Err(problems::no_classes(dir));
        }
        if self.class_names.is_empty() {
            // Nothing but the number can be compared.
            let found = images.classes().unwrap_or(0);
            return match found == classes {
                true => Ok(images),
                false => Err(problems::class_count(dir, classes, found)),
            };
        }
        let names = &self.class_names;
        let matched = if some { images.of_some_classes(names) } else { images.of_classes(names) };
        matched.map_err(|error| problems::classes(dir, flow, &error))
    }
}

#[cfg(test)]
mod tests {
    use super::super::settings::Settings;
    use super::*;

    fn saved(names: &[&str]) -> Saved {
        let settings = Settings { by_class: true, scales: 1, ..Settings::default() };
        let model = ModelConfig::new(&settings, [1, 2, 2], Some(3)).unwrap();
        Saved::new(model, names.iter().map(ToString::to_string).collect(), SeenImages::default())
    }

    fn images(labels: &[usize], names: &[&str]) -> Images {
        let images = Images::new(vec![0; 4 * labels.len()], [labels.len(), 1, 2, 2]).unwrap();
        images.with_labels(labels.to_vec()).unwrap().with_class_names(names.iter().copied()).unwrap()
    }

    #[test]
    fn a_class_keeps_its_label_whatever_else_is_in_another_folder() {
        let label =
            |images: Images, some| saved(&["a", "b", "c"]).labelled(images, some, "x.flow".as_ref(), "dir".as_ref());
        // The first class of two is the second of the flow's three.
        let two = label(images(&[0, 1, 0], &["b", "c"]), true).unwrap();
        assert_eq!(two.labels(), Some(&[1, 2, 1][..]));
        let both = label(images(&[0, 1, 0], &["b", "c"]), false).unwrap_err().to_string();
        assert!(both.contains("`a`, `b`, `c`") && both.contains("`b`, `c`;") && both.contains("x.flow"), "{both}");
        let turned = label(images(&[0, 1, 2], &["c", "b", "a"]), false).unwrap();
        assert_eq!(turned.labels(), Some(&[2, 1, 0][..]));
    }

    #[test]
    fn without_names_the_number_of_classes_is_compared() {
        let label = |images: Images| saved(&[]).labelled(images, false, "x.flow".as_ref(), "dir".as_ref());
        assert!(label(images(&[0, 1], &["a", "b", "c"])).is_ok());
        let error = label(images(&[0, 1], &["a", "b"])).unwrap_err().to_string();
        assert!(error.contains("3 classes") && error.contains("have 2"), "{error}");
    }

    #[test]
    fn a_configuration_is_read_as_it_was_written_also_from_before_there_were_names() {
        let saved = saved(&["a", "\u{732b}", "c"]);
        let mut json = serde_json::to_value(&saved).unwrap();
        let read: Saved = serde_json::from_value(json.clone()).unwrap();
        assert_eq!((read.class_names, read.model.classes()), (saved.class_names, Some(3)));
        json.as_object_mut().unwrap().remove("class_names");
        assert!(serde_json::from_value::<Saved>(json).unwrap().class_names.is_empty());
    }
}
