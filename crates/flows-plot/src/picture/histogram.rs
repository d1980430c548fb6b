//! Counts in bins, on a line and in the plane.

use std::ops::Range;

/// A histogram whose bars have the area of the part of the values they stand for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Histogram {
    range: Range<f64>,
    pub(crate) densities: Vec<f64>,
}

impl Histogram {
    /// Values outside the range are in no bar, yet count: the bars then have an area below one, as the density has there.
    pub(crate) fn new(values: &[f64], range: Range<f64>, bins: usize) -> Self {
        let mut densities = vec![0.0; bins];
        let width = (range.end - range.start) / bins as f64;
        for &value in values {
            if let Some(bin) = bin(value, &range, bins) {
                densities[bin] += 1.0 / (values.len() as f64 * width);
            }
        }
        Self { range, densities }
    }

    pub(crate) fn peak(&self) -> f64 {
        self.densities.iter().copied().fold(0.0, f64::max)
    }

    /// The left end, the right end and the height of each bar.
    pub(crate) fn bars(&self) -> impl Iterator<Item = (f64, f64, f64)> + '_ {
        let width = (self.range.end - self.range.start) / self.densities.len() as f64;
        let edge = move |bin: usize| self.range.start + bin as f64 * width;
        self.densities.iter().enumerate().map(move |(bin, &density)| (edge(bin), edge(bin + 1), density))
    }

    /// The line along the top of the bars, from the axis and back to it.
    pub(crate) fn outline(&self) -> Vec<[f64; 2]> {
        let steps = self.bars().flat_map(|(left, right, density)| [[left, density], [right, density]]);
        let start = [self.range.start, 0.0];
        let end = [self.range.end, 0.0];
        [start].into_iter().chain(steps).chain([end]).collect()
    }
}

/// A number of bins for which the bars follow the shape and not the noise: finer than the rule of Freedman and Diaconis,
/// which takes a distribution with several modes for one wide one.
pub(crate) fn bins(values: &[f64], range: &Range<f64>) -> usize {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| range.contains(value)).collect();
    if sorted.is_empty() {
        return 10;
    }
    sorted.sort_unstable_by(f64::total_cmp);
    let quartile = |part: usize| sorted[(sorted.len() - 1) * part / 4];
    let width = 1.4 * (quartile(3) - quartile(1)) / (sorted.len() as f64).cbrt();
    // Half of the values may be the same.
    let wanted = if width > 0.0 { (range.end - range.start) / width } else { 40.0 };
    wanted.ceil().clamp(10.0, 120.0) as usize
}

/// Parts of all points in square bins, smoothed.
#[derive(Debug, Clone)]
pub(crate) struct Histogram2d {
    pub(crate) bins: usize,
    /// Row-major, the lowest row first.
    pub(crate) parts: Vec<f64>,
}

impl Histogram2d {
    pub(crate) fn new(points: impl IntoIterator<Item = [f64; 2]>, x: &Range<f64>, y: &Range<f64>, bins: usize) -> Self {
        let mut parts = vec![0.0; bins * bins];
        let mut count = 0.0_f64;
        for point in points {
            count += 1.0;
            if let (Some(column), Some(row)) = (bin(point[0], x, bins), bin(point[1], y, bins)) {
                parts[row * bins + column] += 1.0;
            }
        }
        parts.iter_mut().for_each(|part| *part /= count.max(1.0));
        Self { bins, parts }
    }

    /// Spreads each count over its neighbours, with the weights 1, 2, 1 along both axes.
    pub(crate) fn smoothed(mut self) -> Self {
        let bins = self.bins;
        for stride in [1, bins] {
            let before = self.parts.clone();
            for (index, part) in self.parts.iter_mut().enumerate() {
                let place = index / stride % bins;
                let lower = before[if place > 0 { index - stride } else { index }];
                let upper = before[if place + 1 < bins { index + stride } else { index }];
                *part = 0.25 * lower + 0.5 * before[index] + 0.25 * upper;
            }
        }
        self
    }

    /// The level above which lies the given part of all points.
    pub(crate) fn level(&self, mass: f64) -> f64 {
        let mut sorted = self.parts.clone();
        sorted.sort_unstable_by(|one, other| other.total_cmp(one));
        let mut sum = 0.0;
        for part in sorted {
            sum += part;
            if sum >= mass {
                return part;
            }
        }
        0.0
    }
}

fn bin(value: f64, range: &Range<f64>, bins: usize) -> Option<usize> {
    let part = (value - range.start) / (range.end - range.start);
    // The last bin has its upper end.
    (0.0..=1.0).contains(&part).then(|| ((part * bins as f64) as usize).min(bins - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bars_have_the_area_of_what_they_show() {
        let histogram = Histogram::new(&[0.1, 0.2, 0.9, 1.0, 5.0], 0.0..1.0, 2);
        // Two of five values in each half, over a width of a half.
        assert_eq!(histogram.densities, [0.8, 0.8]);
        assert_eq!(histogram.bars().last(), Some((0.5, 1.0, 0.8)));
        assert_eq!(histogram.peak(), 0.8);
        assert_eq!(histogram.outline()[..3], [[0.0, 0.0], [0.0, 0.8], [0.5, 0.8]]);
    }

    #[test]
    fn more_values_get_more_bins() {
        let uniform = |count: u32| (0..count).map(|index| f64::from(index) / f64::from(count)).collect::<Vec<_>>();
        let few = bins(&uniform(100), &(0.0..1.0));
        let many = bins(&uniform(10_000), &(0.0..1.0));
        assert!(few < many && (10..=120).contains(&many), "{few} {many}");
        assert_eq!(bins(&[1.0; 50], &(0.0..2.0)), 40);
        assert_eq!(bins(&[5.0], &(0.0..2.0)), 10);
    }

    #[test]
    fn smoothing_keeps_the_sum() {
        let points = [[0.0, 0.0], [0.5, 0.5], [0.5, 0.6], [0.9, 0.1]];
        let histogram = Histogram2d::new(points, &(0.0..1.0), &(0.0..1.0), 5);
        assert_eq!(histogram.parts[0], 0.25);
        assert!((histogram.smoothed().parts.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_level_holds_the_mass_above_it() {
        let histogram = Histogram2d { bins: 2, parts: vec![0.1, 0.5, 0.3, 0.1] };
        assert_eq!(histogram.level(0.5), 0.5);
        assert_eq!(histogram.level(0.6), 0.3);
        assert_eq!(histogram.level(2.0), 0.0);
    }
}
