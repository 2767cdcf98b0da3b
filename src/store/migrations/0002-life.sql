-- 2: a sheet's life beside its cells: facts, numbers that have no sheet, customers.

-- What was done with a sheet besides writing on it, in order. `data` is the fact as JSON.
CREATE TABLE fact (
    record INTEGER NOT NULL REFERENCES record (id),
    place INTEGER NOT NULL,
    at TEXT NOT NULL,
    made_by TEXT NOT NULL,
    kind TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (record, place)
) STRICT, WITHOUT ROWID;
-- Signatures are many and read with their sheet only.
CREATE INDEX fact_by_kind ON fact (kind, record) WHERE kind <> 'signed';
CREATE TRIGGER fact_update BEFORE UPDATE ON fact
BEGIN SELECT RAISE(ABORT, 'a fact is never changed'); END;
CREATE TRIGGER fact_delete BEFORE DELETE ON fact
BEGIN SELECT RAISE(ABORT, 'a fact is never deleted'); END;

-- Numbers (编号) without a sheet, and what is to be said of gaps: only ever added to, the last word counts.
CREATE TABLE number_note (
    id INTEGER PRIMARY KEY,
    form TEXT NOT NULL,
    year INTEGER NOT NULL,
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    number TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('reserved', 'void', 'gap')),
    at TEXT NOT NULL,
    made_by TEXT NOT NULL,
    note TEXT NOT NULL
) STRICT;
CREATE INDEX number_note_by_number ON number_note (form, year, sequence);
CREATE TRIGGER number_note_update BEFORE UPDATE ON number_note
BEGIN SELECT RAISE(ABORT, 'the number book is never changed'); END;
CREATE TRIGGER number_note_delete BEFORE DELETE ON number_note
BEGIN SELECT RAISE(ABORT, 'the number book is never deleted from'); END;

-- What the office keeps of its users (用户) besides what stands on the sheets, as JSON by name.
CREATE TABLE customer (
    name TEXT PRIMARY KEY,
    data TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The history takes facts too; the list of what can be done is the program's. Texts of destroyed sheets are purged, their
-- lines and hashes stay.
DROP TRIGGER history_update;
DROP TRIGGER history_delete;
DROP TRIGGER history_insert;
DROP INDEX history_by_record;
ALTER TABLE history RENAME TO history_old;
CREATE TABLE history (
    id INTEGER PRIMARY KEY,
    record INTEGER NOT NULL REFERENCES record (id),
    at TEXT NOT NULL,
    what TEXT NOT NULL,
    field TEXT,
    round INTEGER,
    old TEXT,
    new TEXT,
    content BLOB NOT NULL CHECK (length(content) = 32),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    purged INTEGER NOT NULL DEFAULT 0 CHECK (purged IN (0, 1))
) STRICT;
INSERT INTO history SELECT id, record, at, what, field, round, old, new, content, hash, 0 FROM history_old;
DROP TABLE history_old;
CREATE INDEX history_by_record ON history (record);
CREATE TRIGGER history_update BEFORE UPDATE ON history
WHEN NOT (NEW.purged = 1 AND NEW.old IS NULL AND NEW.new IS NULL AND NEW.id = OLD.id AND NEW.record = OLD.record
    AND NEW.at = OLD.at AND NEW.what = OLD.what AND NEW.field IS OLD.field AND NEW.round IS OLD.round
    AND NEW.content = OLD.content AND NEW.hash = OLD.hash
    AND EXISTS (SELECT 1 FROM fact WHERE record = OLD.record AND kind = 'destroyed'))
BEGIN SELECT RAISE(ABORT, 'history is never changed'); END;
CREATE TRIGGER history_delete BEFORE DELETE ON history
BEGIN SELECT RAISE(ABORT, 'history is never deleted'); END;
CREATE TRIGGER history_insert BEFORE INSERT ON history
WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM history)
BEGIN SELECT RAISE(ABORT, 'history goes on at its end only'); END;

-- Corrections go with the contents of a destroyed sheet.
DROP TRIGGER correction_delete;
CREATE TRIGGER correction_delete BEFORE DELETE ON correction
WHEN NOT EXISTS (SELECT 1 FROM fact WHERE record = OLD.record AND kind = 'destroyed')
BEGIN SELECT RAISE(ABORT, 'a correction is never deleted'); END;
