//! Names of users: when two are the same, when they may be, and where they stand in running text.

use crate::record::fold;

/// Legal forms at the end of a company's name, longest first: two names that differ only in them may be one user's.
const FORMS: [&str; 9] =
    ["有限责任公司", "股份有限公司", "集团有限公司", "有限公司", "股份公司", "总公司", "公司", "集团", "股份"];

/// Where names begin: 山东 and 广东 are no slip of the pen.
const PLACES: [&str; 34] = [
    "北京", "天津", "上海", "重庆", "河北", "山西", "辽宁", "吉林", "黑龙", "江苏", "浙江", "安徽", "福建", "江西",
    "山东", "河南", "湖北", "湖南", "广东", "海南", "四川", "贵州", "云南", "陕西", "甘肃", "青海", "台湾", "内蒙",
    "广西", "西藏", "宁夏", "新疆", "香港", "澳门",
];

/// Signs that tell one works from its sister.
const ORDINALS: &str = "一二三四五六七八九十甲乙丙丁东南西北";

/// An unknown name of fewer characters in the minutes is a person's, not a user's.
const SHORTEST_LISTED: usize = 5;

/// A name made ready for comparison: as [`fold`] has it, without blanks. Equal ones are the same user's.
pub fn key(name: &str) -> String {
    let mut key = fold(name);
    key.retain(|c| !c.is_whitespace() && c != '\u{200b}' && c != '\u{feff}');
    // "/" strikes an empty cell, and names nobody.
    if key.chars().all(|c| c == '/') { String::new() } else { key }
}

/// The users named in minutes (参加用户), separated by 、,，;； or line breaks; what stands in brackets is about them.
pub(super) fn listed(text: &str) -> Vec<String> {
    let (bare, _) = brackets(text);
    bare.split(['、', ',', '，', ';', '；', '\n', '\r'])
        .map(|it| it.trim().to_owned())
        .filter(|it| !it.is_empty())
        .collect()
}

/// What of a part of [`listed`] is a user's name although no sheet is made out to it: its first word, where it is long
/// enough to be a company's and not a person's.
pub(super) fn first_word(part: &str) -> Option<&str> {
    let word = part.split_whitespace().next()?;
    (word.chars().count() >= SHORTEST_LISTED && !word.contains('·')).then_some(word)
}

/// The names a source (信息来源) may hold: itself, itself without brackets, what stands in them.
pub(super) fn sources(text: &str) -> Vec<String> {
    let (bare, within) = brackets(text);
    let mut names = vec![text.trim().to_owned(), bare.trim().to_owned()];
    names.extend(within.into_iter().map(|it| it.trim().to_owned()));
    names.retain(|it| !it.is_empty());
    names.dedup();
    names
}

/// The person to talk to out of 出席人员: 用户：马建国（副处长）、白喆；我方：陆喆 is 马建国（副处长）.
pub(super) fn first_present(text: &str) -> &str {
    let text = text.trim();
    let text = ["用户：", "用户:", "用户方：", "用户方:"].iter().find_map(|it| text.strip_prefix(it)).unwrap_or(text);
    let mut depth = 0_usize;
    let end = text.find(|c: char| {
        match c {
            '（' | '(' => depth += 1,
            '）' | ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && matches!(c, '、' | ',' | '，' | ';' | '；' | '\n' | '\r')
    });
    let first = text[..end.unwrap_or(text.len())].trim();
    if first.starts_with("我方") { "" } else { first }
}

/// Text without what stands in brackets, and what stands there.
fn brackets(text: &str) -> (String, Vec<String>) {
    let (mut bare, mut within, mut inner, mut depth) = (String::new(), Vec::new(), String::new(), 0_usize);
    for c in text.chars() {
        match c {
            '（' | '(' => depth += 1,
            '）' | ')' if depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    within.push(std::mem::take(&mut inner));
                }
            }
            _ if depth > 0 => inner.push(c),
            _ => bare.push(c),
        }
    }
    if depth > 0 {
        // A bracket never closed hides nothing.
        bare.push_str(&inner);
    }
    (bare, within)
}

