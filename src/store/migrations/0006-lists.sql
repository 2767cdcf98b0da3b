-- 6: lists read what was done with a sheet without its signatures, which are most of it; the sheets in work are those
-- that are neither filed nor destroyed; and minutes tell what was started from them. The index that was here answered none
-- of it.
DROP INDEX fact_by_kind;
CREATE INDEX fact_unsigned ON fact (record, place, at, made_by, data) WHERE kind <> 'signed';
CREATE INDEX fact_over ON fact (record) WHERE kind IN ('filed', 'destroyed');
CREATE INDEX fact_from ON fact (record) WHERE kind = 'from';
