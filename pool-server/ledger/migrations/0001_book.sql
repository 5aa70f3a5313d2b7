-- 0001: the book. Amounts are integers of the coin's smallest unit, times are
-- milliseconds since 1970 in UTC. Nothing that is money is ever overwritten.

CREATE TABLE consumer (             -- how far the share log has been applied
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    position INTEGER NOT NULL CHECK (position >= 0)
);
INSERT INTO consumer VALUES (1, 0);

CREATE TABLE pools (
    id            INTEGER PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE CHECK (name <> ''),
    halted_reason TEXT,             -- why nothing is paid until a person has looked
    halted_at     INTEGER,
    CHECK ((halted_reason IS NULL) = (halted_at IS NULL))
);

-- Who can own money. Names that begin with @ are the pool's own, no miner can have them.
CREATE TABLE accounts (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE CHECK (name <> '')
);
INSERT INTO accounts VALUES (1, '@pool'), (2, '@fee'), (3, '@dust');

CREATE TABLE workers (
    id         INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts,
    name       TEXT NOT NULL,
    UNIQUE (account_id, name)
);

CREATE TABLE blocks (
    id                 INTEGER PRIMARY KEY,
    pool_id            INTEGER NOT NULL REFERENCES pools,
    hash               TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
    height             INTEGER NOT NULL,
    reward             INTEGER NOT NULL CHECK (reward >= 0),
    status             TEXT NOT NULL CHECK (status IN ('candidate', 'immature', 'matured', 'orphaned')),
    confirmations      INTEGER NOT NULL DEFAULT 0,
    finder_id          INTEGER NOT NULL REFERENCES workers,
    found_at           INTEGER NOT NULL,
    work               REAL NOT NULL,           -- difficulty of the shares that it took
    network_difficulty REAL NOT NULL,           -- 0: not known
    reason             TEXT NOT NULL DEFAULT '',-- why it is orphaned
    settled_at         INTEGER,                 -- nobody looks at it any more
    CHECK (settled_at IS NULL OR status IN ('matured', 'orphaned'))
);
CREATE INDEX blocks_recent ON blocks (pool_id, id);
CREATE INDEX blocks_unsettled ON blocks (pool_id) WHERE settled_at IS NULL;

CREATE TABLE raw_blocks (           -- to submit again; gone once the block is settled
    block_id INTEGER PRIMARY KEY REFERENCES blocks,
    raw      BLOB NOT NULL
);

-- A round is a run of shares between two blocks. Shares never move between
-- rounds: a block owns whole rounds and gives whole rounds back, so no fraction
-- of a floating-point sum can be lost or made.
CREATE TABLE rounds (
    id         INTEGER PRIMARY KEY,
    pool_id    INTEGER NOT NULL REFERENCES pools,
    opened_at  INTEGER NOT NULL,
    closed_at  INTEGER,                         -- null: shares still come in
    owner_id   INTEGER REFERENCES blocks,       -- the block that pays for it; null: the next one
    shares     INTEGER NOT NULL DEFAULT 0,
    difficulty REAL NOT NULL DEFAULT 0,
    CHECK (owner_id IS NULL OR closed_at IS NOT NULL)
);
CREATE UNIQUE INDEX rounds_open ON rounds (pool_id) WHERE closed_at IS NULL;
CREATE INDEX rounds_free ON rounds (pool_id) WHERE owner_id IS NULL;
CREATE INDEX rounds_owned ON rounds (owner_id) WHERE owner_id IS NOT NULL;

CREATE TABLE block_rounds (         -- what each block owned when it was found, for ever
    block_id INTEGER NOT NULL REFERENCES blocks,
    round_id INTEGER NOT NULL REFERENCES rounds,
    PRIMARY KEY (block_id, round_id)
) WITHOUT ROWID;

CREATE TABLE shares (
    round_id   INTEGER NOT NULL REFERENCES rounds,
    worker_id  INTEGER NOT NULL REFERENCES workers,
    slice      INTEGER NOT NULL,                -- ten minutes: seconds since 1970 / 600
    shares     INTEGER NOT NULL CHECK (shares > 0),
    difficulty REAL NOT NULL CHECK (difficulty > 0),
    PRIMARY KEY (round_id, worker_id, slice)
) WITHOUT ROWID;

CREATE TABLE totals (               -- all that a worker ever did
    worker_id  INTEGER NOT NULL REFERENCES workers,
    pool_id    INTEGER NOT NULL REFERENCES pools,
    shares     INTEGER NOT NULL,
    difficulty REAL NOT NULL,
    last_at    INTEGER NOT NULL,
    PRIMARY KEY (worker_id, pool_id)
) WITHOUT ROWID;

