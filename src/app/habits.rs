//! What the window remembers from one day to the next: which book was open, which page and sheet lay there, how large it
//! was shown, where the window stood.

use std::path::{Path, PathBuf};

use eframe::egui;

use super::App;
use crate::command::View;
use crate::habits::{Habits, Keeper, Place};
use crate::procedure::FormId;
use crate::record::RecordId;
use crate::ui::welcome::Recent;
use crate::ui::zoom::Zoom;

/// The habits, and what of them is shown and noted.
pub(super) struct Habitual {
    keeper: Keeper,
    /// The books that were open, as they are listed.
    pub(super) recent: Vec<Recent>,
    place: Option<Place>,
    /// Page and sheet as they were noted last.
    noted: Option<(View, RecordId)>,
    /// They are to be gone back to once the lists are there.
    due: bool,
    /// What was wrong with the file, to be said once there is a window.
    told: Option<String>,
}

impl Habitual {
    pub(super) fn open(path: Option<&Path>) -> Self {
        let (keeper, told) = Keeper::open(path);
        let recent = recent(keeper.habits());
        Self { keeper, recent, place: None, noted: None, due: false, told }
    }

    /// What is remembered.
    pub(super) fn habits(&self) -> &Habits {
        self.keeper.habits()
    }

    /// Looks at what another window has written meanwhile.
    pub(super) fn refresh(&mut self) {
        self.keeper.refresh();
    }

    /// Changes what is remembered.
    pub(super) fn change(&mut self, change: impl Fn(&mut Habits) + Send + 'static) {
        self.keeper.change(change);
        self.recent = recent(self.keeper.habits());
    }
}

fn recent(habits: &Habits) -> Vec<Recent> {
    habits.books.iter().map(|it| Recent { path: it.path.clone(), missing: !it.path.is_file() }).collect()
}

impl App {
    /// What this computer remembers.
    pub fn habits(&self) -> &Habits {
        self.habitual.habits()
    }

    /// Changes what this computer remembers.
    pub fn change_habits(&mut self, change: impl Fn(&mut Habits) + Send + 'static) {
        self.habitual.change(change);
    }

    /// Where the window stands now; it is put down with the next change, and when the window closes.
    pub fn note_place(&mut self, place: Place) {
        self.habitual.place = Some(place);
    }

    /// Where it was last seen to stand.
    pub fn place(&self) -> Option<Place> {
        self.habitual.place.or(self.habits().window)
    }

    /// A book came on the desk: it is the one to begin with next time. The sample is nobody's.
    pub(super) fn note_book(&mut self, path: &Path) {
        self.habitual.noted = None;
        self.habitual.due = true;
        if path == self.outside.sample_book() {
            return;
        }
        path.clone_into(&mut self.book.own);
        let path = path.to_owned();
        self.habitual.change(move |it| it.opened(&path));
    }

    /// How large the sheet is shown: as it was last on this computer, else as the book says, from which that came before.
    pub(super) fn usual_zoom(&self, book: Option<String>) -> Zoom {
        let kept = &self.habits().zoom;
        if kept.is_empty() { book.map_or(Zoom::Width, |it| Zoom::read(&it)) } else { Zoom::read(kept) }
    }

    /// The book was read: the sheet that lay on the desk lies there again, and the same day the same page.
    pub(super) fn go_back(&mut self) {
        if !std::mem::take(&mut self.habitual.due) {
            return;
        }
        let Some(kept) = self.book().and_then(|it| self.habits().book(it)).cloned() else { return };
        let form = FormId::from(kept.form.as_str());
        let sheet = self.book.store.as_ref().and_then(|it| it.find(&form, &kept.number).ok().flatten());
        if let Some(sheet) = sheet.filter(|_| !kept.number.is_empty()) {
            self.lay(sheet.id);
        }
        if kept.day == self.today().to_string()
            && let Some(view) = crate::ui::bars::views(&self.procedure).into_iter().find(|it| view_key(it) == kept.page)
        {
            // What was looked at is gone, or the page shows another form's: the page's own beginning.
            self.show(view);
        }
    }

    /// Notes page and sheet where they changed.
    pub(super) fn note_page(&mut self) {
        if self.book.store.is_none() || self.book.reading.is_some() || self.is_sample() {
            return;
        }
        let now = (self.panels.view.clone(), self.desk.record.id);
        let first = self.habitual.noted.is_none();
        if self.habitual.noted.as_ref() == Some(&now) {
            return;
        }
        self.habitual.noted = Some(now);
        // As it was opened is as it was noted; a look at today's page writes nothing.
        if first {
            return;
        }
        let Some(path) = self.book().map(Path::to_owned) else { return };
        let (page, day) = (view_key(&self.panels.view), self.today().to_string());
        let listed = self.procedure.form(&self.desk.record.form).is_some_and(|it| it.register.is_none());
        let sheet = (self.desk.record.id != RecordId(0) && listed)
            .then(|| (self.desk.record.form.to_string(), self.desk.record.number.clone()));
        self.note_head();
        let place = self.habitual.place;
        self.habitual.change(move |it| {
            it.window = place.or(it.window);
            if let Some(book) = it.book_mut(&path) {
                book.page.clone_from(&page);
                book.day.clone_from(&day);
                if let Some((form, number)) = &sheet {
                    book.form.clone_from(form);
                    book.number.clone_from(number);
                }
            }
        });
    }

    /// The window closes: where it stood, and how far the book had come, is put down.
    pub(super) fn note_end(&mut self) {
        self.note_head();
        if let Some(place) = self.habitual.place {
            self.habitual.change(move |it| it.window = Some(place));
        }
    }

    /// Says once that nothing can be remembered.
    pub(super) fn tend_habits(&mut self, ctx: &egui::Context) {
        self.note_page();
        let told = self.habitual.told.take();
        if let Some(sentence) = told.or_else(|| self.habitual.keeper.trouble(false)) {
            self.say(sentence);
            ctx.request_repaint();
        }
    }

    /// The book to begin with: the one that was open last, else the office's own where there is one.
    pub(super) fn last_book(&self, own: &Path) -> Option<PathBuf> {
        let last = self.habits().books.first().map(|it| it.path.clone());
        last.or_else(|| own.is_file().then(|| own.to_owned()))
    }
}

/// What a page is called in the file.
fn view_key(view: &View) -> String {
    match view {
        View::Sheets(form) => format!("sheets {form}"),
        View::Register(form) => format!("register {form}"),
        other => format!("{other:?}").to_lowercase(),
    }
}
