//! A network that also sees a context.

use burn::config::Config;
use burn::module::{Module, ModuleDisplay};
use burn::tensor::{Device, Tensor, assert_shape};
use serde::{Deserialize, Serialize};

use super::repeated::Repeated;
use crate::{Conditioner, ContextScale, Mlp, MlpConfig};

/// What a conditional flow is conditioned on, and how the networks see it.
// Not by burn's derive, which reads no file that lacks a field: those of before `standardize` are read as they were.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ContextConfig {
    /// The width of the context.
    pub width: usize,
    /// The widths of the hidden layers of an embedding network, and last the width of the embedding; without it the
    /// networks see the context itself.
    pub embedding: Option<Vec<usize>>,
    /// Whether the flow brings the context to mean zero and unit variance, as the training rows have it, before the
    /// networks see it.
    #[serde(default)]
    pub standardize: bool,
}

impl Config for ContextConfig {}

impl ContextConfig {
    /// A context of the given width, standardised, without an embedding.
    pub fn new(width: usize) -> Self {
        Self { width, embedding: None, standardize: true }
    }

    /// Shows the networks an embedding of the context.
    pub fn with_embedding(mut self, embedding: Option<Vec<usize>>) -> Self {
        self.embedding = embedding;
        self
    }

    /// Whether the flow standardises the context; it does unless told not to.
    pub fn with_standardize(mut self, standardize: bool) -> Self {
        self.standardize = standardize;
        self
    }

    /// What standardises the context, for [`Flow::with_context_scale`](crate::Flow::with_context_scale).
    pub fn scale(&self, device: &Device) -> Option<ContextScale> {
        self.standardize.then(|| ContextScale::new(self.width, device))
    }

    /// The number of inputs it adds to a network.
    pub fn embedded_width(&self) -> usize {
        self.embedding.as_ref().and_then(|widths| widths.last().copied()).unwrap_or(self.width)
    }

    /// Gives a network, which has room for `embedded_width` more inputs, the context.
    ///
    /// The network sees the context as it comes; [`scale`](Self::scale) is for the flow around it.
    pub fn wrap<N>(&self, network: N, device: &Device) -> WithContext<N> {
        let embedding = self.embedding.as_ref().and_then(|widths| {
            let (last, hidden) = widths.split_last()?;
            Some(MlpConfig::new(self.width, *last).with_hidden(hidden.to_vec()).with_zero_last(false).init(device))
        });
        WithContext { network, embedding, width: self.width }
    }
}

/// A network that also sees a context: its inputs, with the context (or an embedding of it) appended.
///
/// ```text
/// params = network([x, context])        or        network([x, embedding(context)])
/// ```
///
/// # Shapes
/// - `x`: `[batch, kept, ...]`, where nothing may be kept; `context`: `[batch, width]`; the network sees
///   `[batch, kept + width, ...]`, for images with a plane of one value for each number of the context
///
/// # Panics
/// If the context has another width than the config said, or another number of rows than `x`.
#[derive(Module, Debug)]
pub struct WithContext<N> {
    /// The network.
    pub network: N,
    /// The embedding of the context.
    pub embedding: Option<Mlp>,
    width: usize,
}

impl<N> WithContext<N> {
    /// What the network sees of the context of a batch.
    ///
    /// # Panics
    /// If the context has another shape than `[batch, width]`.
    pub fn embed(&self, context: &Tensor<2>, batch: usize) -> Tensor<2> {
        assert_shape!(context, [batch, self.width]);
        match &self.embedding {
            Some(embedding) => embedding.forward(context.clone()),
            None => context.clone(),
        }
    }
}

impl<const D: usize, N: Conditioner<D> + ModuleDisplay> Conditioner<D, Tensor<2>> for WithContext<N> {
    fn params(&self, x: Tensor<D>, context: &Tensor<2>) -> Tensor<D> {
        let batch = x.dims()[0];
        assert_shape!(context, [batch, self.width]);
        if x.dims()[1] == 0
            && !x.is_autodiff()
            && let Some(Repeated { rows, of_each }) = Repeated::of(context)
        {
            let nothing = x.narrow(0, 0, rows.dims()[0]);
            return self.params(nothing, &rows).select(0, of_each);
        }
        let context = self.embed(context, batch);
        self.network.params(append(x, context), &())
    }

