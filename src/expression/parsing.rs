//! From the text to a small tree: what `cel` reads, checked for names, kinds of nodes and depth.

use std::collections::BTreeSet;
use std::thread;

use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedExpr, LiteralValue, SourceInfo, operators};

use super::functions::{FUNCTIONS, Function};
use super::{Expression, LONGEST, Mistake, Value};

/// The deepest nesting of brackets, and of what is read.
const DEEPEST_BRACKETS: usize = 24;
const DEEPEST: usize = 100;
/// A text with no more words and signs than this, and no deeper brackets, is read on the thread at hand; others on one with
/// a stack of their own, since reading goes as deep as they do.
const FEW_SIGNS: usize = 60;
const FEW_BRACKETS: usize = 6;
const STACK: usize = 32 << 20;

/// Part of an expression.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// A value as it stands in the text.
    Value(Value),
    /// A name with the fields asked of it, and the name alone.
    Name {
        path: String,
        name: String,
        fields: Vec<String>,
    },
    /// The line at hand inside `exists`, `all`, `filter`, `map`: how many such lines stand around it.
    Line(usize),
    /// A field of a line.
    Field(Box<Node>, String),
    /// A place of a list, or a name of a map.
    Index(Box<[Node; 2]>),
    Not(Box<Node>),
    Negative(Box<Node>),
    And(Box<[Node; 2]>),
    Or(Box<[Node; 2]>),
    If(Box<[Node; 3]>),
    In(Box<[Node; 2]>),
    Binary(Binary, Box<[Node; 2]>),
    List(Vec<Node>),
    Call(&'static Function, Vec<Node>),
    Each(Each, Box<[Node; 2]>),
}

/// What stands between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What is done with each line of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Each {
    Exists,
    All,
    Filter,
    Map,
}

impl Each {
    const fn called(name: &str) -> Option<Self> {
        Some(match name.as_bytes() {
            b"exists" => Self::Exists,
            b"all" => Self::All,
            b"filter" => Self::Filter,
            b"map" => Self::Map,
            _ => return None,
        })
    }
}

/// Reads an expression.
pub(super) fn parse(text: &str) -> Result<Expression, Mistake> {
    let signs = look(text)?;
    if signs.count <= FEW_SIGNS && signs.brackets <= FEW_BRACKETS {
        return read(text);
    }
    let read = thread::scope(|scope| {
        let reader = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || read(text)).ok()?;
        reader.join().ok()
    });
    read.unwrap_or_else(|| Err(mistake(text, 0, "这个表达式读不了，请写短些")))
}

/// How much there is to read.
struct Signs {
    count: usize,
    brackets: usize,
}

/// Looks at the text before it is read, for what people get wrong and the reader's words do not tell them.
fn look(text: &str) -> Result<Signs, Mistake> {
    if text.trim().is_empty() {
        return Err(mistake(text, 0, "表达式是空的"));
    }
    if text.chars().count() > LONGEST {
        return Err(mistake(text, 0, &format!("表达式太长，最多 {LONGEST} 个字")));
    }
    let (mut count, mut open, mut brackets) = (0, Vec::new(), 0);
    let mut rest = text.char_indices().peekable();
    while let Some((at, sign)) = rest.next() {
        let next = rest.peek().map(|it| it.1);
        match sign {
            _ if sign.is_whitespace() && sign.is_ascii() => continue,
            '\'' | '"' => loop {
                match rest.next() {
                    Some((_, '\\')) => {
                        rest.next();
                    }
                    Some((_, it)) if it == sign => break,
                    Some(_) => {}
                    None => return Err(mistake(text, at, &format!("少了收尾的引号 {sign}"))),
                }
            },
            'a'..='z' | 'A'..='Z' | '_' | '0'..='9' => {
                if matches!(sign, 'r' | 'R' | 'b' | 'B') && matches!(next, Some('\'' | '"')) {
                    return Err(mistake(text, at, "引号前不能有字母"));
                }
                while rest.next_if(|it| it.1.is_ascii_alphanumeric() || it.1 == '_').is_some() {}
                let word = &text[at..rest.peek().map_or(text.len(), |it| it.0)];
                if let Some(why) = instead_of(word) {
                    return Err(mistake(text, at, &why));
                }
            }
            '(' | '[' => {
                open.push((at, sign));
                brackets = brackets.max(open.len());
                if brackets > DEEPEST_BRACKETS {
                    return Err(mistake(text, at, &format!("括号套得太深，最多 {DEEPEST_BRACKETS} 层")));
                }
            }
            ')' | ']' => {
                let fits = |it: &(usize, char)| (it.1 == '(') == (sign == ')');
                if !open.pop().is_some_and(|it| fits(&it)) {
                    return Err(mistake(text, at, &format!("多了“{sign}”，前面没有与它配对的括号")));
                }
            }
            '{' | '}' | '`' | '#' | '$' | '@' | '^' | '~' | ';' | '\\' => {
                return Err(mistake(text, at, &format!("表达式里不用“{sign}”")));
            }
            '/' if next == Some('/') => return Err(mistake(text, at, "表达式里不写注释")),
            '=' | '!' | '<' | '>' if next == Some('=') => {
                rest.next();
            }
            '=' => return Err(mistake(text, at, "相等要写两个等号 ==")),
            '&' | '|' => {
                if rest.next_if(|it| it.1 == sign).is_none() {
                    return Err(mistake(text, at, &format!("“并且”写 &&，“或者”写 ||；不能只写一个 {sign}")));
                }
            }
            _ if sign.is_ascii() && !sign.is_ascii_control() => {}
            _ => return Err(mistake(text, at, &not_ascii(sign))),
        }
        count += 1;
    }
    if let Some((at, sign)) = open.pop() {
        return Err(mistake(text, at, &format!("“{sign}”没有收尾的括号")));
    }
    Ok(Signs { count, brackets })
}

