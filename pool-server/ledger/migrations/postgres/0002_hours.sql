-- 0002: what pools and workers did in each hour.

CREATE TABLE hours (
    pool_id   BIGINT NOT NULL REFERENCES pools,
    worker_id BIGINT NOT NULL,      -- 0: the pool as a whole
    start     BIGINT NOT NULL,      -- hours since 1970
    hashrate  DOUBLE PRECISION NOT NULL, -- average, in hashes per second
    accepted  BIGINT NOT NULL,
    rejected  BIGINT NOT NULL,
    PRIMARY KEY (pool_id, worker_id, start)
);
