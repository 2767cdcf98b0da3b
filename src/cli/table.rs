//! Columns that line up in a terminal, where a Chinese character is two places wide.

use std::io::{self, Write};

/// The widest a column gets.
const WIDEST: usize = 40;

/// Writes rows under their heads; line breaks in a cell become blanks, long cells are cut with ….
pub(super) fn write(out: &mut dyn Write, heads: &[&str], rows: &[Vec<String>]) -> io::Result<()> {
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|it| cut(it)).collect()).collect();
    let head: Vec<String> = heads.iter().map(|it| (*it).to_owned()).collect();
    let mut widths: Vec<usize> = head.iter().map(|it| width(it)).collect();
    for row in &rows {
        for (widest, cell) in widths.iter_mut().zip(row) {
            *widest = (*widest).max(width(cell));
        }
    }
    for row in std::iter::once(&head).chain(&rows) {
        let mut line = String::new();
        for (cell, widest) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', widest + 2 - width(cell).min(*widest)));
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

fn cut(cell: &str) -> String {
    let cell: String = cell.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if width(&cell) <= WIDEST {
        return cell;
    }
    let mut kept = String::new();
    for c in cell.chars() {
        if width(&kept) + places(c) > WIDEST - 2 {
            break;
        }
        kept.push(c);
    }
    kept.push('…');
    kept
}

fn width(text: &str) -> usize {
    text.chars().map(places).sum()
}

/// How many places a character takes: East Asian scripts and signs take two.
const fn places(c: char) -> usize {
    match c {
        '\u{200B}'..='\u{200F}' | '\u{FE00}'..='\u{FE0F}' => 0,
        '…' | '—' | '“' | '”' | '\u{1100}'..='\u{115F}' | '\u{2E80}'..='\u{A4CF}' | '\u{AC00}'..='\u{D7A3}' => {
            2
        }
        '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE6F}' | '\u{FF00}'..='\u{FF60}' | '\u{FFE0}'..='\u{FFE6}' => 2,
        '\u{1F300}'..='\u{1FAFF}' | '\u{20000}'..='\u{3FFFF}' => 2,
        _ => 1,
    }
}
