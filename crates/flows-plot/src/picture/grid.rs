//! Where a density is evaluated.

use std::ops::Range;

use super::{check, output::Reason};

/// Equal cells over a rectangle of the plane.
///
/// The order of the cells is that of rows: the first row has the lowest `y`, and within a row `x` grows. It is the order of
/// the values that a [`DensityMap`](super::DensityMap) takes.
///
/// # Example
///
/// ```
/// use flows_plot::Grid;
///
/// let grid = Grid::new([2, 2], 0.0..4.0, 0.0..1.0);
/// assert_eq!(grid.centres(), [[1.0, 0.25], [3.0, 0.25], [1.0, 0.75], [3.0, 0.75]]);
/// assert_eq!(grid.cell_area(), 1.0);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    pub(crate) cells: [usize; 2],
    pub(crate) x: Range<f64>,
    pub(crate) y: Range<f64>,
}

impl Grid {
    /// A grid of so many cells along `x` and along `y`.
    pub fn new(cells: [usize; 2], x: Range<f64>, y: Range<f64>) -> Self {
        Self { cells, x, y }
    }

    /// The centre of each cell, where the density is to be evaluated.
    ///
    /// `into_flattened` makes one list of them, for a tensor of shape `[cells, 2]`.
    pub fn centres(&self) -> Vec<[f64; 2]> {
        let along = |range: &Range<f64>, count: usize| -> Vec<f64> {
            let width = range.end - range.start;
            (0..count).map(|index| range.start + (index as f64 + 0.5) / count as f64 * width).collect()
        };
        let columns = along(&self.x, self.cells[0]);
        let rows = along(&self.y, self.cells[1]);
        rows.iter().flat_map(|&y| columns.iter().map(move |&x| [x, y])).collect()
    }

    /// The area of a cell: the sum of a density over all cells, times this, is its integral.
    pub fn cell_area(&self) -> f64 {
        (self.x.end - self.x.start) / self.cells[0] as f64 * (self.y.end - self.y.start) / self.cells[1] as f64
    }

    pub(crate) fn check(&self, values: usize) -> Result<(), Reason> {
        let [columns, rows] = self.cells;
        if columns == 0 || rows == 0 {
            return Err(format!("the grid has {columns} x {rows} cells"));
        }
        check::range("the x range of the grid", &self.x)?;
        check::range("the y range of the grid", &self.y)?;
        if columns.checked_mul(rows) != Some(values) {
            return Err(format!("a grid of {columns} x {rows} cells needs one value a cell, there are {values}"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_centres_have_the_middle_of_the_grid_as_their_mean() {
        let centres = Grid::new([7, 4], -1.0..2.0, 5.0..9.0).centres();
        assert_eq!(centres.len(), 28);
        let mean = |axis: usize| centres.iter().map(|centre| centre[axis]).sum::<f64>() / 28.0;
        assert!((mean(0) - 0.5).abs() < 1e-12 && (mean(1) - 7.0).abs() < 1e-12);
    }

    #[test]
    fn a_grid_that_cannot_be_drawn_says_why() {
        let square = 0.0..1.0;
        assert!(Grid::new([0, 2], square.clone(), square.clone()).check(0).unwrap_err().contains("0 x 2 cells"));
        assert!(Grid::new([2, 2], 1.0..0.0, square.clone()).check(4).unwrap_err().contains("x range"));
        assert!(Grid::new([2, 2], square.clone(), square.clone()).check(3).unwrap_err().contains("there are 3"));
        assert!(Grid::new([usize::MAX, 2], square.clone(), square.clone()).check(3).is_err());
        assert!(Grid::new([2, 2], square.clone(), square).check(4).is_ok());
    }
}
