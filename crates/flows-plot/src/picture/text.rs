//! Text in the embedded font.

use std::borrow::Cow;
use std::sync::OnceLock;

use ab_glyph::{Font, FontRef, GlyphId, ScaleFont, point};

use super::color::Rgb;

/// Which point of a text, along its line, is put at the given place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Along {
    Start,
    Middle,
    End,
}

/// Which point of a text, across its line, is put at the given place. Capitals count, descenders hang below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Across {
    Top,
    Middle,
    Base,
}

/// How a piece of text looks and where it hangs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TextStyle {
    /// The em, in pixels.
    pub(crate) size: f64,
    color: Rgb,
    bold: bool,
    along: Along,
    across: Across,
    upright: bool,
}

impl TextStyle {
    pub(crate) fn new(size: f64) -> Self {
        Self { size, color: Rgb::INK, bold: false, along: Along::Middle, across: Across::Middle, upright: false }
    }

    pub(crate) fn scaled(self, factor: f64) -> Self {
        Self { size: factor * self.size, ..self }
    }

    pub(crate) fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    /// Read from bottom to top.
    pub(crate) fn upright(self) -> Self {
        Self { upright: true, ..self }
    }

    pub(crate) fn anchor(self, along: Along, across: Across) -> Self {
        Self { along, across, ..self }
    }

    /// The height of a capital letter, in pixels.
    pub(crate) fn cap_height(&self) -> f64 {
        // DejaVu Sans: 1493 of the 2048 units of an em.
        0.729 * self.size
    }

    /// The width of the text, in pixels.
    pub(crate) fn width(&self, text: &str) -> f64 {
        let mut width = 0.0;
        self.lay_out(text, |_, _, end| width = end);
        f64::from(width)
    }

    /// The text in a size that fits into a width: smaller by up to a third, and cut after that.
    pub(crate) fn fitted(self, text: &str, width: f64) -> (Cow<'_, str>, Self) {
        let needed = self.width(text);
        if needed <= width {
            return (text.into(), self);
        }
        let small = Self { size: self.size * (width / needed).max(0.67), ..self };
        let mut letters = text.chars().count();
        let mut fitted = Cow::from(text);
        while small.width(&fitted) > width + 1e-3 && letters > 1 {
            letters -= 1;
            fitted = text.chars().take(letters).chain(['\u{2026}']).collect::<String>().into();
        }
        (fitted, small)
    }

    /// Calls `ink` with each pixel the text touches, and with how much of it is covered.
    pub(crate) fn draw(&self, text: &str, at: (f64, f64), mut ink: impl FnMut(i32, i32, Rgb, f64)) {
        let left = match self.along {
            Along::Start => 0.0,
            Along::Middle => -self.width(text) / 2.0,
            Along::End => -self.width(text),
        };
        let base = match self.across {
            Across::Top => self.cap_height(),
            Across::Middle => self.cap_height() / 2.0,
            Across::Base => 0.0,
        };
        let origin = (at.0.round() as i32, at.1.round() as i32);
        self.lay_out(text, |id, start, _| {
            let glyph = id.with_scale_and_position(self.scale(), point(left as f32 + start, base as f32));
            if let Some(outline) = font(self.bold).outline_glyph(glyph) {
                let corner = outline.px_bounds().min;
                outline.draw(|x, y, coverage| {
                    let (x, y) = (corner.x as i32 + x as i32, corner.y as i32 + y as i32);
                    let (x, y) = if self.upright { (y, -x) } else { (x, y) };
                    ink(origin.0 + x, origin.1 + y, self.color, f64::from(coverage.clamp(0.0, 1.0)));
                });
            }
        });
    }

    /// Calls `glyph` with each letter, its start and its end.
    fn lay_out(&self, text: &str, mut glyph: impl FnMut(GlyphId, f32, f32)) {
        let font = font(self.bold).as_scaled(self.scale());
        let (mut x, mut previous) = (0.0, None);
        for letter in text.chars() {
            let id = font.glyph_id(letter);
            x += previous.map_or(0.0, |previous| font.kern(previous, id));
            let end = x + font.h_advance(id);
            glyph(id, x, end);
            (x, previous) = (end, Some(id));
        }
    }

    /// The em in the unit of `ab_glyph`, which scales by the height from the lowest descender to the highest ascender.
    fn scale(&self) -> f32 {
        let font = font(self.bold);
        self.size as f32 * font.height_unscaled() / font.units_per_em().unwrap_or(2048.0)
    }
}

/// The font is parsed once a process.
fn font(bold: bool) -> &'static FontRef<'static> {
    static FONTS: OnceLock<[FontRef<'static>; 2]> = OnceLock::new();
    let fonts = FONTS.get_or_init(|| {
        [dejavu::sans::regular(), dejavu::sans::bold()]
            .map(|bytes| FontRef::try_from_slice(bytes).expect("the embedded font is a valid one"))
    });
    &fonts[usize::from(bold)]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The smallest rectangle around what is drawn: left, top, right, bottom.
    fn ink(style: TextStyle, text: &str) -> [i32; 4] {
        let mut bounds = [i32::MAX, i32::MAX, i32::MIN, i32::MIN];
        style.draw(text, (0.0, 0.0), |x, y, _, coverage| {
            if coverage > 0.5 {
                bounds = [bounds[0].min(x), bounds[1].min(y), bounds[2].max(x), bounds[3].max(y)];
            }
        });
        bounds
    }

    #[test]
    fn the_width_grows_with_the_text_and_with_the_size() {
        let style = TextStyle::new(12.0);
        assert!(style.width("density") > style.width("dens"));
        assert!((TextStyle::new(24.0).width("density") / style.width("density") - 2.0).abs() < 1e-3);
        // DejaVu Sans: a figure is 1303 of 2048 units wide.
        assert!((style.width("0") - 12.0 * 1303.0 / 2048.0).abs() < 1e-3);
    }

    #[test]
    fn letters_stand_where_the_anchor_says() {
        let style = TextStyle::new(40.0);
        let [left, top, right, bottom] = ink(style.anchor(Along::Start, Across::Top), "HE");
        assert!(left >= 0 && right <= style.width("HE") as i32, "{left} {right}");
        assert!(top.abs() <= 1 && (bottom - style.cap_height() as i32).abs() <= 1, "{top} {bottom}");

        let [left, top, right, bottom] = ink(style.upright(), "HE");
        assert!((left + right).abs() <= 2 && (top + bottom).abs() <= 4, "{left} {top} {right} {bottom}");
        assert!(bottom - top > right - left, "upright text is taller than wide");
    }

    #[test]
    fn a_long_text_is_shrunk_and_then_cut() {
        let style = TextStyle::new(20.0);
        assert_eq!(style.fitted("short", 500.0).0, "short");
        let (text, smaller) = style.fitted("fits when small", style.width("fits when small") * 0.8);
        assert!(text == "fits when small" && smaller.size < 20.0);
        let (text, smaller) = style.fitted("far too long for the place there is", 100.0);
        assert!(text.ends_with('\u{2026}') && smaller.width(&text) <= 100.0, "{text}");
    }
}
