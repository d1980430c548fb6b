//! Columns that are linear functions of other columns.

use super::{Finding, Table};
use flows_core::ColumnStatistics;

/// A column of which no more than this share of its standard deviation is left is a linear function of the others.
const REST: f64 = 1e-5;
/// Products of rows that are computed, at most; the rows are thinned out before that.
const WORK: usize = 1 << 31;

/// The columns that are linear functions of those before them, each with its coefficients.
///
/// Gram-Schmidt on standardised columns, in double precision and in the order of the columns, so that the later column
/// of a pair is the one that is named.
pub(crate) fn dependent_columns(table: &Table) -> Vec<Finding> {
    let (rows, columns) = (table.rows(), table.columns());
    let statistics = ColumnStatistics::of_rows(table.values(), columns);
    // Fewer rows than columns always depend on each other.
    let most = (WORK / (columns * columns)).max(4 * columns).min(rows);
    if rows < 2 * columns + 2 {
        return vec![];
    }
    let step = rows.div_ceil(most);
    let mut basis: Vec<(usize, Vec<f64>)> = vec![];
    // Of each vector of the basis, its column as a combination of the basis: the rows of a triangle.
    let mut triangle: Vec<Vec<f64>> = vec![];
    let mut findings = vec![];
    for place in 0..columns {
        let column = &statistics[place];
        if column.is_constant() || !(column.std > 0.0 && column.std.is_finite()) {
            continue;
        }
        let mut rest: Vec<f64> =
            table.column(place).step_by(step).map(|value| value / column.std - column.mean / column.std).collect();
        let size = norm(&rest);
        let mut parts = vec![0.0; basis.len()];
        // Twice is enough.
        for _ in 0..2 {
            for ((_, unit), part) in basis.iter().zip(&mut parts) {
                let product: f64 = unit.iter().zip(&rest).map(|(u, r)| u * r).sum();
                rest.iter_mut().zip(unit).for_each(|(r, u)| *r -= product * u);
                *part += product;
            }
        }
        let left = norm(&rest);
        if left <= REST * size && !basis.is_empty() {
            let shares = solve(&triangle, parts);
            findings.push(finding(table, &statistics, place, &basis, &shares));
            continue;
        }
        rest.iter_mut().for_each(|r| *r /= left);
        basis.push((place, rest));
        parts.push(left);
        triangle.push(parts);
    }
    findings
}

fn norm(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum::<f64>().sqrt()
}

/// The combination of columns that gives a combination of the basis.
fn solve(triangle: &[Vec<f64>], mut parts: Vec<f64>) -> Vec<f64> {
    for k in (0..parts.len()).rev() {
        parts[k] /= triangle[k][k];
        let share = parts[k];
        triangle[k][..k].iter().zip(&mut parts).for_each(|(entry, part)| *part -= share * entry);
    }
    parts
}

/// In the units of the table.
fn finding(
    table: &Table,
    statistics: &[ColumnStatistics],
    place: usize,
    basis: &[(usize, Vec<f64>)],
    shares: &[f64],
) -> Finding {
    let column = &statistics[place];
    let (mut of, mut offset) = (vec![], column.mean);
    for ((other, _), share) in basis.iter().zip(shares).filter(|(_, share)| share.abs() > 10.0 * REST) {
        let coefficient = tidy(share * column.std / statistics[*other].std);
        offset -= coefficient * statistics[*other].mean;
        of.push((table.names()[*other].clone(), coefficient));
    }
    let offset = if offset.abs() < 1e-6 * column.std { 0.0 } else { tidy(offset) };
    Finding::Dependent { column: table.names()[place].clone(), of, offset }
}

/// A coefficient without what rounding has left in it.
fn tidy(value: f64) -> f64 {
    let rounded: f64 = format!("{value:.9e}").parse().unwrap_or(value);
    if (rounded - value).abs() <= 1e-9 * value.abs() { rounded } else { value }
}

#[cfg(test)]
mod tests {
    use rand::RngExt;

    use super::*;

    fn table(names: &[&str], row: impl Fn(f64, f64) -> Vec<f64>) -> Table {
        let mut rng = flows_core::generator(7, 0);
        let rows: Vec<Vec<f64>> = (0..500).map(|_| row(rng.random(), rng.random())).collect();
        Table::from_rows(names.iter().copied(), rows).expect("finite")
    }

    #[test]
    fn linear_functions_of_other_columns_are_named_with_their_coefficients() {
        let table = table(&["a", "b", "c", "d"], |a, b| vec![a, b, a, 2.0 * b + 3.0]);
        let found = dependent_columns(&table);
        let [Finding::Dependent { column: c, of: of_c, offset: 0.0 }, Finding::Dependent { column: d, of, offset }] =
            &found[..]
        else {
            panic!("{found:?}")
        };
        assert_eq!((c.as_str(), &of_c[..]), ("c", &[("a".to_owned(), 1.0)][..]));
        assert_eq!((d.as_str(), &of[..], *offset), ("d", &[("b".to_owned(), 2.0)][..], 3.0));
    }

    #[test]
    fn a_sum_is_found_whatever_the_scales_and_offsets() {
        let table = table(&["a", "b", "sum"], |a, b| {
            let (a, b) = (1e6 + 1e-2 * a, 1e9 * b);
            vec![a, b, a + 1e-11 * b]
        });
        let found = dependent_columns(&table);
        assert!(
            matches!(&found[..], [Finding::Dependent { column, of, .. }] if column == "sum" && of.len() == 2),
            "{found:?}"
        );
    }

    #[test]
    fn a_nearly_linear_function_is_none() {
        let table = table(&["a", "b", "c"], |a, b| vec![a, b, a + b + 1e-3 * (40.0 * a).sin()]);
        assert_eq!(dependent_columns(&table), []);
    }
}
