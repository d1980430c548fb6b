//! What every picture can be told: its title, the names of its axes and its size.

use super::canvas::Canvas;
use super::check;
use super::output::Reason;

#[derive(Debug, Clone, Default)]
pub(crate) struct Labels {
    pub(crate) title: Option<String>,
    pub(crate) x: Option<String>,
    pub(crate) y: Option<String>,
    pub(crate) size: Option<(u32, u32)>,
}

impl Labels {
    /// Empty paper of the size asked for.
    pub(crate) fn canvas(&self, default: (u32, u32)) -> Result<Canvas, Reason> {
        let size = self.size.unwrap_or(default);
        check::size(size)?;
        Ok(Canvas::new(size))
    }
}

/// The builder methods that all pictures share, for a picture with a field `labels`.
macro_rules! shared_methods {
    (axes) => {
        /// Names the horizontal axis.
        #[must_use]
        pub fn x_label(mut self, label: impl Into<String>) -> Self {
            self.labels.x = Some(label.into());
            self
        }

        /// Names the vertical axis.
        #[must_use]
        pub fn y_label(mut self, label: impl Into<String>) -> Self {
            self.labels.y = Some(label.into());
            self
        }
    };
    (all) => {
        /// Puts a title above the picture.
        #[must_use]
        pub fn title(mut self, title: impl Into<String>) -> Self {
            self.labels.title = Some(title.into());
            self
        }

        /// Sets the size in pixels, each side from 160 to 12000. Text and strokes grow with the shorter side.
        #[must_use]
        pub fn size(mut self, width: u32, height: u32) -> Self {
            self.labels.size = Some((width, height));
            self
        }

        /// Draws the picture and writes it as a PNG file.
        ///
        /// # Errors
        ///
        /// [`PlotError::Draw`] when the input cannot be drawn, [`PlotError::Write`] when the file cannot be written. The file
        /// at `path` is then what it was before.
        pub fn save(&self, path: impl AsRef<Path>) -> Result<(), PlotError> {
            output::write(path.as_ref(), self.draw())
        }
    };
}
pub(crate) use shared_methods;

#[cfg(test)]
mod tests {
    use super::super::testing::picture;
    use super::super::{CornerPlot, DensityMap, Grid, LossCurves, Marginals, SamplePanels};
    use super::*;

    #[test]
    fn every_picture_can_be_as_small_as_its_size_may_be() {
        let (points, values) = ([[0.0, 1.0], [1.0, 0.0]], [0.0, 1.0, 2.0, 4.0]);
        let map = DensityMap::from_density(&Grid::new([2, 2], 0.0..1e5, 0.0..1e5), &values);
        let map = map.equal_aspect(true).points(&points).title("title").x_label("x").y_label("y");
        let panels = SamplePanels::new().panel("one", &points).panel("two", &points).panel("three", &points);
        let curves = LossCurves::new().series("training", [(0, 1e5), (1, -1e5)]).best_of("training").title("title");
        let marginals = Marginals::new(&values).curve("a curve with a long name", &values, &values).title("title");
        let corner = CornerPlot::new(["one", "two"]).set("data", &values).title("title");
        for size in [(160, 160), (160, 900), (900, 160)] {
            let (width, height) = size;
            assert_eq!(picture("", |path| map.clone().size(width, height).save(path)).size, size);
            assert_eq!(picture("", |path| panels.clone().size(width, height).save(path)).size, size);
            assert_eq!(picture("", |path| curves.clone().size(width, height).save(path)).size, size);
            assert_eq!(picture("", |path| marginals.clone().size(width, height).save(path)).size, size);
            assert_eq!(picture("", |path| corner.clone().size(width, height).save(path)).size, size);
        }
    }

    #[test]
    fn the_paper_has_the_size_asked_for_or_the_default() {
        let size = |labels: &Labels| {
            let bounds = labels.canvas((300, 200)).unwrap().bounds();
            (bounds.width(), bounds.height())
        };
        assert_eq!(size(&Labels::default()), (300.0, 200.0));
        let labels = Labels { size: Some((400, 500)), ..Labels::default() };
        assert_eq!(size(&labels), (400.0, 500.0));
        assert!(Labels { size: Some((0, 0)), ..Labels::default() }.canvas((300, 200)).is_err());
    }
}
