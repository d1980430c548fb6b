//! A density over columns of any kind, in any order.

use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Tensor, activation};
use flows_core::{Density, FlowConfig, Mlp, MlpConfig, generator, log_sum_exp, noise};
use rand::seq::SliceRandom;

use super::Measure;

/// Configuration of [`AnyOrder`].
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_autoregressive::{AnyOrderConfig, Measure};
/// use flows_core::Density;
///
/// let device = Device::default();
/// let columns = vec![Measure::Category { classes: 3 }, Measure::Number { components: 2 }];
/// let density = AnyOrderConfig::new(columns).init(&device);
/// let x = Tensor::<2>::from_data([[2.0, 0.3], [0.0, -1.0]], &device);
/// // Of the second row the number is not known.
/// let known = Tensor::from_data([[1.0, 1.0], [1.0, 0.0]], &device);
/// let log_prob = density.log_prob(x.clone(), &known).to_data().to_vec::<f32>().unwrap();
/// assert!((log_prob[1] - (1.0f32 / 3.0).ln()).abs() < 1e-6); // at the start, classes are equally likely
///
/// let completed = density.complete(x, &known);
/// assert_eq!(completed.dims(), [2, 2]);
/// ```
#[derive(Config, Debug)]
pub struct AnyOrderConfig {
    /// What each column holds.
    pub columns: Vec<Measure>,
    /// The widths of the hidden layers of the network: one residual block a number.
    #[config(default = "vec![128, 128]")]
    pub hidden: Vec<usize>,
    /// The share of hidden units dropped in training.
    #[config(default = 0.0)]
    pub dropout: f64,
    /// How many orders a density is averaged over.
    #[config(default = 4)]
    pub orders: usize,
    /// Chooses these orders.
    #[config(default = 0)]
    pub seed: u64,
}

impl AnyOrderConfig {
    /// Makes the density, as yet untrained.
    ///
    /// # Panics
    /// If there are no columns or orders, a column does not hold together, or a width is zero or differs.
    pub fn init(&self, device: &Device) -> AnyOrder {
        assert!(!self.columns.is_empty(), "`columns`: expected at least 1, got none");
        assert!(self.orders > 0, "`orders`: expected at least 1, got 0");
        self.columns.iter().for_each(Measure::check);
        let network = MlpConfig::new(
            self.columns.iter().map(Measure::inputs).sum(),
            self.columns.iter().map(Measure::params).sum(),
        );
        let mut random = generator(self.seed, ORDERS);
        let order = |_| {
            let mut order: Vec<usize> = (0..self.columns.len()).collect();
            order.shuffle(&mut random);
            order
        };
        AnyOrder {
            network: network
                .with_hidden(self.hidden.clone())
                .with_residual(true)
                .with_dropout(self.dropout)
                .init(device),
            orders: (0..self.orders).map(order).collect(),
            columns: self.columns.clone(),
        }
    }
}

impl FlowConfig for AnyOrderConfig {
    const NAME: &'static str = "flows-autoregressive/any-order";
    type Flow = AnyOrder;

    fn init(&self, device: &Device) -> AnyOrder {
        self.init(device)
    }
}

/// A stream of random numbers of its own.
const ORDERS: u64 = 0x0a11_04de;

/// A density over numbers, counts, categories and atoms, by one network that sees any of the columns and says what it expects
/// of all others.
///
/// ```text
/// log p(x) = log 1/K Σₖ Πᵢ p(xᵢ | the columns before it in order k)
/// ```
///
/// Each conditional is a density or a probability in the [`Measure`] of its column, so that each order has an exact
/// density: the probability of the discrete columns times the density of the others given these. So has their mixture, which is what
/// `log_prob` is of. A context says which cells are known, and the density of the rest of a row is that of the known cells:
/// the chain over them alone. [`log_prob_given`](Self::log_prob_given) is the density of some columns given others,
/// [`complete`](Self::complete) draws what is not known.
///
/// # Shapes
/// - `x`: `[batch, columns]`; what stands in a cell that is not known does not matter, as long as it is finite
/// - the context, `known`: `[batch, columns]`, one where a cell is known and zero elsewhere; `()` for all
///
/// # Notes
/// In training (its parameters on a device with autodiff) `log_prob` is an estimate by one random order of each row, cut at a
/// random place, of the mean over all orders of log p(x): the network is evaluated once instead of once a column. Rows train
/// with the cells that they have, which is right where cells are missing at random.
///
/// Orders agree as well as the network has learnt that they should: their marginals and conditionals are those of one
/// distribution in the limit alone. [`log_probs_by_order`](Self::log_probs_by_order) shows by how much they differ.
///
/// An evaluation takes as many passes through the network as there are columns, for each order.
///
/// # Reference
/// "A Deep and Tractable Density Estimator", Uria, Murray, Larochelle, 2014, <https://arxiv.org/abs/1310.1757>; with masks as
/// inputs and one cut a row: "Autoregressive Diffusion Models", Hoogeboom, Gritsenko, Bastings, Poole, van den Berg, Salimans,
/// 2022, <https://arxiv.org/abs/2110.02037>.
#[derive(Module, Debug)]
pub struct AnyOrder {
    network: Mlp,
    #[module(skip)]
    columns: Vec<Measure>,
    #[module(skip)]
    orders: Vec<Vec<usize>>,
}

