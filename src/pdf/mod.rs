//! Pages into a PDF, for the printer and for the shelf.
//!
//! What is drawn is `layout`'s word and `face`'s; nothing is measured or broken here. printpdf makes the document's
//! skeleton; contents and fonts are our own, because every character must come back from the file exactly as it was
//! typed, even where two share a glyph, and because a ledger of ten thousand rows should take no time and no memory.
//!
//! One page at a time is laid out, turned into a content stream and dropped; the other threads only compress.

mod content;
mod deflate;
mod fonts;
mod save;
mod skeleton;
#[cfg(test)]
mod tests;

use std::fmt;

use chrono::NaiveDateTime;

use crate::layout::Page;
use crate::units::Size;
pub use save::save;

/// What a PDF is made of besides its pages.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    /// Shown in the viewer's title bar.
    pub title: &'a str,
    /// Who made it: the office, or the person at the desk. May be empty.
    pub author: &'a str,
    /// Local time of making.
    pub now: NaiveDateTime,
    /// How far local time is ahead of UTC: 480 in China.
    pub utc_offset_minutes: i32,
}

/// A page with its place among the bookmarks.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// What is drawn.
    pub page: Page,
    /// The bookmarks that things on the page stand under, from its top down, each as a path, outermost first:
    /// `["2026 年", "五月"]`. Where a path differs from the one before, new bookmarks begin, pointing here.
    pub outline: Vec<Vec<String>>,
}

impl From<Page> for Sheet {
    fn from(page: Page) -> Self {
        Self { page, outline: Vec::new() }
    }
}

/// Why there is no PDF.
#[derive(Debug)]
#[non_exhaustive]
pub enum PdfError {
    /// There was nothing to draw.
    NoPages,
    /// The needed part of a face could not be cut out.
    Font {
        /// The face file, as [`crate::face::File::name`] has it.
        file: &'static str,
        /// What was wrong with it.
        cause: subsetter::Error,
    },
    /// The threads that compress could not be started, or stopped.
    Threads(std::io::Error),
    /// A stream could not be compressed.
    Compress(flate2::CompressError),
    /// printpdf could not make the document's skeleton.
    Skeleton(String),
    /// The finished objects could not be put together.
    Assemble(lopdf::Error),
}

impl fmt::Display for PdfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPages => f.write_str("生成 PDF 时没有可画的页"),
            Self::Font { file, cause } => write!(f, "向 PDF 嵌入字体 {file} 时出错：{cause}"),
            Self::Threads(cause) => write!(f, "压缩 PDF 页面的线程没有运行：{cause}"),
            Self::Compress(cause) => write!(f, "压缩 PDF 内容时出错：{cause}"),
            Self::Skeleton(cause) => write!(f, "建立 PDF 文档结构时出错：{cause}"),
            Self::Assemble(cause) => write!(f, "拼装 PDF 文件时出错：{cause}"),
        }
    }
}

impl std::error::Error for PdfError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NoPages | Self::Skeleton(_) => None,
            Self::Font { cause, .. } => Some(cause),
            Self::Threads(cause) => Some(cause),
            Self::Compress(cause) => Some(cause),
            Self::Assemble(cause) => Some(cause),
        }
    }
}

/// A bookmark as it was met: the level counts from 0, the page too.
struct Bookmark {
    level: usize,
    title: String,
    page: usize,
}

/// What is known once the last page has been drawn.
struct Drawn {
    papers: Vec<Size>,
    bookmarks: Vec<Bookmark>,
    /// Compressed: first the pages' contents, then what `fonts` ask for.
    streams: Vec<Vec<u8>>,
    fonts: Vec<fonts::Embedded>,
}

/// The whole PDF, in memory. The same sheets and document give the same bytes. `sheets` is asked for one sheet at a
/// time, on the caller's thread, and each is dropped once drawn; `progress` hears how many are done.
pub fn write(
    document: &Document<'_>,
    sheets: impl Iterator<Item = Sheet>,
    progress: &dyn Fn(usize),
) -> Result<Vec<u8>, PdfError> {
    let drawn = draw(sheets, progress)?;
    if drawn.papers.is_empty() {
        return Err(PdfError::NoPages);
    }
    skeleton::assemble(document, drawn)
}

fn draw(sheets: impl Iterator<Item = Sheet>, progress: &dyn Fn(usize)) -> Result<Drawn, PdfError> {
    std::thread::scope(|scope| {
        let mut deflate = deflate::Deflate::start(scope)?;
        let mut painter = content::Painter::default();
        let (mut papers, mut bookmarks, mut outline) = (Vec::new(), Vec::new(), Vec::<String>::new());
        for sheet in sheets {
            deflate.push(painter.page(&sheet.page))?;
            let page = papers.len();
            for path in sheet.outline {
                let kept = path.iter().zip(&outline).take_while(|(new, old)| new == old).count();
                let begin = path.iter().cloned().enumerate().skip(kept);
                bookmarks.extend(begin.map(|(level, title)| Bookmark { level, title, page }));
                outline = path;
            }
            papers.push(sheet.page.paper);
            progress(papers.len());
        }
        let fonts = painter.into_fonts().embed(&mut deflate)?;
        Ok(Drawn { papers, bookmarks, streams: deflate.finish()?, fonts })
    })
}
