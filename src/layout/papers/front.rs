//! The front page of a written procedure (程序文件首页): what it is called, what was changed in it, who gets it, who stands
//! under it. All of it comes from the package.

use crate::face::Face;
use crate::procedure::{Document, Package};
use crate::record::full_date;
use crate::units::{Mm, Point, Rect};

use super::super::text::{FIVE, SMALL_FIVE, pitch, rise};
use super::super::{FOOT, PAD, Page};
use super::{PORTRAIT, balanced, centred, empty, head, level, lines_of, number, outline};

/// What stands above the frame.
const TITLE: &str = "程序文件首页";
/// The least height of a row.
const ROW: Mm = Mm::mm(9.0);
/// The width of a label's cell.
const LABEL: Mm = Mm::mm(25.0);
/// The columns of changes, without the last, which takes what is left.
const DATE: Mm = Mm::mm(35.0);
const EDITION: Mm = Mm::mm(25.0);
/// How many departments stand beside each other.
const BESIDE: usize = 12;
/// The height of a cell to sign in.
const SIGN: Mm = Mm::mm(18.0);
/// Above and below a row's text.
const SLACK: Mm = Mm::mm(1.2);
/// The least lines for changes on the front, written or not.
const LEAST_CHANGES: f64 = 3.0;

/// What the front page says. What is empty leaves its cell empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Front {
    /// The company line above the title.
    pub company: String,
    /// What the procedure is called, and its number, edition, day of issue, department and pages.
    pub about: Vec<[(String, String); 2]>,
    /// Its title, for the row of its own.
    pub title: String,
    /// What was changed: when, into which edition, what.
    pub changes: Vec<[String; 3]>,
    /// Who gets it, and how many copies.
    pub distribution: Vec<[String; 2]>,
    /// The cells under it: label, who, when.
    pub signed: Vec<[String; 3]>,
}

impl Front {
    /// The front page of a package.
    pub fn of(document: &Document, package: &Package) -> Self {
        let day = |it: Option<chrono::NaiveDate>| it.map(full_date).unwrap_or_default();
        let pair = |label: &str, text: String| (label.to_owned(), text);
        let pages = package.pages.map(|it| it.to_string()).unwrap_or_default();
        let copies: u32 = package.distribution.iter().map(|it| it.copies).sum();
        let copies = if copies > 0 { copies.to_string() } else { String::new() };
        let about = vec![
            [pair("文件编号", package.code.clone()), pair("版次", package.edition.clone())],
            [pair("发布日期", day(package.issued)), pair("制订部门", package.department.clone())],
            [pair("页数", pages), pair("份数", copies)],
        ];
        let change = |it: &crate::procedure::Amendment| [day(it.date), it.edition.clone(), it.what.clone()];
        let signed = |it: &crate::procedure::Approval| [it.label.clone(), it.by.clone(), day(it.date)];
        Self {
            company: document.company.clone(),
            about,
            title: package.title.clone(),
            changes: package.changes.iter().map(change).collect(),
            distribution: package
                .distribution
                .iter()
                .map(|it| [it.department.clone(), it.copies.to_string()])
                .collect(),
            signed: package.signed.iter().map(signed).collect(),
        }
    }
}

/// A row whose cells are set: their lines, left edges and widths, and how high it is.
struct Row<'a> {
    cells: Vec<(Mm, Mm, Vec<&'a str>, bool)>,
    size: Mm,
    height: Mm,
}

/// Sets the cells of a row: text, width, whether it stands in the middle.
fn row<'a>(left: Mm, size: Mm, cells: &[(&'a str, Mm, bool)]) -> Row<'a> {
    let mut x = left;
    let set = cells.iter().map(|(text, width, middle)| {
        let em = (*width - PAD * 2.0) / size;
        let lines = if *middle { balanced(Face::Song, text, em) } else { lines_of(Face::Song, text, em) };
        let cell = (x, *width, lines, *middle);
        x += *width;
        cell
    });
    let cells: Vec<_> = set.collect();
    let lines = cells.iter().map(|it| it.2.len()).max().unwrap_or(0);
    Row { cells, size, height: ROW.max(pitch(size) * lines as f64 + SLACK * 2.0) }
}

impl Row<'_> {
    /// Draws it, with the lines between its cells and the one under it; returns where the next begins.
    fn draw(&self, page: &mut Page, y: Mm) -> Mm {
        for (place, (left, width, lines, middle)) in self.cells.iter().enumerate() {
            let room = Rect::new(*left, y, *width, self.height);
            let draw = if *middle { centred } else { level };
            draw(page, room, lines, Face::Song, self.size);
            if place > 0 {
                page.line(Point::new(*left, y), Point::new(*left, y + self.height));
            }
        }
        let right = self.cells.last().map_or(Mm::ZERO, |it| it.0 + it.1);
        let left = self.cells.first().map_or(Mm::ZERO, |it| it.0);
        page.line(Point::new(left, y + self.height), Point::new(right, y + self.height));
        y + self.height
    }
}

