//! Words of forms in which settings stand (`{brand}牌产品…`): what the office set takes their place.

use super::{Document, Form, Procedure, Value};

impl Form {
    /// The texts in which settings may stand: the title and what else is printed beside what is written.
    fn texts(&mut self) -> impl Iterator<Item = &mut String> {
        let head = [&mut self.title, &mut self.short].into_iter().chain(&mut self.also).chain(&mut self.foot);
        let fields = self.fields.iter_mut().chain(&mut self.beside).map(|it| &mut it.name);
        let sections = self.sections.iter_mut().flat_map(|section| {
            let cells = section.rows.iter_mut().flat_map(|it| &mut it.cells).map(|it| &mut it.label);
            section.title.iter_mut().chain(cells)
        });
        let tables = self.tables.values_mut().flat_map(|it| it.columns.iter_mut().map(|it| &mut it.head));
        let registers = self.register.iter_mut().flat_map(|it| &mut it.columns).flat_map(|it| &mut it.head);
        head.chain(fields).chain(sections).chain(tables).chain(registers)
    }

    /// The settings that stand in its words.
    pub(super) fn worded_by(&mut self) -> Vec<String> {
        let named = self.texts().flat_map(|text| {
            let pieces: Vec<String> =
                text.split('{').skip(1).filter_map(|it| Some(it.split_once('}')?.0.to_owned())).collect();
            pieces
        });
        named.collect()
    }
}

impl Procedure {
    /// Puts what the office set into the words of the forms.
    pub(super) fn reword(&mut self) {
        let Self { document, forms, .. } = self;
        for form in forms {
            if form.plain.is_none() && form.texts().all(|it| !it.contains('{')) {
                continue;
            }
            let mut plain = form.plain.take().unwrap_or_else(|| Box::new(form.clone()));
            let mut worded = (*plain).clone();
            worded.texts().for_each(|it| *it = document.worded(&plain, it));
            plain.plain = None;
            worded.plain = Some(plain);
            *form = worded;
        }
    }
}

impl Document {
    /// A text with what was set in place of the settings that stand in it.
    fn worded(&self, form: &Form, text: &str) -> String {
        let mut said = String::new();
        let mut rest = text;
        while let Some((before, inside)) = rest.split_once('{') {
            said.push_str(before);
            let set = inside.split_once('}').and_then(|(id, behind)| Some((self.setting_of(&form.form, id)?, behind)));
            match set {
                Some((value, behind)) => {
                    match value {
                        Value::Words(words) => said.push_str(words),
                        Value::Number(number) => said.push_str(&number.to_string()),
                        Value::Switch(_) => {}
                    }
                    rest = behind;
                }
                None => {
                    said.push('{');
                    rest = inside;
                }
            }
        }
        said + rest
    }
}
