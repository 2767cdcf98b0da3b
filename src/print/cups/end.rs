//! What has become of what lay in the queue, by the words of `lpstat` and `cancel`.

use super::super::{Job, Outcome};

/// What has become of a queue entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It is printed, as far as the queue knows.
    Printed,
    /// It was taken out of the queue.
    Cancelled,
    /// The queue gave it up.
    Aborted,
    /// It lies there still: why, as a clause; empty where nobody knows.
    Waits(String),
}

/// What becomes of a job whose queue entries ended so, each of so many pages.
pub(super) fn outcome(job: &Job, ends: &[(End, usize)], stopped: bool) -> Result<Outcome, String> {
    let waits = ends.iter().find_map(|it| if let End::Waits(why) = &it.0 { Some(why.clone()) } else { None });
    let out = out(ends);
    match (waits, stopped) {
        (None, true) if out == 0 => Ok(Outcome::Stopped),
        (None, _) if out == job.count() => Ok(Outcome::Printed),
        (Some(why), _) if out == job.count() => Ok(Outcome::Waits(why)),
        (_, true) => Err(format!("已停下：{}{}", job.title, part(job, ends))),
        (_, false) => {
            let aborted = ends.iter().any(|it| it.0 == End::Aborted);
            let why =
                if aborted { "打印队列没能印出来，放弃了" } else { "在打印队列里被取消了" };
            Err(format!("没有打印 {}：在 {} 上，{why}{}", job.title, job.printer, part(job, ends)))
        }
    }
}

/// How many pages are out on paper, or will be.
fn out(ends: &[(End, usize)]) -> usize {
    ends.iter().filter(|it| matches!(it.0, End::Printed | End::Waits(_))).map(|it| it.1).sum()
}

/// What is out on paper of a job of which not all is; nothing where nothing is.
pub(super) fn part(job: &Job, ends: &[(End, usize)]) -> String {
    match out(ends) {
        0 => String::new(),
        out => format!("；共 {} 页里有 {out} 页已经印出，没有记进台帐：印了哪几联，请在“纸质单据”里记下", job.count()),
    }
}

/// What `lpstat -l` says beneath a queue entry, where it lists it.
pub(super) fn beneath(said: &str, id: &str) -> Option<String> {
    let mut lines = said.lines().skip_while(|it| !is_listed(it, id));
    lines.next()?;
    Some(lines.take_while(|it| it.starts_with(char::is_whitespace)).collect::<Vec<_>>().join("\n"))
}

/// How something ended, by the words of `lpstat` and `cancel`.
pub(super) fn told(said: &str) -> Option<End> {
    const WORDS: [(&str, End); 7] = [
        ("job-canceled", End::Cancelled),
        ("already canceled", End::Cancelled),
        ("aborted-by-system", End::Aborted),
        ("already aborted", End::Aborted),
        ("job-completed", End::Printed),
        ("already completed", End::Printed),
        ("does not exist", End::Printed),
    ];
    WORDS.iter().find(|it| said.contains(it.0)).map(|it| it.1.clone())
}

/// Whether `lpstat` lists a queue entry; names that are not of ASCII stand there as in an address (%E6%85%A2).
pub(super) fn is_listed(said: &str, id: &str) -> bool {
    said.lines().filter_map(|it| it.split_whitespace().next()).any(|it| it == id || plain(it) == id.as_bytes())
}

/// A name as in an address, in plain bytes.
fn plain(name: &str) -> Vec<u8> {
    let (bytes, mut plain) = (name.as_bytes(), Vec::new());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let code = name.get(at + 1..at + 3).filter(|_| *byte == b'%').and_then(|it| u8::from_str_radix(it, 16).ok());
        plain.push(code.unwrap_or(*byte));
        at += if code.is_some() { 3 } else { 1 };
    }
    plain
}
