//! What is written short, and what it is in long.

use std::fs;

use taizhang::procedure::{Form, Procedure};

/// What the language writes of a form; what forms mean besides is said by newer files only.
fn written(form: &Form) -> String {
    let head = (&form.form, &form.edition, &form.short, &form.code, &form.title, &form.also, &form.number_label);
    let paper = (&form.foot, &form.copies, form.paper, form.head, form.spine);
    let stages: Vec<_> = form.stages.iter().map(|it| (&it.name, &it.by, &it.date, &it.whose, &it.differs)).collect();
    let register = form.register.as_ref().map(|it| (it.slots, it.slot_height, it.head_height, it.columns.len()));
    let parts = (&form.fields, &form.beside, &form.sections, stages, register);
    format!("{head:#?}\n{paper:#?}\n{parts:#?}")
}

/// The files as they were written before: every cell, field and date in full.
#[test]
fn the_procedure_s_forms_are_what_they_were_in_the_long_language() {
    let now = Procedure::load(&[]).unwrap();
    let mut seen = 0;
    for entry in fs::read_dir("tests/data/forms-old").unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let old = Procedure::load(&[(name.clone(), fs::read_to_string(&path).unwrap())]).unwrap();
        let form = old.forms.last().unwrap();
        let new = now.form(&form.form).unwrap();
        assert_eq!(written(new), written(form), "{name}");
        seen += 1;
    }
    assert_eq!(seen, now.forms.len());
}
