-- 0002: what pools and workers did in each hour.

CREATE TABLE hours (
    pool_id   INTEGER NOT NULL REFERENCES pools,
    worker_id INTEGER NOT NULL,     -- 0: the pool as a whole
    start     INTEGER NOT NULL,     -- hours since 1970
    hashrate  REAL NOT NULL,        -- average, in hashes per second
    accepted  INTEGER NOT NULL,
    rejected  INTEGER NOT NULL,
    PRIMARY KEY (pool_id, worker_id, start)
) WITHOUT ROWID;
