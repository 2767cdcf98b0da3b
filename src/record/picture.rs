//! Pictures in cells (照片): made small and kept as text, so that they are sealed, exchanged and salvaged like any entry.

use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::codecs::jpeg::JpegEncoder;
use image::{ImageReader, Limits, RgbImage};

/// The largest file that is taken, in bytes.
pub const LARGEST_PICTURE: u64 = 40_000_000;
/// The longest side that is kept, in dots: on a cell of 120 mm some 200 to the inch.
const SIDE: u32 = 960;
/// The most dots a side of a file may have.
const MOST: u32 = 20_000;
/// The most memory reading one may take, in bytes.
const MEMORY: u64 = 400_000_000;
/// The most text one is kept as, in bytes.
const LONGEST: usize = 600_000;
/// How good it is kept, of a hundred.
const QUALITY: u8 = 82;
/// What it is kept as begins so; behind it stand its sides and its bytes.
const BEGINS: &str = "data:image/jpeg;size=";
const BYTES: &str = ";base64,";

/// A picture as it is kept: its sides in dots, and a JPEG file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// How many dots it is wide.
    pub width: u32,
    /// How many dots it is high.
    pub height: u32,
    /// The file.
    pub jpeg: Vec<u8>,
}

/// Whether a text is a picture as cells keep one.
pub fn is_picture(text: &str) -> bool {
    text.starts_with(BEGINS)
}

/// The sides in dots of what a cell keeps, where it is a picture.
pub fn picture_size(text: &str) -> Option<(u32, u32)> {
    let (sides, _) = text.strip_prefix(BEGINS)?.split_once(BYTES)?;
    let (width, height) = sides.split_once('x')?;
    let side = |it: &str| it.parse().ok().filter(|it| (1..=SIDE).contains(it));
    Some((side(width)?, side(height)?))
}

impl Picture {
    /// Makes of a JPEG or PNG file what a cell keeps of it.
    ///
    /// # Errors
    /// A sentence, when it is neither, or too large.
    pub fn keep(file: &[u8]) -> Result<String, String> {
        let unreadable = || "读不出这张图：请用 JPEG（.jpg）或 PNG 文件".to_owned();
        let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format().map_err(|_| unreadable())?;
        let mut limits = Limits::default();
        (limits.max_image_width, limits.max_image_height) = (Some(MOST), Some(MOST));
        limits.max_alloc = Some(MEMORY);
        reader.limits(limits);
        let read = reader.decode().map_err(|_| unreadable())?;
        // What is seen through is white, as paper is.
        let small = if read.width().max(read.height()) > SIDE { read.thumbnail(SIDE, SIDE) } else { read }.to_rgba8();
        let white = |colour: u8, seen: u8| {
            u8::try_from((u32::from(colour) * u32::from(seen) + 255 * (255 - u32::from(seen))) / 255).unwrap_or(255)
        };
        let mut plain = RgbImage::new(small.width(), small.height());
        for (to, from) in plain.pixels_mut().zip(small.pixels()) {
            let [red, green, blue, seen] = from.0;
            to.0 = [white(red, seen), white(green, seen), white(blue, seen)];
        }
        let mut jpeg = Vec::new();
        JpegEncoder::new_with_quality(&mut jpeg, QUALITY).encode_image(&plain).map_err(|_| unreadable())?;
        let mut text = format!("{BEGINS}{}x{}{BYTES}", plain.width(), plain.height());
        STANDARD.encode_string(&jpeg, &mut text);
        if text.len() > LONGEST {
            return Err("这张图缩小以后还是太大，请换一张".to_owned());
        }
        Ok(text)
    }

    /// Reads what a cell keeps; none where it is no picture.
    pub fn read(text: &str) -> Option<Self> {
        let (width, height) = picture_size(text).filter(|_| text.len() <= LONGEST)?;
        let jpeg = STANDARD.decode(text.split_once(BYTES)?.1).ok()?;
        Some(Self { width, height, jpeg })
    }

    /// Its dots, row by row, red, green and blue; none where the file cannot be read or is not of its size.
    pub fn dots(&self) -> Option<Vec<u8>> {
        let mut reader = ImageReader::with_format(Cursor::new(&self.jpeg), image::ImageFormat::Jpeg);
        let mut limits = Limits::default();
        (limits.max_image_width, limits.max_image_height) = (Some(SIDE), Some(SIDE));
        reader.limits(limits);
        let read = reader.decode().ok()?.into_rgb8();
        (read.dimensions() == (self.width, self.height)).then(|| read.into_raw())
    }
}
