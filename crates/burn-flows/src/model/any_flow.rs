//! One type for every model.

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use flows_autoregressive::{AutoregressiveSplineFlow, Made, MadeDensity, Maf, MafMog};
use flows_core::{Density, Mlp, RealNvp, SplineFlow, WithContext};

use super::ConditionalMixture;

/// Any of the models, so that a program can choose one when it runs; made by [`Model`](super::Model) or a preset.
///
/// It is a density without a context and one given a `Tensor<2>`, whichever of them it was made as.
///
/// # Shapes
/// - `x`: `[batch, features]`
/// - `context`: `[batch, width]`; a model without one takes any
///
/// # Panics
/// If a model that depends on a context is evaluated without.
///
/// # Example
/// ```
/// use burn_flows::prelude::*;
///
/// let device = Device::default();
/// for model in [Nsf::new(3).model(2), Maf::new(3).model(2), Gaussian::new().model(2)] {
///     let flow = model.init(&device);
///     assert_eq!(Density::<2>::sample(&flow, 7, &(), &device).dims(), [7, 2]);
/// }
/// ```
#[derive(Module, Debug)]
pub enum AnyFlow {
    /// A Gaussian or a mixture of them, with a context or without.
    Mixture(ConditionalMixture),
    /// Masked autoregressive flow.
    Maf(Maf),
    /// The same, given a context.
    MafGiven(Maf<WithContext<Made>>),
    /// Masked autoregressive flow over a MADE with mixtures of Gaussians.
    MafMog(MafMog),
    /// The same, given a context.
    MafMogGiven(MafMog<WithContext<Made>>),
    /// Spline couplings.
    Nsf(SplineFlow),
    /// The same, given a context.
    NsfGiven(SplineFlow<WithContext<Mlp>>),
    /// Autoregressive splines.
    NsfAr(AutoregressiveSplineFlow),
    /// The same, given a context.
    NsfArGiven(AutoregressiveSplineFlow<WithContext<Made>>),
    /// Affine couplings.
    RealNvp(RealNvp),
    /// The same, given a context.
    RealNvpGiven(RealNvp<WithContext<Mlp>>),
    /// MADE, with Gaussian conditionals or mixtures.
    Made(MadeDensity),
    /// The same, given a context.
    MadeGiven(MadeDensity<WithContext<Made>>),
}

/// What to do with each model, `$c` being its context; models without one are called without.
macro_rules! each {
    ($self:expr, $context:expr, |$flow:ident, $c:ident| $answer:expr) => {
        each!(@arms $self, $context, $flow, $c, $answer,
            [Maf MafMog Nsf NsfAr RealNvp Made] [Mixture MafGiven MafMogGiven NsfGiven NsfArGiven RealNvpGiven MadeGiven])
    };
    (@arms $self:expr, $context:expr, $flow:ident, $c:ident, $answer:expr, [$($plain:ident)*] [$($given:ident)*]) => {
        match $self {
            $(AnyFlow::$plain($flow) => {
                let $c = &();
                $answer
            })*
            $(AnyFlow::$given($flow) => {
                let $c = $context;
                $answer
            })*
        }
    };
}

/// The same where a flow is made of each.
macro_rules! replaced {
    ($self:expr, $context:expr, |$flow:ident, $c:ident| $answer:expr) => {
        replaced!(@arms $self, $context, $flow, $c, $answer,
            [Maf MafMog Nsf NsfAr RealNvp Made] [Mixture MafGiven MafMogGiven NsfGiven NsfArGiven RealNvpGiven MadeGiven])
    };
    (@arms $self:expr, $context:expr, $flow:ident, $c:ident, $answer:expr, [$($plain:ident)*] [$($given:ident)*]) => {
        match $self {
            $(AnyFlow::$plain($flow) => {
                let $c = &();
                AnyFlow::$plain($answer)
            })*
            $(AnyFlow::$given($flow) => {
                let $c = $context;
                AnyFlow::$given($answer)
            })*
        }
    };
}

impl Density<2, Tensor<2>> for AnyFlow {
    fn log_prob(&self, x: Tensor<2>, context: &Tensor<2>) -> Tensor<1> {
        each!(self, context, |flow, c| Density::log_prob(flow, x, c))
    }

    fn sample(&self, n: usize, context: &Tensor<2>, device: &Device) -> Tensor<2> {
        each!(self, context, |flow, c| Density::sample(flow, n, c, device))
    }

