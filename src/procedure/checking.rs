//! What the shape of a form file cannot say: names that refer, widths that add up, what fits on the paper. Each mistake is
//! said where it stands, and all of them.

use std::collections::BTreeSet;

use super::tree::{Tree, allowed};
use super::{Cell, FieldId, Form, NAMES};
use crate::units::{Mm, Size};

/// The most data of a form: five times what the longest of the procedure's has.
const MANY_FIELDS: usize = 200;
/// The most sections and stages of a form, rows of a section and words offered for a field.
const MANY_PARTS: usize = 100;
/// The longest text of a file that is printed or shown in one line, in characters.
const LONGEST: usize = 200;
/// The least a continuation sheet, a cell and a row have room for; else what is written would run on for ever.
const LEAST_ROOM: Size = Size::new(Mm::mm(30.0), Mm::mm(50.0));
const LEAST_CELL: Size = Size::new(Mm::mm(5.0), Mm::mm(4.0));

fn too_many() -> String {
    format!("项目太多，一种表单最多 {MANY_FIELDS} 个")
}

/// Whether a form has no more data, those in tables' columns among them, than it may; else that is said.
pub(super) fn is_readable(form: &Form, tree: &mut Tree<'_>) -> bool {
    let columns: usize = form.tables.values().map(|it| it.columns.len()).sum();
    // A column may be a datum that is declared already.
    let fits = form.every_field().count() <= MANY_FIELDS && columns <= 2 * MANY_FIELDS;
    if !fits {
        tree.say_at("field", too_many());
    }
    fits
}

/// Says all that is wrong with a form.
pub(super) fn check(form: &Form, tree: &mut Tree<'_>) {
    if form.every_field().count() > MANY_FIELDS {
        return tree.say_at("field", too_many());
    }
    fields(form, tree);
    let room = room(form, tree);
    names(form, tree);
    stages(form, tree);
    expressions(form, tree);
    form.check_counted(tree);
    form.check_sheets(tree);
    form.check_spans(tree);
    form.check_clocks(&mut |path, message| tree.say_at(path, message));
    form.check_life(&mut |path, message| say_at(tree, path, message));
    form.check_lines(&mut |path, message| say_at(tree, path, message));
    form.check_links(&mut |path, message| say_at(tree, path, message));
    // Where something was left out, what is left does not add up.
    if !tree.patched && room {
        rows(form, tree);
        if let Some(register) = &form.register {
            register.check(form, &mut |path, message| tree.say_at(path, message));
        }
    }
    for (place, column) in form.register.iter().flat_map(|it| it.columns.iter().enumerate()) {
        column.head.iter().for_each(|it| line(tree, &format!("register.columns.{place}"), it));
    }
}

/// Says what is wrong at a path, which may begin with `field:` and the id of one.
pub(super) fn say_at(tree: &mut Tree<'_>, path: &str, message: String) {
    let of_field = path.strip_prefix("field:").map(|it| it.split_once('.').unwrap_or((it, "")));
    match of_field {
        Some((id, rest)) => {
            let field = FieldId::from(id);
            let beside = tree.item_of("beside", id).map(|it| format!("beside.{it}"));
            let path = beside.unwrap_or_else(|| path_of(tree, &field));
            tree.say_at(&format!("{path}.{rest}"), message);
        }
        None => tree.say_at(path, message),
    }
}

fn fields(form: &Form, tree: &mut Tree<'_>) {
    let parts = [
        (form.sections.len(), "section"),
        (form.stages.len(), "stage"),
        (form.copies.len(), "copies"),
        (form.clocks.len(), "clock"),
        (form.starts.len(), "starts"),
        (form.writes.len(), "writes"),
        (form.needs.len(), "needs"),
        (form.repeats.len(), "repeats"),
        (form.checks.len(), "check"),
    ];
    for (many, what) in parts {
        if many > MANY_PARTS {
            tree.say_at(what, format!("{what} 最多 {MANY_PARTS} 个"));
        }
    }
    if form.form.as_str().is_empty() || form.form.as_str().contains(['/', '\\']) {
        tree.say_at("form", "表单的 form 不能空着，也不能有斜杠".to_owned());
    }
    for (what, text) in
        [("form", form.form.as_str()), ("edition", form.edition.as_str()), ("short", &form.short)].into_iter().chain([
            ("code", form.code.as_str()),
            ("title", &form.title),
            ("foot", form.foot.as_deref().unwrap_or_default()),
        ])
    {
        line(tree, what, text);
    }
    let mut ids = BTreeSet::new();
    let on_sheet = form.fields.iter().map(|it| (path_of(tree, &it.id), it)).collect::<Vec<_>>().into_iter();
    let beside = form.beside.iter().enumerate().map(|(place, it)| (format!("beside.{place}"), it));
    for (path, field) in on_sheet.chain(beside) {
        if !ids.insert(&field.id) {
            tree.say_at(&format!("{path}.id"), format!("项目“{}”写了两次", field.id));
        }
        if field.kind.is_chosen() == field.options.is_empty() {
            tree.say_at(&path, format!("项目“{}”：kind 为 choice 的要有 options，其他的不要", field.id));
        }
        if field.is_link() != field.form.is_some() {
            tree.say_at(&path, format!("项目“{}”：kind 为 link 的要有 form（哪一种单），其他的不要", field.id));
        }
        if field.offers.len() > MANY_PARTS || field.options.len() > MANY_PARTS {
            tree.say_at(&path, format!("项目“{}”：offers、options 最多 {MANY_PARTS} 个", field.id));
        }
        for text in field.offers.iter().chain([&field.name, &field.id.0]) {
            line(tree, &path, text);
        }
    }
}