/// How likely two names (as [`key`] has them) are one user's, from nought to one; none where nothing speaks for it.
pub(super) fn alike(one: &str, other: &str) -> Option<f32> {
    let (one, other) = (core(one), core(other));
    if one.is_empty() || other.is_empty() {
        return None;
    }
    if one == other {
        return Some(1.0);
    }
    let length = |it: &str| it.chars().count();
    let (long, short) = if length(one) >= length(other) { (one, other) } else { (other, one) };
    let (longer, shorter) = (length(long), length(short));
    if let Some(at) = long.find(short) {
        // What ends a name is its trade, which many share: 热电厂.
        let enough = if at + short.len() == long.len() { 4 } else { 3 };
        return (shorter >= enough && !PLACES.contains(&short)).then(|| 0.5 + 0.4 * shorter as f32 / longer as f32);
    }
    (shorter >= 5 && longer - shorter <= 1 && one_slip(long, short)).then_some(0.8)
}

/// A name without its legal form.
fn core(key: &str) -> &str {
    let mut name = key;
    while let Some(bare) = FORMS.iter().find_map(|it| name.strip_suffix(it)) {
        if bare.ends_with(['分', '子']) {
            break;
        }
        name = bare;
    }
    name
}

/// Whether one character is written otherwise, or left out, and it is no ordinal, figure or place.
fn one_slip(long: &str, short: &str) -> bool {
    let same = long.chars().zip(short.chars()).take_while(|(a, b)| a == b).count();
    let (mut rest, mut other) = (long.chars().skip(same), short.chars().skip(same));
    let (Some(wrong), lost) = (rest.next(), long.chars().count() > short.chars().count()) else { return false };
    let instead = if lost { None } else { other.next() };
    let telling = |c: char| ORDINALS.contains(c) || c.is_ascii_alphanumeric();
    let begins = |it: &str| PLACES.iter().any(|place| it.starts_with(place));
    let places = same < 2 && begins(long) && begins(short);
    // The last two characters are the trade: 农化 and 石化 are two.
    let trade = same + 2 >= short.chars().count();
    rest.eq(other) && !places && !trade && !telling(wrong) && !instead.is_some_and(telling)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(one: &str, other: &str, may_be: bool) {
        assert_eq!(alike(&key(one), &key(other)).is_some(), may_be, "{one} {other}");
        assert_eq!(alike(&key(other), &key(one)).is_some(), may_be, "{other} {one}");
    }

    #[test]
    fn names_that_may_be_one_users() {
        check("江苏澄澜氟材料有限公司", "江苏澄澜氟材料有限责任公司", true);
        check("江苏澄澜氟材料有限公司", "江苏澄澜氟材料", true);
        check("浙江瓯泷化学股份有限公司", "瓯泷化学", true);
        check("苏州鹭溪包装材料有限公司", "苏州露溪包装材料有限公司", true);
        check("宁夏贺岚新能源化工集团有限责任公司煤化工分公司", "宁夏贺岚", true);
        check("南通崇涞生物科技有限公司", "南通崇涞生物", true);
    }

    #[test]
    fn names_that_are_two_users() {
        check("山东澄澜化学有限公司", "广东澄澜化学有限公司", false);
        check("江苏澄澜化学有限公司", "江苏澄澜氯碱有限公司", false);
        check("江苏金淞农化有限公司", "江苏金淞石化有限公司", false);
        check("吉林第一化工厂", "吉林第二化工厂", false);
        check("江苏氯碱化工有限公司", "江苏", false);
        check("贵溪热电厂", "热电厂", false);
        check("有限公司", "股份有限公司", false);
    }

    #[test]
    fn the_person_to_talk_to_stands_first() {
        assert_eq!(first_present("用户：马建国（机动处、副处长）、白喆；我方：陆喆"), "马建国（机动处、副处长）");
        assert_eq!(first_present("王根发"), "王根发");
        assert_eq!(first_present("我方：陆喆"), "");
        assert_eq!(first_present(""), "");
    }

    #[test]
    fn brackets_belong_to_the_name_before_them() {
        assert_eq!(listed("甲化工集团、乙厂（欧阳犇因车误未到，书面发言）；\n丙"), ["甲化工集团", "乙厂", "丙"]);
        assert_eq!(listed("甲（乙"), ["甲乙"]);
        assert_eq!(sources("用户来电（江苏澄澜氟材料）"), ["用户来电（江苏澄澜氟材料）", "用户来电", "江苏澄澜氟材料"]);
        assert_eq!(key(" / "), "");
        assert_eq!(key("Ａ 厂　"), "a厂");
    }
}
