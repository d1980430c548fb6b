//! Several flows as one density.

use std::borrow::Cow;

use burn::module::Module;
use burn::tensor::{Device, Int, Tensor};
use flows_core::{Context, Density, budget, log_sum_exp, noise};

use super::Whitening;
use super::prepared::host;
use crate::model::{AnyFlow, Model};

/// A flow, and what stands before it.
#[derive(Module, Debug)]
pub struct Member {
    /// The whitening of the columns.
    pub whitening: Option<Whitening>,
    /// The whitening of what rows are given.
    pub of_given: Option<Whitening>,
    /// The flow.
    pub flow: AnyFlow,
}

/// What of a model is whitened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Whitened {
    /// The columns.
    pub columns: bool,
    /// What rows are given.
    pub given: bool,
}

/// Several flows as one density: the mean of theirs.
///
/// ```text
/// p(x | c) = 1/m Σᵢ pᵢ(x | c)
/// ```
///
/// Of few rows, flows that were trained on four fifths of them each are together better than one of all.
///
/// # Reference
/// "Bagging predictors", Breiman, 1996; of densities: "Linearly Combining Density Estimators via Stacking", Smyth, Wolpert,
/// 1999.
#[derive(Module, Debug)]
pub struct Ensemble {
    /// The flows.
    pub members: Vec<Member>,
}

impl Member {
    /// What the flow sees of the context.
    fn seen<'a, C: Context>(&self, context: &'a C) -> Cow<'a, C> {
        match self.of_given.as_ref().zip(context.columns()) {
            Some((whitening, columns)) => Cow::Owned(context.with_columns(whitening.forward(columns).0)),
            None => Cow::Borrowed(context),
        }
    }

    fn log_prob<C: Context>(&self, x: Tensor<2>, context: &C) -> Tensor<1>
    where
        AnyFlow: Density<2, C>,
    {
        let context = self.seen(context);
        match &self.whitening {
            Some(whitening) => {
                let (z, log_det) = whitening.forward(x);
                Density::log_prob(&self.flow, z, &*context) + log_det
            }
            None => Density::log_prob(&self.flow, x, &*context),
        }
    }

    fn sample<C: Context>(&self, n: usize, context: &C, device: &Device) -> Tensor<2>
    where
        AnyFlow: Density<2, C>,
    {
        let z = Density::sample(&self.flow, n, &*self.seen(context), device);
        match &self.whitening {
            Some(whitening) => whitening.inverse(z),
            None => z,
        }
    }
}

impl Ensemble {
    /// A single flow.
    pub fn of_one(flow: AnyFlow) -> Self {
        Self { members: vec![Member { whitening: None, of_given: None, flow }] }
    }

    /// So many untrained flows of a model, behind whitenings of columns and of what rows are given.
    ///
    /// # Panics
    /// If there are none.
    pub fn init(model: &Model, members: usize, whitened: Whitened, device: &Device) -> Self {
        assert!(members > 0, "`members`: expected at least 1, got 0");
        let member = |_| Member {
            whitening: whitened.columns.then(|| Whitening::identity(model.features(), device)),
            of_given: whitened.given.then(|| Whitening::identity(model.context, device)),
            flow: model.init(device),
        };
        Self { members: budget::list(members, member) }
    }

    fn log_prob_of_all<C: Context>(&self, x: Tensor<2>, context: &C) -> Tensor<1>
    where
        AnyFlow: Density<2, C>,
    {
        let rows = x.dims()[0];
        if self.members.len() == 1 || rows == 0 {
            return self.members[0].log_prob(x, context);
        }
        let each = self.members.iter().map(|member| member.log_prob(x.clone(), context).reshape([rows, 1])).collect();
        log_sum_exp(Tensor::cat(each, 1), 1).reshape([rows]) - (self.members.len() as f64).ln()
    }

    fn sample_of_all<C: Context>(&self, n: usize, context: &C, device: &Device) -> Tensor<2>
    where
        AnyFlow: Density<2, C>,
    {
        if self.members.len() == 1 || n == 0 {
            return self.members[0].sample(n, context, device);
        }
        let count = self.members.len();
        let choice = host(noise::uniform([n, 1], device));
        let choice: Vec<usize> = choice.into_iter().map(|u| ((u * count as f64) as usize).min(count - 1)).collect();
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by_key(|row| choice[*row]);
        let indices = |rows: &[usize]| {
            let rows: Vec<i64> = rows.iter().map(|row| *row as i64).collect();
            Tensor::<1, Int>::from_data(rows.as_slice(), device)
        };
        let mut drawn = vec![];
        for (at, member) in self.members.iter().enumerate() {
            let rows: Vec<usize> = order.iter().copied().filter(|row| choice[*row] == at).collect();
            if !rows.is_empty() {
                let context = context.select_rows(&indices(&rows));
                drawn.push(member.sample(rows.len(), &context, device));
            }
        }
        let mut back = vec![0; n];
        order.iter().enumerate().for_each(|(at, row)| back[*row] = at);
        Tensor::cat(drawn, 0).select(0, indices(&back))
    }
}

impl<C: Context> Density<2, C> for Ensemble
where
    AnyFlow: Density<2, C>,
{
    fn log_prob(&self, x: Tensor<2>, context: &C) -> Tensor<1> {
        self.log_prob_of_all(x, context)
    }

    fn sample(&self, n: usize, context: &C, device: &Device) -> Tensor<2> {
        self.sample_of_all(n, context, device)
    }

    fn sees_context(&self) -> bool {
        self.members.iter().any(|member| Density::<2, C>::sees_context(&member.flow))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Gaussian;
    use burn::module::Param;
    use flows_core::ColumnStatistics;

    /// Two standard normals in one dimension, one of them around 10.
    fn two() -> Ensemble {
        let device = Device::default();
        let mut ensemble = Ensemble::init(&Gaussian::new().model(1), 2, Whitened::default(), &device);
        if let AnyFlow::Mixture(mixture) = &mut ensemble.members[1].flow {
            mixture.loc = Param::from_tensor(Tensor::full([1, 1], 10.0, &device));
        }
        ensemble
    }

    #[test]
    fn its_density_is_the_mean_of_those_of_its_members() {
        let x = Tensor::<2>::from_data([[0.0], [10.0], [5.0]], &Device::default());
        let scores = host(Density::log_prob(&two(), x, &()));
        let half = -0.5 * (2.0 * std::f64::consts::PI).ln() - 2f64.ln();
        assert!((scores[0] - half).abs() < 1e-5 && (scores[1] - half).abs() < 1e-5, "{scores:?}");
        assert!((scores[2] - (half + 2f64.ln() - 12.5)).abs() < 1e-5, "{scores:?}");
    }

    #[test]
    fn its_samples_come_from_all_members() {
        let rows: Vec<usize> = (0..4000).collect();
        let drawn: Tensor<2> = noise::scope(1, 0, &rows, || Density::sample(&two(), 4000, &(), &Device::default()));
        let column = &ColumnStatistics::of_rows(&host(drawn), 1)[0];
        // Mean 5 and variance 26; the standard error of the mean is 0.08.
        assert!((column.mean - 5.0).abs() < 0.4 && (column.variance() - 26.0).abs() < 1.5, "{column:?}");
    }
}
