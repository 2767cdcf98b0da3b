//! The same work without a window, for scripts and for trials: import, list, export, check. What is asked for goes to
//! one writer, everything else to another; the clock is handed in.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::{ArgAction, Args as ClapArgs, Parser, Subcommand};

use crate::export::Clock;
use crate::face::readable;
use crate::files;
use crate::record::read_date;
use crate::store::{Head, Key, Opener};

mod failure;
mod packages;
mod remembered;
mod table;
mod usage;
mod work;

pub use failure::Failure;

/// All went well.
pub const DONE: u8 = 0;
/// The work failed, or `check` found something.
pub const FAILED: u8 = 1;
/// The command was not understood.
pub const MISUSED: u8 = 2;
/// The longest file with a password, in bytes.
const LONGEST_PASSWORD: u64 = 4096;

const TEMPLATE: &str = "{about}\n\n用法：{usage}\n\n{all-args}{after-help}\n";
const AFTER: &str = "退出码：\n  0  成功\n  1  没有做成（原因写在标准错误输出），或 check 发现问题\n  2  命令写得不对";

// clap shows the doc comments below as its help, so they are in the clerk's language.

/// 用户服务台帐：受控表单的填写、保存与打印。不写命令就打开窗口。
#[derive(Clone, Debug, Parser)]
#[command(
    name = "taizhang",
    help_template = TEMPLATE,
    override_usage = "taizhang [--book <台帐>] [命令]\n      taizhang <台帐文件>",
    after_help = AFTER,
    disable_help_flag = true,
    disable_help_subcommand = true,
    subcommand_help_heading = "命令",
    subcommand_value_name = "命令",
    next_help_heading = "选项"
)]
pub struct Args {
    /// 打开窗口并打开这本台帐（双击 .book 文件时就是这样）
    #[arg(value_name = "文件", display_order = 1)]
    pub file: Option<PathBuf>,

    /// 台帐文件（.book）；一本台帐就是一个文件
    #[arg(long, global = true, value_name = "台帐", display_order = 900)]
    pub book: Option<PathBuf>,

    /// 台帐加了口令时：写有口令的文本文件（取第一行）
    #[arg(long, global = true, value_name = "文件", display_order = 900)]
    pub password_file: Option<PathBuf>,

    /// 显示说明
    #[arg(short, long, global = true, action = ArgAction::Help, display_order = 901)]
    help: Option<bool>,

    /// 做什么；不写就打开窗口
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// 命令
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// 从交换文件（JSON）导入各种单；全部导入，或一张也不导入
    #[command(
        help_template = TEMPLATE,
        override_usage = "taizhang import <文件> --book <台帐> [--although-damaged]",
        next_help_heading = "选项"
    )]
    Import {
        /// 交换文件，如 {"form05": [ … ], "form01": [ … ]}
        #[arg(value_name = "文件")]
        file: PathBuf,
        /// 台帐检查时发现了问题，仍要导入
        #[arg(long)]
        although_damaged: bool,
    },

    /// 列出一种表单的全部单
    #[command(
        help_template = TEMPLATE,
        override_usage = "taizhang list --book <台帐> [--form <表号>] [--json]",
        next_help_heading = "选项"
    )]
    List {
        /// 表单的号，别的程序包的写成 程序包/表号；不写为排在最前的那种
        #[arg(long, value_name = "表号", default_value = "", hide_default_value = true)]
        form: String,
        /// 写成 JSON，一张单一个对象
        #[arg(long)]
        json: bool,
    },

    /// 导出 PDF：一张单、台帐、登记簿、空白表
    #[command(
        help_template = TEMPLATE,
        override_usage = "taizhang export <slip|register|ledger|blank> …",
        subcommand_help_heading = "导出什么",
        subcommand_value_name = "什么",
        next_help_heading = "选项"
    )]
    Export {
        /// 导出什么
        #[command(subcommand)]
        what: Export,
    },

    /// 列出各个程序包和它们的表单
    #[command(
        help_template = TEMPLATE,
        override_usage = "taizhang procedures [--book <台帐>]",
        next_help_heading = "选项"
    )]
    Procedures,

    /// 检查一个程序包
    #[command(
        help_template = TEMPLATE,
        override_usage = "taizhang procedure check <文件夹>",
        subcommand_help_heading = "做什么",
        subcommand_value_name = "什么",
        next_help_heading = "选项"
    )]
    Procedure {
        /// 做什么
        #[command(subcommand)]
        what: OfProcedure,
    },

    /// 检查台帐：文件是否完好、修改记录是否被改动、编号是否连续；发现问题时退出码为 1
    #[command(
        help_template = TEMPLATE,
        override_usage = "taizhang check --book <台帐> [--head <行号:校验码>]",
        next_help_heading = "选项"
    )]
    Check {
        /// 打印的台帐页脚上的行号和校验码，如 12345:3f9a01bc77d2e8f4，或扫页脚方码得到的文字；证明台帐里还有这一行
        #[arg(long, value_name = "行号:校验码", value_parser = head)]
        head: Option<Head>,
    },

    /// 从损坏的台帐里救出还能读的，写成一本新台帐，旁边放一份清单；损坏的文件不动
    #[command(
        help_template = TEMPLATE,
        override_usage = "taizhang salvage --book <台帐> --out <新台帐>",
        next_help_heading = "选项"
    )]
    Salvage {
        /// 写到哪个新台帐文件；已有的不替换
        #[arg(long, value_name = "新台帐")]
        out: PathBuf,
    },

    /// 在文件夹里放一本样本台帐和它的 PDF：一张处置单、各年台帐、各种空白表
    #[command(help_template = TEMPLATE, override_usage = "taizhang demo <文件夹>", next_help_heading = "选项")]
    Demo {
        /// 放在哪个文件夹；没有就新建
        #[arg(value_name = "文件夹")]
        folder: PathBuf,
    },
}

