//! The paper: an image in memory with a few strokes, fills and letters.

use std::ops::Range;

use super::color::Rgb;
use super::text::TextStyle;

/// A rectangle in pixels, `y` downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rect {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

impl Rect {
    pub(crate) fn width(&self) -> f64 {
        self.right - self.left
    }

    pub(crate) fn height(&self) -> f64 {
        self.bottom - self.top
    }

    /// How much larger than usual text and strokes are in a picture of this size: one of twice the size is the same
    /// picture, finer.
    pub(crate) fn unit(&self) -> f64 {
        (self.width().min(self.height()) / 600.0).clamp(0.6, 4.0)
    }

    /// The rectangle without a margin of this width.
    pub(crate) fn inset(self, margin: f64) -> Self {
        let Self { left, top, right, bottom } = self;
        Self { left: left + margin, top: top + margin, right: right - margin, bottom: bottom - margin }
    }

    pub(crate) fn middle_x(&self) -> f64 {
        (self.left + self.right) / 2.0
    }

    pub(crate) fn middle_y(&self) -> f64 {
        (self.top + self.bottom) / 2.0
    }
}

/// An image that is drawn larger than asked for and shrunk at the end, which smooths all edges.
///
/// Coordinates are pixels of the finished picture, with fractions.
pub(crate) struct Canvas {
    pixels: Vec<u8>,
    width: u32,
    height: u32,
    factor: u32,
}

impl Canvas {
    pub(crate) fn new((width, height): (u32, u32)) -> Self {
        // The large image stays under about 60 MB.
        let factor = match u64::from(width) * u64::from(height) {
            ..2_200_000 => 3,
            2_200_000..5_000_000 => 2,
            _ => 1,
        };
        let pixels = vec![0xff; width as usize * height as usize * 3 * (factor * factor) as usize];
        Self { pixels, width, height, factor }
    }

    /// The whole picture.
    pub(crate) fn bounds(&self) -> Rect {
        Rect { left: 0.0, top: 0.0, right: f64::from(self.width), bottom: f64::from(self.height) }
    }

    pub(crate) fn unit(&self) -> f64 {
        self.bounds().unit()
    }

    pub(crate) fn fill(&mut self, rect: Rect, color: Rgb, alpha: f64) {
        let (columns, rows) = self.large(rect);
        for row in rows {
            for column in columns.clone() {
                self.blend(column, row, color, alpha);
            }
        }
    }

    pub(crate) fn outline(&mut self, Rect { left, top, right, bottom }: Rect, color: Rgb, stroke: f64) {
        self.rule((left, top), (right, top), color, stroke);
        self.rule((left, bottom), (right, bottom), color, stroke);
        self.rule((left, top), (left, bottom), color, stroke);
        self.rule((right, top), (right, bottom), color, stroke);
    }

    /// A level or upright line that covers whole pixels: others would make a thin line look blurred.
    pub(crate) fn rule(&mut self, from: (f64, f64), to: (f64, f64), color: Rgb, stroke: f64) {
        let stroke = stroke.round().max(1.0);
        let start = |one: f64, other: f64| (one.min(other) - stroke / 2.0).round();
        let (left, top) = (start(from.0, to.0), start(from.1, to.1));
        let (width, height) = ((to.0 - from.0).abs().round(), (to.1 - from.1).abs().round());
        self.fill(Rect { left, top, right: left + width + stroke, bottom: top + height + stroke }, color, 1.0);
    }

    /// Segments with round joints and ends.
    pub(crate) fn line(&mut self, points: &[(f64, f64)], color: Rgb, stroke: f64) {
        for segment in points.windows(2) {
            self.segment(segment[0], segment[1], color, stroke);
        }
    }

    fn segment(&mut self, from: (f64, f64), to: (f64, f64), color: Rgb, stroke: f64) {
        let factor = f64::from(self.factor);
        let (from, to) = ((from.0 * factor, from.1 * factor), (to.0 * factor, to.1 * factor));
        let (step_x, step_y) = (to.0 - from.0, to.1 - from.1);
        let length = step_x * step_x + step_y * step_y;
        let radius = stroke * factor / 2.0;
        let reach = radius + 1.0;
        let (width, height) = self.large_size();
        for row in span(from.1.min(to.1) - reach, from.1.max(to.1) + reach, height) {
            let y = row as f64 + 0.5;
            // The part of the segment that is near this row.
            let part = |y: f64| if step_y == 0.0 { 0.0 } else { ((y - from.1) / step_y).clamp(0.0, 1.0) };
            let (near, far) = if step_y == 0.0 { (0.0, 1.0) } else { (part(y - reach), part(y + reach)) };
            let (one, other) = (from.0 + near * step_x, from.0 + far * step_x);
            for column in span(one.min(other) - reach, one.max(other) + reach, width) {
                let (x, y) = (column as f64 + 0.5 - from.0, y - from.1);
                let along = if length > 0.0 { ((x * step_x + y * step_y) / length).clamp(0.0, 1.0) } else { 0.0 };
                let distance = (x - along * step_x).hypot(y - along * step_y);
                self.blend(column, row, color, (radius + 0.5 - distance).clamp(0.0, 1.0));
            }
        }
    }

