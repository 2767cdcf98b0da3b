//! The short language of form files: a row is written as it reads on paper, and what follows from it is said once. All of
//! it is made into the long form, which old files are written in, before that is read; places are kept.
//!
//! - A row is `"hHEIGHT CELL · CELL"`, or `"table NAME"`.
//! - A cell is `LABEL=FIELD WIDTH` with its label inside, or `LABEL=FIELD LABEL_WIDTH|REST` with its label in a cell of its own.
//! - A width with `↓3` behind it reaches down over three rows; those below it have no cell there.
//! - A field is `ID:KIND`; both may be left out: the id is the label then, the kind `line`. `!` behind it: it is signed.
//! - A label that ends in `/日期` is a person's signature with its date: the fields `ID` and `ID_date`; with a kind it is a
//!   cell like any other. A cell 日期 behind a signature is the date of that.
//! - `[field.ID]` says what more there is to say of a field; `beside` and a register's `columns` are written the same way.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::tree::{Node, Tree, key, list, number, string, table};

/// Between the cells of a row.
const BETWEEN: &str = " · ";
/// What a label that takes a signature and its date ends in.
const DATED: &str = "/日期";
/// The label of a cell that takes the date of the signature before it.
const DATE: &str = "日期";
/// The two papers: width, height, and the margins left, right, above and below.
const PORTRAIT: [&str; 6] = ["210", "297", "25", "15", "18", "18"];
const LANDSCAPE: [&str; 6] = ["297", "210", "20", "20", "25", "15"];
/// Behind a signature's id: its date's.
const DATE_ID: &str = "_date";
/// Behind a width: over how many rows the cell reaches down.
const DOWN: char = '↓';
/// A column that counts the lines.
const SEQUENCE: &str = "#";

/// What a cell, a column or a line beside the sheet says.
struct Said<'a> {
    label: &'a str,
    id: &'a str,
    id_at: Range<usize>,
    kind: Option<(&'a str, Range<usize>)>,
    signed: bool,
    label_at: Range<usize>,
    /// What stands behind it, apart from each other.
    rest: Vec<(&'a str, Range<usize>)>,
}

/// The fields that cells make, and what is said of them elsewhere.
#[derive(Default)]
struct Fields<'a> {
    /// What `[field.ID]` and `[[field]]` say.
    told: BTreeMap<String, (Range<usize>, DeTable<'a>)>,
    /// The fields on the sheet, in the order of their cells.
    placed: Vec<Node<'a>>,
    /// Which have a signature's date of their own.
    dated: BTreeSet<String>,
    /// The tables whose columns were looked at.
    tables: BTreeSet<String>,
}

/// Makes the long form of a form file.
pub(super) fn expand<'a>(tree: &mut Tree<'a>) {
    paper(tree);
    let mut fields = Fields::default();
    let in_tables = matches!(tree.root.get("field").map(Spanned::get_ref), Some(DeValue::Table(_)));
    let short = in_tables || has_short_rows(&tree.root) || has_signed_columns(&tree.root);
    if short && let Some(node) = tree.root.remove("field") {
        fields.tell(tree, node);
    }
    if let Some(mut node) = tree.root.remove("section") {
        for section in items(&mut node) {
            if let DeValue::Table(section) = section.get_mut()
                && let Some(rows) = section.get_mut("rows")
            {
                for row in items(rows) {
                    fields.row(tree, row);
                }
            }
        }
        put(tree, "section", node);
    }
    let mut beside = Vec::new();
    if let Some(mut node) = tree.root.remove("beside") {
        let at = node.span();
        beside.extend(items(&mut node).map(|it| fields.beside(tree, it)));
        if !matches!(node.get_ref(), DeValue::Array(_)) {
            put(tree, "beside", Spanned::new(at, node.into_inner()));
        }
    }
    fields.columns(tree, &mut beside);
    if !beside.is_empty() {
        put(tree, "beside", list(0..0, beside));
    }
    if short {
        // What no cell holds is said where the names are checked.
        let left = std::mem::take(&mut fields.told).into_values();
        fields.placed.extend(left.map(|(at, told)| Spanned::new(at, DeValue::Table(told))));
        put(tree, "field", list(0..0, std::mem::take(&mut fields.placed)));
    }
    fields.stages(tree);
}

