//! The label for a binder's spine (卷脊标签), at its true size, in two widths on one page to choose from.

use crate::face::{Face, is_invisible, resolve_vertical, width};
use crate::units::{Mm, Point, Rect};

use super::super::text::{FIVE, SMALL_FIVE, THREE, pitch};
use super::super::{Mark, PAD, Page, Text};
use super::{PORTRAIT, balanced, centred, empty, outline};

/// 小四
const SMALL_FOUR: Mm = Mm::points(12.0);
/// 二号
const TWO: Mm = Mm::points(22.0);
/// 一号
const ONE: Mm = Mm::points(26.0);
/// Nobody reads what is smaller: here the search for a size that fits ends.
const NOTHING: Mm = Mm::points(0.5);
/// A label's height.
const HEIGHT: Mm = Mm::mm(250.0);
/// The labels: how wide, the title's and the year's size, the caption above.
const LABELS: [(Mm, Mm, Mm, &str); 2] =
    [(Mm::mm(30.0), TWO, THREE, "30 mm × 250 mm"), (Mm::mm(50.0), ONE, TWO, "50 mm × 250 mm")];
/// Between the two labels.
const BETWEEN: Mm = Mm::mm(30.0);
/// From the cut to the frame.
const EDGE: Mm = Mm::mm(2.0);
/// Crop marks: how long, and how far from the corner they begin.
const CROP: (Mm, Mm) = (Mm::mm(5.0), Mm::mm(1.0));
/// From one character of a vertical run to the next, in em.
const STEP: f64 = 1.16;
/// From one vertical column to the next, in em.
const COLUMN: f64 = 1.45;
/// A title is set smaller by so much before it takes a second column.
const LESS: f64 = 0.75;
/// A company's name is parted before these where it takes two lines.
const KINDS: [&str; 3] = ["股份有限公司", "有限责任公司", "有限公司"];

/// What stands on a binder's spine. What is empty has no cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spine {
    /// Whose binder.
    pub company: String,
    /// What is in it: the form's title.
    pub title: String,
    /// The form's code.
    pub code: String,
    /// The year, without 年.
    pub year: String,
    /// The first sheet's number.
    pub from_number: String,
    /// The last sheet's number.
    pub to_number: String,
    /// 盒号
    pub box_number: String,
    /// 卷号
    pub binder_number: String,
    /// How long it is kept: 保存期三年，至 2029-12-31.
    pub retention: String,
}

/// Lays out a page with the label in both widths, and crop marks to cut along.
pub fn spine(spine: &Spine) -> Vec<Page> {
    let mut page = empty(&PORTRAIT);
    let taken: Mm = LABELS.iter().map(|it| it.0).sum::<Mm>() + BETWEEN * (LABELS.len() as f64 - 1.0);
    let top = (PORTRAIT.height - HEIGHT) / 2.0;
    let mut left = (PORTRAIT.width - taken) / 2.0;
    for (width, title, year, caption) in LABELS {
        let cut = Rect::new(left, top, width, HEIGHT);
        crop(&mut page, cut);
        let above = Rect::new(left, top - Mm::mm(11.0), width, Mm::mm(4.0));
        centred(&mut page, above, &[caption], Face::Song, SMALL_FIVE);
        label(&mut page, spine, cut.shrink(EDGE), title, year);
        left += width + BETWEEN;
    }
    let foot = Rect::new(Mm::ZERO, top + HEIGHT + Mm::mm(7.0), PORTRAIT.width, Mm::mm(4.0));
    let words = "任选一种，按实际大小(100%)打印，沿角线裁下，贴于卷脊";
    centred(&mut page, foot, &[words], Face::Song, SMALL_FIVE);
    vec![page]
}

/// Short lines outwards from each corner.
fn crop(page: &mut Page, cut: Rect) {
    let (length, gap) = CROP;
    for (x, outwards) in [(cut.left(), -1.0), (cut.right(), 1.0)] {
        for (y, down) in [(cut.top(), -1.0), (cut.bottom(), 1.0)] {
            let (near, far) = (gap, gap + length);
            page.line(Point::new(x + near * outwards, y), Point::new(x + far * outwards, y));
            page.line(Point::new(x, y + near * down), Point::new(x, y + far * down));
        }
    }
}

/// A cell of words that lie level: what they are, the size wished for, in which face.
struct Level {
    words: String,
    size: Mm,
    face: Face,
    height: Mm,
}