    pub(crate) fn dot(&mut self, center: (f64, f64), radius: f64, color: Rgb, alpha: f64) {
        let factor = f64::from(self.factor);
        let (x, y, radius) = (center.0 * factor, center.1 * factor, radius * factor);
        let reach = radius + 1.0;
        let (width, height) = self.large_size();
        for row in span(y - reach, y + reach, height) {
            for column in span(x - reach, x + reach, width) {
                let distance = (column as f64 + 0.5 - x).hypot(row as f64 + 0.5 - y);
                self.blend(column, row, color, alpha * (radius + 0.5 - distance).clamp(0.0, 1.0));
            }
        }
    }

    pub(crate) fn text(&mut self, text: &str, (x, y): (f64, f64), style: TextStyle) {
        let factor = f64::from(self.factor);
        let style = style.scaled(factor);
        style.draw(text, (x * factor, y * factor), |x, y, color, coverage| {
            if let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) {
                self.blend(x, y, color, coverage);
            }
        });
    }

    /// Fills a rectangle with colours computed a row at a time. `row` gets the height within the rectangle, 0 at the top
    /// and 1 at the bottom, the widths, 0 at the left and 1 at the right, and the pixels to fill.
    pub(crate) fn raster(&mut self, rect: Rect, mut row: impl FnMut(f64, &[f64], &mut [Rgb])) {
        let (columns, rows) = self.large(rect);
        let (width, height) = (columns.len(), rows.len());
        let along: Vec<f64> = (0..width).map(|column| (column as f64 + 0.5) / width as f64).collect();
        let mut colors = vec![Rgb::PAPER; width];
        let (line, _) = self.large_size();
        for (index, at) in rows.enumerate() {
            row((index as f64 + 0.5) / height as f64, &along, &mut colors);
            let pixels = &mut self.pixels[3 * (at * line + columns.start)..3 * (at * line + columns.end)];
            for (pixel, &Rgb(red, green, blue)) in pixels.chunks_exact_mut(3).zip(&colors) {
                pixel.copy_from_slice(&[red, green, blue]);
            }
        }
    }

    /// The picture in the size asked for: width, height and RGB bytes.
    pub(crate) fn finish(self) -> (u32, u32, Vec<u8>) {
        let factor = self.factor as usize;
        if factor == 1 {
            return (self.width, self.height, self.pixels);
        }
        let (width, area) = (self.width as usize, (factor * factor) as u32);
        let mut small = Vec::with_capacity(width * self.height as usize * 3);
        let mut sums = vec![0_u32; 3 * width];
        for band in self.pixels.chunks_exact(3 * width * factor * factor) {
            sums.fill(0);
            for line in band.chunks_exact(3 * width * factor) {
                for (sum, block) in sums.chunks_exact_mut(3).zip(line.chunks_exact(3 * factor)) {
                    for pixel in block.chunks_exact(3) {
                        for channel in 0..3 {
                            sum[channel] += u32::from(pixel[channel]);
                        }
                    }
                }
            }
            small.extend(sums.iter().map(|sum| ((sum + area / 2) / area) as u8));
        }
        (self.width, self.height, small)
    }

    fn blend(&mut self, x: usize, y: usize, color: Rgb, alpha: f64) {
        let (width, height) = self.large_size();
        if x < width && y < height && alpha > 0.0 {
            let at = 3 * (y * width + x);
            let below = Rgb(self.pixels[at], self.pixels[at + 1], self.pixels[at + 2]);
            let Rgb(red, green, blue) = color.over(below, alpha);
            self.pixels[at..at + 3].copy_from_slice(&[red, green, blue]);
        }
    }

    /// The columns and rows of the large image within a rectangle. Rectangles with a common edge have neither a gap nor an
    /// overlap.
    fn large(&self, rect: Rect) -> (Range<usize>, Range<usize>) {
        let (width, height) = self.large_size();
        let edge = |at: f64, limit: usize| (at * f64::from(self.factor)).round().clamp(0.0, limit as f64) as usize;
        let between = |from: f64, to: f64, limit: usize| {
            let start = edge(from, limit);
            // A frame without room is empty, not turned round.
            start..edge(to, limit).max(start)
        };
        (between(rect.left, rect.right, width), between(rect.top, rect.bottom, height))
    }

    fn large_size(&self) -> (usize, usize) {
        ((self.width * self.factor) as usize, (self.height * self.factor) as usize)
    }
}

