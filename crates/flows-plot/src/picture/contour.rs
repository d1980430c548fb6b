//! Lines of equal height (marching squares).

/// The segments along which a field on a square grid has the given value.
///
/// `values` are row-major, `count` each way. The segments are in cells: `(0, 0)` is the centre of the first cell.
pub(crate) fn segments(values: &[f64], count: usize, level: f64) -> Vec<[[f64; 2]; 2]> {
    let mut segments = Vec::new();
    // One ring of empty cells around the grid closes the lines that would end at its edge.
    let value = |column: isize, row: isize| {
        let inside = (0..count as isize).contains(&column) && (0..count as isize).contains(&row);
        if inside { values[row as usize * count + column as usize] } else { 0.0 }
    };
    for row in -1..count as isize {
        for column in -1..count as isize {
            let corners = [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1)];
            let heights = corners.map(|(column, row)| value(column, row));
            let mut crossings = Vec::with_capacity(4);
            for edge in 0..4 {
                let next = (edge + 1) % 4;
                if (heights[edge] >= level) != (heights[next] >= level) {
                    let part = (level - heights[edge]) / (heights[next] - heights[edge]);
                    let mix = |from: isize, to: isize| from as f64 + part * (to - from) as f64;
                    crossings.push([mix(corners[edge].0, corners[next].0), mix(corners[edge].1, corners[next].1)]);
                }
            }
            match crossings[..] {
                [from, to] => segments.push([from, to]),
                // A saddle: the mean decides which two corners belong together.
                [first, second, third, fourth] => {
                    let joined = heights.iter().sum::<f64>() / 4.0 >= level;
                    if joined == (heights[0] >= level) {
                        segments.extend([[first, second], [third, fourth]]);
                    } else {
                        segments.extend([[fourth, first], [second, third]]);
                    }
                }
                _ => {}
            }
        }
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contour_of_a_cone_is_a_circle() {
        let count = 41;
        let height = |column: usize, row: usize| 20.0 - (column as f64 - 20.0).hypot(row as f64 - 20.0);
        let values: Vec<f64> = (0..count * count).map(|index| height(index % count, index / count)).collect();
        let circle = segments(&values, count, 10.0);
        let length: f64 = circle.iter().map(|[from, to]| (to[0] - from[0]).hypot(to[1] - from[1])).sum();
        assert!((length / (20.0 * std::f64::consts::PI) - 1.0).abs() < 0.01, "{length}");
        for [x, y] in circle.into_iter().flatten() {
            assert!(((x - 20.0).hypot(y - 20.0) - 10.0).abs() < 0.05);
        }
    }

    #[test]
    fn lines_are_closed_at_the_edge_and_in_a_saddle() {
        // Two full corners that touch: in both, each place where a segment ends is the start or the end of one other.
        for values in [[1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 1.0, 0.0]] {
            let ends: Vec<[f64; 2]> = segments(&values, 2, 0.4).into_iter().flatten().collect();
            assert!(!ends.is_empty());
            for end in &ends {
                assert_eq!(ends.iter().filter(|other| *other == end).count(), 2, "{end:?}");
            }
        }
    }
}
