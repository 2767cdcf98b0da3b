//! Copies of the book in words.

use std::path::PathBuf;

use crate::store::{Backup, Comparison, Condition, Look};
use crate::ui::backup::{Beside, Line};

pub(super) fn paths(made: &[PathBuf]) -> String {
    made.iter().map(|it| it.display().to_string()).collect::<Vec<_>>().join("，")
}

pub(super) fn line(backup: &Backup, look: Option<&Look>) -> Line {
    let (state, damaged) = match look.map(|it| &it.condition) {
        None => ("在看…", false),
        Some(Condition::Whole) => ("完好", false),
        Some(Condition::Locked) => ("要口令", false),
        Some(Condition::Damaged(_)) => ("已损坏", true),
    };
    let encrypted = look.is_some_and(|it| it.encrypted);
    Line {
        path: backup.path.clone(),
        at: backup.at.format("%Y-%m-%d %H:%M").to_string(),
        reason: backup.reason.name(),
        place: if backup.second { "第二处" } else { "备份文件夹" },
        bytes: backup.bytes,
        holds: match look {
            Some(_) if damaged => "读不出来，不能用来恢复；请用别的备份".to_owned(),
            look => look.map(look_words).unwrap_or_default(),
        },
        state: if encrypted && state == "完好" { "完好，加密".to_owned() } else { state.to_owned() },
        damaged,
    }
}

fn look_words(look: &Look) -> String {
    match &look.condition {
        Condition::Locked => "加了口令，要输入口令才看得到".to_owned(),
        Condition::Damaged(why) => why.clone(),
        Condition::Whole if look.sheets == 0 => "没有单据".to_owned(),
        Condition::Whole => {
            let last = look.last.map_or_else(String::new, |it| format!("，写到 {}", it.format("%Y-%m-%d %H:%M")));
            format!("{} 张单，最新 {}{last}", look.sheets, look.newest)
        }
    }
}

/// What is said before a backup is put in the present book's place.
pub(super) fn comparison_words(comparison: &Comparison) -> Beside {
    let (backup, present) = (&comparison.backup, &comparison.present);
    let readable = present.condition == Condition::Whole;
    let changes = present.lines - backup.lines;
    let numbers: Vec<String> =
        comparison.missing.iter().take(12).map(|(form, number)| format!("表 {form} {number}")).collect();
    let more = if comparison.missing_count > numbers.len() { "等" } else { "" };
    let sheets = comparison.missing_count;
    let which = if sheets > 0 { format!("（{}{more}）", numbers.join("、")) } else { String::new() };
    let (loses, short) = match (&present.condition, comparison.same && comparison.earlier) {
        (Condition::Damaged(_) | Condition::Locked, _) => {
            ("现在的台帐读不出来，不知道会少什么".to_owned(), "用它替换读不出的台帐".to_owned())
        }
        (Condition::Whole, true) if changes == 0 => {
            ("与现在的台帐一样，恢复后什么也不少".to_owned(), "恢复，什么也不少".to_owned())
        }
        (Condition::Whole, true) => (
            format!("恢复后会少 {sheets} 张单{which}，少 {changes} 处改动"),
            format!("恢复，少 {sheets} 张单、{changes} 处改动"),
        ),
        (Condition::Whole, false) => (
            format!(
                "{}：恢复后现在的台帐里有 {sheets} 张单不在其中{which}",
                if comparison.same {
                    "它与现在的台帐后来各写各的"
                } else {
                    "这不是现在这本台帐的备份"
                }
            ),
            format!("用它替换现在的台帐，少 {sheets} 张单"),
        ),
    };
    Beside {
        locked: backup.condition == Condition::Locked,
        possible: backup.condition == Condition::Whole,
        backup: look_words(backup),
        present: if readable { look_words(present) } else { format!("读不出来：{}", look_words(present)) },
        harmless: readable && comparison.same && comparison.earlier && changes == 0,
        loses,
        confirm: short,
    }
}
