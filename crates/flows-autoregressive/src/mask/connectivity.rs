//! Which unit of a masked network sees which.

use burn::tensor::{Device, Tensor, TensorData};

use super::{HiddenDegrees, InputOrder, hidden_degrees, input_degrees};

/// Which connections between two layers of hidden units, or from the inputs to hidden units, there are: unit `j` sees
/// unit `i` where its degree is as high. Row-major, a row for each unit of `from`.
///
/// ```
/// use flows_autoregressive::mask::hidden_mask;
///
/// assert_eq!(hidden_mask(&[1, 2], &[1, 2]), [true, true, false, true]);
/// ```
pub fn hidden_mask(from: &[usize], to: &[usize]) -> Vec<bool> {
    from.iter().flat_map(|from| to.iter().map(move |to| to >= from)).collect()
}

/// Which connections from hidden units (or inputs) to outputs there are: output `j` sees unit `i` where its degree is
/// higher, so that it never depends on its own feature. Row-major, a row for each unit of `from`.
///
/// ```
/// use flows_autoregressive::mask::output_mask;
///
/// assert_eq!(output_mask(&[1, 2], &[1, 2]), [false, true, false, false]);
/// ```
pub fn output_mask(from: &[usize], to: &[usize]) -> Vec<bool> {
    from.iter().flat_map(|from| to.iter().map(move |to| to > from)).collect()
}

/// The degrees of all units of a masked network, layer by layer; the masks follow from them.
///
/// - feature: its place in the order, from 1; a context input has degree 0, so that everything sees it
/// - hidden unit of degree `m`: sees the first `m` features
/// - output: the degree of its feature; sees hidden units of lower degrees
///
/// # Reference
/// "MADE: Masked Autoencoder for Distribution Estimation", Germain, Gregor, Murray, Larochelle, 2015,
/// <https://arxiv.org/abs/1502.03509>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connectivity {
    features: usize,
    inputs: Vec<usize>,
    hidden: Vec<Vec<usize>>,
    outputs: Vec<usize>,
}

impl Connectivity {
    /// The degrees of a network of `features` features, then `context` inputs, hidden layers of the given widths, and
    /// `outputs` outputs a feature, output-major.
    ///
    /// # Panics
    /// If there are no features or no outputs, or a hidden layer is empty.
    pub fn new(
        features: usize,
        context: usize,
        hidden: &[usize],
        outputs: usize,
        order: InputOrder,
        degrees: HiddenDegrees,
    ) -> Self {
        assert!(features > 0, "`features`: expected at least 1, got 0");
        assert!(outputs > 0, "`outputs`: expected at least 1 a feature, got 0");
        assert!(!hidden.contains(&0), "`hidden`: expected positive widths, got {hidden:?}");
        let places = input_degrees(features, order);
        // Without a context a unit of degree 0 would see nothing; with one, the first feature sees it through them.
        let lowest = usize::from(context == 0 && features > 1);
        Self {
            features,
            inputs: places.iter().copied().chain(std::iter::repeat_n(0, context)).collect(),
            hidden: hidden_degrees(hidden, lowest, features - 1, degrees),
            outputs: (0..outputs).flat_map(|_| places.iter().copied()).collect(),
        }
    }

    /// The same for residual blocks: every layer has the degrees of the first, so that they can be added.
    pub(crate) fn tied(mut self) -> Self {
        if let Some((first, rest)) = self.hidden.split_first_mut() {
            rest.iter_mut().for_each(|layer| layer.clone_from(first));
        }
        self
    }

    /// The number of features.
    pub fn features(&self) -> usize {
        self.features
    }

    /// The degrees of the features, then those of the context inputs, all 0.
    pub fn inputs(&self) -> &[usize] {
        &self.inputs
    }

    /// The degrees of the hidden units, layer by layer.
    pub fn hidden(&self) -> &[Vec<usize>] {
        &self.hidden
    }

    /// The degrees of the outputs: first the first output of every feature, then the second.
    pub fn outputs(&self) -> &[usize] {
        &self.outputs
    }

    /// The features in the order in which they are made.
    pub fn order(&self) -> Vec<usize> {
        let mut order = vec![0; self.features];
        for (feature, &place) in self.inputs[..self.features].iter().enumerate() {
            order[place - 1] = feature;
        }
        order
    }

