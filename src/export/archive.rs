//! The papers of the archive (4.7, PROCEDURE 6): a binder's index, its spine label, and the list of what is to be
//! destroyed. What they say; `layout::papers` sets them.

use chrono::NaiveDate;

use crate::flow::Standing;
use crate::layout::papers::{Spine, Table, TableColumn};
use crate::layout::{self, Look};
use crate::list::Summary;
use crate::procedure::{Document, Form, FormId, Procedure, Rule};
use crate::record::{Record, full_date};
use crate::retention::{Binder, filed, held, kept_until, kept_words, shelf_name};
use crate::units::Mm;

/// How many pages of paper a sheet takes in a binder: one copy, every round with its continuation sheets.
pub fn pages(procedure: &Procedure, record: &Record) -> usize {
    let Some(form) = procedure.edition(&record.form, &record.edition) else { return 0 };
    let look = |round| Look { copy: form.copies.first().map(String::as_str), signatures: true, raw: None, round };
    (0..record.rounds.len()).map(|round| layout::sheet(procedure, form, record, &look(round)).len()).sum()
}

/// A binder's index (卷内目录); `pages` says how many pages each of its sheets takes.
pub fn index(procedure: &Procedure, binder: &Binder<'_>, pages: &[usize], today: NaiveDate) -> Table {
    let document = &procedure.document;
    let form = procedure.form(&binder.shelf.form);
    let title = form.map_or_else(String::new, Form::full_name);
    let subject = form.and_then(|it| it.field(&it.identity.as_ref()?.subject)).map_or("名称", |it| it.name.as_str());
    let row = |(place, (sheet, pages)): (usize, (&&Summary, &usize))| {
        vec![
            (place + 1).to_string(),
            sheet.number.clone(),
            full_date(sheet.date.unwrap_or(sheet.entered)),
            sheet.subject.to_string(),
            pages.to_string(),
            remarks(sheet).join("；"),
        ]
    };
    let shelf = &binder.shelf;
    let years = document.years_kept(&shelf.form);
    Table {
        company: document.company.clone(),
        title: "卷内目录".to_owned(),
        note: format!("{title}\t{}年办结 {}", shelf.year, shelf.name()),
        landscape: false,
        columns: columns(&[
            ("序号", 12.0, true),
            ("编号", 22.0, true),
            ("日期", 30.0, true),
            (subject, 62.0, false),
            ("页数", 12.0, true),
            ("备注", 32.0, false),
        ]),
        rows: binder.sheets.iter().zip(pages).enumerate().map(row).collect(),
        signatures: Vec::new(),
        foot: format!("{}。{}印。", kept_words(years, shelf.kept_until(years)), full_date(today)),
    }
}

/// A binder's spine label (卷脊标签).
pub fn spine(procedure: &Procedure, binder: &Binder<'_>) -> Spine {
    let document = &procedure.document;
    let form = procedure.form(&binder.shelf.form);
    let ((from, to), shelf) = (binder.numbers(), &binder.shelf);
    let years = document.years_kept(&shelf.form);
    Spine {
        company: document.company.clone(),
        title: form.map_or_else(String::new, |it| it.title.clone()),
        code: form.map_or_else(String::new, |it| it.code.clone()),
        year: shelf.year.to_string(),
        from_number: from.to_owned(),
        to_number: to.to_owned(),
        box_number: shelf.case.clone(),
        binder_number: shelf.binder.clone(),
        retention: kept_words(years, shelf.kept_until(years)),
    }
}

/// The list of sheets to be destroyed (销毁清单), with room for three signatures.
pub fn destruction(procedure: &Procedure, sheets: &[&Summary], today: NaiveDate) -> Table {
    let document = &procedure.document;
    let row = |(place, sheet): (usize, &&Summary)| {
        let mut notes = vec![filed(sheet).map_or("未归档".to_owned(), |(case, binder, _)| shelf_name(case, binder))];
        notes.extend(remarks(sheet));
        vec![
            (place + 1).to_string(),
            sheet.number.clone(),
            form_name(procedure, &sheet.form),
            sheet.subject.to_string(),
            sheet.closed.map(full_date).unwrap_or_default(),
            sheet.closed.map(|it| full_date(kept_until(it, document.years_kept(&sheet.form)))).unwrap_or_default(),
            notes.join("；"),
        ]
    };
    let clause = document.clause_of(Rule::Destruction).map(|it| format!(" {it}")).unwrap_or_default();
    Table {
        company: document.company.clone(),
        title: "到期单据销毁清单".to_owned(),
        note: format!("保存期满单据，依据{}{clause}\t{}", named(document), full_date(today)),
        landscape: true,
        columns: columns(&[
            ("序号", 12.0, true),
            ("编号", 22.0, true),
            ("表单", 52.0, false),
            ("用户/名称", 57.0, false),
            ("办结日期", 29.0, true),
            ("保存期满", 29.0, true),
            ("备注", 56.0, false),
        ]),
        rows: sheets.iter().enumerate().map(row).collect(),
        signatures: ["批准人/日期:", "执行人/日期:", "监销人/日期:"].map(str::to_owned).to_vec(),
        foot: format!("共 {} 份。销毁后保留编号、台帐和本清单。", sheets.len()),
    }
}

/// What is to be known of a sheet besides.
fn remarks(sheet: &Summary) -> Vec<String> {
    let mut said = Vec::new();
    if sheet.standing == Standing::Void {
        said.push("作废".to_owned());
    }
    if sheet.rounds > 1 {
        said.push(format!("处置 {} 次", sheet.rounds));
    }
    if let Some(reason) = held(sheet) {
        said.push(format!("冻结：{reason}"));
    }
    said
}

fn form_name(procedure: &Procedure, form: &FormId) -> String {
    procedure.form(form).map_or_else(|| form.to_string(), |it| it.title.clone())
}

fn named(document: &Document) -> String {
    format!("《{}》{}", document.title, document.code)
}

fn columns(said: &[(&str, f64, bool)]) -> Vec<TableColumn> {
    let column = |it: &(&str, f64, bool)| TableColumn { head: it.0.to_owned(), width: Mm::mm(it.1), centred: it.2 };
    said.iter().map(column).collect()
}
