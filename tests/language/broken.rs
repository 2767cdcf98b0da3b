//! What is said of files that are wrong: every mistake, where it is, what is allowed, what was probably meant.

use taizhang::procedure::Procedure;

/// All that is said of a form file beside the procedure's own, each as `LINE:COLUMN SENTENCE`.
fn mistakes(text: &str) -> Vec<String> {
    let Err(found) = Procedure::load(&[("07.toml".to_owned(), text.to_owned())]) else { return Vec::new() };
    let said = |it: &taizhang::procedure::Mistake| {
        let (line, column) = it.place.unwrap_or_default();
        format!("{line}:{column} {}", it.message)
    };
    found.0.iter().map(said).collect()
}

const HEAD: &str = "form = \"07\"\nedition = \"A/0\"\nshort = \"试\"\ncode = \"试—07\"\ntitle = \"试表\"\n";

/// One wrong file a line: what stands behind the head, from line 6 on, and the beginning of each thing said.
const TABLE: &[(&str, &[&str])] = &[
    ("[[section]]\nrows = [\"h10 甲=a 170\"]", &[]),
    // Words that are not known, each with the one that was meant; all of them.
    (
        "haed = 22\nfoott = \"x\"\nfollows = 3\n[[section]]\nrows = [\"h10 甲=a:dat 170\"]",
        &[
            "6:1 不认识的项 `haed`，可用：",
            "7:1 不认识的项 `foott`，可用：",
            "8:11 类型不对：integer `3`，应为 a boolean",
            "10:18 不认识的值 `dat`，可用：",
        ],
    ),
    // Rows that cannot be read, and rows that do not add up, in one file.
    (
        "[[section]]\nrows = [\n\"10 甲=a 170\",\n\"h10 乙=b 25|145 · 丙\",\n\"h10 丁=d 170\",\n\"h1x 戊=e 170\",\n]",
        &["8:2 一行应写成", "9:19 一行应写成", "11:2 一行应写成"],
    ),
    (
        "[[section]]\nrows = [\"h10 甲=a 25|100\", \"h2 乙=b 170\", \"h10 丙=c 167|3\"]",
        &["7:9 一行的宽度共 125 毫米，应为 170 毫米", "7:27 一行至少高 4 毫米", "7:41 一行至少高 4 毫米"],
    ),
    // Cells that reach down: too far, and the row below them not left room.
    (
        "[[section]]\nrows = [\"h10 甲=a 60↓3 · 乙=b 110\", \"h10 丙=c 170\"]",
        &["7:9 跨行的格子到栏底只有 2 行", "7:35 一行的宽度共 230 毫米，应为 170 毫米"],
    ),
    ("[[section]]\nrows = [\"h240 甲=a:text 170\"]", &["6:1 表高共 262 毫米，纸上只有 261 毫米"]),
    // Names: twice, unknown, nowhere.
    (
        "identity = { subject = \"customr\", date = \"date\" }\nstage = [{ name = \"记录\", by = \"a\", differs = [\"c\"] }]\n\
         [[section]]\nrows = [\"h10 甲=a 85 · 乙=a 85\", \"h10 用户=customer 85 · 日期=date:date 85\"]\n[field]\nz = {}",
        &[
            "6:24 “customr”没有对应的 [[field]]，可用：a、a、customer、date",
            "7:30 环节的“a”由签署写上",
            "7:46 “c”没有对应的 [[field]]",
            "9:25 “a”占了两个格子",
            "9:25 项目“a”写了两次",
            "11:1 [[field]] “z”没有格子",
            "11:1 缺少项 `kind`",
            "11:1 缺少项 `name`",
        ],
    ),
    (
        "owner = \"aceptance\"\nstage = [{ name = \"记录\", by = \"a\", whose = { role = \"nobody\" } }]\n\
         [[section]]\nrows = [\"h10 甲=a:person! 170\"]",
        &[
            "6:9 没有“aceptance”这个职责，可用：acceptance、communication、execution；想写的大概是 `acceptance`",
            "7:52 没有“nobody”这个职责",
        ],
    ),
    ("main = true\n[[section]]\nrows = [\"h10 甲=a 170\"]", &["6:8 main 只能有一个，表单 05 已经是了"]),
    // What is said of sheets as such, and of what they count.
    (
        "option = \"visit\"\nevery = \"month\"\nlives = \"b\"\nfrozen = \"编\"\n[[fills]]\nform = \"5\"\nby = \"a\"\ntakes = [\"c\"]\n\
         [[section]]\nrows = [\"h10 {brand}=a 170\"]",
        &[
            "5:9 文字里的 {brand} 不是设置",
            "6:10 没有“visit”这个开关（[[setting]]，default = false），可用：working、void_in_ledger",
            "7:9 every（每年、每季度、每月一张）和 period（写是哪一期的项目）要一起写",
            "8:9 “b”没有对应的 [[field]]，可用：a",
            "9:10 frozen：没有“编”这个环节",
            "10:1 “c”没有对应的 [[field]]，可用：a",
            "11:8 没有“5”这种表单，可用：01",
        ],
    ),
    (
        "[counts.slips]\nof = \"5\"\n[counts.talks]\nof = \"05\"\nwhere = \"custmer == own.z\"\n[[section]]\nrows = [\"h10 甲=a:number 170\", \"table t\"]\n\
         [table.t]\nname = \"表\"\nlines = 2\nheight = 8\ncounts = \"talks\"\ngroup = \"x\"\ncolumns = [\"甲=b:number 170\"]\n[field]\na = { is = \"count(talks) + zz\" }",
        &[
            "7:6 没有“5”这种表单",
            "10:9 算式里的“custmer”不是那些单的项目",
            "10:9 算式里的“own.z”不是那些单的项目",
            "12:14 “甲”的算式里“zz”没有对应的 [[field]]、表或 [counts]",
            "18:9 “x”不是 takes 里的",
        ],
    ),
    // Registers.
    (
        "paper = \"landscap\"\n[register]\ncolumns = [\"序|号=# 12 centred\", \"甲=a\", \"乙=b 400\"]",
        &["6:9 paper 应是", "8:32 一列应写成"],
    ),
];

#[test]
fn every_mistake_is_told_with_its_place() {
    for (text, wanted) in TABLE {
        let found = mistakes(&format!("{HEAD}{text}"));
        let right = found.len() == wanted.len() && found.iter().zip(*wanted).all(|(it, wanted)| it.starts_with(wanted));
        assert!(right, "{text}\n  is said to be\n{}", found.join("\n"));
    }
}

#[test]
fn what_is_no_toml_is_told_in_every_line() {
    let found = mistakes(&format!("{HEAD}甲 乙\nfoot = \"好\"\nc = = 1"));
    let lines: Vec<&str> = found.iter().filter_map(|it| it.split(':').next()).collect();
    assert!(lines.contains(&"6") && lines.contains(&"8") && !lines.contains(&"7"), "{found:?}");
}

/// A table that is named again and again is looked at once.
#[test]
fn a_table_named_ten_thousand_times_takes_no_longer() {
    let columns = (0..8_000).map(|it| format!("\"列=c{it} 5\",")).collect::<String>();
    let rows = "\"table t\",".repeat(20_000);
    let text = format!(
        "{HEAD}[[section]]\nrows = [{rows}]\n[field]\na = {{}}\n[table.t]\nname = \"表\"\nlines = 1\nheight = 8\ncolumns = [{columns}]"
    );
    let begun = std::time::Instant::now();
    assert!(!mistakes(&text).is_empty());
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
}