/// Where a field of the sheet is said; columns of tables make their own, and stand with those.
fn path_of(tree: &Tree<'_>, id: &FieldId) -> String {
    tree.item_of("field", id.as_str()).map_or_else(|| "table".to_owned(), |it| format!("field.{it}"))
}

fn line(tree: &mut Tree<'_>, path: &str, text: &str) {
    if text.chars().count() > LONGEST || text.chars().any(char::is_control) {
        tree.say_at(path, format!("应是一行字，最多 {LONGEST} 个字"));
    }
}

/// Whether there is room on the paper.
fn room(form: &Form, tree: &mut Tree<'_>) -> bool {
    let inside = form.paper.inside();
    let room = inside.size.width >= LEAST_ROOM.width && inside.size.height - form.head >= LEAST_ROOM.height;
    if !room && !tree.patched {
        let (width, height) = (LEAST_ROOM.width.to_mm(), LEAST_ROOM.height.to_mm());
        tree.say_at("paper", format!("页边距和表头以内至少要有 {width}×{height} 毫米，才写得下字和续页"));
    }
    room
}

fn rows(form: &Form, tree: &mut Tree<'_>) {
    let inside = form.paper.inside();
    let wanted = inside.size.width - form.spine;
    for (section, it) in form.sections.iter().enumerate() {
        if it.rows.len() > MANY_PARTS {
            tree.say_at(&format!("section.{section}"), format!("一栏最多 {MANY_PARTS} 行"));
        }
        for ((place, row), across) in it.rows.iter().enumerate().zip(it.across()) {
            let path = format!("section.{section}.rows.{place}");
            let columns = row.table.iter().filter_map(|it| form.tables.get(it)).flat_map(|it| &it.columns);
            let width: Mm = columns.map(|it| it.width).sum::<Mm>() + across.width;
            if (width - wanted).to_mm().abs() > 0.01 {
                tree.say_at(&path, format!("一行的宽度共 {} 毫米，应为 {} 毫米", width.to_mm(), wanted.to_mm()));
            }
            let narrow = |it: &Cell| it.width - it.label_width.unwrap_or_default() < LEAST_CELL.width;
            if row.height < LEAST_CELL.height || row.cells.iter().any(narrow) {
                let (width, height) = (LEAST_CELL.width.to_mm(), LEAST_CELL.height.to_mm());
                tree.say_at(&path, format!("一行至少高 {height} 毫米，一格（标签之外）至少宽 {width} 毫米"));
            }
            for (cell, it) in row.cells.iter().enumerate() {
                line(tree, &format!("{path}.cells.{cell}"), &it.label);
            }
        }
    }
    let height: Mm = form.sections.iter().flat_map(|it| &it.rows).map(|it| it.height).sum::<Mm>() + form.head;
    if height > inside.size.height {
        tree.say_at("section", too_tall(height, inside.size.height));
    }
}

fn too_tall(height: Mm, room: Mm) -> String {
    format!("表高共 {} 毫米，纸上只有 {} 毫米", height.to_mm(), room.to_mm())
}

