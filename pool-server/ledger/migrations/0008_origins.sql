-- 0008: where a book comes from besides its share log. A book that was restored from a
-- backup, or begun with what another pool owed, says so for ever.

ALTER TABLE consumer ADD COLUMN log TEXT NOT NULL DEFAULT '';           -- the share log that position is of; '': not known
ALTER TABLE consumer ADD COLUMN restored INTEGER NOT NULL DEFAULT 0     -- 1: no share log has come to the restored book yet
    CHECK (restored IN (0, 1));

CREATE TABLE origins (
    id      INTEGER PRIMARY KEY,
    kind    TEXT NOT NULL CHECK (kind IN ('backup', 'nomp')),
    source  TEXT NOT NULL,          -- the backup's name, or NOMP's folder
    note    TEXT NOT NULL,          -- what came, in words
    made_at INTEGER NOT NULL        -- when it came
);
