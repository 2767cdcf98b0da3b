-- 5: the chain seals what stands beside the sheets too: users, the number book, the settings that matter. Such a line
-- belongs to no sheet, and tells who sat at the desk. The lines that are here stay as they are, to the byte.
DROP TRIGGER history_update;
DROP TRIGGER history_delete;
DROP TRIGGER history_insert;
DROP INDEX history_by_record;
ALTER TABLE history RENAME TO history_old;
CREATE TABLE history (
    id INTEGER PRIMARY KEY,
    record INTEGER REFERENCES record (id),
    at TEXT NOT NULL,
    what TEXT NOT NULL,
    field TEXT,
    round INTEGER,
    old TEXT,
    new TEXT,
    content BLOB NOT NULL CHECK (length(content) = 32),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    purged INTEGER NOT NULL DEFAULT 0 CHECK (purged IN (0, 1)),
    made_by TEXT
) STRICT;
INSERT INTO history SELECT id, record, at, what, field, round, old, new, content, hash, purged, NULL FROM history_old;
DROP TABLE history_old;
CREATE INDEX history_by_record ON history (record);
CREATE TRIGGER history_update BEFORE UPDATE ON history
WHEN NOT (NEW.purged = 1 AND NEW.old IS NULL AND NEW.new IS NULL AND NEW.id = OLD.id AND NEW.record IS OLD.record
    AND NEW.at = OLD.at AND NEW.what = OLD.what AND NEW.field IS OLD.field AND NEW.round IS OLD.round
    AND NEW.content = OLD.content AND NEW.hash = OLD.hash AND NEW.made_by IS OLD.made_by
    AND EXISTS (SELECT 1 FROM fact WHERE record = OLD.record AND kind = 'destroyed'))
BEGIN SELECT RAISE(ABORT, 'history is never changed'); END;
CREATE TRIGGER history_delete BEFORE DELETE ON history
BEGIN SELECT RAISE(ABORT, 'history is never deleted'); END;
CREATE TRIGGER history_insert BEFORE INSERT ON history
WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM history)
BEGIN SELECT RAISE(ABORT, 'history goes on at its end only'); END;