/// Every field that is named is there, and every one on the sheet has one cell.
fn names(form: &Form, tree: &mut Tree<'_>) {
    let on_sheet: Vec<&FieldId> = form.fields.iter().map(|it| &it.id).collect();
    let every: Vec<&FieldId> = form.every_field().map(|it| &it.id).collect();
    let mut placed = BTreeSet::new();
    for (section, it) in form.sections.iter().enumerate() {
        for (row, it) in it.rows.iter().enumerate() {
            for (cell, it) in it.cells.iter().enumerate() {
                for (place, id) in it.fields.iter().enumerate() {
                    let path = format!("section.{section}.rows.{row}.cells.{cell}.fields.{place}");
                    // What was meant takes long to find.
                    if tree.is_full() {
                        return;
                    }
                    if !on_sheet.contains(&id) {
                        let allowed = allowed(id.as_str(), &on_sheet);
                        tree.say_at(&path, format!("格子里的“{id}”没有对应的 [[field]]{allowed}"));
                    }
                    if !placed.insert(id) {
                        tree.say_at(&path, format!("“{id}”占了两个格子"));
                    }
                }
            }
        }
    }
    placed.extend(form.tables.values().flat_map(super::Table::fields));
    for lost in form.fields.iter().filter(|it| !placed.contains(&it.id)) {
        let meant =
            super::tree::nearest(lost.id.as_str(), &every.iter().filter(|it| **it != &lost.id).collect::<Vec<_>>())
                .map_or_else(String::new, |it| format!("；想写的大概是 `{it}`"));
        let why = format!("[[field]] “{}”没有格子；纸上没有的项目写在 [[beside]]{meant}", lost.id);
        tree.say_at(&path_of(tree, &lost.id), why);
    }
    let identity = form.identity.iter().flat_map(|it| it.named());
    let identity = identity.map(|(name, id)| (format!("identity.{name}"), id));
    let stages = form.stages.iter().enumerate().flat_map(|(place, it)| {
        let by = [(format!("stage.{place}.by"), &it.by)];
        let date = it.date.iter().map(move |it| (format!("stage.{place}.date"), it));
        let whose = it.whose.iter().flat_map(super::Whose::each).filter_map(move |it| match it {
            super::Whose::Field(id) => Some((format!("stage.{place}.whose"), id)),
            super::Whose::Role(_)
            | super::Whose::Post(_)
            | super::Whose::Any(_)
            | super::Whose::Outside(_)
            | super::Whose::Sent
            | super::Whose::User => None,
        });
        let differs = it.differs.iter().enumerate();
        let differs = differs.map(move |(at, it)| (format!("stage.{place}.differs.{at}"), it));
        let never = it.never_same.iter().enumerate();
        let never = never.map(move |(at, it)| (format!("stage.{place}.never_same.{at}"), it));
        by.into_iter().chain(date).chain(whose).chain(differs).chain(never)
    });
    // A stage may be signed in the lines of a table.
    let signs = |path: &str| path.starts_with("stage.") && (path.ends_with(".by") || path.ends_with(".date"));
    for (path, id) in identity.chain(stages) {
        if !every.contains(&id) {
            tree.say_at(&path, format!("“{id}”没有对应的 [[field]]{}", allowed(id.as_str(), &every)));
        } else if form.field(id).is_some_and(|it| it.table.is_some() && !(it.signature && signs(&path))) {
            tree.say_at(&path, format!("“{id}”是表里的一列，这里要一个单独的格子"));
        }
    }
}

/// What cells that are computed, and wordings that are proposed, name.
fn expressions(form: &Form, tree: &mut Tree<'_>) {
    for field in form.every_field() {
        let there = |it: &str| form.may_reckon_with(field, it);
        let is = field.is.iter().map(|it| ("is", it, &[][..]));
        let proposes = field.proposes.iter().map(|it| ("proposes", it, &NAMES[..]));
        for (what, expression, others) in is.chain(proposes) {
            let names = expression.names().iter().map(|it| it.split('.').next().unwrap_or_default());
            for name in names.filter(|it| !there(it) && !others.contains(it)) {
                let path = format!("{}.{what}", path_of(tree, &field.id));
                tree.say_at(&path, format!("“{}”的算式里“{name}”没有对应的 [[field]] 或表", field.name));
            }
        }
    }
}

fn stages(form: &Form, tree: &mut Tree<'_>) {
    let verdicts = form.stages.iter().enumerate().filter(|it| it.1.verdict.words.iter().any(|it| it.returns));
    let verdicts = verdicts.map(|(place, it)| (format!("stage.{place}.verdict"), &it.by));
    let answers = form.fields.iter().filter(|it| it.options.iter().any(|it| it.returns));
    let answers = answers.map(|it| (format!("{}.options", path_of(tree, &it.id)), &it.id));
    let answers = answers.collect::<Vec<_>>().into_iter();
    let beside = form.beside.iter().enumerate().filter(|it| it.1.options.iter().any(|it| it.returns));
    let beside = beside.map(|(place, it)| (format!("beside.{place}.options"), &it.id));
    for (path, id) in verdicts.chain(answers).chain(beside).filter(|it| !form.repeats(it.1.as_str())) {
        let why = format!("“{id}”会退回重办（verdict、returns），它所在的 [[section]] 要有 repeats = true");
        tree.say_at(&path, why);
    }
    for (place, stage) in form.stages.iter().enumerate() {
        line(tree, &format!("stage.{place}.name"), &stage.name);
        for (what, id) in [("by", Some(&stage.by)), ("date", stage.date.as_ref())] {
            // A signature that can be typed would be made by no rule.
            if let Some(id) = id.filter(|it| form.field(it).is_some_and(|it| !it.signature)) {
                let why = format!("环节的“{id}”由签署写上，它的 [[field]] 要有 signature = true");
                tree.say_at(&format!("stage.{place}.{what}"), why);
            }
        }
    }
}
