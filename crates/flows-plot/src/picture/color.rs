//! Colours: the palette of the pictures and the colour maps.

/// A colour, in sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rgb(pub(crate) u8, pub(crate) u8, pub(crate) u8);

impl Rgb {
    /// The colour of text, ticks and frames.
    pub(crate) const INK: Self = Self(0x26, 0x2b, 0x33);
    /// The lines of a grid, and panels without anything in them.
    pub(crate) const GRID: Self = Self(0xe8, 0xea, 0xee);
    /// The paper.
    pub(crate) const PAPER: Self = Self(0xff, 0xff, 0xff);

    /// The colour of the series with this number. Told apart by colour-blind readers too, in every pair of the first four.
    pub(crate) fn of_series(index: usize) -> Self {
        const SERIES: [Rgb; 8] = [
            Rgb(0x1f, 0x6f, 0xb4),
            Rgb(0xe8, 0x6a, 0x17),
            Rgb(0x1b, 0x9e, 0x77),
            Rgb(0xb8, 0x3b, 0x8f),
            Rgb(0x8c, 0x6d, 0x1f),
            Rgb(0x5b, 0x5f, 0xc7),
            Rgb(0xc9, 0x2a, 0x3a),
            Rgb(0x4d, 0x55, 0x61),
        ];
        SERIES[index % SERIES.len()]
    }

    /// This colour over another.
    pub(crate) fn over(self, below: Self, alpha: f64) -> Self {
        let mix = |top: u8, below: u8| (f64::from(below) + alpha * (f64::from(top) - f64::from(below))).round() as u8;
        Self(mix(self.0, below.0), mix(self.1, below.1), mix(self.2, below.2))
    }
}

/// A perceptually uniform colour map: equal steps of the value look like equal steps of the colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ColorMap {
    /// Dark violet over teal to yellow.
    #[default]
    Viridis,
    /// Black over purple and rose to cream.
    Magma,
    /// Black over red and orange to pale yellow.
    Inferno,
    /// Blue over magenta to yellow, without dark ends.
    Plasma,
    /// Navy over grey to yellow: looks the same to red-green colour-blind readers.
    Cividis,
}

impl ColorMap {
    /// The steps of [`table`](Self::table): more than a byte a channel can show.
    pub(crate) const STEPS: usize = 512;

    /// The colour of a value between 0 and 1.
    pub(crate) fn color(self, value: f64) -> Rgb {
        let gradient = match self {
            Self::Viridis => colorous::VIRIDIS,
            Self::Magma => colorous::MAGMA,
            Self::Inferno => colorous::INFERNO,
            Self::Plasma => colorous::PLASMA,
            Self::Cividis => colorous::CIVIDIS,
        };
        let color = gradient.eval_continuous(value.clamp(0.0, 1.0));
        Rgb(color.r, color.g, color.b)
    }

    /// All colours in order, for rasters: a look-up is several times faster than the map itself.
    pub(crate) fn table(self) -> Vec<Rgb> {
        (0..Self::STEPS).map(|step| self.color(step as f64 / (Self::STEPS - 1) as f64)).collect()
    }

    /// The colour of data drawn over the map: one that none of its colours comes near.
    pub(crate) fn overlay(self) -> Rgb {
        match self {
            Self::Viridis | Self::Cividis => Rgb(0xff, 0x4f, 0x6d),
            Self::Magma | Self::Inferno | Self::Plasma => Rgb(0x1a, 0xb4, 0xf5),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance, without the gamma: enough to compare.
    fn luminance(Rgb(red, green, blue): Rgb) -> f64 {
        0.2126 * f64::from(red) + 0.7152 * f64::from(green) + 0.0722 * f64::from(blue)
    }

    #[test]
    fn every_map_goes_from_dark_to_light() {
        for map in [ColorMap::Viridis, ColorMap::Magma, ColorMap::Inferno, ColorMap::Plasma, ColorMap::Cividis] {
            let steps: Vec<f64> = (0..=16).map(|step| luminance(map.color(f64::from(step) / 16.0))).collect();
            assert!(steps.windows(2).all(|pair| pair[0] < pair[1]), "{map:?}: {steps:?}");
        }
    }

    #[test]
    fn the_table_ends_with_the_ends_of_the_map() {
        let table = ColorMap::Viridis.table();
        assert_eq!(table[0], ColorMap::Viridis.color(0.0));
        assert_eq!(table[ColorMap::STEPS - 1], ColorMap::Viridis.color(1.0));
        // The first entry of matplotlib's viridis.
        assert_eq!(table[0], Rgb(0x44, 0x01, 0x54));
    }

    #[test]
    fn mixing_goes_from_the_lower_colour_to_the_upper_one() {
        assert_eq!(Rgb::INK.over(Rgb::PAPER, 0.0), Rgb::PAPER);
        assert_eq!(Rgb::INK.over(Rgb::PAPER, 1.0), Rgb::INK);
        assert_eq!(Rgb(0, 0, 0).over(Rgb(200, 100, 50), 0.5), Rgb(100, 50, 25));
    }
}
