//! What the tests of the pictures share: data, and a look at what was drawn.

use std::path::Path;

use crate::PlotError;

use super::color::Rgb;

/// A small generator (SplitMix64), so that the pictures are the same with every version of `rand`.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (2.0 * std::f64::consts::PI * self.uniform()).cos()
    }
}

pub(crate) fn two_moons(count: usize, noise: f64, seed: u64) -> Vec<[f64; 2]> {
    let mut random = Random::new(seed);
    let mut moon = |index: usize| {
        let angle = std::f64::consts::PI * random.uniform();
        let (x, y) = (angle.cos(), angle.sin());
        let [x, y] = if index.is_multiple_of(2) { [x, y] } else { [1.0 - x, 0.5 - y] };
        [x + noise * random.normal(), y + noise * random.normal()]
    };
    (0..count).map(&mut moon).collect()
}

/// Points of bell curves, given by their middle and their width.
pub(crate) fn gaussians(count: usize, modes: &[([f64; 2], f64)], seed: u64) -> Vec<[f64; 2]> {
    let mut random = Random::new(seed);
    let mut point = |index: usize| {
        let ([x, y], scale) = modes[index % modes.len()];
        [x + scale * random.normal(), y + scale * random.normal()]
    };
    (0..count).map(&mut point).collect()
}

/// A decoded picture.
pub(crate) struct Picture {
    pub(crate) size: (u32, u32),
    bytes: Vec<u8>,
}

impl Picture {
    pub(crate) fn pixel(&self, x: u32, y: u32) -> Rgb {
        let at = 3 * (y * self.size.0 + x) as usize;
        Rgb(self.bytes[at], self.bytes[at + 1], self.bytes[at + 2])
    }

    /// The places with a colour, each channel up to `tolerance` away from it.
    fn places(&self, color: Rgb, tolerance: u8) -> impl Iterator<Item = (i32, i32)> + '_ {
        let near = move |Rgb(red, green, blue): Rgb| {
            [(red, color.0), (green, color.1), (blue, color.2)]
                .iter()
                .all(|(one, other)| one.abs_diff(*other) <= tolerance)
        };
        let (width, height) = self.size;
        let all = (0..height).flat_map(move |y| (0..width).map(move |x| (x, y)));
        all.filter(move |&(x, y)| near(self.pixel(x, y))).map(|(x, y)| (x as i32, y as i32))
    }

    pub(crate) fn count(&self, color: Rgb, tolerance: u8) -> usize {
        self.places(color, tolerance).count()
    }

    /// The smallest rectangle with all pixels of a colour: left, top, right, bottom.
    pub(crate) fn bounds(&self, color: Rgb, tolerance: u8) -> [i32; 4] {
        self.places(color, tolerance).fold([i32::MAX, i32::MAX, i32::MIN, i32::MIN], |bounds, (x, y)| {
            [bounds[0].min(x), bounds[1].min(y), bounds[2].max(x), bounds[3].max(y)]
        })
    }
}

/// Saves a picture in a temporary directory and reads it again. A picture with a name is kept in the directory that the
/// environment variable `FLOWS_PLOT_GALLERY` names, where there is one: to be looked at.
pub(crate) fn picture(name: &str, save: impl FnOnce(&Path) -> Result<(), PlotError>) -> Picture {
    let directory = tempfile::tempdir().expect("the test has just written it");
    let path = directory.path().join("picture.png");
    save(&path).expect("the test has just written it");
    if let (false, Some(gallery)) = (name.is_empty(), std::env::var_os("FLOWS_PLOT_GALLERY")) {
        std::fs::copy(&path, Path::new(&gallery).join(format!("{name}.png"))).expect("the test has just written it");
    }
    let file = std::io::BufReader::new(std::fs::File::open(&path).expect("the test has just written it"));
    let mut reader = png::Decoder::new(file).read_info().expect("the test has just written it");
    let mut bytes = vec![0; reader.output_buffer_size().expect("the test has just written it")];
    let info = reader.next_frame(&mut bytes).expect("the test has just written it");
    assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Rgb, png::BitDepth::Eight));
    Picture { size: (info.width, info.height), bytes }
}

/// Saves a picture that cannot be drawn, makes sure that no file is left, and gives the reason.
pub(crate) fn reason(save: impl FnOnce(&Path) -> Result<(), PlotError>) -> String {
    let directory = tempfile::tempdir().expect("the test has just written it");
    let target = directory.path().join("picture.png");
    let error = save(&target).unwrap_err();
    assert_eq!(std::fs::read_dir(directory.path()).expect("the test has just written it").count(), 0, "a file is left");
    match error {
        PlotError::Draw { path, reason } => {
            assert_eq!(path, target);
            reason
        }
        #[allow(unreachable_patterns)]
        other => panic!("{other}"),
    }
}
