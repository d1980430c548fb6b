//! A mixture of classes in each of which the columns are independent.

use flows_autoregressive::Measure;
use flows_core::{Generator, generator};
use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::factor::{Factor, drawn, factor, log_sum_exp, share_of};
use super::preparation::Scaled;

/// A mixture of classes in each of which the columns are independent: of one class, independent columns.
///
/// ```text
/// p(x) = Σₖ πₖ Πᵢ pₖᵢ(xᵢ)
/// ```
///
/// Numbers are normal in a class, counts logistic and discretised, classes and atoms have shares. Any cells may be missing: their
/// factors are left away, which is their marginal, and conditionals are exact as well.
///
/// It is fitted by expectation and maximisation, with a row's worth of the whole column in each class, so that no variance and no
/// share becomes zero.
///
/// # Reference
/// "Latent Structure Analysis", Lazarsfeld, Henry, 1968; with missing cells: "Supervised learning from incomplete data via an EM
/// approach", Ghahramani, Jordan, 1994, <https://papers.nips.cc/paper/767>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LatentClasses {
    measures: Vec<Measure>,
    weights: Vec<f64>,
    /// Of each class, what each column is in it.
    classes: Vec<Vec<Factor>>,
}

/// Steps at most.
const STEPS: usize = 200;
/// Nats a row by which a step is to be better.
const BETTER: f64 = 1e-6;

impl LatentClasses {
    /// Fits so many classes to rows; equal seeds give equal fits.
    pub(super) fn fit(measures: &[Measure], rows: &Scaled, classes: usize, seed: u64) -> Self {
        let weights = rows.weights();
        let all = vec![1.0; rows.len()];
        let whole: Vec<Factor> =
            (0..measures.len()).map(|column| factor(&measures[column], rows, column, &weights, &all, None)).collect();
        let mut found = Self { measures: measures.to_vec(), weights: vec![1.0], classes: vec![whole.clone()] };
        if classes == 1 {
            return found;
        }
        let mut random = generator(seed, 0x1a7e);
        let mut shares = started(measures, rows, classes, &mut random);
        let mut before = f64::NEG_INFINITY;
        for _ in 0..STEPS {
            found = Self::of_shares(measures, rows, &weights, &shares, &whole);
            let likelihood = found.expect(rows, &weights, &mut shares);
            if likelihood - before < BETTER {
                break;
            }
            before = likelihood;
        }
        found
    }

    /// The classes whose shares of the rows are given: `shares[class][row]`.
    fn of_shares(measures: &[Measure], rows: &Scaled, weights: &[f64], shares: &[Vec<f64>], whole: &[Factor]) -> Self {
        let total: f64 = weights.iter().sum();
        let sizes: Vec<f64> = shares
            .iter()
            .map(|shares| shares.iter().zip(weights).map(|(share, weight)| share * weight).sum())
            .collect();
        let count = shares.len() as f64;
        let factors = |shares: &Vec<f64>| {
            (0..measures.len())
                .map(|column| factor(&measures[column], rows, column, weights, shares, Some(&whole[column])))
                .collect()
        };
        Self {
            measures: measures.to_vec(),
            weights: sizes.iter().map(|size| (size + 1.0) / (total + count)).collect(),
            classes: shares.iter().map(factors).collect(),
        }
    }

    /// Sets the share that each class has in each row; the mean log-likelihood.
    fn expect(&self, rows: &Scaled, weights: &[f64], shares: &mut [Vec<f64>]) -> f64 {
        let mut sum = 0.0;
        for (row, weight) in weights.iter().enumerate() {
            let joint = self.joint(rows.row(row), rows.known_of(row));
            let total = log_sum_exp(&joint);
            joint.iter().zip(shares.iter_mut()).for_each(|(log, shares)| shares[row] = (log - total).exp());
            sum += weight * total;
        }
        sum / weights.iter().sum::<f64>()
    }

    /// How the columns are measured.
    pub fn measures(&self) -> &[Measure] {
        &self.measures
    }

    /// The number of classes.
    pub fn classes(&self) -> usize {
        self.classes.len()
    }

    /// The number of parameters.
    pub(super) fn parameters(&self) -> usize {
        let of = |factor: &Factor| factor.shares.len() - 1 + if factor.std > 0.0 { 2 } else { 0 };
        self.weights.len() - 1 + self.classes.iter().flatten().map(of).sum::<usize>()
    }