/// What to write instead of a word that other languages have.
fn instead_of(word: &str) -> Option<String> {
    Some(match word {
        "and" | "AND" => "“并且”写 &&".to_owned(),
        "or" | "OR" => "“或者”写 ||".to_owned(),
        "not" | "NOT" => "“不”写 !".to_owned(),
        "null" => "没有 null；问一格是不是空着，写 is_empty(…)".to_owned(),
        "True" | "TRUE" | "False" | "FALSE" => format!("{word} 要小写：true、false"),
        "as" | "break" | "const" | "continue" | "else" | "for" | "function" | "if" | "import" | "let" | "loop"
        | "package" | "namespace" | "return" | "var" | "void" | "while" => {
            format!("“{word}”是这种语言留着的词，不能用作名字；分情况写 条件 ? 甲 : 乙")
        }
        _ => return None,
    })
}

/// What is wrong with a character that is no letter, figure or sign of the language.
fn not_ascii(sign: char) -> String {
    let plain = match sign {
        '（' => "(",
        '）' => ")",
        '，' | '、' => ",",
        '：' => ":",
        '？' => "?",
        '！' => "!",
        '“' | '”' | '‘' | '’' => "'",
        '＝' => "==",
        '＞' => ">",
        '＜' => "<",
        '≥' => ">=",
        '≤' => "<=",
        '≠' => "!=",
        '×' => "*",
        '÷' => "/",
        '－' | '—' | '−' => "-",
        '＋' => "+",
        '。' | '．' => ".",
        '　' => "（空格）",
        _ if sign.is_alphabetic() => {
            return format!("“{sign}”：名字用英文字母、数字和 _；文字要放在引号里，如 '三包内'");
        }
        _ => return "有看不见的或不认识的符号".to_owned(),
    };
    format!("“{sign}”要写成英文的 {plain}")
}

/// A mistake at a byte of the text.
fn mistake(text: &str, at: usize, message: &str) -> Mistake {
    let before = &text[..text.floor_char_boundary(at)];
    let line_start = before.rfind('\n').map_or(0, |it| it + 1);
    Mistake {
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
        message: message.to_owned(),
    }
}

/// Lets `cel` read the text, without its macros, and takes over what it read.
fn read(text: &str) -> Result<Expression, Mistake> {
    let (tree, places) = cel::Env::default().parser().parse_with_source_info(text).map_err(|mistakes| {
        let first = mistakes.errors.first();
        let place = |it: isize| usize::try_from(it).unwrap_or(1).max(1);
        Mistake {
            line: first.map_or(1, |it| place(it.pos.0)),
            column: first.map_or(1, |it| place(it.pos.1)),
            message: first.map_or_else(String::new, |it| in_chinese(&it.msg)),
        }
    })?;
    let mut reader =
        Reader { text, places: &places, lines: Vec::new(), names: BTreeSet::new(), functions: BTreeSet::new() };
    let root = reader.node(&tree, 0)?;
    Ok(Expression { text: text.to_owned(), root, names: reader.names, functions: reader.functions })
}