    fn recompute_statistics(self, x: Tensor<D>, context: &Tensor<2>) -> Self {
        let seen = append(x.clone(), self.valid().embed(context, x.dims()[0]));
        Self { network: self.network.recompute_statistics(seen, &()), ..self }
    }
}

/// The features of `x` with those of a row a sample after them, the same at every place of an image.
pub(super) fn append<const D: usize>(x: Tensor<D>, row: Tensor<2>) -> Tensor<D> {
    let [batch, width] = row.dims();
    let mut planes = x.dims();
    planes[1] = width;
    let shape = std::array::from_fn(|axis| [batch, width].get(axis).copied().unwrap_or(1));
    // burn reads a zero in a new shape as "as it was".
    let row = match batch {
        0 => Tensor::empty(planes, (&row.device(), row.dtype())),
        _ => row.reshape::<D, [usize; D]>(shape).expand(planes),
    };
    if x.dims()[1] == 0 { row } else { Tensor::cat(vec![x, row], 1) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Context;

    #[test]
    fn an_embedding_stands_between_context_and_network() {
        let device = Device::default();
        let context = ContextConfig::new(5).with_embedding(Some(vec![16, 3]));
        assert_eq!(context.embedded_width(), 3);
        let network = context.wrap(MlpConfig::new(2 + 3, 4).init(&device), &device);
        let params = network.params(Tensor::zeros([7, 2], &device), &Tensor::zeros([7, 5], &device));
        assert_eq!(params.dims(), [7, 4]);
    }

    #[test]
    fn what_is_made_of_the_context_alone_is_made_once_for_rows_that_repeat() {
        let device = Device::default();
        let context = ContextConfig::new(2).with_embedding(Some(vec![8, 3]));
        let network = context.wrap(MlpConfig::new(3, 4).with_zero_last(false).init(&device), &device);
        let rows = Tensor::<2>::from_data([[0.5, -1.0], [0.5, 2.0], [-3.0, 0.25]], &device);
        let each = network.params(Tensor::<2>::empty([3, 0], &device), &rows);
        let [repeated, expected] = [&rows, &each].map(|x| Context::repeat_rows(x, 50));
        let params = network.params(Tensor::<2>::empty([150, 0], &device), &repeated);
        let off = (params - expected).abs().max().into_scalar::<f32>();
        assert!(off < 1e-6, "{off}");
    }

    #[test]
    fn a_context_of_another_shape_is_refused_where_rows_repeat_too() {
        let device = Device::default();
        let network = ContextConfig::new(2).wrap(MlpConfig::new(2, 4).init(&device), &device);
        let params = |rows: usize, width: usize| {
            let (x, context) = (Tensor::<2>::empty([10, 0], &device), Tensor::zeros([rows, width], &device));
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| network.params(x, &context).dims()))
        };
        assert!(matches!(params(10, 2), Ok([10, 4])));
        // More equal rows than there are samples, and fewer.
        assert!([(10, 3), (20, 2), (5, 2), (1, 2)].into_iter().all(|(rows, width)| params(rows, width).is_err()));
    }

    #[test]
    fn a_file_of_before_contexts_were_standardised_is_read_as_it_was() {
        let old: ContextConfig = serde_json::from_str(r#"{"width":3,"embedding":null}"#).unwrap();
        assert!(!old.standardize && old.scale(&Device::default()).is_none());
        assert!(ContextConfig::new(3).standardize);
    }

    #[test]
    fn images_get_a_plane_for_each_number_of_the_context() {
        let device = Device::default();
        let seen = append(Tensor::<4>::zeros([2, 1, 2, 3], &device), Tensor::from_data([[1.0], [2.0]], &device));
        assert_eq!(seen.dims(), [2, 2, 2, 3]);
        let planes = seen.narrow(1, 1, 1).reshape([2, 6]);
        assert_eq!(planes.into_data(), [[1.0f32; 6], [2.0; 6]].into());
    }
}
