//! The search for what stands between columns and their density.

use super::{Finding, Table, dependence::dependent_columns};

/// Rows that differ from all others may all fall into one part of a split, where they are fewer than this.
const FEW: usize = 10;
/// Robust standard deviations beyond which a value is absurd whatever the column's tails.
const ABSURD: f64 = 1e6;
/// Numbers that are often put for missing ones.
const CODES: [f64; 15] = [
    -99.0,
    -999.0,
    -9999.0,
    -99999.0,
    -999_999.0,
    999.0,
    9999.0,
    99999.0,
    999_999.0,
    -32768.0,
    32767.0,
    -2_147_483_648.0,
    2_147_483_647.0,
    1e20,
    1e30,
];

impl Table {
    /// Looks for what makes figures of a density doubtful or meaningless: columns that are nearly constant, hold absurd or
    /// fill values, whole numbers, one value in many rows, or a linear function of other columns.
    ///
    /// # Example
    ///
    /// ```
    /// use flows_data::{Finding, Table};
    ///
    /// let rows = (0..100).map(|i| { let a = f64::from(i * i % 101) + 0.5; [a, 2.0 * a + 3.0] });
    /// let table = Table::from_rows(["a", "b"], rows)?;
    /// let findings = table.findings();
    /// assert!(findings.iter().any(|finding| matches!(finding, Finding::Dependent { column, .. } if column == "b")));
    /// # Ok::<(), flows_data::DataError>(())
    /// ```
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self.absurd();
        for place in 0..self.columns() {
            let values: Vec<f64> = self.column(place).collect();
            findings.extend(inspect(&self.names()[place], &values));
        }
        // What is not finite or far beyond all others would spoil the products.
        if findings.iter().all(|finding| !matches!(finding, Finding::Absurd { .. })) {
            findings.extend(dependent_columns(self));
        }
        findings
    }

    /// Looks for cells that are so far away that nothing else about their column matters.
    pub fn absurd(&self) -> Vec<Finding> {
        let one = |place: usize| {
            let values: Vec<f64> = self.column(place).collect();
            absurd(&self.names()[place], &values)
        };
        (0..self.columns()).filter_map(one).collect()
    }
}

fn inspect(name: &str, values: &[f64]) -> Vec<Finding> {
    let (column, rows) = (name.to_owned(), values.len());
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let mut runs: Vec<(f64, usize)> = vec![];
    for value in &sorted {
        match runs.last_mut() {
            Some((last, count)) if last == value => *count += 1,
            _ => runs.push((*value, 1)),
        }
    }
    let distinct = runs.len();
    let Some(&(commonest, count)) = runs.iter().max_by_key(|(_, count)| *count) else { return vec![] };
    let others = rows - count;
    if others == 0 {
        return vec![];
    }
    let whole = values.iter().all(|value| value.fract() == 0.0 && value.abs() < 1e15);
    let numbers = |from: f64| values.iter().zip(0..).all(|(value, row)| *value == from + f64::from(row));
    let mut findings = vec![];
    if others < FEW && others * 10 < rows {
        findings.push(Finding::NearlyConstant { column: column.clone(), value: commonest, others, rows });
    }
    if rows > 2 && whole && (numbers(0.0) || numbers(1.0)) {
        findings.push(Finding::Numbering { column });
    } else if whole && distinct * 2 <= rows {
        findings.push(Finding::WholeNumbers { column, distinct });
    } else if count >= FEW && count * 20 > rows {
        findings.push(Finding::Repeated { column, value: commonest, count, rows });
    } else if distinct * 10 <= rows {
        findings.push(Finding::Rounded { column, distinct, rows });
    }
    findings
}

