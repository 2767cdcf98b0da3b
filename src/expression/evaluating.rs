//! What an expression comes to in a scope.

use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::collections::BTreeMap;

use chrono::{NaiveTime, TimeDelta};

use super::parsing::{Binary, Each, Node};
use super::value::added;
use super::{Fault, Value};
use crate::calendar::Calendar;

/// How many steps an expression may take: some thousand times what a form needs.
const STEPS: usize = 200_000;
/// The longest words an expression may make, in bytes.
const LONGEST_WORDS: usize = 60_000;

/// How a scope makes a value by its name, on being asked: none where there is no such name.
type Asked<'a> = Box<dyn Fn(&str) -> Option<Value> + 'a>;

/// All that an expression sees.
pub struct Scope<'a> {
    pub(super) calendar: &'a Calendar,
    values: RefCell<BTreeMap<String, Value>>,
    asked: Option<Asked<'a>>,
}

impl<'a> Scope<'a> {
    /// A scope that knows no name; days and hours are counted by this calendar.
    pub const fn new(calendar: &'a Calendar) -> Self {
        Self { calendar, values: RefCell::new(BTreeMap::new()), asked: None }
    }

    /// The scope with values made on being asked for, by names with fields (`limit.approval`) first and by names alone
    /// next; each is asked for once.
    #[must_use]
    pub fn asking(mut self, asked: impl Fn(&str) -> Option<Value> + 'a) -> Self {
        self.asked = Some(Box::new(asked));
        self
    }

    /// The scope with a value more.
    #[must_use]
    pub fn with(self, name: &str, value: impl Into<Value>) -> Self {
        self.set(name, value);
        self
    }

    /// Sets a value.
    pub fn set(&self, name: &str, value: impl Into<Value>) {
        self.values.borrow_mut().insert(name.to_owned(), value.into());
    }

    /// What stands for a name; none where there is no such name.
    pub fn get(&self, name: &str) -> Option<Value> {
        if let Some(known) = self.values.borrow().get(name) {
            return Some(known.clone());
        }
        let value = self.asked.as_ref()?(name)?;
        self.values.borrow_mut().insert(name.to_owned(), value.clone());
        Some(value)
    }
}

/// What an expression comes to.
pub(super) fn evaluate(root: &Node, scope: &Scope<'_>) -> Result<Value, Fault> {
    let run = Run { scope, left: Cell::new(STEPS), lines: RefCell::new(Vec::new()) };
    run.value(root).map_err(Fault)
}

/// What an expression comes to, as long as `budget` steps are left, which several share.
pub(super) fn evaluate_within(root: &Node, scope: &Scope<'_>, budget: &Cell<usize>) -> Result<Value, Fault> {
    let steps = STEPS.min(budget.get());
    let run = Run { scope, left: Cell::new(steps), lines: RefCell::new(Vec::new()) };
    let value = run.value(root).map_err(Fault);
    budget.set(budget.get().saturating_sub(steps - run.left.get()));
    value
}

/// One evaluation.
pub(super) struct Run<'s, 'a> {
    pub(super) scope: &'s Scope<'a>,
    left: Cell<usize>,
    /// The lines at hand, outermost first.
    lines: RefCell<Vec<Value>>,
}

impl Run<'_, '_> {
    /// Counts steps, and stops what would go on for ever.
    pub(super) fn step(&self, steps: usize) -> Result<(), String> {
        let Some(left) = self.left.get().checked_sub(steps.max(1)) else {
            self.left.set(0);
            return Err("表达式算得太久，已停下；请写简单些".to_owned());
        };
        self.left.set(left);
        Ok(())
    }