/// 对程序包做什么
#[derive(Clone, Debug, Subcommand)]
pub enum OfProcedure {
    /// 说出文件夹里的程序包有哪些不对的地方，在哪个文件第几行第几列；有则退出码为 1
    #[command(
        help_template = TEMPLATE,
        override_usage = "taizhang procedure check <文件夹>",
        next_help_heading = "选项"
    )]
    Check {
        /// 程序包的文件夹，里面是 procedure.toml 和一种表单一个文件；没有 procedure.toml 的，按台帐旁 forms 里的自有表单检查
        #[arg(value_name = "文件夹")]
        folder: PathBuf,
    },

    /// 把台帐旁边自有的程序包（或对自带程序包的改动）收进台帐，台帐拷到别处也有
    #[command(
        help_template = TEMPLATE,
        override_usage = "taizhang procedure take <程序包> --book <台帐>",
        next_help_heading = "选项"
    )]
    Take {
        /// 程序包的名称
        #[arg(value_name = "程序包")]
        package: String,
    },

    /// 把台帐里自有的程序包取出来，放在台帐旁边，可以改
    #[command(
        help_template = TEMPLATE,
        override_usage = "taizhang procedure give <程序包> --book <台帐>",
        next_help_heading = "选项"
    )]
    Give {
        /// 程序包的名称
        #[arg(value_name = "程序包")]
        package: String,
    },
}

/// 导出什么
#[derive(Clone, Debug, Subcommand)]
pub enum Export {
    /// 程序文件首页：名称、编号、修改记录、分发部门、核准
    #[command(
        help_template = TEMPLATE,
        override_usage = "taizhang export front <程序包> --out <文件> [--book <台帐>]",
        next_help_heading = "选项"
    )]
    Front {
        /// 程序包的名称，如 sanbao
        #[arg(value_name = "程序包")]
        package: String,
        /// 写到哪个 PDF 文件
        #[arg(long, value_name = "文件")]
        out: PathBuf,
    },

    /// 一张单，一联或几联
    #[command(
        help_template = TEMPLATE,
        override_usage = "taizhang export slip --book <台帐> --no <编号> --out <文件> [--form <表号>] [--signatures] [--as-of <日期>]",
        next_help_heading = "选项"
    )]
    Slip {
        /// 编号，如 2026-001
        #[arg(long = "no", value_name = "编号")]
        number: String,
        /// 表单的号；不写为排在最前的那种
        #[arg(long, value_name = "表号", default_value = "", hide_default_value = true)]
        form: String,
        /// 签字格里印出已录入的姓名和日期；不写则留空待签
        #[arg(long)]
        signatures: bool,
        /// 印这一天的样子：一直在用的单（登记卡一类），之后改的还照原来的印
        #[arg(long, value_name = "日期", value_parser = day)]
        as_of: Option<NaiveDate>,
        /// 写到哪个 PDF 文件；已有的会被替换
        #[arg(long, value_name = "文件")]
        out: PathBuf,
    },

    /// 台帐、登记簿：一年的，或一段日期的
    #[command(
        help_template = TEMPLATE,
        override_usage = "taizhang export register <表号> --book <台帐> (--year <年> | --from <日期> --to <日期>) --out <文件>",
        next_help_heading = "选项"
    )]
    Register {
        /// 台帐或登记簿的号，如 04
        #[arg(value_name = "表号")]
        form: String,
        /// 哪一段
        #[command(flatten)]
        period: GivenPeriod,
        /// 写到哪个 PDF 文件；已有的会被替换
        #[arg(long, value_name = "文件")]
        out: PathBuf,
    },

    /// 投诉台帐：同 export register 04
    #[command(
        help_template = TEMPLATE,
        override_usage = "taizhang export ledger --book <台帐> (--year <年> | --from <日期> --to <日期>) --out <文件>",
        next_help_heading = "选项"
    )]
    Ledger {
        /// 哪一段
        #[command(flatten)]
        period: GivenPeriod,
        /// 写到哪个 PDF 文件；已有的会被替换
        #[arg(long, value_name = "文件")]
        out: PathBuf,
    },

    /// 空白表
    #[command(
        help_template = TEMPLATE,
        override_usage = "taizhang export blank <表号> --out <文件> [--book <台帐>]",
        next_help_heading = "选项"
    )]
    Blank {
        /// 表单的号，别的程序包的写成 程序包/表号
        #[arg(value_name = "表号")]
        form: String,
        /// 写到哪个 PDF 文件；已有的会被替换
        #[arg(long, value_name = "文件")]
        out: PathBuf,
    },
}

