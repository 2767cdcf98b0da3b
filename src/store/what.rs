//! What a line of history tells of, and the words it has in the book.

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The sheet was begun (新建).
    Created,
    /// The sheet came from a file (导入).
    Imported,
    /// A cell was written (填写).
    Set,
    /// Another round was opened (另起一轮).
    Round,
    /// A cell was changed after signing (划改).
    Corrected,
    /// The sheet was voided (作废).
    Voided,
    /// Something else was done with the sheet: signed, passed on, filed; the new text is the fact as JSON.
    Fact,
    /// What is kept of a user was changed (用户资料); belongs to no sheet.
    Customer,
    /// The number book was added to (编号簿); belongs to no sheet.
    Number,
    /// The procedure's settings were changed (设置); belongs to no sheet.
    Setting,
    /// The years and running numbers of the sheets that were there when the chain came to seal them (接管); belongs to no
    /// sheet.
    Adopted,
    /// The book, or a sheet of it, was saved from a damaged file (抢救): what it held then is taken as it was found. The line
    /// that belongs to no sheet carries the head of the damaged book's chain, and what of it did not hold.
    Rescued,
    /// A file of the procedure came into use, or was changed (表单文件); belongs to no sheet.
    Procedure,
    /// A person's key was made, or sealed with another password (签名钥匙); belongs to no sheet.
    Key,
}

impl What {
    /// The word for [`What::Fact`] in the book.
    pub(super) const FACT: &'static str = Self::Fact.word();

    const ALL: [Self; 14] = [
        Self::Created,
        Self::Imported,
        Self::Set,
        Self::Round,
        Self::Corrected,
        Self::Voided,
        Self::Fact,
        Self::Customer,
        Self::Number,
        Self::Setting,
        Self::Adopted,
        Self::Rescued,
        Self::Procedure,
        Self::Key,
    ];

    /// What the screen calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "新建",
            Self::Imported => "导入",
            Self::Set => "填写",
            Self::Round => "另起一轮",
            Self::Corrected => "划改",
            Self::Voided => "作废",
            Self::Fact => "办理",
            Self::Customer => "用户资料",
            Self::Number => "编号簿",
            Self::Setting => "设置",
            Self::Adopted => "接管",
            Self::Rescued => "抢救",
            Self::Procedure => "表单文件",
            Self::Key => "签名钥匙",
        }
    }

    /// What a word in the book stands for.
    pub(super) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.word() == word)
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Imported => "imported",
            Self::Set => "set",
            Self::Round => "round",
            Self::Corrected => "corrected",
            Self::Voided => "voided",
            Self::Fact => "fact",
            Self::Customer => "customer",
            Self::Number => "number",
            Self::Setting => "setting",
            Self::Adopted => "adopted",
            Self::Rescued => "rescued",
            Self::Procedure => "procedure",
            Self::Key => "key",
        }
    }
}
