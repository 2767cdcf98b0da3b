//! Everything in a PDF but contents and fonts: page tree, bookmarks, information about the document.

use chrono::{NaiveDateTime, Timelike};
use lopdf::{Dictionary, Object, ObjectId, Stream, dictionary, text_string};
use printpdf::{Op, PdfConformance, PdfDocument, PdfPage, PdfParseErrorSeverity, PdfSaveOptions};
use sha2::{Digest, Sha256};

use super::fonts::Embedded;
use super::{Bookmark, Document, Drawn, PdfError};
use crate::face::{ASCENT, DESCENT, File};
use crate::units::Size;

/// What made the file, for viewers that show it.
const PRODUCER: &str = "taizhang";

/// Puts the drawn pages into a document, and the document into bytes.
pub(super) fn assemble(document: &Document<'_>, drawn: Drawn) -> Result<Vec<u8>, PdfError> {
    let about = About::new(document);
    let Drawn { papers, bookmarks, streams, fonts } = drawn;
    let id = identifier(&about, &papers, &bookmarks, &streams);
    let size = streams.iter().map(Vec::len).sum::<usize>() + 1024 * papers.len() + (1 << 16);
    let mut pdf = skeleton(document.title, &papers)?;
    let mut streams = Streams(streams);

    let mut font_resources = Dictionary::new();
    for (at, font) in fonts.iter().enumerate() {
        font_resources.set(format!("F{at}"), add_font(&mut pdf, font, &mut streams));
    }
    let resources = pdf.add_object(dictionary! { "Font" => font_resources });
    let pages: Vec<ObjectId> = pdf.page_iter().collect();
    for (at, page) in pages.iter().enumerate() {
        let page = pdf.get_dictionary_mut(*page).map_err(PdfError::Assemble)?;
        // Boxes equal to the paper, and lists of nothing, say nothing.
        for key in [b"TrimBox".as_slice(), b"CropBox", b"Annots"] {
            page.remove(key);
        }
        page.set("Resources", resources);
        let contents = page.get(b"Contents").and_then(Object::as_reference).map_err(PdfError::Assemble)?;
        pdf.set_object(contents, streams.take(at, Dictionary::new()));
    }

    let outlines = add_bookmarks(&mut pdf, &bookmarks, &pages, &papers);
    let metadata = Stream::new(dictionary! { "Type" => "Metadata", "Subtype" => "XML" }, about.xmp().into_bytes());
    let metadata = pdf.add_object(metadata);

    let catalog = pdf.catalog_mut().map_err(PdfError::Assemble)?;
    let tree = catalog.get(b"Pages").and_then(Object::as_reference).map_err(PdfError::Assemble)?;
    *catalog = dictionary! {
        "Type" => "Catalog",
        "Pages" => tree,
        "Metadata" => metadata,
        "Lang" => Object::string_literal("zh-CN"),
        "ViewerPreferences" => dictionary! { "DisplayDocTitle" => true, "PrintScaling" => "None" },
        "PageLabels" => dictionary! { "Nums" => vec![0.into(), dictionary! { "S" => "D" }.into()] },
        "PageMode" => if outlines.is_some() { "UseOutlines" } else { "UseNone" },
    };
    if let Some(outlines) = outlines {
        catalog.set("Outlines", outlines);
    }
    let information = pdf.add_object(about.information());
    pdf.trailer.set("Info", information);
    pdf.trailer.set("ID", vec![id.clone(), id]);
    pdf.version = "1.7".into();
    // What printpdf wrote and nobody points to any more.
    pdf.prune_objects();
    pdf.renumber_objects();

    let mut bytes = Vec::with_capacity(size);
    pdf.save_to(&mut bytes).map_err(|cause| PdfError::Assemble(cause.into()))?;
    Ok(bytes)
}

/// Empty pages of the right sizes.
fn skeleton(title: &str, papers: &[Size]) -> Result<lopdf::Document, PdfError> {
    let mut pdf = PdfDocument::new(title);
    // The only standard for which printpdf adds no colour profile; the claim itself is taken out afterwards.
    pdf.metadata.info.conformance = PdfConformance::X1A_2001_PDF_1_3;
    pdf.pages =
        papers.iter().map(|paper| PdfPage::new(length(paper.width), length(paper.height), Vec::<Op>::new())).collect();
    let mut warnings = Vec::new();
    let made = pdf.to_lopdf_document(&PdfSaveOptions::default(), &mut warnings);
    match warnings.into_iter().find(|warning| warning.severity != PdfParseErrorSeverity::Info) {
        Some(warning) => Err(PdfError::Skeleton(warning.msg)),
        None => Ok(made),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "printpdf counts in f32")]
