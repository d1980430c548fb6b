//! Numbers on a circle, laid out on a line around one of them.

use flows_core::ColumnMap;

/// A circle that is cut opposite a place, so that what lies around the place is not torn apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct CutCircle {
    pub(crate) start: f64,
    pub(crate) period: f64,
    pub(crate) centre: f64,
}

impl CutCircle {
    /// The circle of a column, if it is one, cut opposite `centre`.
    pub(super) fn of(map: &ColumnMap, centre: f64) -> Option<Self> {
        match *map {
            ColumnMap::Circle { start, period, .. } => Some(Self { start, period, centre }),
            _ => None,
        }
    }

    /// The place on the line, within half a period of the centre.
    pub(crate) fn unrolled(&self, x: f64) -> f64 {
        self.centre + (x - self.centre + 0.5 * self.period).rem_euclid(self.period) - 0.5 * self.period
    }

    /// A place on the line as one on the circle, from its start to one period later.
    pub(crate) fn rolled(&self, x: f64) -> f64 {
        let turned = (x - self.start).rem_euclid(self.period);
        // Rounding makes a period of what is a little less than zero.
        self.start + if turned < self.period { turned } else { 0.0 }
    }

    /// The place opposite the centre, where the line begins and ends.
    pub(super) fn opposite(&self) -> f64 {
        self.rolled(self.centre + 0.5 * self.period)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_around_midnight_lie_beside_each_other() {
        let circle = CutCircle { start: 0.0, period: 24.0, centre: 23.5 };
        let hours = [22.0, 23.0, 0.5, 2.0];
        assert_eq!(hours.map(|x| circle.unrolled(x)), [22.0, 23.0, 24.5, 26.0]);
        assert_eq!(hours.map(|x| circle.rolled(circle.unrolled(x))), hours);
        assert_eq!(circle.opposite(), 11.5);
        assert_eq!(circle.rolled(-1e-18), 0.0);
    }
}