    /// log πₖ + Σᵢ log pₖᵢ(xᵢ) of the cells that are known.
    fn joint(&self, x: &[f64], known: &[f64]) -> Vec<f64> {
        let of = |(weight, factors): (&f64, &Vec<Factor>)| {
            let cells = (0..x.len()).filter(|column| known[*column] > 0.0);
            weight.ln() + cells.map(|column| factors[column].log_prob(&self.measures[column], x[column])).sum::<f64>()
        };
        self.weights.iter().zip(&self.classes).map(of).collect()
    }

    /// The log-density of the cells of each row, but for the log-determinants.
    pub(super) fn log_probs(&self, rows: &Scaled) -> Vec<f64> {
        let of = |row: usize| {
            let known = rows.known_of(row);
            // The weights sum to one but for rounding.
            if known.iter().all(|known| *known == 0.0) { 0.0 } else { log_sum_exp(&self.joint(rows.row(row), known)) }
        };
        (0..rows.len()).map(of).collect()
    }

    /// Draws of the cells of one column given those that are known, so many for each row.
    pub(super) fn draws_of(&self, rows: &Scaled, column: usize, draws: usize, random: &mut Generator) -> Vec<f64> {
        let mut drawn_of = Vec::with_capacity(rows.len() * draws);
        for row in 0..rows.len() {
            let joint = self.joint(rows.row(row), rows.known_of(row));
            for _ in 0..draws {
                let class = drawn(&joint, random);
                drawn_of.push(self.classes[class][column].sample(&self.measures[column], random));
            }
        }
        drawn_of
    }

    /// The probability of each class of a column of classes, given the cells that are known: row after row.
    pub(super) fn shares_of(&self, rows: &Scaled, column: usize) -> Vec<f64> {
        let of = |row: usize| {
            let joint = self.joint(rows.row(row), rows.known_of(row));
            let total = log_sum_exp(&joint);
            let share = move |place: usize| {
                let of = |(joint, factors): (&f64, &Vec<Factor>)| (joint - total).exp() * factors[column].shares[place];
                joint.iter().zip(&self.classes).map(of).sum::<f64>()
            };
            (0..self.classes[0][column].shares.len()).map(share).collect::<Vec<f64>>()
        };
        (0..rows.len()).flat_map(of).collect()
    }

    /// Draws the cells that are not known given those that are.
    pub(super) fn complete(&self, rows: &Scaled, random: &mut Generator) -> Vec<f64> {
        let mut x = rows.x.clone();
        for row in 0..rows.len() {
            let joint = self.joint(rows.row(row), rows.known_of(row));
            let class = drawn(&joint, random);
            for column in 0..rows.width {
                if rows.known_of(row)[column] == 0.0 {
                    x[row * rows.width + column] = self.classes[class][column].sample(&self.measures[column], random);
                }
            }
        }
        x
    }
}

impl Scaled {
    fn row(&self, row: usize) -> &[f64] {
        &self.x[row * self.width..][..self.width]
    }

    fn known_of(&self, row: usize) -> &[f64] {
        &self.known[row * self.width..][..self.width]
    }
}