fn length(length: crate::units::Mm) -> printpdf::Mm {
    printpdf::Mm(length.to_mm() as f32)
}

/// The compressed streams, each taken once.
struct Streams(Vec<Vec<u8>>);

impl Streams {
    fn take(&mut self, at: usize, mut dictionary: Dictionary) -> Stream {
        dictionary.set("Filter", "FlateDecode");
        let content = self.0.get_mut(at).map(std::mem::take).unwrap_or_default();
        Stream::new(dictionary, content).with_compression(false)
    }
}

fn add_font(pdf: &mut lopdf::Document, font: &Embedded, streams: &mut Streams) -> ObjectId {
    let length = i64::try_from(font.program_length).unwrap_or(i64::MAX);
    let program = pdf.add_object(streams.take(font.program, dictionary! { "Length1" => length }));
    let glyphs = pdf.add_object(streams.take(font.glyphs, Dictionary::new()));
    let to_unicode = pdf.add_object(streams.take(font.to_unicode, Dictionary::new()));
    let (serif, weight) = match font.file {
        File::Song | File::RareNames | File::RareNamesApl | File::RareFull => (true, 400),
        File::Hei => (false, 400),
        File::HeiBold => (false, 700),
    };
    let descriptor = pdf.add_object(dictionary! {
        "Type" => "FontDescriptor",
        "FontName" => font.name.as_str(),
        // Symbolic: the characters are not those of a Latin alphabet. Serif where it is so.
        "Flags" => if serif { 4 | 2 } else { 4 },
        "FontBBox" => font.bounds.map(Object::Integer).to_vec(),
        "ItalicAngle" => 0,
        "Ascent" => thousandths(ASCENT),
        "Descent" => thousandths(-DESCENT),
        // Every file's own, within a thousandth.
        "CapHeight" => 733,
        "StemV" => if weight > 400 { 140 } else { 80 },
        "FontWeight" => weight,
        "FontFile2" => program,
    });
    let descendant = pdf.add_object(dictionary! {
        "Type" => "Font",
        "Subtype" => "CIDFontType2",
        "BaseFont" => font.name.as_str(),
        "CIDSystemInfo" => dictionary! {
            "Registry" => Object::string_literal("Adobe"),
            "Ordering" => Object::string_literal("Identity"),
            "Supplement" => 0,
        },
        "FontDescriptor" => descriptor,
        "DW" => 1000,
        "W" => widths(&font.widths),
        "CIDToGIDMap" => glyphs,
    });
    pdf.add_object(dictionary! {
        "Type" => "Font",
        "Subtype" => "Type0",
        "BaseFont" => font.name.as_str(),
        "Encoding" => "Identity-H",
        "DescendantFonts" => vec![descendant.into()],
        "ToUnicode" => to_unicode,
    })
}

/// `[first [width …] …]` for the codes that are not a full em wide.
fn widths(widths: &[f64]) -> Vec<Object> {
    let mut found: Vec<Object> = Vec::new();
    let mut run: Vec<Object> = Vec::new();
    for (code, width) in (1_i64..).zip(widths.iter().chain([&1000.0])) {
        let width = thousandths(width / 1000.0);
        if width != Object::Integer(1000) {
            if run.is_empty() {
                found.push(code.into());
            }
            run.push(width);
        } else if !run.is_empty() {
            found.push(std::mem::take(&mut run).into());
        }
    }
    found
}

/// An em length in thousandths: a whole number where it is one.
#[expect(clippy::cast_possible_truncation, reason = "advances are below a few em")]
fn thousandths(em: f64) -> Object {
    let value = em * 1000.0;
    if (value - value.round()).abs() < 1e-6 {
        Object::Integer(value.round() as i64)
    } else {
        Object::Real(value as f32)
    }
}

