-- 0012: accounts whose mining key may be an uncompressed one, as NOMP's are. A witness
-- output would be lost to them: they are paid to their key's hash in the old form.

ALTER TABLE accounts ADD COLUMN whole_key BIGINT NOT NULL DEFAULT 0 CHECK (whole_key IN (0, 1));
