-- 0007: explanations. What all accounts together did for a block, so that explaining one
-- account's part of it does not read everybody's; and what owners have signed about the
-- least amount that they are paid.

CREATE TABLE block_sums (           -- of block_weights
    block_id   INTEGER PRIMARY KEY REFERENCES blocks,
    accounts   INTEGER NOT NULL,
    shares     INTEGER NOT NULL,
    difficulty REAL NOT NULL
);
