-- 0010: counts that the site shows all the time, kept as they grow: to count a million
-- accounts anew for each look takes seconds.

ALTER TABLE pools ADD COLUMN shares INTEGER NOT NULL DEFAULT 0 CHECK (shares >= 0);     -- accepted, all time
ALTER TABLE pools ADD COLUMN accounts INTEGER NOT NULL DEFAULT 0 CHECK (accounts >= 0); -- that ever had a share

CREATE TABLE pool_accounts (        -- which accounts are counted
    pool_id    INTEGER NOT NULL REFERENCES pools,
    account_id INTEGER NOT NULL REFERENCES accounts,
    PRIMARY KEY (pool_id, account_id)
) WITHOUT ROWID;
INSERT INTO pool_accounts SELECT DISTINCT t.pool_id, w.account_id FROM totals t JOIN workers w ON w.id = t.worker_id;

UPDATE pools SET shares = coalesce((SELECT sum(shares) FROM rounds WHERE pool_id = pools.id), 0),
    accounts = (SELECT count(*) FROM pool_accounts WHERE pool_id = pools.id);

CREATE INDEX blocks_status ON blocks (pool_id, status);