    /// The degrees of the units that each layer of weights leads from and to.
    pub fn layers(&self) -> impl Iterator<Item = (&[usize], &[usize])> {
        let units: Vec<&[usize]> = std::iter::once(self.inputs.as_slice())
            .chain(self.hidden.iter().map(Vec::as_slice))
            .chain([self.outputs.as_slice()])
            .collect();
        (1..units.len()).map(move |layer| (units[layer - 1], units[layer]))
    }

    /// The mask of each layer of weights, row-major, a row for each unit it leads from.
    pub fn masks(&self) -> Vec<Vec<bool>> {
        let last = self.hidden.len();
        let mask = |(layer, (from, to))| if layer == last { output_mask(from, to) } else { hidden_mask(from, to) };
        self.layers().enumerate().map(mask).collect()
    }

    /// The masks as tensors of ones and zeros, `[from, to]`.
    pub(crate) fn mask_tensors(&self, device: &Device) -> Vec<Tensor<2>> {
        let tensor = |(mask, (from, to)): (Vec<bool>, (&[usize], &[usize]))| {
            let ones: Vec<f32> = mask.into_iter().map(|connected| f32::from(u8::from(connected))).collect();
            Tensor::from_data(TensorData::new(ones, [from.len(), to.len()]), device)
        };
        self.masks().into_iter().zip(self.layers()).map(tensor).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From inputs to outputs, how many paths there are.
    fn paths(connectivity: &Connectivity) -> Vec<Vec<u64>> {
        let inputs = connectivity.inputs().len();
        let mut reached: Vec<Vec<u64>> =
            (0..inputs).map(|i| (0..inputs).map(|j| u64::from(i == j)).collect()).collect();
        for (mask, (from, to)) in connectivity.masks().iter().zip(connectivity.layers()) {
            let step = |row: &Vec<u64>| {
                let connected = |j: usize| (0..from.len()).filter(move |i| mask[i * to.len() + j]);
                (0..to.len()).map(|j| connected(j).map(|i| row[i]).sum()).collect()
            };
            reached = reached.iter().map(step).collect();
        }
        reached
    }

    // nflows' test of masks: their product is `tril(ones, -1)` for the natural order.
    #[test]
    fn the_product_of_the_masks_is_the_whole_strict_triangle() {
        for hidden in [vec![], vec![9], vec![32, 16], vec![20, 21, 22]] {
            let connectivity = Connectivity::new(6, 0, &hidden, 1, InputOrder::Natural, HiddenDegrees::Sequential);
            for (input, outputs) in paths(&connectivity).iter().enumerate() {
                for (output, paths) in outputs.iter().enumerate() {
                    assert_eq!(*paths > 0, input < output, "{hidden:?}: input {input}, output {output}");
                }
            }
        }
    }

    #[test]
    fn no_output_sees_its_own_feature_or_a_later_one_in_any_order() {
        for seed in 0..20 {
            let (order, degrees) = (InputOrder::Random { seed }, HiddenDegrees::Random { seed: seed + 100 });
            let connectivity = Connectivity::new(7, 2, &[30, 30], 3, order, degrees);
            let places = &connectivity.inputs()[..7];
            for (input, outputs) in paths(&connectivity).iter().enumerate() {
                for (output, paths) in outputs.iter().enumerate() {
                    let allowed = input >= 7 || places[input] < places[output % 7];
                    assert!(*paths == 0 || allowed, "input {input} reaches output {output}");
                }
            }
        }
    }

    #[test]
    fn every_output_sees_the_context() {
        for features in [1, 2, 5] {
            let connectivity =
                Connectivity::new(features, 2, &[12], 2, InputOrder::Reversed, HiddenDegrees::Sequential);
            let paths = paths(&connectivity);
            assert!(paths[features..].iter().flatten().all(|paths| *paths > 0), "{features} features");
        }
    }

    #[test]
    fn the_order_is_the_inverse_of_the_degrees() {
        let order = InputOrder::Random { seed: 3 };
        let connectivity = Connectivity::new(9, 0, &[], 1, order, HiddenDegrees::Sequential);
        for (place, feature) in connectivity.order().into_iter().enumerate() {
            assert_eq!(connectivity.inputs()[feature], place + 1);
        }
    }

    #[test]
    #[should_panic(expected = "`features`: expected at least 1")]
    fn no_features_panic() {
        Connectivity::new(0, 0, &[4], 1, InputOrder::Natural, HiddenDegrees::Sequential);
    }
}
