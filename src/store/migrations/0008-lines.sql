-- 8: tables inside a sheet: an entry, a correction and a line of history each say in which line of its table they are;
-- 0 is the first, and all that is outside tables.
DROP VIEW entry;
DROP INDEX value_by_text;
ALTER TABLE value RENAME TO value_old;
CREATE TABLE value (
    record INTEGER NOT NULL REFERENCES record (id),
    round INTEGER NOT NULL CHECK (round >= 0),
    field INTEGER NOT NULL REFERENCES field (id),
    line INTEGER NOT NULL DEFAULT 0 CHECK (line >= 0),
    text TEXT,
    long INTEGER,
    PRIMARY KEY (record, round, field, line),
    CHECK ((text IS NULL) <> (long IS NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO value SELECT record, round, field, 0, text, long FROM value_old;
DROP TABLE value_old;
CREATE INDEX value_by_text ON value (field, text) WHERE text IS NOT NULL;
CREATE VIEW entry AS
SELECT record.form, record.number, value.round, field.name AS field, value.line,
    coalesce(value.text, long_text.text) AS text
FROM value
JOIN record ON record.id = value.record
JOIN field ON field.id = value.field
LEFT JOIN long_text ON long_text.id = value.long;

ALTER TABLE correction ADD COLUMN line INTEGER NOT NULL DEFAULT 0 CHECK (line >= 0);

ALTER TABLE history ADD COLUMN line INTEGER NOT NULL DEFAULT 0 CHECK (line >= 0);
DROP TRIGGER history_update;
CREATE TRIGGER history_update BEFORE UPDATE ON history
WHEN NOT (NEW.purged = 1 AND NEW.old IS NULL AND NEW.new IS NULL AND NEW.id = OLD.id AND NEW.record IS OLD.record
    AND NEW.at = OLD.at AND NEW.what = OLD.what AND NEW.field IS OLD.field AND NEW.round IS OLD.round
    AND NEW.content = OLD.content AND NEW.hash = OLD.hash AND NEW.made_by IS OLD.made_by AND NEW.scheme = OLD.scheme
    AND NEW.line = OLD.line
    AND EXISTS (SELECT 1 FROM fact WHERE record = OLD.record AND kind = 'destroyed'))
BEGIN SELECT RAISE(ABORT, 'history is never changed'); END;