impl AnyOrder {
    /// What each column holds.
    pub fn columns(&self) -> &[Measure] {
        &self.columns
    }

    /// The orders that a density is averaged over.
    pub fn orders(&self) -> &[Vec<usize>] {
        &self.orders
    }

    /// The log-density of the known cells that are not given, given those that are.
    ///
    /// # Shapes
    /// - `known`, `given`: `[batch, columns]`, one where a cell is; what is given is known in any case
    pub fn log_prob_given(&self, x: Tensor<2>, known: &Tensor<2>, given: &Tensor<2>) -> Tensor<1> {
        let by_order = self.log_probs_by_order(x, known, given);
        let [orders, batch] = by_order.dims();
        log_sum_exp(by_order, 0).reshape([batch]) - (orders as f64).ln()
    }

    /// The log-density of the known cells that are not given, given those that are, by each order: `[orders, batch]`.
    pub fn log_probs_by_order(&self, x: Tensor<2>, known: &Tensor<2>, given: &Tensor<2>) -> Tensor<2> {
        let asked = some(known.clone() * (-given.clone() + 1.0));
        let each = self.orders.iter().map(|order| self.chain(&x, known, given, order, &asked).unsqueeze()).collect();
        Tensor::cat(each, 0)
    }

    /// The log-density of the cells of one column given those that are seen: one conditional, which no order changes.
    ///
    /// # Shapes
    /// - `x`, `seen`: `[batch, columns]`; result: `[batch]`
    pub fn log_prob_of(&self, column: usize, x: Tensor<2>, seen: &Tensor<2>) -> Tensor<1> {
        self.conditional(&x, seen, column).squeeze_dim(1)
    }

    /// Draws of the cells of one column given those that are seen, so many for each row: of one conditional, which no order
    /// changes. The network is evaluated once a row, however many there are.
    ///
    /// # Shapes
    /// - `x`, `seen`: `[batch, columns]`; result: `[batch, draws]`
    pub fn sample_of(&self, column: usize, x: Tensor<2>, seen: &Tensor<2>, draws: usize) -> Tensor<2> {
        let [batch, _] = x.dims();
        if batch * draws == 0 {
            return Tensor::empty([batch, draws], (&x.device(), x.dtype()));
        }
        let params = self.params_of(&x, seen, column);
        let [_, width] = params.dims();
        let params = params.reshape([batch, 1, width]).expand([batch, draws, width]).reshape([batch * draws, width]);
        self.columns[column].sample(params).reshape([batch, draws])
    }

    /// The log-probabilities of the classes of one column given the cells that are seen; `None` where it is no category.
    ///
    /// # Shapes
    /// - `x`, `seen`: `[batch, columns]`; result: `[batch, classes]`
    pub fn log_shares_of(&self, column: usize, x: Tensor<2>, seen: &Tensor<2>) -> Option<Tensor<2>> {
        let category = matches!(self.columns[column], Measure::Category { .. });
        category.then(|| activation::log_softmax(self.params_of(&x, seen, column), 1))
    }

    /// The chain over one order: what is given, then column by column, of those that a row is asked for.
    fn chain(&self, x: &Tensor<2>, known: &Tensor<2>, given: &Tensor<2>, order: &[usize], asked: &[bool]) -> Tensor<1> {
        let [batch, _] = x.dims();
        let mut seen = given.clone();
        let mut log_prob = x.zeros_like().narrow(1, 0, 1);
        for column in order.iter().filter(|column| asked[**column]) {
            let here = |mask: &Tensor<2>| mask.clone().narrow(1, *column, 1);
            let (found, counts) = (self.conditional(x, &seen, *column), here(known) * (-here(given) + 1.0));
            // An impossible value where nothing is asked for is none.
            log_prob = log_prob + found.mask_fill(counts.lower_elem(0.5), 0.0);
            seen = with_column(seen, *column, here(known).max_pair(here(given)));
        }
        log_prob.reshape([batch])
    }