    fn value(&self, node: &Node) -> Result<Value, String> {
        self.step(1)?;
        Ok(match node {
            Node::Value(it) => it.clone(),
            Node::Name { path, name, fields } => self.named(path, name, fields)?,
            Node::Line(place) => self.lines.borrow().get(*place).cloned().unwrap_or_default(),
            Node::Field(of, name) => field(&self.value(of)?, name)?,
            Node::Index(both) => index(&self.value(&both[0])?, &self.value(&both[1])?)?,
            Node::Not(it) => match self.truth(it)? {
                Some(it) => Value::Truth(!it),
                None => Value::Missing,
            },
            Node::Negative(it) => match self.value(it)? {
                Value::Missing => Value::Missing,
                Value::Number(it) => Value::Number(-it),
                Value::Duration(it) => Value::Duration(-it),
                other => return Err(format!("“-”后面应是数或时长，不是{}", other.kind())),
            },
            Node::And(both) => match self.truth(&both[0])? {
                Some(false) => Value::Truth(false),
                first => match self.truth(&both[1])? {
                    Some(false) => Value::Truth(false),
                    second => first.and(second).into(),
                },
            },
            Node::Or(both) => match self.truth(&both[0])? {
                Some(true) => Value::Truth(true),
                first => match self.truth(&both[1])? {
                    Some(true) => Value::Truth(true),
                    second => first.and(second).into(),
                },
            },
            Node::If(it) => self.value(&it[if self.truth(&it[0])? == Some(true) { 1 } else { 2 }])?,
            Node::In(both) => match (self.value(&both[0])?, self.value(&both[1])?) {
                (Value::Missing, _) | (_, Value::Missing) => Value::Missing,
                (one, Value::List(all)) => {
                    self.step(all.len())?;
                    all.iter().any(|it| one.compare(it) == Some(Ordering::Equal)).into()
                }
                (_, other) => return Err(format!("in 后面应是一列，如 ['甲', '乙']，不是{}", other.kind())),
            },
            Node::Binary(binary, both) => {
                let (a, b) = (self.value(&both[0])?, self.value(&both[1])?);
                self.step((a.length() + b.length()) / 16)?;
                binary_of(*binary, &a, &b)?
            }
            Node::List(all) => Value::List(all.iter().map(|it| self.value(it)).collect::<Result<_, _>>()?),
            Node::Call(function, given) => {
                let given = given.iter().map(|it| self.value(it)).collect::<Result<Vec<Value>, String>>()?;
                if function.spreads && given.contains(&Value::Missing) {
                    return Ok(Value::Missing);
                }
                (function.run)(self, &given)?
            }
            Node::Each(each, both) => self.each(*each, &both[0], &both[1])?,
        })
    }

    fn named(&self, path: &str, name: &str, fields: &[String]) -> Result<Value, String> {
        if let Some(whole) = self.scope.get(path) {
            return Ok(whole);
        }
        let of = if fields.is_empty() { None } else { self.scope.get(name) };
        let of = of.ok_or_else(|| format!("没有名叫“{path}”的格子、列或设置"))?;
        fields.iter().try_fold(of, |of, name| field(&of, name))
    }

    /// Whether a condition holds; none where that cannot be said.
    fn truth(&self, node: &Node) -> Result<Option<bool>, String> {
        match self.value(node)? {
            Value::Truth(it) => Ok(Some(it)),
            Value::Missing => Ok(None),
            other => Err(format!("这里应是条件，不是{}；问写了没有用 !is_empty(…)", other.kind())),
        }
    }

    fn each(&self, each: Each, list: &Node, body: &Node) -> Result<Value, String> {
        let all = match self.value(list)? {
            Value::List(all) => all,
            Value::Missing => return Ok(Value::Missing),
            other => return Err(format!("exists、all、filter、map 用在表的各行或一列上，不是{}上", other.kind())),
        };
        let mut made = Vec::new();
        for line in all.iter() {
            self.lines.borrow_mut().push(line.clone());
            let one = if each == Each::Map {
                self.value(body).map(|it| {
                    made.push(it);
                    None
                })
            } else {
                self.truth(body)
            };
            self.lines.borrow_mut().pop();
            match (each, one?) {
                (Each::Exists, Some(true)) => return Ok(Value::Truth(true)),
                (Each::All, None | Some(false)) => return Ok(Value::Truth(false)),
                (Each::Filter, Some(true)) => made.push(line.clone()),
                _ => {}
            }
        }
        Ok(match each {
            Each::Exists => Value::Truth(false),
            Each::All => Value::Truth(true),
            Each::Filter | Each::Map => Value::List(made.into()),
        })
    }
}

fn field(of: &Value, name: &str) -> Result<Value, String> {
    match of {
        Value::Missing => Ok(Value::Missing),
        Value::Map(all) => all.get(name).cloned().ok_or_else(|| format!("这里没有“{name}”")),
        other => Err(format!("{}没有“{name}”；问表里各行用 rows.exists(r, r.{name} == …)", other.kind())),
    }
}

fn index(of: &Value, place: &Value) -> Result<Value, String> {
    match (of, place) {
        (Value::Missing, _) | (_, Value::Missing) => Ok(Value::Missing),
        (Value::Map(_), Value::Text(name)) => field(of, name),
        // A place that is not there is empty, as the line of a table nobody wrote in is.
        (Value::List(all), Value::Number(at)) => {
            let there = (at.fract() == 0.0 && *at >= 0.0).then(|| all.get(*at as usize)).flatten();
            Ok(there.cloned().unwrap_or_default())
        }
        (of, place) => Err(format!("不能用{}在{}里取一项", place.kind(), of.kind())),
    }
}

