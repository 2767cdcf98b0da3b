-- 3: in which round a correction (划改) was made. Those made before belong to the first.
ALTER TABLE correction ADD COLUMN round INTEGER NOT NULL DEFAULT 0 CHECK (round >= 0);