    fn sample_with_log_prob(&self, n: usize, context: &Tensor<2>, device: &Device) -> (Tensor<2>, Tensor<1>) {
        each!(self, context, |flow, c| Density::sample_with_log_prob(flow, n, c, device))
    }

    fn sees_context(&self) -> bool {
        match self {
            Self::Mixture(mixture) => Density::<2, Tensor<2>>::sees_context(mixture),
            Self::Maf(_) | Self::MafMog(_) | Self::Nsf(_) | Self::NsfAr(_) | Self::RealNvp(_) | Self::Made(_) => false,
            _ => true,
        }
    }

    fn init_from_data(self, x: Tensor<2>, context: &Tensor<2>) -> Self {
        replaced!(self, context, |flow, c| Density::init_from_data(flow, x, c))
    }

    fn recompute_statistics(self, x: Tensor<2>, context: &Tensor<2>) -> Self {
        replaced!(self, context, |flow, c| Density::recompute_statistics(flow, x, c))
    }

    fn gradients(&self, x: Tensor<2>, context: &Tensor<2>, weight: f64) -> (Tensor<1>, GradientsParams) {
        each!(self, context, |flow, c| Density::gradients(flow, x, c, weight))
    }

    fn pull_back(
        &self,
        x: Tensor<2>,
        context: &Tensor<2>,
        weight: f64,
        grads: &mut GradientsParams,
    ) -> (Tensor<1>, Tensor<2>) {
        each!(self, context, |flow, c| Density::pull_back(flow, x, c, weight, grads))
    }

    fn weighted_gradients(
        &self,
        x: Tensor<2>,
        context: &Tensor<2>,
        weights: &Tensor<1>,
    ) -> (Tensor<1>, GradientsParams) {
        each!(self, context, |flow, c| Density::weighted_gradients(flow, x, c, weights))
    }

    fn weighted_pull_back(
        &self,
        x: Tensor<2>,
        context: &Tensor<2>,
        weights: &Tensor<1>,
        grads: &mut GradientsParams,
    ) -> (Tensor<1>, Tensor<2>) {
        each!(self, context, |flow, c| Density::weighted_pull_back(flow, x, c, weights, grads))
    }
}

/// A context of no width, for a model that is evaluated without.
fn nothing(rows: usize, device: &Device) -> Tensor<2> {
    Tensor::empty([rows, 0], device)
}

impl AnyFlow {
    /// Whether the model depends on a context.
    pub fn is_given(&self) -> bool {
        Density::<2, Tensor<2>>::sees_context(self)
    }

    fn assert_plain(&self) {
        assert!(!self.is_given(), "`context`: expected one a row, as the model depends on it, got none");
    }
}

impl Density<2> for AnyFlow {
    fn log_prob(&self, x: Tensor<2>, _: &()) -> Tensor<1> {
        self.assert_plain();
        let context = nothing(x.dims()[0], &x.device());
        Density::log_prob(self, x, &context)
    }

    fn sample(&self, n: usize, _: &(), device: &Device) -> Tensor<2> {
        self.assert_plain();
        Density::sample(self, n, &nothing(n, device), device)
    }

    fn sample_with_log_prob(&self, n: usize, _: &(), device: &Device) -> (Tensor<2>, Tensor<1>) {
        self.assert_plain();
        Density::sample_with_log_prob(self, n, &nothing(n, device), device)
    }

    fn sees_context(&self) -> bool {
        self.is_given()
    }

    fn init_from_data(self, x: Tensor<2>, _: &()) -> Self {
        self.assert_plain();
        let context = nothing(x.dims()[0], &x.device());
        Density::init_from_data(self, x, &context)
    }

    fn recompute_statistics(self, x: Tensor<2>, _: &()) -> Self {
        self.assert_plain();
        let context = nothing(x.dims()[0], &x.device());
        Density::recompute_statistics(self, x, &context)
    }

    fn gradients(&self, x: Tensor<2>, _: &(), weight: f64) -> (Tensor<1>, GradientsParams) {
        self.assert_plain();
        let context = nothing(x.dims()[0], &x.device());
        Density::gradients(self, x, &context, weight)
    }

    fn pull_back(&self, x: Tensor<2>, _: &(), weight: f64, grads: &mut GradientsParams) -> (Tensor<1>, Tensor<2>) {
        self.assert_plain();
        let context = nothing(x.dims()[0], &x.device());
        Density::pull_back(self, x, &context, weight, grads)
    }