/// The two papers that procedures are printed on, and what the head takes of them.
fn paper(tree: &mut Tree<'_>) {
    let said = match tree.root.get("paper").map(|it| (it.span(), it.get_ref())) {
        None => Some((0..0, "portrait".to_owned())),
        Some((at, DeValue::String(said))) => Some((at, said.clone().into_owned())),
        Some(_) => None,
    };
    let landscape = said.as_ref().is_some_and(|it| it.1 == "landscape");
    if let Some((at, said)) = said {
        let [width, height, left, right, top, bottom] = match said.as_str() {
            "portrait" => PORTRAIT,
            "landscape" => LANDSCAPE,
            other => {
                tree.say(at.clone(), "paper 应是 \"portrait\"、\"landscape\"，或者写出长宽和页边距".to_owned());
                tree.patched = true;
                if other.starts_with('l') { LANDSCAPE } else { PORTRAIT }
            }
        };
        let sides =
            [("width", width), ("height", height), ("left", left), ("right", right), ("top", top), ("bottom", bottom)];
        let sides = sides.map(|(name, length)| (name, number(at.clone(), length)));
        let paper = DeValue::Table(table(&at, sides));
        put(tree, "paper", Spanned::new(at, paper));
    }
    if !tree.root.contains_key("head") {
        let head = if landscape {
            "21"
        } else if tree.root.contains_key("spine") {
            "24"
        } else {
            "22"
        };
        put(tree, "head", number(0..0, head));
    }
}

fn has_short_rows(root: &DeTable<'_>) -> bool {
    let rows = |it: &Node<'_>| match it.get_ref() {
        DeValue::Table(section) => section.get("rows").is_some_and(any_text),
        _ => false,
    };
    match root.get("section").map(Spanned::get_ref) {
        Some(DeValue::Array(sections)) => sections.iter().any(rows),
        _ => false,
    }
}

/// Whether a column of a table is signed.
fn has_signed_columns(root: &DeTable<'_>) -> bool {
    let signed = |it: &Node<'_>| match it.get_ref() {
        DeValue::String(it) => it.contains("! ") || it.contains(DATED),
        _ => false,
    };
    let any = |it: &Node<'_>| match it.get_ref() {
        DeValue::Table(table) => match table.get("columns").map(Spanned::get_ref) {
            Some(DeValue::Array(columns)) => columns.iter().any(signed),
            _ => false,
        },
        _ => false,
    };
    match root.get("table").map(Spanned::get_ref) {
        Some(DeValue::Table(tables)) => tables.iter().any(|it| any(it.1)),
        _ => false,
    }
}

fn any_text(list: &Node<'_>) -> bool {
    match list.get_ref() {
        DeValue::Array(items) => items.iter().any(|it| matches!(it.get_ref(), DeValue::String(_))),
        _ => false,
    }
}

fn items<'t, 'a>(node: &'t mut Node<'a>) -> impl Iterator<Item = &'t mut Node<'a>> {
    match node.get_mut() {
        DeValue::Array(items) => items.iter_mut(),
        _ => [].iter_mut(),
    }
}

fn put<'a>(tree: &mut Tree<'a>, name: &str, node: Node<'a>) {
    tree.root.insert(key(node.span(), name), node);
}

/// Reads `LABEL[=[ID][:KIND][!]] REST`, of which so many words at the end are the rest.
fn said<'a>(text: &'a str, at: usize, rest: impl Fn(&str) -> bool) -> Said<'a> {
    let mut words = Vec::new();
    let mut front = text.trim_end();
    while let Some((before, word)) = front.rsplit_once(' ').filter(|it| words.len() < 3 && rest(it.1)) {
        words.insert(0, (word, at + before.len() + 1..at + front.len()));
        front = before.trim_end();
    }
    let (label, field) = front.rsplit_once('=').map_or((front, None), |it| (it.0, Some(it.1)));
    let skipped = label.len() - label.trim_start().len();
    let label_at = at + skipped..at + label.len();
    let label = label.trim();
    let start = at + front.len() - field.map_or(0, str::len);
    let field = field.unwrap_or_default();
    let (plain, signed) = field.strip_suffix('!').map_or((field, false), |it| (it, true));
    let (id, kind) = plain.split_once(':').map_or((plain, None), |it| (it.0, Some(it.1)));
    let kind = kind.map(|it| (it, start + id.len() + 1..start + plain.len()));
    let id_at = if id.is_empty() { label_at.clone() } else { start..start + id.len() };
    let id = if id.is_empty() { named(label) } else { id };
    Said { label, id, id_at, kind, signed, label_at, rest: words }
}

