//! What can be done with what is about to be printed (打印).

/// What can be done with what is about to be printed (打印).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrintCommand {
    /// Prints it.
    Send,
    /// Stops printing, and takes back what is not printed yet.
    Stop,
    /// Puts it away.
    Close,
    /// Looks for printers once more.
    Look,
    /// Opens it as PDF in whatever shows such files, where no printer can be had.
    View,
    /// Asks where to, and writes it as PDF just as it would be printed.
    Save,
}

impl PrintCommand {
    /// Its words on buttons.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Send => "打印",
            Self::Stop => "停止打印",
            Self::Close => "返回",
            Self::Look => "再找一次打印机",
            Self::View => "用看 PDF 的程序打开",
            Self::Save => "照这样存成 PDF…",
        }
    }
}