    /// The log-density of one column given what is seen: `[batch, 1]`.
    fn conditional(&self, x: &Tensor<2>, seen: &Tensor<2>, column: usize) -> Tensor<2> {
        let params = self.params_of(x, seen, column);
        self.columns[column].log_prob(x.clone().narrow(1, column, 1), params)
    }

    /// What the network says of one column, seeing some.
    fn params_of(&self, x: &Tensor<2>, seen: &Tensor<2>, column: usize) -> Tensor<2> {
        let start: usize = self.columns[..column].iter().map(Measure::params).sum();
        self.network.forward_some(self.embedded(x, seen), start..start + self.columns[column].params())
    }

    /// What the network sees of all columns.
    fn embedded(&self, x: &Tensor<2>, seen: &Tensor<2>) -> Tensor<2> {
        let parts = self.columns.iter().enumerate().map(|(column, measure)| {
            measure.embed(&x.clone().narrow(1, column, 1), &seen.clone().narrow(1, column, 1))
        });
        Tensor::cat(parts.collect(), 1)
    }

    /// An estimate of the mean of log p over all orders, by one order of each row, cut at one place.
    ///
    /// ```text
    /// d / (d - t) Σ_{i not among the first t} log p(xᵢ | the first t),   t uniform in 0 .. d - 1
    /// ```
    ///
    /// with `d` the known cells of the row.
    pub fn log_prob_estimate(&self, x: Tensor<2>, known: &Tensor<2>) -> Tensor<1> {
        let [batch, columns] = x.dims();
        let options = (&x.device(), x.dtype());
        // Places of the known cells in a random order; the others are behind all of them.
        let u = noise::uniform([batch, columns], options) + (-known.clone() + 1.0) * 2.0;
        let (mine, others) = (u.clone().reshape([batch, columns, 1]), u.reshape([batch, 1, columns]));
        let all = [batch, columns, columns];
        let place: Tensor<2> = others.expand(all).lower(mine.expand(all)).float().sum_dim(2).reshape([batch, columns]);
        let count = known.clone().sum_dim(1);
        let cut = (noise::uniform([batch, 1], options) * count.clone()).floor();
        let cut = cut.min_pair((count.clone() - 1.0).clamp_min(0.0));
        let first = place.lower(cut.clone().expand([batch, columns])).float();
        let (seen, asked) = (first.clone() * known.clone(), (-first + 1.0) * known.clone());
        let params = self.network.forward(self.embedded(&x, &seen));
        let mut start = 0;
        let each = self.columns.iter().enumerate().map(|(column, measure)| {
            let params = params.clone().narrow(1, start, measure.params());
            start += measure.params();
            let idle = asked.clone().narrow(1, column, 1).lower_elem(0.5);
            measure.log_prob(x.clone().narrow(1, column, 1), params).mask_fill(idle, 0.0)
        });
        let sum = Tensor::cat(each.collect(), 1).sum_dim(1);
        // A row of which nothing is known tells nothing.
        let share = count.clone() / (count - cut).clamp_min(1.0);
        (sum * share).reshape([batch])
    }

    /// The rows with what is not known drawn from what it would be given the rest: one of the orders, chosen by chance for all
    /// rows, of the cells that are not known. See [`complete_in`](Self::complete_in) for rows of every order.
    ///
    /// # Shapes
    /// - `x`, `known`, result: `[batch, columns]`
    pub fn complete(&self, x: Tensor<2>, known: &Tensor<2>) -> Tensor<2> {
        if x.dims()[0] == 0 {
            return x;
        }
        let u = noise::uniform([1], (&x.device(), x.dtype())).into_scalar::<f64>();
        self.complete_in(((u * self.orders.len() as f64) as usize).min(self.orders.len() - 1), x, known)
    }

