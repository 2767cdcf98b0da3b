//! The reminder (催办单): one page to the department that is to act, with a strip to sign and send back.

use crate::face::{Face, break_lines, width};
use crate::units::{Mm, Point, Rect};

use super::super::text::{FIVE, Fit, SMALL_FIVE, capacity, fit, middle, pitch, rise};
use super::super::{FOOT, PAD, Page};
use super::{PORTRAIT, centred, date_by_hand, empty, head, level, number, outline};

/// 小四: the receipt's title.
const SMALL_FOUR: Mm = Mm::points(12.0);
/// The title.
const TITLE: &str = "催办单";
/// The width of a label's cell.
const LABEL: Mm = Mm::mm(25.0);
/// The height of a row of labels and entries.
const ROW: Mm = Mm::mm(10.0);
/// How many such rows.
const ROWS: f64 = 5.0;
/// The height of the cell for what is asked.
const ASK: Mm = Mm::mm(32.0);
/// The height of a row to sign in.
const SIGN: Mm = Mm::mm(12.0);
/// Between the reminder and the receipt's head: the cut line runs in the middle of it.
const CUT: Mm = Mm::mm(13.0);
/// The height of the receipt's head line.
const RECEIPT: Mm = Mm::mm(8.0);
/// The height of the cell for the department's answer, at least.
const ANSWER: Mm = Mm::mm(38.0);
/// The height of the cell for what happened, at least; what a short text leaves goes to the answer.
const ABOUT: Mm = Mm::mm(44.0);
/// A dash of the cut line, and as much again between two.
const DASH: Mm = Mm::mm(1.5);

/// An entry, and what the sheet's form calls it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entry {
    /// The label.
    pub label: String,
    /// What stands there.
    pub text: String,
}

impl Entry {
    /// What a form calls so, and what stands there.
    pub fn new(label: &str, text: &str) -> Self {
        Self { label: label.to_owned(), text: text.to_owned() }
    }
}

/// What a reminder says. An empty entry leaves its cell empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reminder {
    /// The company line above the title.
    pub company: String,
    /// To which department.
    pub department: String,
    /// From which department (技术质安部, clause 3.2).
    pub from: String,
    /// The slip's number.
    pub number: String,
    /// The slip's title.
    pub form_title: String,
    /// Whom or what the sheet is about.
    pub subject: Entry,
    /// The product.
    pub product: Entry,
    /// What happened, whole: what its cell does not hold goes on on a continuation sheet.
    pub about: Entry,
    /// When it happened, written out.
    pub received: Entry,
    /// By when the work is due, written out.
    pub due: Entry,
    /// How far it is from the deadline: 已超 3 个工作日, 还有 2 天.
    pub overdue: String,
    /// Where the slip stands and whom it waits for: 改进措施 待处理人签署.
    pub stage: String,
    /// By which clause the department is urged.
    pub clause: String,
    /// What the department should do.
    pub asked: String,
    /// Who signs the reminder; room for ink where empty.
    pub by: String,
    /// The day it is written, in full; room to write it where empty.
    pub on: String,
}

/// What did not fit its cell.
struct Rest<'a> {
    label: &'a str,
    text: &'a str,
    size: Mm,
}

/// Lays out a reminder: one page, and continuation sheets (续页) where a text is longer than its cell.
pub fn reminder(reminder: &Reminder) -> Vec<Page> {
    let mut page = empty(&PORTRAIT);
    let note = if reminder.clause.is_empty() { String::new() } else { format!("依据:{}", reminder.clause) };
    let inside = PORTRAIT.inside();
    let top = head(&mut page, inside, &reminder.company, TITLE, &note);
    let foot = inside.bottom() - FOOT;
    let least = CUT + RECEIPT + SIGN + ANSWER;
    let room = foot - least - top - ROW * ROWS - ASK - SIGN;
    let lines = break_lines(Face::Song, reminder.about.text.trim_end(), (inside.size.width - PAD * 2.0) / FIVE).len();
    // Its label, its lines, and a line's height of air.
    let about = (pitch(FIVE) * (lines as f64 + 2.0)).max(ABOUT).min(room);
    let bottom = foot - least - room + about;
    let strip = foot - bottom;
    let mut setter = Setter { page, rests: Vec::new() };
    setter.body(reminder, Rect::new(inside.left(), top, inside.size.width, bottom - top));
    setter.receipt(reminder, Rect::new(inside.left(), bottom, inside.size.width, strip));
    let Setter { page, rests } = setter;
    let mut pages = vec![page];
    pages.extend(continuation(reminder, &rests));
    let count = pages.len();
    if count > 1 {
        pages.iter_mut().enumerate().for_each(|(index, page)| number(page, inside, &[], index, count));
    }
    pages
}

/// Lays out the first page.
struct Setter<'a> {
    page: Page,
    rests: Vec<Rest<'a>>,
}

