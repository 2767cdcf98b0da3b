-- 4: what was done with a sheet goes with its contents too. What tells where the paper was, and that and why it was
-- kept or destroyed, stays.
DROP TRIGGER fact_delete;
CREATE TRIGGER fact_delete BEFORE DELETE ON fact
WHEN OLD.kind IN ('filed', 'held', 'released', 'destroyed', 'rewrites')
    OR NOT EXISTS (SELECT 1 FROM fact WHERE record = OLD.record AND kind = 'destroyed')
BEGIN SELECT RAISE(ABORT, 'a fact is never deleted'); END;