/// Nested outlines, all open; the way of lopdf's own would hold a copy of every page.
fn add_bookmarks(
    pdf: &mut lopdf::Document,
    bookmarks: &[Bookmark],
    pages: &[ObjectId],
    papers: &[Size],
) -> Option<ObjectId> {
    if bookmarks.is_empty() {
        return None;
    }
    let root = pdf.new_object_id();
    let ids: Vec<ObjectId> = bookmarks.iter().map(|_| pdf.new_object_id()).collect();
    let mut items: Vec<Dictionary> = bookmarks
        .iter()
        .map(|bookmark| {
            let page = pages.get(bookmark.page).copied().unwrap_or_default();
            let top = papers.get(bookmark.page).map_or(0.0, |paper| paper.height.to_points());
            dictionary! {
                "Title" => text_string(&clean(&bookmark.title)),
                "Dest" => vec![page.into(), "XYZ".into(), 0.into(), real(top), Object::Null],
            }
        })
        .collect();
    let mut top = dictionary! { "Type" => "Outlines", "Count" => whole(bookmarks.len()) };
    // The bookmarks above the current one, and the last seen on each level below them.
    let mut above: Vec<usize> = Vec::new();
    for (at, bookmark) in bookmarks.iter().enumerate() {
        let before = above.get(bookmark.level).copied();
        above.truncate(bookmark.level);
        let parent = above.last().copied();
        above.push(at);
        items[at].set("Parent", parent.map_or(root, |parent| ids[parent]));
        if let Some(before) = before {
            items[before].set("Next", ids[at]);
            items[at].set("Prev", ids[before]);
        }
        let descendants = bookmarks[at + 1..].iter().take_while(|it| it.level > bookmark.level).count();
        if descendants > 0 {
            items[at].set("Count", whole(descendants));
        }
        let above_it = parent.map_or(&mut top, |parent| &mut items[parent]);
        if before.is_none() {
            above_it.set("First", ids[at]);
        }
        above_it.set("Last", ids[at]);
    }
    for (id, item) in ids.into_iter().zip(items) {
        pdf.set_object(id, item);
    }
    pdf.set_object(root, top);
    Some(root)
}

#[expect(clippy::cast_possible_truncation, reason = "lopdf counts in f32")]
fn real(value: f64) -> Object {
    Object::Real(value as f32)
}

fn whole(value: usize) -> Object {
    Object::Integer(i64::try_from(value).unwrap_or(i64::MAX))
}

/// Without characters that XML forbids, and without line ends: titles are one line.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') { ' ' } else { c }).collect()
}

/// The document's information, said twice in a PDF and the same both times.
struct About {
    title: String,
    author: String,
    /// `D:20261120091500+08'00'`
    date: String,
    /// `2026-11-20T09:15:00+08:00`
    iso: String,
}

impl About {
    fn new(document: &Document<'_>) -> Self {
        let now: NaiveDateTime = document.now.with_nanosecond(0).unwrap_or(document.now);
        let sign = if document.utc_offset_minutes < 0 { '-' } else { '+' };
        let minutes = document.utc_offset_minutes.unsigned_abs();
        let (hours, minutes) = (minutes / 60 % 24, minutes % 60);
        Self {
            title: clean(document.title),
            author: clean(document.author),
            date: format!("D:{}{sign}{hours:02}'{minutes:02}'", now.format("%Y%m%d%H%M%S")),
            iso: format!("{}{sign}{hours:02}:{minutes:02}", now.format("%Y-%m-%dT%H:%M:%S")),
        }
    }

    fn information(&self) -> Dictionary {
        let mut information = dictionary! {
            "Title" => text_string(&self.title),
            "CreationDate" => text_string(&self.date),
            "ModDate" => text_string(&self.date),
            "Producer" => text_string(PRODUCER),
        };
        if !self.author.is_empty() {
            information.set("Author", text_string(&self.author));
        }
        information
    }

    fn xmp(&self) -> String {
        let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let (title, iso) = (escape(&self.title), &self.iso);
        let creator = match self.author.as_str() {
            "" => String::new(),
            author => format!("<dc:creator><rdf:Seq><rdf:li>{}</rdf:li></rdf:Seq></dc:creator>", escape(author)),
        };
        format!(
            "<?xpacket begin=\"\u{FEFF}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
             <x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n\
             <rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
             xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\">\n\
             <dc:format>application/pdf</dc:format>\
             <dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">{title}</rdf:li></rdf:Alt></dc:title>{creator}\n\
             <xmp:CreateDate>{iso}</xmp:CreateDate><xmp:ModifyDate>{iso}</xmp:ModifyDate>\
             <xmp:MetadataDate>{iso}</xmp:MetadataDate><pdf:Producer>{PRODUCER}</pdf:Producer>\n\
             </rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end=\"r\"?>"
        )
    }
}

/// A hash of all that the file is made from, so that the same pages at the same time are the same file.
fn identifier(about: &About, papers: &[Size], bookmarks: &[Bookmark], streams: &[Vec<u8>]) -> Object {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update(bytes.len().to_be_bytes());
        hash.update(bytes);
    };
    for text in [&about.title, &about.author, &about.date] {
        part(text.as_bytes());
    }
    for paper in papers {
        part(&paper.width.to_mm().to_be_bytes());
        part(&paper.height.to_mm().to_be_bytes());
    }
    for Bookmark { level, title, page } in bookmarks {
        part(format!("{level} {page} {title}").as_bytes());
    }
    for stream in streams {
        part(stream);
    }
    let id = hash.finalize().iter().take(16).copied().collect();
    Object::String(id, lopdf::StringFormat::Hexadecimal)
}