/// Lays out the front page; changes for which it has no room go on over pages.
pub fn front(front: &Front) -> Vec<Page> {
    let inside = PORTRAIT.inside();
    let (left, whole) = (inside.left(), inside.size.width);
    let about = about(front, left, whole);
    let given = distribution(front, left, whole);
    let changes: Vec<Row<'_>> = front.changes.iter().map(|it| change(left, whole, it)).collect();
    let headings = change_heads(left, whole).height;
    let signers = signers(front, whole);
    let mut page = empty(&PORTRAIT);
    let top = head(&mut page, inside, &front.company, TITLE, "");
    let bottom = inside.bottom() - FOOT;
    let lines = signers.iter().map(Vec::len).max();
    let sign = lines.map_or(Mm::ZERO, |it| SIGN.max(pitch(FIVE) * it as f64 + SLACK * 2.0));
    let under: Mm = given.iter().map(|it| it.height).sum::<Mm>() + sign;
    let above: Mm = about.iter().map(|it| it.height).sum::<Mm>() + headings;
    // So much of it that no change stands beside it goes under the changes on the last page.
    let room = bottom - top - above - under;
    let mut pages = vec![page];
    let mut y = top;
    for row in &about {
        y = row.draw(&mut pages[0], y);
    }
    let mut left_over = changes.as_slice();
    let mut first = true;
    loop {
        let Some(page) = pages.last_mut() else { return pages };
        let begin = if first { top } else { y };
        y = change_heads(left, whole).draw(page, y);
        let end = if first && room >= ROW * LEAST_CHANGES { bottom - under } else { bottom };
        while let [next, rest @ ..] = left_over
            && (y + next.height <= end || y == begin + headings)
        {
            y = next.draw(page, y);
            left_over = rest;
        }
        if left_over.is_empty() && y + under <= bottom {
            // Empty lines are there for the changes to come.
            while y + ROW + under <= bottom {
                y = change(left, whole, &Default::default()).draw(page, y);
            }
            for row in &given {
                y = row.draw(page, y);
            }
            sign_cells(page, &signers, Rect::new(left, y, whole, sign));
            y += sign;
            outline(page, Rect::new(left, begin, whole, y - begin));
            break;
        }
        outline(page, Rect::new(left, begin, whole, y - begin));
        let mut page = empty(&PORTRAIT);
        y = head(&mut page, inside, &front.company, &format!("{TITLE}(续页)"), &front.title);
        pages.push(page);
        first = false;
    }
    let count = pages.len();
    pages.iter_mut().enumerate().for_each(|(index, page)| number(page, inside, &[], index, count));
    pages
}

/// What it is called and where it comes from.
fn about(front: &Front, left: Mm, whole: Mm) -> Vec<Row<'_>> {
    let half = whole / 2.0;
    let title = row(left, FIVE, &[("文件名称", LABEL, true), (&front.title, whole - LABEL, false)]);
    let mut rows = vec![title];
    for [(a, b), (c, d)] in &front.about {
        let cells = [(a.as_str(), LABEL, true), (b, half - LABEL, false), (c, LABEL, true), (d, half - LABEL, false)];
        rows.push(row(left, FIVE, &cells));
    }
    rows
}

fn change(left: Mm, whole: Mm, it: &[String; 3]) -> Row<'_> {
    let [date, edition, what] = it;
    row(left, FIVE, &[(date, DATE, true), (edition, EDITION, true), (what, whole - DATE - EDITION, false)])
}

/// The heads of the columns of changes.
fn change_heads(left: Mm, whole: Mm) -> Row<'static> {
    row(left, FIVE, &[("修改日期", DATE, true), ("版次", EDITION, true), ("修改内容", whole - DATE - EDITION, true)])
}

/// The departments, and under each how many copies it gets.
fn distribution(front: &Front, left: Mm, whole: Mm) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for some in front.distribution.chunks(BESIDE) {
        let count = if front.distribution.len() > BESIDE { BESIDE } else { some.len() };
        let wide = (whole - LABEL) / count as f64;
        for (place, label) in ["分发部门", "份数"].into_iter().enumerate() {
            let mut cells = vec![(label, LABEL, true)];
            cells.extend((0..count).map(|at| (some.get(at).map_or("", |it| it[place].as_str()), wide, true)));
            let size = if place == 0 && wide < LABEL { SMALL_FIVE } else { FIVE };
            rows.push(row(left, size, &cells));
        }
    }
    rows
}

/// What stands in the cells to sign in, line by line.
fn signers(front: &Front, whole: Mm) -> Vec<Vec<String>> {
    let em = (whole / front.signed.len().max(1) as f64 - PAD * 2.0) / FIVE;
    let set = |[label, by, date]: &[String; 3]| {
        let words = format!("{label}:{by}");
        let lines = lines_of(Face::Song, &words, em).into_iter().chain(lines_of(Face::Song, date, em));
        lines.map(str::to_owned).collect()
    };
    front.signed.iter().map(set).collect()
}

fn sign_cells(page: &mut Page, signers: &[Vec<String>], area: Rect) {
    let wide = area.size.width / signers.len().max(1) as f64;
    for (place, lines) in signers.iter().enumerate() {
        let left = area.left() + wide * place as f64;
        if place > 0 {
            page.line(Point::new(left, area.top()), Point::new(left, area.bottom()));
        }
        let mut baseline = area.top() + SLACK + rise(FIVE);
        for line in lines {
            page.words(Point::new(left + PAD, baseline), line, Face::Song, FIVE);
            baseline += pitch(FIVE);
        }
    }
}
