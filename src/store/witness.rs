//! What is remembered of a book outside it. The file alone cannot show that its end was cut off, or that an older copy lies
//! in its place: against that stands the head of its history, as this computer saw it last, as the copies bear it in their
//! names, as it is printed.

use std::fmt;

use super::file::copies::{backups, first_line};
use super::history::first;
use super::{Head, Result, Store, StoreError};
use crate::layout::Borne;

/// So many copies that say something else are looked into.
const LOOKED_INTO: usize = 20;

/// The head of a book's history, and whose it is: as the matrix on paper has it, and as this computer remembers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Witness {
    /// How the book began, which no other shares: the first eight bytes of its first line's hash.
    pub book: [u8; 8],
    /// How far it had come.
    pub head: Head,
}

impl Witness {
    /// Reads what [`Self::to_string`] wrote.
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.split_whitespace();
        let (Some(book), Some(line), Some(hash), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        let figures = |it: &str| {
            let whole = it.len() == 16 && it.bytes().all(|it| it.is_ascii_hexdigit());
            u64::from_str_radix(it, 16).ok().filter(|_| whole).map(u64::to_be_bytes)
        };
        let line = line.parse().ok().filter(|it| *it > 0)?;
        Some(Self { book: figures(book)?, head: Head { line, hash: figures(hash)? } })
    }

    /// As paper bears it.
    pub fn borne(&self) -> Borne {
        Borne { words: self.head.to_string(), code: self.to_string() }
    }
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Capitals take less room in a matrix.
        let figures = |it: [u8; 8]| it.iter().map(|it| format!("{it:02X}")).collect::<String>();
        write!(f, "{} {} {}", figures(self.book), self.head.line, figures(self.head.hash))
    }
}

/// Something remembered outside that the book does not bear out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// What is remembered.
    pub witness: Witness,
    /// What is wrong, in a sentence.
    pub sentence: String,
}

impl Store {
    /// What stands for the book outside it; none where nothing was ever written.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn witness(&self) -> Result<Option<Witness>> {
        let began = first_line(&self.connection).map_err(|fault| fault.at("读取台帐", &self.path))?;
        Ok(began.zip(self.head()?).map(|(book, head)| Witness { book: first(&book), head }))
    }

    /// What is remembered outside the book and it does not bear out: `seen` here, and by the copies in its places.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn doubts(&self, seen: &[Witness]) -> Result<Vec<Doubt>> {
        let mut doubts = Vec::new();
        for witness in seen {
            doubts.extend(self.doubt(*witness, "这台电脑上次看到的")?);
        }
        // What the copies' names say costs nothing; only a copy that knows more is looked into, for it may be another book's.
        let mut left = LOOKED_INTO;
        for copy in backups(&self.path, &self.backup_places()) {
            let Some(head) = copy.head else { continue };
            if left == 0 || self.head_at(head.line)? == Some(head) {
                continue;
            }
            left -= 1;
            let read = self.opener().beside(&copy.path).open_to_read();
            // A copy that cannot be read bears no witness.
            let Ok(Some(witness)) = read.and_then(|it| it.witness()) else { continue };
            let own = self.witness()?.is_none_or(|it| it.book == witness.book);
            let name = copy.path.file_name().unwrap_or_default().to_string_lossy();
            if own {
                doubts.extend(self.doubt(witness, &format!("备份 {name} "))?);
            }
        }
        Ok(doubts)
    }

    fn doubt(&self, witness: Witness, place: &str) -> Result<Option<Doubt>, StoreError> {
        let Witness { book, head } = witness;
        let own = self.witness()?;
        let sentence = match (own, self.head_at(head.line)?) {
            (_, Some(there)) if there == head => return Ok(None),
            (Some(own), _) if own.book != book => {
                format!("台帐与{place}不是同一本：从第一行修改记录起就不同，也许放错了文件，或整本被换过")
            }
            (_, Some(_)) => format!(
                "台帐与{place}不同：第 {} 行修改记录不是原来的那一行，从这一行或它以前起被换过，或者放在这里的是另抄的一本",
                head.line
            ),
            (own, None) => format!(
                "台帐比{place}短：那时有 {} 行修改记录，现在只有 {} 行，后面的被截去了，或者放在这里的是旧的一本",
                head.line,
                own.map_or(0, |it| it.head.line)
            ),
        };
        Ok(Some(Doubt { witness, sentence }))
    }
}