    fn weighted_gradients(&self, x: Tensor<2>, _: &(), weights: &Tensor<1>) -> (Tensor<1>, GradientsParams) {
        self.assert_plain();
        let context = nothing(x.dims()[0], &x.device());
        Density::weighted_gradients(self, x, &context, weights)
    }

    fn weighted_pull_back(
        &self,
        x: Tensor<2>,
        _: &(),
        weights: &Tensor<1>,
        grads: &mut GradientsParams,
    ) -> (Tensor<1>, Tensor<2>) {
        self.assert_plain();
        let context = nothing(x.dims()[0], &x.device());
        Density::weighted_pull_back(self, x, &context, weights, grads)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Model, ModelKind, Nsf, Size};
    use burn::module::{ModuleVisitor, Param};
    use flows_core::testing::randomize;

    fn models(features: usize, context: usize) -> impl Iterator<Item = Model> {
        let size = Size { layers: 2, hidden: vec![8, 8], bins: 4, components: 2, dropout: 0.0 };
        ModelKind::ALL.into_iter().map(move |kind| size.model(kind, features, context, 0))
    }

    fn context(rows: usize, width: usize) -> Tensor<2> {
        let values: Vec<f64> = (0..rows * width).map(|i| (i as f64 * 1.3).sin()).collect();
        Tensor::from_data(burn::tensor::TensorData::new(values, [rows, width]), &Device::default())
    }

    #[test]
    fn samples_have_the_density_that_is_said_with_a_context_and_without() {
        let device = Device::default();
        for width in [0, 3] {
            for model in models(2, width) {
                let flow = randomize(model.init(&device), 0.2, 1).valid();
                let context = context(50, width);
                let (x, log_prob) = Density::sample_with_log_prob(&flow, 50, &context, &device);
                let again = Density::log_prob(&flow, x, &context);
                let off = (again - log_prob).abs().max().into_scalar::<f32>();
                assert!(off < 1e-3, "{} given {width}: off by {off}", model.kind());
                assert_eq!(flow.is_given(), width > 0, "{}", model.kind());
            }
        }
    }

    #[test]
    #[should_panic(expected = "as the model depends on it")]
    fn a_model_that_needs_a_context_panics_without_one() {
        let flow = Nsf::new(2).given(1).model(1).init(&Device::default());
        Density::<2>::log_prob(&flow, Tensor::zeros([1, 1], &Device::default()), &());
    }

    struct Compare<'a>(&'a GradientsParams, GradientsParams, usize);

    impl ModuleVisitor for Compare<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(one) = self.0.get::<D>(param.id) {
                let other = self.1.remove::<D>(param.id).expect("a gradient");
                let (off, size) = ((one.clone() - other).abs().max(), one.abs().max());
                let (off, size) = (off.into_scalar::<f32>(), size.into_scalar::<f32>());
                // Sums in another order, in single precision.
                assert!(off <= 2e-5 * (1.0 + size), "off by {off} of {size}");
                self.2 += 1;
            }
        }
    }

    #[test]
    fn weights_of_rows_are_repeated_rows_in_every_models_gradients() {
        let device = Device::default();
        for width in [0, 2] {
            for model in models(2, width).filter(|model| !model.kind().is_classical()) {
                let flow = randomize(model.init(&device), 0.2, 1).train();
                let x = Tensor::<2>::from_data([[0.3, -1.0], [0.7, 0.2], [-0.4, 0.1]], &device);
                let context = context(3, width);
                let rows = Tensor::<1, burn::tensor::Int>::from_data([0, 0, 2, 0], &device);
                let again = match width {
                    0 => Tensor::empty([4, 0], &device),
                    _ => context.clone().select(0, rows.clone()),
                };
                let repeated = (x.clone().select(0, rows), again);
                let (_, expected) = Density::gradients(&flow, repeated.0, &repeated.1, -0.25);
                let weights = Tensor::<1>::from_data([-0.75, 0.0, -0.25], &device);
                let (log_prob, got) = Density::weighted_gradients(&flow, x, &context, &weights);
                assert_eq!(log_prob.dims(), [3]);
                let mut compare = Compare(&expected, got, 0);
                flow.visit(&mut compare);
                assert!(compare.2 > 0, "{}: no gradient", model.kind());
            }
        }
    }
}
