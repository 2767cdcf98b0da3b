-- 7: every sheet's line can be proved by itself. `scheme` says how the hash of the whole sheet was made: 1 as before, 2 with
-- corrections and facts as chains of their own, so that a sheet with very many of them is proved in time that grows with
-- them. A person's key (签名钥匙): the public half, and the secret half sealed with the personal password. Only ever added
-- to; the last row of a person counts, older ones prove what was signed in their time.
ALTER TABLE history ADD COLUMN scheme INTEGER NOT NULL DEFAULT 1 CHECK (scheme IN (1, 2));
DROP TRIGGER history_update;
CREATE TRIGGER history_update BEFORE UPDATE ON history
WHEN NOT (NEW.purged = 1 AND NEW.old IS NULL AND NEW.new IS NULL AND NEW.id = OLD.id AND NEW.record IS OLD.record
    AND NEW.at = OLD.at AND NEW.what = OLD.what AND NEW.field IS OLD.field AND NEW.round IS OLD.round
    AND NEW.content = OLD.content AND NEW.hash = OLD.hash AND NEW.made_by IS OLD.made_by AND NEW.scheme = OLD.scheme
    AND EXISTS (SELECT 1 FROM fact WHERE record = OLD.record AND kind = 'destroyed'))
BEGIN SELECT RAISE(ABORT, 'history is never changed'); END;
CREATE TABLE person_key (
    id INTEGER PRIMARY KEY,
    person TEXT NOT NULL,
    public TEXT NOT NULL,
    sealed TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE TRIGGER person_key_update BEFORE UPDATE ON person_key
BEGIN SELECT RAISE(ABORT, 'a key is never changed'); END;
CREATE TRIGGER person_key_delete BEFORE DELETE ON person_key
BEGIN SELECT RAISE(ABORT, 'a key is never deleted'); END;