/// 哪一段
#[derive(Clone, Debug, ClapArgs)]
pub struct GivenPeriod {
    /// 哪一年
    #[arg(long, value_name = "年", value_parser = year, conflicts_with_all = ["from", "to"])]
    pub year: Option<i32>,
    /// 从哪一天起（台帐按投诉日期，含当天）
    #[arg(long, value_name = "日期", value_parser = day, requires = "to")]
    pub from: Option<NaiveDate>,
    /// 到哪一天止（含当天）
    #[arg(long, value_name = "日期", value_parser = day, requires = "from")]
    pub to: Option<NaiveDate>,
}

/// Reads the command line. Where it asks for help or is wrong, says so and returns the exit code.
///
/// # Errors
/// The code to exit with, when there is nothing to do or nothing can be done.
pub fn parse(args: impl IntoIterator<Item = OsString>, out: &mut dyn Write, err: &mut dyn Write) -> Result<Args, u8> {
    let args = Args::try_parse_from(args).map_err(|error| usage::explain(&error, out, err))?;
    // A word that is neither a command nor a file is a command written wrongly.
    match args.file.as_ref().filter(|it| args.command.is_none() && it.extension().is_none() && !it.exists()) {
        Some(word) => {
            let word = readable(&word.to_string_lossy());
            say(err, &format!("台帐：没有“{word}”这个命令。用“taizhang --help”查看用法"));
            Err(MISUSED)
        }
        None => Ok(args),
    }
}

/// Does what a command asks, and returns the exit code. What was asked for goes to `out`, complaints to `err`; what this
/// computer remembers of the books is in `habits`.
pub fn run(
    command: &Command,
    args: &Args,
    clock: &Clock,
    habits: Option<&Path>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> u8 {
    let done = book(args)
        .and_then(|book| work::run(command, book.as_ref(), clock, habits, out, err))
        .and_then(|code| out.flush().map(|()| code).map_err(Failure::Out));
    match done {
        Ok(code) => code,
        // Whoever reads has read enough (`… | head`).
        Err(Failure::Out(error)) if error.kind() == io::ErrorKind::BrokenPipe => DONE,
        Err(failure) => {
            say(err, &format!("台帐：{failure}"));
            failure.code()
        }
    }
}

/// The book the work is done on, with its password where one is given.
fn book(args: &Args) -> Result<Option<Opener>, Failure> {
    let key = match &args.password_file {
        None => None,
        Some(file) => {
            let read = files::read_text(file, LONGEST_PASSWORD);
            let text = read.map_err(|error| Failure::File("读取口令文件", file.clone(), error))?;
            let typed = text.trim_start_matches('\u{feff}').lines().next().unwrap_or_default();
            Key::new(typed)
        }
    };
    Ok(args.book.as_ref().map(|it| Opener::new(it, key)))
}

/// A line for whoever sits before the screen; if even that cannot be written there is nobody to tell.
fn say(err: &mut dyn Write, line: &str) {
    // A file may be called anything; the complaint is one line all the same.
    drop(writeln!(err, "{}", line.replace(char::is_control, " ")));
}

fn head(text: &str) -> Result<Head, String> {
    Head::read(text).ok_or_else(|| "应如 12345:3f9a01bc77d2e8f4（行号，16 位校验码）".to_owned())
}

fn day(text: &str) -> Result<NaiveDate, String> {
    read_date(text, None).ok_or_else(|| "应如 2026-11-20".to_owned())
}

fn year(text: &str) -> Result<i32, String> {
    text.parse().ok().filter(|it| (1900..=2999).contains(it)).ok_or_else(|| "应为四位数的年份，如 2026".to_owned())
}
