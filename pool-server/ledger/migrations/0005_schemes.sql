-- 0005: schemes. What a block pays for, and on which terms, is frozen when it is
-- found; what each account did for it is kept, so that every credit can be explained.

-- Kinds and causes are new, and SQLite cannot change a constraint: the three tables of
-- money are copied as they are. The migration runs without foreign keys, which are
-- looked over before it is committed.
DROP TRIGGER entries_post;
DROP TRIGGER entries_keep;
DROP TRIGGER entries_stay;
DROP TRIGGER journal_keep;
DROP TRIGGER journal_stay;

CREATE TABLE journal_new (
    id        INTEGER PRIMARY KEY,
    pool_id   INTEGER NOT NULL REFERENCES pools,
    cause     TEXT NOT NULL CHECK (cause IN ('credit', 'uncredit', 'mature', 'orphan', 'payout', 'cancel', 'confirm', 'abandon',
        'correction', 'purchase', 'import', 'loss')),
    block_id  INTEGER REFERENCES blocks,
    payout_id INTEGER REFERENCES payouts,
    note      TEXT NOT NULL DEFAULT '',
    made_at   INTEGER NOT NULL,
    total     INTEGER NOT NULL DEFAULT 0 REFERENCES zero DEFERRABLE INITIALLY DEFERRED,
    CHECK (CASE WHEN cause IN ('purchase', 'import') THEN block_id IS NULL AND payout_id IS NULL
                WHEN cause = 'correction' THEN block_id IS NULL OR payout_id IS NULL
                ELSE (block_id IS NULL) <> (payout_id IS NULL) END)
);
INSERT INTO journal_new SELECT id, pool_id, cause, block_id, payout_id, note, made_at, total FROM journal;
DROP TABLE journal;
ALTER TABLE journal_new RENAME TO journal;
CREATE INDEX journal_block ON journal (block_id) WHERE block_id IS NOT NULL;
CREATE UNIQUE INDEX journal_payout_once ON journal (payout_id, cause) WHERE payout_id IS NOT NULL;

CREATE TABLE entries_new (
    journal_id INTEGER NOT NULL REFERENCES journal,
    kind       TEXT NOT NULL CHECK (kind IN
        ('reward', 'immature', 'balance', 'paying', 'paid', 'fee', 'dust', 'txfee', 'reserve', 'loss')),
    account_id INTEGER NOT NULL REFERENCES accounts,
    amount     INTEGER NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (journal_id, kind, account_id)
) WITHOUT ROWID;
INSERT INTO entries_new SELECT journal_id, kind, account_id, amount FROM entries;
DROP TABLE entries;
ALTER TABLE entries_new RENAME TO entries;
CREATE INDEX entries_account ON entries (account_id, journal_id);

CREATE TABLE balances_new (         -- the sums of entries, kept by the trigger below
    pool_id    INTEGER NOT NULL REFERENCES pools,
    kind       TEXT NOT NULL,
    account_id INTEGER NOT NULL REFERENCES accounts,
    -- A reward is where money comes from; the reserve lends, up to a limit; a loss is missing.
    amount     INTEGER NOT NULL CHECK (kind IN ('reward', 'reserve', 'loss') OR amount >= 0),
    PRIMARY KEY (pool_id, kind, account_id)
) WITHOUT ROWID;
INSERT INTO balances_new SELECT pool_id, kind, account_id, amount FROM balances;
DROP TABLE balances;
ALTER TABLE balances_new RENAME TO balances;
CREATE INDEX balances_due ON balances (pool_id, amount) WHERE kind = 'balance';

CREATE TRIGGER entries_post AFTER INSERT ON entries BEGIN
    UPDATE journal SET total = total + NEW.amount WHERE id = NEW.journal_id;
    INSERT INTO balances (pool_id, kind, account_id, amount)
        SELECT pool_id, NEW.kind, NEW.account_id, 0 FROM journal WHERE id = NEW.journal_id
        ON CONFLICT DO NOTHING;
    UPDATE balances SET amount = amount + NEW.amount
        WHERE pool_id = (SELECT pool_id FROM journal WHERE id = NEW.journal_id)
          AND kind = NEW.kind AND account_id = NEW.account_id;