impl<'a> Setter<'a> {
    /// The labels and entries, what happened, what is asked, who signs.
    fn body(&mut self, it: &'a Reminder, frame: Rect) {
        let half = frame.size.width / 2.0;
        let rows = [
            [("送达部门", &it.department), ("发出部门", &it.from)],
            [("所催单据", &it.form_title), ("单据编号", &it.number)],
            [(it.subject.label.as_str(), &it.subject.text), (&it.product.label, &it.product.text)],
            [(&it.received.label, &it.received.text), (&it.due.label, &it.due.text)],
            [("目前环节", &it.stage), ("期限情况", &it.overdue)],
        ];
        let mut y = frame.top();
        for row in rows {
            for (index, (label, text)) in row.into_iter().enumerate() {
                let left = frame.left() + half * index as f64;
                let name = Rect::new(left, y, LABEL, ROW);
                // A form's own label may be longer than the cell is wide.
                let Fit { size, lines, .. } = fit(&label.into(), LABEL - PAD * 2.0, ROW, true);
                let words = lines.iter().map(|it| label[it.range.clone()].trim_end()).filter(|it| !it.is_empty());
                let words: Vec<&str> = words.collect();
                centred(&mut self.page, name, &words, Face::Song, size);
                let room = Rect::new(name.right(), y, half - LABEL, ROW);
                // What presses is what the eye should find first.
                let face = if label == "期限情况" { Face::HeiBold } else { Face::Song };
                self.entry(label, text, room, face);
                self.upright(name.right(), y, y + ROW);
                if index > 0 {
                    self.upright(left, y, y + ROW);
                }
            }
            y += ROW;
            self.across(frame, y);
        }
        let ask = frame.bottom() - SIGN - ASK;
        self.text(&it.about.label, &it.about.text, Rect::new(frame.left(), y, frame.size.width, ask - y));
        self.across(frame, ask);
        self.text("催办事项", &it.asked, Rect::new(frame.left(), ask, frame.size.width, ASK));
        let sign = frame.bottom() - SIGN;
        self.across(frame, sign);
        self.upright(frame.left() + half, sign, frame.bottom());
        let by = Rect::new(frame.left(), sign, half, SIGN);
        let on = Rect::new(frame.left() + half, sign, half, SIGN);
        self.signed("签发人", &it.by, by);
        self.signed("日期", &it.on, on);
        if it.on.trim().is_empty() {
            date_by_hand(&mut self.page, on.right() - PAD * 2.0, middle(on, 1, FIVE) + rise(FIVE));
        }
        outline(&mut self.page, frame);
    }

    /// The strip the department signs, cuts off and sends back.
    fn receipt(&mut self, it: &'a Reminder, strip: Rect) {
        let (left, right, whole) = (strip.left(), strip.right(), strip.size.width);
        let cut = strip.top() + CUT / 2.0;
        let words = "签收、回复后沿此线裁下，交回发出部门";
        let wide = width(Face::Song, SMALL_FIVE, words) + PAD * 2.0;
        let middle_x = left + whole / 2.0;
        self.dashes(left, middle_x - wide / 2.0, cut);
        self.dashes(middle_x + wide / 2.0, right, cut);
        let line = Rect::new(left, cut - SMALL_FIVE, whole, SMALL_FIVE * 2.0);
        centred(&mut self.page, line, &[words], Face::Song, SMALL_FIVE);
        let baseline = strip.top() + CUT + RECEIPT - Mm::mm(2.2);
        self.page.words_centred(middle_x, baseline, "催办单回执", Face::HeiBold, SMALL_FOUR);
        // They stand in full above the cut; here only where they do not run into the title.
        let short = |text: &str| !text.contains('\n') && width(Face::Song, FIVE, text) < whole / 3.0;
        let department = it.department.trim();
        if !department.is_empty() && short(department) {
            self.page.words(Point::new(left, baseline), department, Face::Song, FIVE);
        }
        if !it.number.trim().is_empty() && short(&it.number) {
            self.page.words_right(right, baseline, it.number.trim(), Face::Song, FIVE);
        }
        let top = strip.top() + CUT + RECEIPT;
        let frame = Rect::new(left, top, whole, strip.bottom() - top);
        let half = whole / 2.0;
        for (index, label) in ["签收人/日期:", "回复人/日期:"].into_iter().enumerate() {
            let room = Rect::new(left + half * index as f64, top, half, SIGN);
            level(&mut self.page, room, &[label], Face::Song, FIVE);
            date_by_hand(&mut self.page, room.right() - PAD * 2.0, middle(room, 1, FIVE) + rise(FIVE));
        }
        self.upright(left + half, top, top + SIGN);
        self.across(frame, top + SIGN);
        self.page.words(Point::new(left + PAD, top + SIGN + Mm::mm(0.8) + rise(FIVE)), "回复:", Face::Song, FIVE);
        outline(&mut self.page, frame);
    }

    fn across(&mut self, frame: Rect, y: Mm) {
        self.page.line(Point::new(frame.left(), y), Point::new(frame.right(), y));
    }

    fn upright(&mut self, x: Mm, from: Mm, to: Mm) {
        self.page.line(Point::new(x, from), Point::new(x, to));
    }