/// The frame and its cells: company and year above, the title upright, then the rest.
fn label(page: &mut Page, spine: &Spine, frame: Rect, title_size: Mm, year_size: Mm) {
    let cell = |words: String, size: Mm, face: Face, height: f64| Level { words, size, face, height: Mm::mm(height) };
    let year = named("", &spine.year, "年");
    let numbers: Vec<&str> =
        [spine.from_number.trim(), spine.to_number.trim()].into_iter().filter(|it| !it.is_empty()).collect();
    let numbers =
        if numbers.len() == 2 && numbers[0] == numbers[1] { numbers[0].to_owned() } else { numbers.join("\n至\n") };
    let binder = [named("第 ", &spine.box_number, " 盒"), named("第 ", &spine.binder_number, " 卷")];
    let binder: Vec<String> = binder.into_iter().filter(|it| !it.is_empty()).collect();
    let above =
        [cell(spine.company.trim().to_owned(), FIVE, Face::Song, 16.0), cell(year, year_size, Face::HeiBold, 14.0)];
    let under = [
        cell(spine.code.trim().to_owned(), SMALL_FIVE, Face::Song, 10.0),
        cell(numbers, SMALL_FOUR, Face::HeiBold, 22.0),
        cell(binder.join("\n"), SMALL_FOUR, Face::Song, 16.0),
        cell(spine.retention.trim().to_owned(), FIVE, Face::Song, 16.0),
    ];
    let mut top = frame.top();
    for level in above.iter().filter(|it| !it.words.is_empty()) {
        cell_of(page, level, Rect::new(frame.left(), top, frame.size.width, level.height));
        top += level.height;
        page.line(Point::new(frame.left(), top), Point::new(frame.right(), top));
    }
    let mut bottom = frame.bottom();
    for level in under.iter().rev().filter(|it| !it.words.is_empty()) {
        bottom -= level.height;
        cell_of(page, level, Rect::new(frame.left(), bottom, frame.size.width, level.height));
        page.line(Point::new(frame.left(), bottom), Point::new(frame.right(), bottom));
    }
    upright(page, &spine.title, Rect::new(frame.left(), top, frame.size.width, bottom - top), title_size);
    outline(page, frame);
}

/// A datum between its words; nothing where there is none.
fn named(before: &str, datum: &str, behind: &str) -> String {
    if datum.trim().is_empty() { String::new() } else { format!("{before}{}{behind}", datum.trim()) }
}

/// The sizes to try: the wished one, down to 小五 by points, and only then what it takes.
fn sizes(wished: Mm) -> impl Iterator<Item = Mm> {
    let whole = std::iter::successors(Some(wished), |it| Some(*it - Mm::points(1.5))).take_while(|it| *it > SMALL_FIVE);
    whole.chain(std::iter::successors(Some(SMALL_FIVE), |it| Some(*it * 0.9)))
}

/// Words in the middle of a cell: on as few lines as can be, then as large as wished or as fits.
fn cell_of(page: &mut Page, level: &Level, cell: Rect) {
    let room = cell.shrink(PAD);
    let mut best: Option<(Mm, Vec<&str>)> = None;
    for size in sizes(level.size) {
        if size < SMALL_FIVE && best.is_some() {
            break;
        }
        let lines = parted(level, room.size.width / size);
        let fits = pitch(size) * lines.len() as f64 <= room.size.height || size < NOTHING;
        if fits && best.as_ref().is_none_or(|it| lines.len() < it.1.len()) {
            best = Some((size, lines));
        }
    }
    if let Some((size, lines)) = best {
        centred(page, room, &lines, level.face, size);
    }
}

/// A cell's lines; two are parted where a reader would: before 有限公司, behind a comma.
fn parted(level: &Level, em: f64) -> Vec<&str> {
    let words = level.words.as_str();
    let lines = balanced(level.face, words, em);
    if lines.len() != 2 || words.contains('\n') {
        return lines;
    }
    let kind = KINDS.iter().find(|it| words.ends_with(**it)).map(|it| words.len() - it.len());
    let Some(at) = kind.or_else(|| words.find('，').map(|it| it + '，'.len_utf8())) else { return lines };
    let (one, two) = (words[..at].trim_end(), words[at..].trim());
    let narrow = |part: &str| !part.is_empty() && width(level.face, Mm::mm(1.0), part) <= Mm::mm(em);
    if narrow(one) && narrow(two) { vec![one, two] } else { lines }
}

/// A title set upright, one character a mark; a long one in several columns, the first at the right.
fn upright(page: &mut Page, title: &str, area: Rect, wished: Mm) {
    // In a column every character is as high as wide, and lines begin and end by the same rules.
    let square = |c: char| u32::from(c).checked_add(0xFEE0).and_then(char::from_u32).filter(|_| c.is_ascii_graphic());
    let seen: Vec<char> = title.chars().filter(|it| !it.is_whitespace()).collect();
    let squares: String = seen.iter().map(|c| square(*c).unwrap_or(*c)).collect();
    let room = area.shrink(PAD * 2.0);
    for size in sizes(wished) {
        let most = ((room.size.height / size + STEP - 1.0) / STEP).floor().max(1.0);
        let columns = balanced(Face::HeiBold, &squares, most);
        let count = columns.len() as f64;
        let fits =
            (columns.len() < 2 || size <= wished * LESS) && size * (COLUMN * (count - 1.0) + 1.0) <= room.size.width;
        if !fits && size > NOTHING {
            continue;
        }
        let longest = columns.iter().map(|it| it.chars().count()).max().unwrap_or(0) as f64;
        let top = room.top() + (room.size.height - size * (STEP * longest - STEP + 1.0)) / 2.0;
        let mut middle = area.left() + area.size.width / 2.0 + size * COLUMN * ((count - 1.0) / 2.0);
        let mut next = seen.iter().copied();
        for column in columns {
            let mut y = top;
            for c in next.by_ref().take(column.chars().count()) {
                let wide = size * resolve_vertical(Face::HeiBold, c).advance;
                let at = Point::new(middle - wide / 2.0, y + size * 0.88);
                let text = c.to_string();
                page.marks.push(Mark::Text(Text { at, text, face: Face::HeiBold, size, vertical: true, of: None }));
                y += if is_invisible(c) { Mm::ZERO } else { size * STEP };
            }
            middle -= size * COLUMN;
        }
        return;
    }
}