END;
CREATE TRIGGER entries_keep BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END;
CREATE TRIGGER entries_stay BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are never deleted'); END;
CREATE TRIGGER journal_keep BEFORE UPDATE OF id, pool_id, cause, block_id, payout_id, note, made_at ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is never changed'); END;
CREATE TRIGGER journal_stay BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is never deleted'); END;

-- What buys shares under PPS. Miners' accounts began at 4 before: it has no fixed number.
INSERT INTO accounts (name) SELECT '@reserve' WHERE NOT EXISTS (SELECT 1 FROM accounts WHERE name = '@reserve');

-- Rounds of one account alone (SOLO) stand beside the pool's own.
ALTER TABLE rounds ADD COLUMN solo_id INTEGER REFERENCES accounts; -- null: the round is everybody's
DROP INDEX rounds_open;
DROP INDEX rounds_free;
CREATE UNIQUE INDEX rounds_open ON rounds (pool_id, coalesce(solo_id, 0)) WHERE closed_at IS NULL;
CREATE INDEX rounds_free ON rounds (pool_id, coalesce(solo_id, 0)) WHERE owner_id IS NULL;

-- Difficulty of shares that the reserve has bought (PPS); a block's reward for these is its own.
ALTER TABLE shares ADD COLUMN bought REAL NOT NULL DEFAULT 0 CHECK (bought >= 0);

-- The terms of a block, frozen when it is found.
ALTER TABLE blocks ADD COLUMN scheme TEXT NOT NULL DEFAULT 'PROP' CHECK (scheme IN ('PROP', 'PPLNS', 'SOLO', 'PPS'));
ALTER TABLE blocks ADD COLUMN fee_ppm INTEGER CHECK (fee_ppm BETWEEN 0 AND 1000000); -- null: found before terms were kept
ALTER TABLE blocks ADD COLUMN "window" REAL NOT NULL DEFAULT 0; -- PPLNS: difficulty of the last shares that it pays for
ALTER TABLE blocks ADD COLUMN hoped INTEGER;    -- the reward by our template, where the chain says otherwise

CREATE TABLE block_recipients (     -- who gets a part of a block's reward beside the miners
    block_id   INTEGER NOT NULL REFERENCES blocks,
    account_id INTEGER NOT NULL REFERENCES accounts,
    ppm        INTEGER NOT NULL CHECK (ppm BETWEEN 1 AND 1000000),
    PRIMARY KEY (block_id, account_id)
) WITHOUT ROWID;

CREATE TABLE block_weights (        -- what each account did for a block
    block_id   INTEGER NOT NULL REFERENCES blocks,
    account_id INTEGER NOT NULL REFERENCES accounts,
    shares     INTEGER NOT NULL,
    difficulty REAL NOT NULL,
    PRIMARY KEY (block_id, account_id)
) WITHOUT ROWID;

-- The last shares of a pool in the order in which they came, as far back as the
-- window of PPLNS may reach. A piece is what was applied at once, pieces of a slice of
-- time are joined later; the number of rows does not follow the number of shares.
CREATE TABLE trail (
    id         INTEGER PRIMARY KEY,
    pool_id    INTEGER NOT NULL REFERENCES pools,
    slice      INTEGER NOT NULL,
    shares     INTEGER NOT NULL,
    difficulty REAL NOT NULL,
    runs       BLOB NOT NULL        -- see trail.go
);
CREATE INDEX trail_pool ON trail (pool_id, id);

CREATE TABLE owing (                -- shares that were bought, and are not booked yet
    pool_id    INTEGER NOT NULL REFERENCES pools,
    account_id INTEGER NOT NULL REFERENCES accounts,
    slice      INTEGER NOT NULL,
    shares     INTEGER NOT NULL,
    difficulty REAL NOT NULL,
    value      REAL NOT NULL,       -- in units; what is less than one is carried on
    PRIMARY KEY (pool_id, account_id)
) WITHOUT ROWID;

CREATE TABLE purchases (            -- the same once they are booked, for ever
    journal_id INTEGER NOT NULL REFERENCES journal,
    account_id INTEGER NOT NULL REFERENCES accounts,
    slice      INTEGER NOT NULL,
    shares     INTEGER NOT NULL,
    difficulty REAL NOT NULL,
    value      REAL NOT NULL,
    amount     INTEGER NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (account_id, journal_id)
) WITHOUT ROWID;