/// What a field is called after its label.
fn named(label: &str) -> &str {
    let name = without_colon(label);
    name.strip_suffix(DATED).unwrap_or(name).trim_end_matches('|')
}

fn without_colon(label: &str) -> &str {
    label.trim_end_matches([':', '：'])
}

impl<'a> Said<'a> {
    /// Whether it is a signature with its date. Where a kind is given, that is what it is.
    fn is_dated(&self) -> bool {
        self.kind.is_none() && without_colon(self.label).ends_with(DATED)
    }

    /// What its field is called.
    fn called(&self) -> &'a str {
        if self.kind.is_none() || self.signed { named(self.label) } else { without_colon(self.label) }
    }

    /// The field as its own words make it.
    fn field(&self, name: &str) -> DeTable<'a> {
        let mut field = table(
            &self.label_at,
            [("id", string(self.id_at.clone(), self.id)), ("name", string(self.label_at.clone(), name))],
        );
        let (kind, at) = self.kind.clone().unwrap_or(("line", self.id_at.clone()));
        field.insert(key(at.clone(), "kind"), string(at, kind));
        if self.signed {
            sign(&mut field, &self.label_at);
        }
        field
    }
}

fn sign(field: &mut DeTable<'_>, at: &Range<usize>) {
    field.insert(key(at.clone(), "signature"), Spanned::new(at.clone(), DeValue::Boolean(true)));
}

fn text_of(field: &DeTable<'_>, name: &str) -> Option<String> {
    match field.get(name).map(Spanned::get_ref) {
        Some(DeValue::String(it)) => Some(it.clone().into_owned()),
        _ => None,
    }
}

