-- 1: the book. Values are text as typed; what can be computed is not here.

-- Data of forms (项目), by the id their form file gives them; `extra:` and `json:` before a key that no form has.
CREATE TABLE field (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- A filled-in sheet (单). Form, edition and number are for ever.
CREATE TABLE record (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    form TEXT NOT NULL,
    edition TEXT NOT NULL,
    year INTEGER NOT NULL,
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    number TEXT NOT NULL,
    entered TEXT NOT NULL,
    rounds INTEGER NOT NULL DEFAULT 1 CHECK (rounds >= 1),
    UNIQUE (form, year, sequence),
    UNIQUE (form, number)
) STRICT;

-- Long texts stand apart, so that lists read short pages only.
CREATE TABLE long_text (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL
) STRICT;

-- What is written in a cell: here if it is short, else in long_text. An empty cell has no row.
CREATE TABLE value (
    record INTEGER NOT NULL REFERENCES record (id),
    round INTEGER NOT NULL CHECK (round >= 0),
    field INTEGER NOT NULL REFERENCES field (id),
    text TEXT,
    long INTEGER,
    PRIMARY KEY (record, round, field),
    CHECK ((text IS NULL) <> (long IS NULL))
) STRICT, WITHOUT ROWID;

-- What was typed before into a field, and which slips fall on a day.
CREATE INDEX value_by_text ON value (field, text) WHERE text IS NOT NULL;

-- Changes after signing (划改), in order.
CREATE TABLE correction (
    record INTEGER NOT NULL REFERENCES record (id),
    place INTEGER NOT NULL,
    field TEXT NOT NULL,
    old TEXT NOT NULL,
    new TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_on TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (record, place)
) STRICT, WITHOUT ROWID;

-- Voided sheets (作废).
CREATE TABLE void (
    record INTEGER PRIMARY KEY REFERENCES record (id),
    made_by TEXT NOT NULL,
    made_on TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;

-- Everything that was ever done to a sheet. `content` is the SHA-256 of the whole sheet after it; `hash` that of this
-- row and the hash before it.
CREATE TABLE history (
    id INTEGER PRIMARY KEY,
    record INTEGER NOT NULL REFERENCES record (id),
    at TEXT NOT NULL,
    what TEXT NOT NULL CHECK (what IN ('created', 'imported', 'set', 'round', 'corrected', 'voided')),
    field TEXT,
    round INTEGER,
    old TEXT,
    new TEXT,
    content BLOB NOT NULL CHECK (length(content) = 32),
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE INDEX history_by_record ON history (record);

CREATE TRIGGER history_update BEFORE UPDATE ON history
BEGIN SELECT RAISE(ABORT, 'history is never changed'); END;
CREATE TRIGGER history_delete BEFORE DELETE ON history
BEGIN SELECT RAISE(ABORT, 'history is never deleted'); END;
CREATE TRIGGER history_insert BEFORE INSERT ON history
WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM history)
BEGIN SELECT RAISE(ABORT, 'history goes on at its end only'); END;

CREATE TRIGGER record_number BEFORE UPDATE OF id, form, edition, year, sequence, number, entered ON record
BEGIN SELECT RAISE(ABORT, 'a sheet keeps its form, edition and number'); END;
CREATE TRIGGER record_delete BEFORE DELETE ON record
BEGIN SELECT RAISE(ABORT, 'a sheet is voided, never deleted'); END;
CREATE TRIGGER correction_update BEFORE UPDATE ON correction
BEGIN SELECT RAISE(ABORT, 'a correction is never changed'); END;
CREATE TRIGGER correction_delete BEFORE DELETE ON correction
BEGIN SELECT RAISE(ABORT, 'a correction is never deleted'); END;

-- The office's settings for this book; no part of any sheet.
CREATE TABLE setting (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- For whoever reads a book with another tool.
CREATE VIEW entry AS
SELECT record.form, record.number, value.round, field.name AS field, coalesce(value.text, long_text.text) AS text
FROM value
JOIN record ON record.id = value.record
JOIN field ON field.id = value.field
LEFT JOIN long_text ON long_text.id = value.long;