    fn dashes(&mut self, from: Mm, to: Mm, y: Mm) {
        let mut x = from;
        while x < to {
            self.page.line(Point::new(x, y), Point::new((x + DASH).min(to), y));
            x += DASH * 2.0;
        }
    }

    /// A short entry beside its label.
    fn entry(&mut self, label: &'a str, text: &'a str, cell: Rect, face: Face) {
        let room = Rect::new(cell.left() + PAD, cell.top(), cell.size.width - PAD * 2.0, cell.size.height);
        self.fitted(label, text, room, face, true);
    }

    /// A name or date behind its label in one cell.
    fn signed(&mut self, label: &'a str, text: &'a str, cell: Rect) {
        let words = format!("{label}:");
        level(&mut self.page, cell, &[&words], Face::Song, FIVE);
        let used = PAD + width(Face::Song, FIVE, &words) + Mm::mm(0.6);
        let room = Rect::new(cell.left() + used, cell.top(), cell.size.width - used - PAD, cell.size.height);
        self.fitted(label, text, room, Face::Song, true);
    }

    /// A long entry under its label.
    fn text(&mut self, label: &'a str, text: &'a str, cell: Rect) {
        let top = cell.top() + Mm::mm(0.8);
        let left = cell.left() + PAD;
        if !label.is_empty() {
            self.page.words(Point::new(left, top + rise(FIVE)), &format!("{label}:"), Face::Song, FIVE);
        }
        let under = top + pitch(FIVE);
        let room = Rect::new(left, under, cell.size.width - PAD * 2.0, cell.bottom() - Mm::mm(0.5) - under);
        self.fitted(label, text, room, Face::Song, false);
    }

    /// Sets a text into its room; `one`: in the middle of its height, and smaller rather than on two lines. What does
    /// not fit is kept for the continuation sheet, and 见续页 says so.
    fn fitted(&mut self, label: &'a str, text: &'a str, room: Rect, face: Face, one: bool) {
        let text = text.trim_end();
        let Fit { size, lines, rest } = fit(&text.into(), room.size.width, room.size.height, one);
        let rows = lines.len() + usize::from(rest.is_some());
        let mut y = if one { middle(room, rows, size) } else { room.top() };
        for line in &lines {
            let words = text[line.range.clone()].trim_end();
            if !words.is_empty() {
                self.page.words(Point::new(room.left(), y + rise(size)), words, face, size);
            }
            y += pitch(size);
        }
        if let Some(from) = rest {
            self.page.words_right(room.right(), y + rise(size), "见续页", Face::Song, size);
            self.rests.push(Rest { label, text: &text[from..], size });
        }
    }
}

/// The continuation sheets: what did not fit, entry after entry, and 以下空白 under the last line.
fn continuation(reminder: &Reminder, rests: &[Rest<'_>]) -> Vec<Page> {
    let inside = PORTRAIT.inside();
    let mut pages: Vec<Page> = Vec::new();
    let mut inner = Rect::default();
    let mut y = Mm::ZERO;
    for (index, rest) in rests.iter().enumerate() {
        let lines = break_lines(Face::Song, rest.text, inside.size.width / rest.size - PAD * 2.0 / rest.size);
        let last = index + 1 == rests.len();
        let mut from = 0;
        while from < lines.len() {
            let label = pitch(FIVE);
            let gap = if y > inner.top() { pitch(SMALL_FIVE) / 2.0 } else { Mm::ZERO };
            // A label never stands alone at the foot of a page.
            if pages.is_empty() || capacity(rest.size, inner.bottom() - y - gap - label) < 3 {
                let mut page = empty(&PORTRAIT);
                let slip = format!("{} {}", reminder.form_title, reminder.number);
                let top = head(&mut page, inside, &reminder.company, &format!("{TITLE}(续页)"), slip.trim());
                let frame = Rect::new(inside.left(), top, inside.size.width, inside.bottom() - FOOT - top);
                outline(&mut page, frame);
                inner = frame.shrink(PAD);
                y = inner.top();
                pages.push(page);
            } else {
                y += gap;
            }
            let Some(page) = pages.last_mut() else { return pages };
            let name = format!("{}(续):", rest.label);
            page.words(Point::new(inner.left(), y + rise(FIVE)), &name, Face::Song, FIVE);
            y += label;
            let room = capacity(rest.size, inner.bottom() - y).max(2);
            // The last line of all takes 以下空白 with it: it never stands on a sheet of its own.
            let left = lines.len() - from;
            let whole = left + usize::from(last) <= room;
            let to = if whole { lines.len() } else { from + room.min(left - 1) };
            for line in &lines[from..to] {
                let words = rest.text[line.range.clone()].trim_end();
                if !words.is_empty() {
                    page.words(Point::new(inner.left(), y + rise(rest.size)), words, Face::Song, rest.size);
                }
                y += pitch(rest.size);
            }
            from = to;
            if !whole {
                y = inner.bottom();
            } else if last {
                let middle = inside.left() + inside.size.width / 2.0;
                page.words_centred(middle, y + rise(rest.size), "以下空白", Face::Song, rest.size);
            }
        }
    }
    pages
}
