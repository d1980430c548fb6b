//! The flows of pictures.

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Int, Tensor};
use flows_core::{ByClass, Density, LogScaleBound, RationalQuadraticConfig, WithClass};
use flows_vision::{
    BitsPerDim, Dequantization, Evaluation, GlowConfig, GlowLayers, ImageFlow, ImageFlowConfig, ImageModel,
    ImageNetwork, Interpolation, MapConfig, NetworkConfig, NetworkNorm, Preprocess, RealNvpImageConfig,
    RealNvpImageLayers,
};
use serde::{Deserialize, Serialize};

use super::problems;
use super::settings::{Model, Network, Settings};
use crate::problem::Problem;

/// The class of each image; flows without classes do not look at it.
pub(super) type Labels = Tensor<1, Int>;

/// What makes the flow.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ModelConfig {
    Glow(ImageFlowConfig<GlowConfig>),
    GlowByClass(ImageFlowConfig<ByClass<GlowConfig>>),
    RealNvp(ImageFlowConfig<RealNvpImageConfig>),
    RealNvpByClass(ImageFlowConfig<ByClass<RealNvpImageConfig>>),
}

/// Any of the flows.
#[derive(Module, Debug)]
pub(super) enum AnyFlow {
    Glow(ImageFlow<GlowLayers<ImageNetwork>>),
    GlowByClass(ImageFlow<GlowLayers<WithClass<ImageNetwork>>>),
    RealNvp(ImageFlow<RealNvpImageLayers<ImageNetwork>>),
    RealNvpByClass(ImageFlow<RealNvpImageLayers<WithClass<ImageNetwork>>>),
}

impl ModelConfig {
    /// The flow that the settings ask for, for images of `[channels, height, width]`, conditioned on so many classes.
    pub(super) fn new(settings: &Settings, event: [usize; 3], classes: Option<usize>) -> Result<Self, Problem> {
        let [channels, height, width] = check_scales(settings, event)?;
        let network = match settings.network {
            Network::Glow => NetworkConfig::Glow { hidden: settings.hidden() },
            Network::Residual => NetworkConfig::Residual {
                hidden: settings.hidden(),
                blocks: settings.blocks,
                norm: NetworkNorm::Weight,
                dropout: 0.0,
            },
            Network::Gated => NetworkConfig::Gated { hidden: settings.hidden(), blocks: settings.blocks },
        };
        let map = match settings.model {
            Model::AdditiveGlow => MapConfig::Additive,
            Model::SplineGlow => MapConfig::Spline {
                spline: RationalQuadraticConfig::new().with_bins(4).with_lower(-3.0).with_upper(3.0),
            },
            Model::Glow => MapConfig::Affine { bound: LogScaleBound::default() },
            Model::RealNvp => MapConfig::Rescaled,
        };
        let glow = || {
            GlowConfig::new(channels, height, width)
                .with_scales(settings.scales)
                .with_steps(settings.steps())
                .with_network(network)
                .with_map(map.clone())
                .with_learned_prior(settings.learned_prior)
                .with_seed(settings.seed)
        };
        let real_nvp = || {
            RealNvpImageConfig::new(channels, height, width)
                .with_scales(settings.scales)
                .with_couplings(settings.steps())
                .with_network(network)
                .with_map(map.clone())
        };
        let classes = classes.filter(|_| settings.by_class);
        Ok(match (settings.model, classes) {
            (Model::RealNvp, None) => Self::RealNvp(pipeline(real_nvp(), settings)),
            (Model::RealNvp, Some(n)) => Self::RealNvpByClass(pipeline(real_nvp().by_class(n), settings)),
            (_, None) => Self::Glow(pipeline(glow(), settings)),
            (_, Some(n)) => Self::GlowByClass(pipeline(glow().by_class(n), settings)),
        })
    }

    /// The number of classes that the flow is conditioned on.
    pub(super) fn classes(&self) -> Option<usize> {
        match self {
            Self::Glow(_) | Self::RealNvp(_) => None,
            Self::GlowByClass(config) => Some(config.model.classes.classes),
            Self::RealNvpByClass(config) => Some(config.model.classes.classes),
        }
    }
}

/// The sizes of images, which every scale halves.
pub(super) fn check_scales(settings: &Settings, event: [usize; 3]) -> Result<[usize; 3], Problem> {
    let [_, height, width] = event;
    let by = 1usize.checked_shl(settings.scales as u32).unwrap_or(0);
    if by == 0 || !height.is_multiple_of(by) || !width.is_multiple_of(by) {
        let expected = format!("so few that 2^scales divides the images' {height} x {width} pixels");
        return Err(problems::setting("scales", expected, settings.scales));
    }
    Ok(event)
}

/// What stands before the flow.
fn pipeline<M: ImageModel>(model: M, settings: &Settings) -> ImageFlowConfig<M> {
    let preprocess = match settings.logit {
        0.0 => Preprocess::Centre,
        alpha => Preprocess::Logit { alpha },
    };
    let dequantization = match settings.variational {
        true => Dequantization::Variational { steps: 4, hidden: settings.hidden().div_ceil(2) },
        false => Dequantization::Uniform,
    };
    let config = ImageFlowConfig::new(model).with_bits(settings.bits).with_preprocess(preprocess);
    config.with_dequantization(dequantization)
}