/// Shares to start from: each row is of the nearest of some rows far from each other.
fn started(measures: &[Measure], rows: &Scaled, classes: usize, random: &mut Generator) -> Vec<Vec<f64>> {
    let distance = |a: usize, b: usize| -> f64 {
        let both = (0..rows.width).filter(|column| rows.known_of(a)[*column] * rows.known_of(b)[*column] > 0.0);
        let each = both.map(|column| {
            let (x, y) = (rows.row(a)[column], rows.row(b)[column]);
            let places = [x, y].map(|x| share_of(&measures[column], x));
            match measures[column] {
                Measure::Category { .. } => {
                    if x == y {
                        0.0
                    } else {
                        2.0
                    }
                }
                _ if places[0] != places[1] => 2.0,
                _ => (x - y).powi(2).min(9.0),
            }
        });
        each.sum()
    };
    let n = rows.len();
    let mut nearest = vec![f64::INFINITY; n];
    let mut of = vec![0; n];
    let mut seed = random.random_range(0..n);
    for class in 0..classes {
        for row in 0..n {
            let found = distance(seed, row);
            if found < nearest[row] {
                (nearest[row], of[row]) = (found, class);
            }
        }
        let logs: Vec<f64> = nearest.iter().map(|distance| distance.max(1e-300).ln()).collect();
        seed = drawn(&logs, random);
    }
    // A little of all others, so that no class is empty.
    let share = |class: usize, row: usize| if of[row] == class { 0.9 } else { 0.1 / (classes - 1) as f64 };
    (0..classes).map(|class| (0..n).map(|row| share(class, row)).collect()).collect()
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    fn scaled(x: Vec<f64>, known: Vec<f64>, width: usize) -> Scaled {
        let rows = x.len() / width;
        Scaled { x, known, log_dets: vec![0.0; rows], weights: None, width }
    }

    fn measures() -> Vec<Measure> {
        vec![
            Measure::Category { classes: 2 },
            Measure::Number { components: 1 },
            Measure::Count { origin: 0.0, step: 0.5, ends: [Some(0.0), None], components: 1 },
            Measure::Spiked { atoms: vec![-1.0], components: 1 },
        ]
    }

    /// Two classes that agree in nothing.
    fn rows(n: usize, seed: u64) -> Scaled {
        let mut random = generator(seed, 1);
        let mut x = vec![];
        for i in 0..n {
            let class = (i % 2) as f64;
            let mut normal = |mean: f64| {
                let (a, b): (f64, f64) = (1.0 - random.random::<f64>(), random.random());
                mean + 0.3 * (-2.0 * a.ln()).sqrt() * (TAU * b).cos()
            };
            let count = (2.0 * normal(1.0 + 2.0 * class)).round().max(0.0) * 0.5;
            let rain = if (i / 2) % 3 == 0 { -1.0 } else { normal(class) };
            x.extend([class, normal(3.0 * class), count, rain]);
        }
        scaled(x.clone(), vec![1.0; x.len()], 4)
    }

    #[test]
    fn two_classes_are_found_and_are_better_than_independent_columns() {
        let (train, test) = (rows(1000, 1), rows(500, 2));
        let mean = |classes: usize| {
            let found = LatentClasses::fit(&measures(), &train, classes, 0);
            found.log_probs(&test).iter().sum::<f64>() / 500.0
        };
        let (one, two, three) = (mean(1), mean(2), mean(3));
        assert!(two > one + 1.0 && three > two - 0.05, "{one}, {two}, {three}");
    }

    #[test]
    fn probabilities_sum_to_one_and_marginals_to_joints() {
        let found = LatentClasses::fit(&measures(), &rows(300, 1), 2, 0);
        let at = |x: [f64; 4], known: [f64; 4]| found.log_probs(&scaled(x.to_vec(), known.to_vec(), 4))[0].exp();
        let mut sum = 0.0;
        for class in [0.0, 1.0] {
            (0..100).for_each(|i| sum += at([class, 0.0, 0.5 * f64::from(i), 0.0], [1.0, 0.0, 1.0, 0.0]));
        }
        assert!((sum - 1.0).abs() < 1e-9, "{sum}");
        let density = |x: f64| at([0.0, 0.0, 0.0, x], [0.0, 0.0, 0.0, 1.0]);
        let integral: f64 = (0..4000).map(|i| density(-10.0 + 0.005 * (f64::from(i) + 0.5)) * 0.005).sum();
        assert!((integral + density(-1.0) - 1.0).abs() < 1e-4, "{integral}");
        assert_eq!(at([0.0; 4], [0.0; 4]), 1.0);
        let joint: f64 = [0.0, 1.0].iter().map(|class| at([*class, 0.4, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0])).sum();
        assert!((joint - at([0.0, 0.4, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0])).abs() < 1e-12);
    }

    #[test]
    fn what_is_missing_is_drawn_given_the_rest() {
        let found = LatentClasses::fit(&measures(), &rows(1000, 1), 2, 0);
        let known = [1.0, 0.0, 0.0, 0.0].repeat(2000);
        let drawn = found.complete(&scaled([1.0, 0.0, 0.0, 0.0].repeat(2000), known, 4), &mut generator(3, 0));
        let mean = |column: usize| drawn.iter().skip(column).step_by(4).sum::<f64>() / 2000.0;
        assert!((mean(1) - 3.0).abs() < 0.05 && (mean(2) - 3.0).abs() < 0.05, "{} {}", mean(1), mean(2));
        let atoms = drawn.iter().skip(3).step_by(4).filter(|x| **x == -1.0).count();
        assert!((600..740).contains(&atoms), "{atoms}");
        assert!(drawn.iter().step_by(4).all(|class| *class == 1.0));
    }

    #[test]
    fn rows_with_missing_cells_are_learnt_from() {
        let mut train = rows(1000, 1);
        (0..4000).filter(|at| (at * 7) % 10 < 3).for_each(|at| train.known[at] = 0.0);
        let found = LatentClasses::fit(&measures(), &train, 2, 0);
        let whole = LatentClasses::fit(&measures(), &rows(1000, 1), 2, 0);
        let mean = |found: &LatentClasses| found.log_probs(&rows(500, 2)).iter().sum::<f64>() / 500.0;
        assert!(mean(&found) > mean(&whole) - 0.1, "{}, {}", mean(&found), mean(&whole));
    }
}