/// What two values come to.
fn binary_of(binary: Binary, a: &Value, b: &Value) -> Result<Value, String> {
    use Value::{Date, Duration, List, Missing, Moment, Number, Text};
    if matches!(a, Missing) || matches!(b, Missing) {
        return Ok(Missing);
    }
    let sign = match binary {
        Binary::Add => "+",
        Binary::Subtract => "-",
        Binary::Multiply => "*",
        Binary::Divide => "/",
        Binary::Remainder => "%",
        Binary::Equal => "==",
        Binary::Unequal => "!=",
        Binary::Less => "<",
        Binary::LessOrEqual => "<=",
        Binary::Greater => ">",
        Binary::GreaterOrEqual => ">=",
    };
    let compared = |holds: fn(Ordering) -> bool| {
        let order = a.compare(b);
        order
            .map(|it| Value::Truth(holds(it)))
            .ok_or_else(|| format!("“{sign}”两边是{}和{}，不能比", a.kind(), b.kind()))
    };
    match binary {
        Binary::Equal => return compared(Ordering::is_eq),
        Binary::Unequal => return compared(Ordering::is_ne),
        Binary::Less => return compared(Ordering::is_lt),
        Binary::LessOrEqual => return compared(Ordering::is_le),
        Binary::Greater => return compared(Ordering::is_gt),
        Binary::GreaterOrEqual => return compared(Ordering::is_ge),
        Binary::Add | Binary::Subtract | Binary::Multiply | Binary::Divide | Binary::Remainder => {}
    }
    let later = |of: &Value, by: TimeDelta| match of {
        Date(day) if by == TimeDelta::days(by.num_days()) => day.checked_add_signed(by).into(),
        Date(day) => day.and_time(NaiveTime::MIN).checked_add_signed(by).into(),
        Moment(at) => at.checked_add_signed(by).into(),
        _ => Missing,
    };
    Ok(match (binary, a, b) {
        (Binary::Add, Number(a), Number(b)) => Value::number(added(*a, *b)),
        (Binary::Subtract, Number(a), Number(b)) => Value::number(added(*a, -*b)),
        (Binary::Multiply, Number(a), Number(b)) => Value::number(a * b),
        // Divided by nought, the number is infinite or none, which is missing.
        (Binary::Divide, Number(a), Number(b)) => Value::number(a / b),
        (Binary::Remainder, Number(a), Number(b)) => Value::number(a % b),
        (Binary::Add, Text(a), Text(b)) => {
            if a.len() + b.len() > LONGEST_WORDS {
                return Err("表达式得出的文字太长".to_owned());
            }
            Text(format!("{a}{b}").into())
        }
        (Binary::Add, Text(_), other) | (Binary::Add, other, Text(_)) => {
            return Err(format!("文字不能和{}相加；连成一句要写 text(…)", other.kind()));
        }
        (Binary::Add, List(a), List(b)) if a.len() + b.len() <= LONGEST_WORDS => {
            List(a.iter().chain(b.iter()).cloned().collect())
        }
        (Binary::Add, Duration(a), Duration(b)) => a.checked_add(b).map_or(Missing, Duration),
        (Binary::Subtract, Duration(a), Duration(b)) => a.checked_sub(b).map_or(Missing, Duration),
        (Binary::Add, at @ (Date(_) | Moment(_)), Duration(by))
        | (Binary::Add, Duration(by), at @ (Date(_) | Moment(_))) => later(at, *by),
        (Binary::Subtract, at @ (Date(_) | Moment(_)), Duration(by)) => later(at, -*by),
        (Binary::Subtract, Date(a), Date(b)) => Duration(a.signed_duration_since(*b)),
        (Binary::Subtract, Moment(a), Moment(b)) => Duration(a.signed_duration_since(*b)),
        (Binary::Subtract, Date(_) | Moment(_), Date(_) | Moment(_)) => {
            return Err("日期和时刻不能相减；几天用 days(起, 止)".to_owned());
        }
        (Binary::Add | Binary::Subtract, Date(_) | Moment(_), Number(_)) => {
            return Err("日期加减天数要写 add_days(日期, 天数)".to_owned());
        }
        (Binary::Multiply, Duration(a), Number(b)) | (Binary::Multiply, Number(b), Duration(a)) => minutes(a, *b),
        (Binary::Divide, Duration(a), Number(b)) => minutes(a, 1.0 / b),
        (Binary::Divide, Duration(a), Duration(b)) => Value::number(a.num_seconds() as f64 / b.num_seconds() as f64),
        (_, a, b) => return Err(format!("“{sign}”两边是{}和{}，不能算", a.kind(), b.kind())),
    })
}

/// So many times a duration.
fn minutes(duration: &TimeDelta, times: f64) -> Value {
    let seconds = duration.num_seconds() as f64 * times;
    // A hundred thousand years are enough.
    if seconds.abs() < 3.2e12 {
        Value::Duration(TimeDelta::milliseconds((seconds * 1000.0) as i64))
    } else {
        Value::Missing
    }
}