    /// The rows with what is not known drawn, in one of the [orders](Self::orders).
    ///
    /// # Shapes
    /// - `x`, `known`, result: `[batch, columns]`
    ///
    /// # Panics
    /// If there are not as many orders.
    pub fn complete_in(&self, order: usize, x: Tensor<2>, known: &Tensor<2>) -> Tensor<2> {
        let (order, mut x, mut seen) = (&self.orders[order], x, known.clone());
        if x.dims()[0] == 0 {
            return x;
        }
        let asked = some(-known.clone() + 1.0);
        for column in order.iter().filter(|column| asked[**column]) {
            let drawn = self.columns[*column].sample(self.params_of(&x, &seen, *column));
            let unknown = known.clone().narrow(1, *column, 1).lower_elem(0.5);
            let value = x.clone().narrow(1, *column, 1).mask_where(unknown, drawn);
            x = with_column(x, *column, value);
            seen = with_column(seen.clone(), *column, seen.narrow(1, *column, 1).ones_like());
        }
        x
    }
}

/// Whether any row of each column is marked.
fn some(marks: Tensor<2>) -> Vec<bool> {
    match marks.dims() {
        [0, columns] => vec![false; columns],
        _ => marks.max_dim(0).into_data().iter::<f64>().map(|mark| mark > 0.5).collect(),
    }
}

/// A matrix with another column in the place of one.
fn with_column(x: Tensor<2>, column: usize, value: Tensor<2>) -> Tensor<2> {
    let [batch, _] = x.dims();
    x.slice_assign([0..batch, column..column + 1], value)
}

impl Density<2, Tensor<2>> for AnyOrder {
    fn log_prob(&self, x: Tensor<2>, known: &Tensor<2>) -> Tensor<1> {
        if self.devices().iter().any(Device::is_autodiff) {
            return self.log_prob_estimate(x, known);
        }
        self.log_prob_given(x, known, &known.zeros_like())
    }

    /// Draws rows; what is known of others does not matter, see [`complete`](AnyOrder::complete).
    fn sample(&self, n: usize, _: &Tensor<2>, device: &Device) -> Tensor<2> {
        Density::<2, ()>::sample(self, n, &(), device)
    }
}

impl Density<2, ()> for AnyOrder {
    fn log_prob(&self, x: Tensor<2>, (): &()) -> Tensor<1> {
        let known = x.ones_like();
        Density::<2, Tensor<2>>::log_prob(self, x, &known)
    }

    fn sample(&self, n: usize, (): &(), device: &Device) -> Tensor<2> {
        let nothing = Tensor::zeros([n, self.columns.len()], device);
        self.complete(nothing.clone(), &nothing)
    }