CREATE TABLE payouts (
    id           INTEGER PRIMARY KEY,
    pool_id      INTEGER NOT NULL REFERENCES pools,
    status       TEXT NOT NULL CHECK (status IN ('intent', 'signed', 'sent', 'confirmed', 'cancelled')),
    raw          TEXT,                          -- the signed transaction, hex
    txid         TEXT UNIQUE,
    fee          INTEGER,
    reason       TEXT NOT NULL DEFAULT '',      -- why it is cancelled
    created_at   INTEGER NOT NULL,
    signed_at    INTEGER,
    sent_at      INTEGER,
    confirmed_at INTEGER,
    CHECK (status IN ('intent', 'cancelled') OR (raw IS NOT NULL AND txid IS NOT NULL AND fee IS NOT NULL))
);
CREATE UNIQUE INDEX payouts_open ON payouts (pool_id) WHERE status IN ('intent', 'signed', 'sent');
CREATE INDEX payouts_recent ON payouts (pool_id, id);

CREATE TRIGGER payouts_signed_once BEFORE UPDATE OF raw, txid, fee ON payouts WHEN OLD.txid IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a signed payout is never signed again'); END;
CREATE TRIGGER payouts_final BEFORE UPDATE OF status ON payouts WHEN OLD.status IN ('confirmed', 'cancelled')
BEGIN SELECT RAISE(ABORT, 'a finished payout is never changed'); END;

CREATE TABLE payout_outputs (
    payout_id  INTEGER NOT NULL REFERENCES payouts,
    account_id INTEGER NOT NULL REFERENCES accounts,
    address    TEXT NOT NULL,
    gross      INTEGER NOT NULL CHECK (gross > 0),   -- what leaves the account
    net        INTEGER CHECK (net >= 0 AND net <= gross),-- what arrives, known once signed
    PRIMARY KEY (payout_id, account_id)
) WITHOUT ROWID;
CREATE INDEX payout_outputs_account ON payout_outputs (account_id, payout_id);

CREATE TABLE holds (                -- accounts that cannot be paid, and why
    pool_id    INTEGER NOT NULL REFERENCES pools,
    account_id INTEGER NOT NULL REFERENCES accounts,
    reason     TEXT NOT NULL,
    since      INTEGER NOT NULL,
    PRIMARY KEY (pool_id, account_id)
) WITHOUT ROWID;

-- Double entry. A journal row is one movement of money with its cause, its
-- entries add up to zero. SQL sees to that: total follows the entries, and at
-- the commit it has to be found in zero.
CREATE TABLE zero (amount INTEGER PRIMARY KEY CHECK (amount = 0));
INSERT INTO zero VALUES (0);

CREATE TABLE journal (
    id        INTEGER PRIMARY KEY,
    pool_id   INTEGER NOT NULL REFERENCES pools,
    cause     TEXT NOT NULL CHECK (cause IN
        ('credit', 'uncredit', 'mature', 'orphan', 'payout', 'cancel', 'confirm', 'abandon', 'correction')),
    block_id  INTEGER REFERENCES blocks,
    payout_id INTEGER REFERENCES payouts,
    note      TEXT NOT NULL DEFAULT '',
    made_at   INTEGER NOT NULL,
    total     INTEGER NOT NULL DEFAULT 0 REFERENCES zero DEFERRABLE INITIALLY DEFERRED,
    CHECK (cause = 'correction' OR (block_id IS NULL) <> (payout_id IS NULL))
);
CREATE INDEX journal_block ON journal (block_id) WHERE block_id IS NOT NULL;
CREATE UNIQUE INDEX journal_payout_once ON journal (payout_id, cause) WHERE payout_id IS NOT NULL;

CREATE TABLE entries (
    journal_id INTEGER NOT NULL REFERENCES journal,
    kind       TEXT NOT NULL CHECK (kind IN
        ('reward', 'immature', 'balance', 'paying', 'paid', 'fee', 'dust', 'txfee')),
    account_id INTEGER NOT NULL REFERENCES accounts,
    amount     INTEGER NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (journal_id, kind, account_id)
) WITHOUT ROWID;
CREATE INDEX entries_account ON entries (account_id, journal_id);

CREATE TABLE balances (             -- the sums of entries, kept by the trigger below
    pool_id    INTEGER NOT NULL REFERENCES pools,
    kind       TEXT NOT NULL,
    account_id INTEGER NOT NULL REFERENCES accounts,
    amount     INTEGER NOT NULL CHECK (kind = 'reward' OR amount >= 0),
    PRIMARY KEY (pool_id, kind, account_id)
) WITHOUT ROWID;
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