/// What the reader says, in the clerk's language.
fn in_chinese(message: &str) -> String {
    let quoted = message.split('\'').nth(1).unwrap_or_default();
    let has = |words: &str| message.contains(words);
    if quoted == "<EOF>" {
        "表达式没有写完".to_owned()
    } else if has("Incomplete") {
        "分情况要写全：条件 ? 甲 : 乙".to_owned()
    } else if has("int literal") || has("double literal") {
        "这个数太大，写不下".to_owned()
    } else if has("token recognition") || has("string literal") {
        "引号里的 \\ 写法不对；要一个 \\ 就写 \\\\".to_owned()
    } else if quoted.is_empty() || quoted.len() > 40 {
        "写法不对".to_owned()
    } else {
        format!("“{quoted}”放在这里不对；前面也许少了运算符、逗号或括号")
    }
}

/// Takes over the tree that was read.
struct Reader<'t> {
    text: &'t str,
    places: &'t SourceInfo,
    /// What the lines of `exists` and the like are called here, outermost first.
    lines: Vec<String>,
    names: BTreeSet<String>,
    functions: BTreeSet<&'static str>,
}

impl Reader<'_> {
    fn wrong<T>(&self, at: &IdedExpr, message: &str) -> Result<T, Mistake> {
        let place = self.places.offset_for(at.id).map_or(0, |it| it.0);
        Err(mistake(self.text, usize::try_from(place).unwrap_or(0), message))
    }

    fn node(&mut self, from: &IdedExpr, depth: usize) -> Result<Node, Mistake> {
        if depth > DEEPEST {
            return self.wrong(from, &format!("套得太深，最多 {DEEPEST} 层；长的和写成 sum([…])"));
        }
        match &from.expr {
            Expr::Literal(it) => self.literal(from, it),
            Expr::Ident(_) => self.name(from, Vec::new()),
            Expr::Select(it) if it.test => self.wrong(from, "不用 has(…)；问空着没有，写 is_empty(…)"),
            Expr::Select(_) => self.select(from, depth),
            Expr::List(it) if it.optional_indices.is_empty() => {
                Ok(Node::List(it.elements.iter().map(|it| self.node(it, depth + 1)).collect::<Result<_, _>>()?))
            }
            Expr::Call(it) => self.call(from, it, depth),
            Expr::List(_) | Expr::Map(_) | Expr::Struct(_) | Expr::Comprehension(_) | Expr::Unspecified => {
                let entries = matches!(&from.expr, Expr::Map(it)
                    if it.entries.iter().any(|it| matches!(it.expr, EntryExpr::MapEntry(_))));
                self.wrong(from, if entries { "表达式里不用 { }" } else { "写法不对" })
            }
        }
    }

    fn literal(&self, from: &IdedExpr, literal: &LiteralValue) -> Result<Node, Mistake> {
        Ok(Node::Value(match literal {
            LiteralValue::Boolean(it) => Value::Truth(*it.inner()),
            LiteralValue::Double(it) => Value::Number(*it.inner()),
            LiteralValue::Int(it) => Value::Number(*it.inner() as f64),
            // Empty words are words where the text itself has them: '' is what there is to compare with.
            LiteralValue::String(it) => Value::Text(it.inner().into()),
            LiteralValue::Bytes(_) | LiteralValue::Null | LiteralValue::UInt(_) => {
                return self.wrong(from, "只有文字、数、true 和 false 可以直接写");
            }
        }))
    }

    /// A name, with the fields asked of it.
    fn name(&mut self, from: &IdedExpr, fields: Vec<String>) -> Result<Node, Mistake> {
        let Expr::Ident(name) = &from.expr else { return self.wrong(from, "写法不对") };
        if name.starts_with('.') {
            return self.wrong(from, "名字不能以 . 开头");
        }
        if let Some(place) = self.lines.iter().rposition(|it| it == name) {
            let line = Node::Line(place);
            return Ok(fields.into_iter().fold(line, |of, field| Node::Field(Box::new(of), field)));
        }
        let path = fields.iter().fold(name.clone(), |path, field| format!("{path}.{field}"));
        self.names.insert(path.clone());
        Ok(Node::Name { path, name: name.clone(), fields })
    }

    /// Fields asked of a name, or of what else has fields.
    fn select(&mut self, from: &IdedExpr, depth: usize) -> Result<Node, Mistake> {
        let mut fields = Vec::new();
        let mut at = from;
        while let Expr::Select(it) = &at.expr {
            fields.push(it.field.clone());
            at = &it.operand;
        }
        if fields.len() + depth > DEEPEST {
            return self.wrong(from, "名字里的点太多");
        }
        fields.reverse();
        if matches!(at.expr, Expr::Ident(_)) {
            return self.name(at, fields);
        }
        let of = self.node(at, depth + fields.len())?;
        Ok(fields.into_iter().fold(of, |of, field| Node::Field(Box::new(of), field)))
    }

    fn call(&mut self, from: &IdedExpr, call: &CallExpr, depth: usize) -> Result<Node, Mistake> {
        let name = call.func_name.as_str();
        if let Some(target) = &call.target
            && let (Some(each), [line, body]) = (Each::called(name), call.args.as_slice())
        {
            let Expr::Ident(line) = &line.expr else {
                return self.wrong(line, &format!("{name} 的第一项是给一行起的名字，如 rows.{name}(r, …)"));
            };
            let list = self.node(target, depth + 1)?;
            self.lines.push(line.clone());
            let body = self.node(body, depth + 1);
            self.lines.pop();
            return Ok(Node::Each(each, Box::new([list, body?])));
        }
        // rows.sum('amount') is sum(rows, 'amount').
        let given = call.target.iter().map(|it| &**it).chain(&call.args);
        let mut given = given.map(|it| self.node(it, depth + 1)).collect::<Result<Vec<Node>, Mistake>>()?;
        match (name, given.as_mut_slice()) {
            (operators::LOGICAL_NOT, [it]) => return Ok(Node::Not(Box::new(std::mem::take(it)))),
            (operators::NEGATE, [it]) => return Ok(Node::Negative(Box::new(std::mem::take(it)))),
            (operators::CONDITIONAL, [a, b, c]) => {
                return Ok(Node::If(Box::new([a, b, c].map(std::mem::take))));
            }
            // `clock('到位').kept` asks the scope for `clock`, and that for the clock of this name.
            ("clock", [it]) => {
                self.names.insert(name.to_owned());
                let path = name.to_owned();
                let clocks = Node::Name { path: path.clone(), name: path, fields: Vec::new() };
                return Ok(Node::Index(Box::new([clocks, std::mem::take(it)])));
            }
            (_, [a, b]) => {
                let both = |a: &mut Node, b: &mut Node| Box::new([a, b].map(std::mem::take));
                let binary = match name {
                    operators::LOGICAL_AND => return Ok(Node::And(both(a, b))),
                    operators::LOGICAL_OR => return Ok(Node::Or(both(a, b))),
                    operators::IN => return Ok(Node::In(both(a, b))),
                    operators::INDEX => return Ok(Node::Index(both(a, b))),
                    operators::ADD => Some(Binary::Add),
                    operators::SUBSTRACT => Some(Binary::Subtract),
                    operators::MULTIPLY => Some(Binary::Multiply),
                    operators::DIVIDE => Some(Binary::Divide),
                    operators::MODULO => Some(Binary::Remainder),
                    operators::EQUALS => Some(Binary::Equal),
                    operators::NOT_EQUALS => Some(Binary::Unequal),
                    operators::LESS => Some(Binary::Less),
                    operators::LESS_EQUALS => Some(Binary::LessOrEqual),
                    operators::GREATER => Some(Binary::Greater),
                    operators::GREATER_EQUALS => Some(Binary::GreaterOrEqual),
                    _ => None,
                };
                if let Some(binary) = binary {
                    return Ok(Node::Binary(binary, both(a, b)));
                }
            }
            _ => {}
        }
        let Some(function) = FUNCTIONS.iter().find(|it| it.name == name) else {
            let near = FUNCTIONS.iter().find(|it| it.name.eq_ignore_ascii_case(name));
            let near = near.map_or_else(String::new, |it| format!("；是不是 {}？", it.name));
            return self.wrong(from, &format!("没有函数 {name}{near}"));
        };
        let (least, most) = function.count;
        if !(least..=most).contains(&given.len()) {
            let wanted = if least == most { least.to_string() } else { format!("{least} 到 {most}") };
            return self
                .wrong(from, &format!("{}{} 要 {wanted} 项，这里写了 {} 项", name, function.takes, given.len()));
        }
        self.functions.insert(function.name);
        Ok(Node::Call(function, given))
    }
}

impl Default for Node {
    fn default() -> Self {
        Self::Value(Value::Missing)
    }
}