fn absurd(name: &str, values: &[f64]) -> Option<Finding> {
    let median = middle(values.to_vec())?;
    // Half of each, as the distance of two numbers may be beyond the largest.
    let away = |value: f64| (0.5 * value - 0.5 * median).abs();
    let mut distances: Vec<f64> = values.iter().map(|value| away(*value)).collect();
    distances.sort_by(f64::total_cmp);
    let scale = distances[distances.len() / 2];
    let scale = if scale > 0.0 { scale } else { distances[distances.len() * 9 / 10] };
    if scale <= 0.0 || values.len() < FEW {
        return None;
    }
    let column = name.to_owned();
    let far = distances.partition_point(|distance| *distance <= ABSURD * scale);
    // Heavy tails reach as far, but without a gap before the last values.
    if far < distances.len() && far > 0 && distances[far] > 1e3 * distances[far - 1] {
        let at: Vec<usize> = (0..values.len()).filter(|row| away(values[*row]) > ABSURD * scale).collect();
        return Some(Finding::Absurd { column, value: values[at[0]], at, typical: 2.0 * scale });
    }
    let code = |value: &f64| CODES.contains(value) && away(*value) > 20.0 * scale;
    let value = *values.iter().find(|value| code(value))?;
    let at: Vec<usize> = (0..values.len()).filter(|row| values[*row] == value).collect();
    let rest = values.iter().filter(|other| **other != value).map(|other| away(*other)).fold(0.0, f64::max);
    (at.len() > 1 && away(value) > 5.0 * rest).then_some(Finding::FillValue { column, value, at })
}

fn middle(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use rand::RngExt;

    use super::*;

    fn uniform(rows: usize, seed: u64) -> Vec<f64> {
        let mut rng = flows_core::generator(seed, 0);
        (0..rows).map(|_| rng.random::<f64>()).collect()
    }

    fn findings(values: Vec<f64>) -> Vec<Finding> {
        Table::new(["x"], values).expect("finite").findings()
    }

    #[test]
    fn a_continuous_column_is_unremarkable_at_any_scale() {
        for (offset, scale) in [(0.0, 1.0), (1.7e9, 3600.0), (5e20, 1e20), (0.0, 1e-23), (-1e300, 1e299)] {
            assert_eq!(findings(uniform(1000, 1).iter().map(|u| offset + scale * u).collect()), [], "{scale:e}");
        }
        assert_eq!(findings((0..10).map(|i| f64::from(i * i)).collect()), []);
    }

    #[test]
    fn heavy_tails_are_not_absurd() {
        let cauchy = uniform(20_000, 2).iter().map(|u| (std::f64::consts::PI * (u - 0.5)).tan()).collect();
        assert_eq!(findings(cauchy), []);
    }

    #[test]
    fn fill_values_and_single_absurd_cells_are_named_with_their_rows() {
        let mut filled = uniform(2000, 3);
        [11, 500, 1500].iter().for_each(|row| filled[*row] = 9.969_209_968_386_87e36);
        assert!(matches!(&findings(filled)[..], [Finding::Absurd { at, .. }] if at == &[11, 500, 1500]));
        let mut single = uniform(2000, 3);
        single[7] = -1e20;
        assert!(matches!(&findings(single)[..], [Finding::Absurd { at, value: -1e20, .. }] if at == &[7]));
        let mut coded = uniform(2000, 3);
        (coded[3], coded[9]) = (-9999.0, -9999.0);
        assert!(matches!(&findings(coded)[..], [Finding::FillValue { at, .. }] if at == &[3, 9]));
    }

    #[test]
    fn a_column_that_may_be_constant_in_a_part_is_found() {
        let mut rare = vec![0.0; 200];
        rare[3] = 1.0;
        let found = findings(rare);
        assert!(matches!(found[0], Finding::NearlyConstant { others: 1, rows: 200, .. }), "{found:?}");
        assert!(found[0].to_string().contains("training part"), "{}", found[0]);
    }

    #[test]
    fn whole_numbers_rounded_and_repeated_values_and_row_numbers_are_told_apart() {
        let counts = uniform(1000, 4).iter().map(|u| (8.0 * u).floor()).collect();
        assert!(matches!(findings(counts)[..], [Finding::WholeNumbers { distinct: 8, .. }]));
        let rounded = uniform(2000, 4).iter().map(|u| (100.0 * u).round() / 100.0).collect();
        assert!(matches!(findings(rounded)[..], [Finding::Rounded { .. }]));
        let clipped = uniform(1000, 4).iter().map(|u| (u - 0.3).max(0.0)).collect();
        assert!(matches!(findings(clipped)[..], [Finding::Repeated { value: 0.0, .. }]));
        assert!(matches!(findings((1..=50).map(f64::from).collect())[..], [Finding::Numbering { .. }]));
        // Seconds since 1970: whole, but hardly ever the same one twice.
        assert_eq!(findings(uniform(1000, 4).iter().map(|u| (1.7e9 + 1e6 * u).floor()).collect()), []);
    }
}
