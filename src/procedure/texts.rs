//! What a package brings to be read: the guide to it, and sheets filled in to show how.

use super::Procedure;

/// A guide: its text, and the sheets in its pictures as an exchange file.
#[derive(Clone, Copy, Debug)]
pub struct Guide {
    /// The text; what its lines mean is told where it is laid out.
    pub text: &'static str,
    /// The sheets.
    pub sheets: &'static str,
}

/// The sheets of a sample book.
#[derive(Clone, Copy, Debug)]
pub struct Samples {
    /// The sheets, as an exchange file.
    pub sheets: &'static str,
    /// What the office that filled them in has set, as a book keeps it.
    pub office: &'static str,
}

impl Procedure {
    /// The guide to it.
    pub fn guide(&self) -> Guide {
        Guide { text: self.text("guide.txt"), sheets: self.text("guide.json") }
    }

    /// Its sample sheets.
    pub fn samples(&self) -> Samples {
        Samples { sheets: self.text("samples.json"), office: self.text("samples-office.json") }
    }
}
