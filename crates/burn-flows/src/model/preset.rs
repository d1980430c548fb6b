//! Models as a program writes them down.

use flows_core::Mixing;

use super::{Model, ModelKind, Size};

/// What a program writes to say which model it wants; sizes that are not said are chosen from the rows.
///
/// # Example
/// ```
/// use burn_flows::prelude::*;
///
/// let model = Nsf::new(3).hidden([32, 32]).given(2).model(1);
/// assert_eq!((model.kind(), model.features(), model.context), (ModelKind::Nsf, 1, 2));
/// ```
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Preset {
    /// The model.
    pub kind: ModelKind,
    /// Layers of the flow; chosen from the rows where they are not said.
    pub layers: Option<usize>,
    /// Widths of the hidden layers of each network.
    pub hidden: Option<Vec<usize>>,
    /// Bins of the splines.
    pub bins: Option<usize>,
    /// Components of the mixtures.
    pub components: Option<usize>,
    /// Dropout probability.
    pub dropout: Option<f64>,
    /// What stands between the layers: PLU layers, where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mixing: Option<Mixing>,
    /// The width of the context; that of the rows, where it is not said.
    pub context: Option<usize>,
}

impl From<ModelKind> for Preset {
    fn from(kind: ModelKind) -> Self {
        Self {
            kind,
            layers: None,
            hidden: None,
            bins: None,
            components: None,
            dropout: None,
            mixing: None,
            context: None,
        }
    }
}

impl Preset {
    /// Layers of the flow.
    pub fn layers(self, layers: usize) -> Self {
        Self { layers: Some(layers), ..self }
    }

    /// Widths of the hidden layers of each network.
    pub fn hidden(self, hidden: impl Into<Vec<usize>>) -> Self {
        Self { hidden: Some(hidden.into()), ..self }
    }

    /// Bins of the splines.
    pub fn bins(self, bins: usize) -> Self {
        Self { bins: Some(bins), ..self }
    }

    /// Components of the mixtures.
    pub fn components(self, components: usize) -> Self {
        Self { components: Some(components), ..self }
    }

    /// Dropout probability.
    pub fn dropout(self, dropout: f64) -> Self {
        Self { dropout: Some(dropout), ..self }
    }

    /// What stands between the layers.
    pub fn mixing(self, mixing: Mixing) -> Self {
        Self { mixing: Some(mixing), ..self }
    }

    /// Conditions the model on a context of the given width.
    pub fn given(self, width: usize) -> Self {
        Self { context: Some(width), ..self }
    }

    /// The sizes, where they are not said those of another.
    pub fn size(&self, other: Size) -> Size {
        Size {
            layers: self.layers.unwrap_or(other.layers),
            hidden: self.hidden.clone().unwrap_or(other.hidden),
            bins: self.bins.unwrap_or(other.bins),
            components: self.components.unwrap_or(other.components),
            dropout: self.dropout.unwrap_or(other.dropout),
        }
    }

    /// The configuration of such sizes, with the mixing that is said.
    pub(crate) fn of_size(&self, size: &Size, features: usize, context: usize, seed: u64) -> Model {
        let model = size.model(self.kind, features, context, seed);
        match self.mixing {
            Some(mixing) => model.with_mixing(mixing),
            None => model,
        }
    }

    /// The configuration for so many features, with sizes for a few thousand rows where they are not said.
    pub fn model(&self, features: usize) -> Model {
        let context = self.context.unwrap_or(0);
        let size = self.size(Size::of(3_000, features + context, super::Quality::Normal));
        self.of_size(&size, features, context, 0)
    }
}

/// A type of its own for a model, so that its name is what a program writes.
macro_rules! preset {
    ($(#[$doc:meta])* $name:ident, $kind:expr, $($set:ident: $type:ty),*) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl $name {
            /// The model, of the given size.
            #[allow(clippy::new_ret_no_self)]
            pub fn new($($set: $type),*) -> Preset {
                Preset::from($kind)$(.$set($set))*
            }
        }
    };
}

preset!(
    /// A Gaussian with a full covariance; given a context, linear regression with correlated Gaussian errors.
    Gaussian, ModelKind::Gaussian,
);
preset!(
    /// A mixture of so many Gaussians with full covariances.
    Mixture, ModelKind::Mixture, components: usize
);
preset!(
    /// Spline couplings of so many layers, RQ-NSF (C), with PLU layers between them.
    Nsf, ModelKind::Nsf, layers: usize
);
preset!(
    /// Autoregressive splines of so many layers, RQ-NSF (AR), with PLU layers between them.
    NsfAr, ModelKind::NsfAr, layers: usize
);
preset!(
    /// Masked autoregressive flow of so many layers, with PLU layers between them.
    Maf, ModelKind::Maf, layers: usize
);
preset!(
    /// Masked autoregressive flow of so many layers over a MADE with mixtures of Gaussians.
    MafMog, ModelKind::MafMog, layers: usize
);
preset!(
    /// Affine couplings of so many layers, with PLU layers between them.
    RealNvp, ModelKind::RealNvp, layers: usize
);
preset!(
    /// MADE with conditionals that are mixtures of so many Gaussians.
    Made, ModelKind::MadeMog, components: usize
);
