//! Under what licences the program's parts are used: every crate in it on Linux and on Windows, and its faces, with the
//! licences' texts. `packaging/licences.sh` writes them into `assets/licences.zz`.

use std::fmt::Write as _;
use std::io::Read as _;

use flate2::read::ZlibDecoder;
use serde::Deserialize;

static PACKED: &[u8] = include_bytes!("../assets/licences.zz");

/// A part of the program that others made.
#[derive(Clone, Debug, Deserialize)]
pub struct Part {
    /// What it is called.
    pub name: String,
    /// Which version; empty for a face.
    pub version: String,
    /// Its licence, as an SPDX expression.
    pub terms: String,
    /// Where it comes from.
    pub from: String,
    /// Which of the texts are its licence's.
    texts: Vec<usize>,
}

/// All of them.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Licences {
    /// The faces.
    pub faces: Vec<Part>,
    /// The crates, by name.
    pub crates: Vec<Part>,
    texts: Vec<String>,
}

impl Licences {
    /// Unpacks them.
    pub fn unpack() -> Self {
        let mut json = String::new();
        let read = ZlibDecoder::new(PACKED).read_to_string(&mut json);
        // The file is the program's own, and a test reads it.
        read.ok().and_then(|_| serde_json::from_str(&json).ok()).unwrap_or_default()
    }

    /// Faces and crates.
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        self.faces.iter().chain(&self.crates)
    }

    /// The texts of a part's licence.
    pub fn texts(&self, part: &Part) -> impl Iterator<Item = &str> {
        part.texts.iter().filter_map(|it| self.texts.get(*it)).map(String::as_str)
    }

    /// Everything as one text: first the parts, then each licence once, with whose it is.
    pub fn text(&self) -> String {
        let mut text = String::from("用户服务台帐所用的程序库、字体及其许可证\n\n");
        for part in self.parts() {
            // Writing to a String does not fail.
            let _ =
                writeln!(text, "{}  {}  {}", format!("{} {}", part.name, part.version).trim(), part.terms, part.from);
        }
        for (place, licence) in self.texts.iter().enumerate() {
            let whose: Vec<&str> = self.parts().filter(|it| it.texts.contains(&place)).map(|it| &*it.name).collect();
            let _ = write!(text, "\n{}\n{}\n\n{licence}\n", "=".repeat(60), whose.join("、"));
        }
        text
    }
}