/// The pixels that touch an interval.
fn span(from: f64, to: f64, limit: usize) -> Range<usize> {
    let limit = limit as f64;
    from.floor().clamp(0.0, limit) as usize..to.ceil().clamp(0.0, limit) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: Rgb = Rgb(255, 0, 0);

    fn pixel((width, _, bytes): &(u32, u32, Vec<u8>), x: u32, y: u32) -> Rgb {
        let at = 3 * (y * width + x) as usize;
        Rgb(bytes[at], bytes[at + 1], bytes[at + 2])
    }

    #[test]
    fn a_fill_covers_exactly_its_pixels() {
        let mut canvas = Canvas::new((20, 10));
        canvas.fill(Rect { left: 5.0, top: 2.0, right: 8.0, bottom: 4.0 }, RED, 1.0);
        let picture = canvas.finish();
        let red = (0..10).flat_map(|y| (0..20).map(move |x| (x, y))).filter(|&(x, y)| pixel(&picture, x, y) == RED);
        assert_eq!(red.collect::<Vec<_>>(), [(5, 2), (6, 2), (7, 2), (5, 3), (6, 3), (7, 3)]);
    }

    #[test]
    fn a_translucent_fill_and_dot_mix_with_what_is_below() {
        let mut canvas = Canvas::new((20, 10));
        canvas.fill(Rect { left: 0.0, top: 0.0, right: 10.0, bottom: 10.0 }, RED, 0.5);
        canvas.dot((15.0, 5.0), 3.0, RED, 0.5);
        let picture = canvas.finish();
        for x in [5, 15] {
            let Rgb(red, green, blue) = pixel(&picture, x, 5);
            assert_eq!(red, 255);
            assert!((126..=129).contains(&green) && green == blue, "{green} {blue}");
        }
    }

    #[test]
    fn a_line_has_the_same_stroke_in_every_direction() {
        for (x, y) in [(60.0, 0.0), (0.0, 60.0), (48.0, 36.0), (-36.0, 48.0)] {
            let mut canvas = Canvas::new((160, 160));
            canvas.line(&[(80.0, 80.0), (80.0 + x, 80.0 + y)], Rgb(0, 0, 0), 3.0);
            let (_, _, bytes) = canvas.finish();
            let ink: f64 = bytes.iter().step_by(3).map(|&value| 1.0 - f64::from(value) / 255.0).sum();
            // The area of the line with its two round ends.
            let area = 60.0 * 3.0 + std::f64::consts::PI * 2.25;
            assert!((ink / area - 1.0).abs() < 0.02, "({x}, {y}): {ink} of {area}");
        }
    }

    #[test]
    fn a_rule_covers_whole_pixels() {
        let mut canvas = Canvas::new((20, 10));
        canvas.rule((4.0, 1.0), (4.0, 8.0), RED, 1.0);
        let (_, _, bytes) = canvas.finish();
        assert!(bytes.chunks_exact(3).all(|pixel| pixel == [255, 0, 0] || pixel == [255, 255, 255]));
    }

    #[test]
    fn drawing_outside_is_cut_off() {
        let mut canvas = Canvas::new((20, 10));
        canvas.dot((-1.0, 12.0), 4.0, RED, 1.0);
        canvas.dot((-100.0, 120.0), 4.0, RED, 1.0);
        canvas.line(&[(-5.0, 5.0), (30.0, 5.0), (1e9, 1e9)], RED, 2.0);
        canvas.rule((-50.0, -50.0), (-50.0, 500.0), RED, 2.0);
        canvas.text("far too long for this", (10.0, 5.0), TextStyle::new(12.0));
        canvas.raster(Rect { left: 9.0, top: 9.0, right: 3.0, bottom: 3.0 }, |_, _, row| row.fill(RED));
        canvas.fill(Rect { left: -5.0, top: -5.0, right: 40.0, bottom: 40.0 }, RED, 1.0);
        assert_eq!(pixel(&canvas.finish(), 19, 9), RED);
    }

    #[test]
    fn a_raster_has_its_first_row_on_top() {
        let mut canvas = Canvas::new((10, 10));
        let bounds = canvas.bounds();
        canvas.raster(bounds, |height, _, row| row.fill(if height < 0.5 { RED } else { Rgb::INK }));
        let picture = canvas.finish();
        assert_eq!((pixel(&picture, 4, 1), pixel(&picture, 4, 8)), (RED, Rgb::INK));
    }
}