impl<'a> Fields<'a> {
    /// Takes down what is said of fields, by id or one after the other.
    fn tell(&mut self, tree: &mut Tree<'a>, node: Node<'a>) {
        let whole = node.span();
        let mut tell = |id: Option<String>, at: Range<usize>, value: DeValue<'a>, id_at: Range<usize>| {
            let (Some(id), DeValue::Table(mut told)) = (id, value) else {
                return tree.say(at, "应写成 [field.项目的id]，或者有 id 的 [[field]]".to_owned());
            };
            told.insert(key(id_at.clone(), "id"), string(id_at, &id));
            if self.told.insert(id.clone(), (at.clone(), told)).is_some() {
                tree.say(at, format!("项目“{id}”写了两次"));
            }
        };
        match node.into_inner() {
            DeValue::Table(table) => {
                for (id, value) in table {
                    let at = id.span();
                    tell(Some(id.into_inner().into_owned()), at.clone(), value.into_inner(), at);
                }
            }
            DeValue::Array(items) => {
                for item in items {
                    let at = item.span();
                    let id = if let DeValue::Table(it) = item.get_ref() { text_of(it, "id") } else { None };
                    tell(id, at.clone(), item.into_inner(), at);
                }
            }
            _ => tree.say(whole, "应写成 [field.项目的id]".to_owned()),
        }
    }

    /// What is said of a field goes before what its cell makes of it.
    fn merged(&mut self, id: &str, made: DeTable<'a>) -> DeTable<'a> {
        let Some((_, mut told)) = self.told.remove(id) else { return made };
        for (name, value) in made {
            if !told.contains_key(name.get_ref().as_ref()) {
                told.insert(name, value);
            }
        }
        told
    }

    fn place(&mut self, at: &Range<usize>, field: DeTable<'a>) {
        self.placed.push(Spanned::new(at.clone(), DeValue::Table(field)));
    }

    /// Makes the long form of a row.
    fn row(&mut self, tree: &mut Tree<'a>, row: &mut Node<'a>) {
        let at = row.span();
        if let DeValue::Table(long) = row.get_mut() {
            if let Some(name) = text_of(long, "table") {
                self.table(tree, &name);
            }
            for cell in long.get_mut("cells").into_iter().flat_map(items) {
                self.long_cell(cell);
            }
            return;
        }
        if !matches!(row.get_ref(), DeValue::String(_)) {
            return;
        }
        let Some((text, start)) = tree.inside(row) else { return none(tree, row) };
        if let Some(name) = text.strip_prefix("table ") {
            self.table(tree, name.trim());
            let name = string(start + 6..start + text.len(), name.trim());
            *row = Spanned::new(at.clone(), DeValue::Table(table(&at, [("table", name)])));
            return;
        }
        let (height, cells) = text.split_once(' ').unwrap_or((text, ""));
        let Some(height) = height.strip_prefix('h').filter(|it| it.parse::<f64>().is_ok()) else {
            tree.say(start..start + text.len(), format!("{ROW}；这一行开头没有行高"));
            return none(tree, row);
        };
        let height_at = start + 1..start + 1 + height.len();
        let mut place = start + text.len() - cells.len();
        let mut made = Vec::new();
        let mut before: Option<(String, String)> = None;
        for cell in cells.split(BETWEEN) {
            made.extend(self.cell(tree, cell, place, &mut before));
            place += cell.len() + BETWEEN.len();
        }
        let entries = [("height", number(height_at, height)), ("cells", list(at.clone(), made))];
        *row = Spanned::new(at.clone(), DeValue::Table(table(&at, entries)));
    }

    /// What more is said of the fields in a table's columns: what they are called and how they are written, the columns say.
    fn table(&mut self, tree: &mut Tree<'a>, name: &str) {
        // A table stands in one place; what names it again is told elsewhere.
        if !self.tables.insert(name.to_owned()) {
            return;
        }
        let Some(DeValue::Table(tables)) = tree.root.get("table").map(Spanned::get_ref) else { return };
        let Some(DeValue::Table(it)) = tables.get(name).map(Spanned::get_ref) else { return };
        let Some(DeValue::Array(columns)) = it.get("columns").map(Spanned::get_ref) else { return };
        let mut before = None;
        let mut signed = Vec::new();
        for (place, column) in columns.clone().into_iter().enumerate() {
            // What is wrong with one that is not written so is said where it is read.
            if !matches!(column.get_ref(), DeValue::String(_)) {
                before = None;
                continue;
            }
            let Some((text, start)) = tree.inside(&column) else { continue };
            let mut it = said(text, start, |it| it.split('|').all(|it| it.parse::<f64>().is_ok()));
            let at = column.span();
            if let Some(made) = self.signed_column(&mut it, &at, &mut before) {
                signed.push((place, Spanned::new(at, DeValue::Table(made))));
            } else if self.told.contains_key(it.id) {
                let field = self.merged(it.id, it.field(it.label));
                self.place(&at, field);
            }
        }
        let Some(DeValue::Table(tables)) = tree.root.get_mut("table").map(Spanned::get_mut) else { return };
        let Some(DeValue::Table(it)) = tables.get_mut(name).map(Spanned::get_mut) else { return };
        let Some(DeValue::Array(columns)) = it.get_mut("columns").map(Spanned::get_mut) else { return };
        for (place, made) in signed {
            if let Some(column) = columns.get_mut(place) {
                *column = made;
            }
        }
    }

    /// The long form of a column that is signed line by line, or that holds the date of the signature in the one before it.
    fn signed_column(
        &mut self,
        it: &mut Said<'a>,
        at: &Range<usize>,
        before: &mut Option<(String, String)>,
    ) -> Option<DeTable<'a>> {
        let [(width, width_at)] = it.rest.as_slice() else { return None };
        let (width, width_at) = (*width, width_at.clone());
        let date_of = before.take().filter(|_| it.id == DATE && it.kind.is_none());
        let dated = it.label.ends_with(DATED);
        let mut date = None;
        let id = if let Some((signer, base)) = date_of {
            self.date_beside(it, &signer, &base, at)
        } else if it.signed || dated {
            it.kind = it.kind.take().or(Some(("person", it.id_at.clone())));
            it.signed = true;
            let name = named(it.label);
            let mut field = self.merged(it.id, it.field(name));
            let base = text_of(&field, "key").unwrap_or_else(|| name.to_owned());
            let called = text_of(&field, "name").unwrap_or_else(|| name.to_owned());
            if dated {
                put_key(&mut field, &it.label_at, &format!("{base}.姓名"));
            }
            self.place(at, field);
            if dated {
                date = Some(self.date(it, it.id, &base, &called, at));
            } else {
                *before = Some((it.id.to_owned(), base));
            }
            it.id.to_owned()
        } else {
            return None;
        };
        let at = &it.label_at;
        let mut made = table(
            at,
            [
                ("head", string(at.clone(), it.label)),
                ("width", number(width_at, width)),
                ("field", string(it.id_at.clone(), &id)),
            ],
        );
        if let Some(date) = date {
            made.insert(key(at.clone(), "date"), string(at.clone(), &date));
        }
        Some(made)
    }

    /// The fields of a cell written in long, where they stand.
    fn long_cell(&mut self, cell: &mut Node<'a>) {
        let DeValue::Table(cell) = cell.get_mut() else { return };
        for field in cell.get_mut("fields").into_iter().flat_map(items) {
            if let DeValue::String(id) = field.get_ref()
                && let Some((at, told)) = self.told.remove(id.as_ref())
            {
                self.place(&at, told);
            }
        }
    }

    /// Makes a cell, and the fields in it. `before`: the signature in the cell before, by id and key, while it has no date.
    fn cell(
        &mut self,
        tree: &mut Tree<'a>,
        text: &'a str,
        at: usize,
        before: &mut Option<(String, String)>,
    ) -> Option<Node<'a>> {
        let whole = at..at + text.len();
        let is_width = |it: &str| it.matches('|').count() < 2 && it.split('|').all(|it| it.parse::<f64>().is_ok());
        let mut it = said(text, at, |it| is_width(it.split_once(DOWN).map_or(it, |it| it.0)));
        let widths = match it.rest.as_slice() {
            [(width, at)] => Some((*width, at.clone())),
            _ => None,
        };
        let Some((width, width_at)) = widths.filter(|_| !it.label.is_empty() && !it.id.is_empty()) else {
            tree.say(whole, format!("{ROW}；看不懂“{}”", text.trim()));
            tree.patched = true;
            return None;
        };
        let mut cell = table(&whole, [("label", string(it.label_at.clone(), it.label))]);
        let (width, rows) = width.split_once(DOWN).map_or((width, None), |it| (it.0, Some(it.1)));
        if let Some(rows) = rows {
            cell.insert(key(width_at.clone(), "rows"), number(width_at.clone(), rows));
        }
        match width.split_once('|') {
            None => {
                cell.insert(key(width_at.clone(), "width"), number(width_at, width));
            }
            Some((label, _)) => {
                cell.insert(key(width_at.clone(), "label_width"), number(width_at.clone(), label));
                cell.insert(key(width_at.clone(), "width"), string(width_at, width));
            }
        }
        let name = it.called();
        let date_of = before.take().filter(|_| name == DATE);
        let mut ids = Vec::new();
        if it.is_dated() {
            it.kind = Some(("person", it.id_at.clone()));
            it.signed = true;
            let mut field = self.merged(it.id, it.field(name));
            let base = text_of(&field, "key").unwrap_or_else(|| name.to_owned());
            let called = text_of(&field, "name").unwrap_or_else(|| name.to_owned());
            put_key(&mut field, &it.label_at, &format!("{base}.姓名"));
            ids.push(it.id.to_owned());
            self.place(&whole, field);
            ids.push(self.date(&it, it.id, &base, &called, &whole));
        } else if let Some((id, base)) = date_of.filter(|_| it.kind.is_none()) {
            ids.push(self.date_beside(&it, &id, &base, &whole));
        } else {
            let field = self.merged(it.id, it.field(name));
            ids.push(it.id.to_owned());
            if it.signed && it.kind.as_ref().is_none_or(|it| it.0 == "person") {
                *before = Some((it.id.to_owned(), text_of(&field, "key").unwrap_or_else(|| name.to_owned())));
            }
            self.place(&whole, field);
        }
        let ids = ids.iter().map(|id| string(it.id_at.clone(), id));
        cell.insert(key(it.id_at.clone(), "fields"), list(it.id_at.clone(), ids));
        Some(Spanned::new(whole, DeValue::Table(cell)))
    }

    /// The date of a signature in the same cell.
    fn date(&mut self, it: &Said<'a>, id: &str, base: &str, called: &str, whole: &Range<usize>) -> String {
        let date_id = format!("{id}{DATE_ID}");
        let stem = called.strip_suffix('人').unwrap_or(called);
        let at = &it.label_at;
        let entries = [
            ("id", string(it.id_at.clone(), &date_id)),
            ("name", string(at.clone(), &format!("{stem}{DATE}"))),
            ("kind", string(at.clone(), "date")),
        ];
        let mut made = table(at, entries);
        sign(&mut made, at);
        put_key(&mut made, at, &format!("{base}.{DATE}"));
        let field = self.merged(&date_id, made);
        self.place(whole, field);
        self.dated.insert(id.to_owned());
        date_id
    }

    /// The date of the signature in the cell before: that one's key says that it has one.
    fn date_beside(&mut self, it: &Said<'a>, id: &str, base: &str, whole: &Range<usize>) -> String {
        let mut called = base.to_owned();
        if let Some(DeValue::Table(signer)) = self.placed.last_mut().map(Spanned::get_mut) {
            called = text_of(signer, "name").unwrap_or(called);
            put_key(signer, &it.label_at, &format!("{base}.姓名"));
        }
        self.date(it, id, base, &called, whole)
    }

    /// Makes the long form of a line beside the sheet.
    fn beside(&mut self, tree: &mut Tree<'a>, item: &mut Node<'a>) -> Node<'a> {
        let at = item.span();
        if !matches!(item.get_ref(), DeValue::String(_)) {
            return Spanned::new(at, std::mem::replace(item.get_mut(), DeValue::Boolean(false)));
        }
        let Some((text, start)) = tree.inside(item) else { return string(at, "") };
        let it = said(text, start, |_| false);
        let field = self.merged(it.id, it.field(named(it.label)));
        Spanned::new(at, DeValue::Table(field))
    }

    /// Makes the long form of a register's columns, and the fields that are typed in them.
    fn columns(&mut self, tree: &mut Tree<'a>, beside: &mut Vec<Node<'a>>) {
        let Some(mut node) = tree.root.remove("register") else { return };
        let mut typed = Vec::new();
        if let DeValue::Table(register) = node.get_mut()
            && let Some(columns) = register.get_mut("columns")
        {
            for column in items(columns).filter(|it| matches!(it.get_ref(), DeValue::String(_))) {
                let Some((text, start)) = tree.inside(column) else { continue };
                let at = column.span();
                let it = said(text, start, |it| it == "centred" || it.parse::<f64>().is_ok());
                let Some((width, width_at)) = it.rest.first().cloned().filter(|it| it.0 != "centred") else {
                    tree.say(at.clone(), format!("{COLUMN}；看不懂“{text}”"));
                    tree.patched = true;
                    let entries = [
                        ("head", list(at.clone(), [])),
                        ("width", number(at.clone(), "10")),
                        ("sequence", Spanned::new(at.clone(), DeValue::Boolean(true))),
                    ];
                    *column = Spanned::new(at.clone(), DeValue::Table(table(&at, entries)));
                    continue;
                };
                let head = it.label.split('|').map(|line| string(it.label_at.clone(), line));
                let mut made =
                    table(&at, [("head", list(it.label_at.clone(), head)), ("width", number(width_at, width))]);
                if it.rest.len() > 1 {
                    made.insert(key(at.clone(), "centred"), Spanned::new(at.clone(), DeValue::Boolean(true)));
                }
                if it.id == SEQUENCE {
                    made.insert(
                        key(it.id_at.clone(), "sequence"),
                        Spanned::new(it.id_at.clone(), DeValue::Boolean(true)),
                    );
                } else {
                    made.insert(key(it.id_at.clone(), "field"), string(it.id_at.clone(), it.id));
                    let name = it.called().replace('|', "");
                    let field = self.merged(it.id, it.field(&name));
                    typed.push(Spanned::new(at.clone(), DeValue::Table(field)));
                }
                *column = Spanned::new(at, DeValue::Table(made));
            }
        }
        beside.splice(0..0, typed);
        put(tree, "register", node);
    }

    /// A stage whose signature has its date beside it is dated there.
    fn stages(&self, tree: &mut Tree<'a>) {
        for stage in tree.root.get_mut("stage").into_iter().flat_map(items) {
            let at = stage.span();
            if let DeValue::Table(stage) = stage.get_mut()
                && let Some(by) = text_of(stage, "by").filter(|it| self.dated.contains(it))
                && !stage.contains_key("date")
            {
                stage.insert(key(at.clone(), "date"), string(at, &format!("{by}{DATE_ID}")));
            }
        }
    }
}

/// A row of which nothing can be made.
fn none<'a>(tree: &mut Tree<'a>, row: &mut Node<'a>) {
    tree.patched = true;
    let at = row.span();
    let entries = [("height", number(at.clone(), "10")), ("cells", list(at.clone(), []))];
    *row = Spanned::new(at.clone(), DeValue::Table(table(&at, entries)));
}

fn put_key<'a>(field: &mut DeTable<'a>, at: &Range<usize>, said: &str) {
    let name = key(at.clone(), "key");
    let at = field.get("key").map_or_else(|| at.clone(), Spanned::span);
    field.insert(name, string(at, said));
}

const ROW: &str = "一行应写成 \"h行高 标签=项目:种类 宽度 · 标签=项目 标签宽|格宽\"";
const COLUMN: &str = "一列应写成 \"标题=项目:种类 宽度\"，居中的再加 centred";