impl ModelConfig {
    /// Makes the flow, as yet untrained.
    pub(super) fn init(&self, device: &Device) -> AnyFlow {
        match self {
            Self::Glow(config) => AnyFlow::Glow(config.init(device)),
            Self::GlowByClass(config) => AnyFlow::GlowByClass(config.init(device)),
            Self::RealNvp(config) => AnyFlow::RealNvp(config.init(device)),
            Self::RealNvpByClass(config) => AnyFlow::RealNvpByClass(config.init(device)),
        }
    }
}

/// The same of whichever flow it is.
macro_rules! each {
    ($any:expr, $flow:ident => $what:expr) => {
        match $any {
            AnyFlow::Glow($flow) => $what,
            AnyFlow::GlowByClass($flow) => $what,
            AnyFlow::RealNvp($flow) => $what,
            AnyFlow::RealNvpByClass($flow) => $what,
        }
    };
}

impl AnyFlow {
    pub(super) fn event(&self) -> [usize; 3] {
        each!(self, flow => flow.event())
    }

    pub(super) fn evaluate(&self, images: &Tensor<4>, labels: &Labels, evaluation: &Evaluation) -> BitsPerDim {
        each!(self, flow => flow.evaluate(images, labels, evaluation))
    }

    pub(super) fn sample_at(&self, temperature: f64, labels: &Labels, device: &Device) -> Tensor<4> {
        let n = labels.dims()[0];
        each!(self, flow => flow.sample_at(n, temperature, labels, device))
    }

    pub(super) fn interpolate(&self, ends: [Tensor<4>; 2], steps: usize, labels: [&Labels; 3]) -> Tensor<4> {
        each!(self, flow => flow.interpolate(ends, steps, Interpolation::Spherical, labels))
    }
}

impl Density<4, Labels> for AnyFlow {
    fn log_prob(&self, x: Tensor<4>, labels: &Labels) -> Tensor<1> {
        each!(self, flow => flow.log_prob(x, labels))
    }

    fn sample(&self, n: usize, labels: &Labels, device: &Device) -> Tensor<4> {
        each!(self, flow => flow.sample(n, labels, device))
    }

    fn init_from_data(self, x: Tensor<4>, labels: &Labels) -> Self {
        match self {
            Self::Glow(flow) => Self::Glow(flow.init_from_data(x, labels)),
            Self::GlowByClass(flow) => Self::GlowByClass(flow.init_from_data(x, labels)),
            Self::RealNvp(flow) => Self::RealNvp(flow.init_from_data(x, labels)),
            Self::RealNvpByClass(flow) => Self::RealNvpByClass(flow.init_from_data(x, labels)),
        }
    }

    fn pull_back(
        &self,
        x: Tensor<4>,
        labels: &Labels,
        weight: f64,
        grads: &mut GradientsParams,
    ) -> (Tensor<1>, Tensor<4>) {
        each!(self, flow => flow.pull_back(x, labels, weight, grads))
    }
}

#[cfg(test)]
mod tests {
    use super::super::saved::Saved;
    use super::*;
    use flows_core::{load, save};
    use flows_data::pictures::SeenImages;

    fn settings(model: Model, by_class: bool) -> Settings {
        Settings {
            model,
            by_class,
            scales: 2,
            steps: Some(1),
            hidden: Some(4),
            logit: 0.05,
            variational: true,
            ..Settings::default()
        }
    }

    #[test]
    fn every_flow_is_loaded_as_it_was_saved() {
        let (device, file) = (Device::default(), tempfile::NamedTempFile::new().unwrap());
        for model in [Model::Glow, Model::AdditiveGlow, Model::SplineGlow, Model::RealNvp] {
            for by_class in [false, true] {
                let config = ModelConfig::new(&settings(model, by_class), [1, 8, 8], Some(3)).unwrap();
                let flow = config.init(&device);
                let class_names = ["a", "b", "\u{e9}"].map(String::from).to_vec();
                let saved = Saved::new(config, class_names, SeenImages::default());
                save(file.path(), &saved, &flow).unwrap();
                let (read, loaded) = load::<Saved>(file.path(), &device).unwrap();
                assert_eq!((read.model.classes(), &read.class_names), (by_class.then_some(3), &saved.class_names));
                let images = Tensor::<4>::full([2, 1, 8, 8], 7.0, &device);
                let labels = Tensor::from_data([0i64, 2], &device);
                let bits = |flow: &AnyFlow| flow.evaluate(&images, &labels, &Evaluation::new()).each;
                assert_eq!(bits(&loaded), bits(&flow), "{model:?}, by class: {by_class}");
            }
        }
    }

    #[test]
    fn what_images_cannot_be_given_to_is_an_error_that_says_why() {
        let error = ModelConfig::new(&settings(Model::Glow, false), [1, 6, 8], None).unwrap_err().to_string();
        assert!(error.contains("scales") && error.contains("6 x 8"), "{error}");
    }
}