    fn sees_context(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use rand_distr::{Distribution, StandardNormal};

    use super::*;

    fn matrix(rows: &[Vec<f64>]) -> Tensor<2> {
        let [batch, columns] = [rows.len(), rows[0].len()];
        Tensor::<1>::from_data(rows.concat().as_slice(), &Device::default()).reshape([batch, columns])
    }

    /// A density whose conditionals differ from column to column and order to order, as after training.
    fn shaken(columns: Vec<Measure>) -> AnyOrder {
        // Its own numbers, as tests beside this one draw from the device's generator.
        struct Shake(flows_core::Generator);
        impl burn::module::ModuleMapper for Shake {
            fn map_float<const D: usize>(
                &mut self,
                param: burn::module::Param<Tensor<D>>,
            ) -> burn::module::Param<Tensor<D>> {
                param.map(|tensor| {
                    let (dims, count) = (tensor.dims(), tensor.dims().iter().product::<usize>());
                    let drawn: Vec<f64> =
                        (0..count).map(|_| 0.5 * Distribution::<f64>::sample(&StandardNormal, &mut self.0)).collect();
                    Tensor::<1>::from_data(drawn.as_slice(), &tensor.device()).reshape(dims)
                })
            }
        }
        let config = AnyOrderConfig::new(columns).with_hidden(vec![8]).with_orders(3);
        config.init(&Device::default()).map(&mut Shake(generator(5, 0)))
    }

    fn sum(log_probs: Tensor<1>) -> f64 {
        log_probs.exp().into_data().iter::<f64>().sum()
    }

    /// Rows of all values of discrete columns, the first of which changes slowest.
    fn product(values: &[&[f64]]) -> Vec<Vec<f64>> {
        values.iter().fold(vec![vec![]], |rows, values| {
            rows.iter()
                .flat_map(|row| values.iter().map(|v| [row.as_slice(), &[*v]].concat()).collect::<Vec<_>>())
                .collect()
        })
    }

    #[test]
    fn probabilities_of_classes_and_counts_sum_to_one_jointly_marginally_and_given_others() {
        let count = Measure::Count { origin: -1.0, step: 0.5, ends: [Some(-1.0), Some(1.0)], components: 2 };
        let density = shaken(vec![Measure::Category { classes: 3 }, count, Measure::Category { classes: 2 }]);
        let (classes, counts) = (&[0.0, 1.0, 2.0][..], &[-1.0, -0.5, 0.0, 0.5, 1.0][..]);
        let all = matrix(&product(&[classes, counts, &[0.0, 1.0]]));
        let [batch, _] = all.dims();
        let mask = |cells: [f64; 3]| matrix(&vec![cells.to_vec(); batch]);
        let none = mask([0.0; 3]);
        assert!((sum(density.log_prob(all.clone(), &())) - 1.0).abs() < 1e-5);
        // Each marginal appears as often as the other columns have values.
        for (known, times) in [([1.0, 0.0, 0.0], 10.0), ([0.0, 1.0, 0.0], 6.0), ([1.0, 0.0, 1.0], 5.0)] {
            let found = sum(density.log_prob_given(all.clone(), &mask(known), &none)) / times;
            assert!((found - 1.0).abs() < 1e-5, "{known:?}: {found}");
        }
        // Given the count, for each of its five values.
        let found = sum(density.log_prob_given(all.clone(), &mask([1.0; 3]), &mask([0.0, 1.0, 0.0])));
        assert!((found / 5.0 - 1.0).abs() < 1e-5, "{found}");
        // Beyond the ends of the counts, and among classes that there are not, nothing is left.
        let beyond = matrix(&[vec![0.0, -1.5, 1.0], vec![0.0, 1.5, 1.0], vec![3.0, 0.0, 1.0], vec![0.5, 0.0, 1.0]]);
        assert_eq!(sum(density.log_prob(beyond, &())), 0.0);
        // The orders are not the same density.
        let by_order = density.log_probs_by_order(all, &mask([1.0; 3]), &none);
        let spread = (by_order.clone() - by_order.mean_dim(0)).abs().max().into_scalar::<f64>();
        assert!(spread > 1e-3, "{spread}");
    }

    #[test]
    fn atoms_and_the_density_beside_them_have_one_in_all() {
        // A tenth is no number of single precision.
        let spiked = Measure::Spiked { atoms: vec![0.0, 0.1], components: 2 };
        let density = shaken(vec![spiked, Measure::Category { classes: 2 }]);
        let step = 0.01;
        // None of them is an atom.
        let line: Vec<f64> = (0..20_000).map(|i| -100.0 + step * (f64::from(i) + 0.37)).collect();
        for class in [0.0, 1.0] {
            let rows = |values: &[f64]| matrix(&values.iter().map(|x| vec![*x, class]).collect::<Vec<_>>());
            let given = |rows: &Tensor<2>| {
                let mask = |cells: [f64; 2]| matrix(&vec![cells.to_vec(); rows.dims()[0]]);
                sum(density.log_prob_given(rows.clone(), &mask([1.0; 2]), &mask([0.0, 1.0])))
            };
            let (between, atoms) = (given(&rows(&line)) * step, given(&rows(&[0.0, 0.1])));
            assert!((between + atoms - 1.0).abs() < 1e-3 && atoms > 0.01, "{between} and {atoms}");
        }
    }

    #[test]
    fn what_is_known_stays_and_what_is_drawn_is_of_its_kind() {
        let count = Measure::Count { origin: 0.25, step: 0.5, ends: [Some(0.25), None], components: 2 };
        let spiked = Measure::Spiked { atoms: vec![-3.0], components: 1 };
        let density = shaken(vec![Measure::Category { classes: 4 }, count, spiked, Measure::Number { components: 2 }]);
        let rows = matrix(&vec![vec![2.0, 0.0, 0.0, 0.7]; 2_000]);
        let known = matrix(&vec![vec![1.0, 0.0, 0.0, 1.0]; 2_000]);
        let numbers: Vec<usize> = (0..2_000).collect();
        let drawn = noise::scope(6, 0, &numbers, || density.complete(rows, &known));
        let drawn: Vec<f64> = drawn.into_data().iter().collect();
        let mut atoms = 0;
        for row in drawn.chunks(4) {
            assert!(row[0] == 2.0 && (row[3] - 0.7).abs() < 1e-6, "{row:?}");
            let point = (row[1] - 0.25) / 0.5;
            // To the last digits of single precision, which are few behind the point of large counts.
            assert!(point >= 0.0 && (point - point.round()).abs() < 1e-6 * (1.0 + point), "{row:?}");
            atoms += usize::from(row[2] == -3.0);
        }
        assert!(atoms > 0 && atoms < 2_000);
        assert_eq!(density.sample(0, &(), &Device::default()).dims(), [0, 4]);
    }

    #[test]
    fn samples_have_the_probabilities_of_the_density() {
        let density = shaken(vec![Measure::Category { classes: 2 }, Measure::Category { classes: 3 }]);
        let all = product(&[&[0.0, 1.0], &[0.0, 1.0, 2.0]]);
        // Each call takes one order: many calls have all.
        let drawn: Vec<f64> = (0..300)
            .flat_map(|_| density.sample(200, &(), &Device::default()).into_data().iter().collect::<Vec<f64>>())
            .collect();
        let expected = density.log_prob(matrix(&all), &()).exp().into_data();
        for (row, expected) in all.iter().zip(expected.iter::<f64>()) {
            let share = drawn.chunks(2).filter(|drawn| *drawn == row.as_slice()).count() as f64 / 60_000.0;
            // Orders are drawn 300 times: what they differ by, some 0.1, has an error of 0.006.
            assert!((share - expected).abs() < 0.03, "{row:?}: {share}, not {expected}");
        }
    }

    #[test]
    fn one_column_is_drawn_and_told_by_its_conditional() {
        let device = Device::default();
        let density = shaken(vec![Measure::Category { classes: 3 }, Measure::Number { components: 2 }]);
        let (x, seen) = (matrix(&[vec![0.0, 0.4], vec![0.0, -1.0]]), matrix(&[vec![0.0, 1.0], vec![0.0, 0.0]]));
        let shares = density.log_shares_of(0, x.clone(), &seen).unwrap().exp();
        let shares: Vec<f64> = shares.into_data().iter().collect();
        for class in 0..3 {
            let with = matrix(&[vec![class as f64, 0.4], vec![class as f64, -1.0]]);
            let found: Vec<f64> = density.log_prob_of(0, with, &seen).exp().into_data().iter().collect();
            assert!((found[0] - shares[class]).abs() < 1e-6 && (found[1] - shares[3 + class]).abs() < 1e-6);
        }
        assert!(density.log_shares_of(1, x.clone(), &seen).is_none());
        let drawn: Vec<f64> = density.sample_of(0, x.clone(), &seen, 4_000).into_data().iter().collect();
        for (row, drawn) in drawn.chunks(4_000).enumerate() {
            for class in 0..3 {
                let share = drawn.iter().filter(|drawn| **drawn == class as f64).count() as f64 / 4_000.0;
                // Four standard errors of a share.
                assert!((share - shares[3 * row + class]).abs() < 0.032, "{row}, {class}: {share}");
            }
        }
        let none = Tensor::zeros([0, 2], &device);
        assert_eq!(density.sample_of(1, none.clone(), &none, 5).dims(), [0, 5]);
        assert_eq!(density.sample_of(1, x, &seen, 0).dims(), [2, 0]);
    }

    #[test]
    fn the_estimate_of_training_is_right_on_average() {
        let density = shaken(vec![
            Measure::Category { classes: 3 },
            Measure::Category { classes: 2 },
            Measure::Number { components: 2 },
        ]);
        let (row, known) = (vec![1.0, 0.0, 0.4], vec![1.0, 0.0, 1.0]);
        let (x, mask) = (matrix(std::slice::from_ref(&row)), matrix(std::slice::from_ref(&known)));
        // Two cells are known: two orders.
        let none = mask.zeros_like();
        let chains = [[0, 2, 1], [2, 0, 1]]
            .map(|order| density.chain(&x, &mask, &none, &order, &[true; 3]).into_scalar::<f64>());
        let expected = 0.5 * (chains[0] + chains[1]);
        let (many, masks) = (matrix(&vec![row; 20_000]), matrix(&vec![known; 20_000]));
        let found = density.log_prob_estimate(many, &masks);
        let error = found.clone().var(0).into_scalar::<f64>().sqrt() / 20_000f64.sqrt();
        let found = found.mean().into_scalar::<f64>();
        assert!((found - expected).abs() < 5.0 * error, "{found} ± {error}, not {expected}");
    }
}
