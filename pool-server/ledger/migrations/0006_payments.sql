-- 0006: several payouts at once, holds by the operator, minimums of accounts, and
-- what the wallet sent besides payouts.

-- Several payouts may be open. That nobody is paid twice never hung on there being
-- one: what a payout holds has left the balances in the transaction that wrote it
-- down. Only one waits to be signed: until then the wallet has no coins set apart
-- for it, and whatever coins it has locked for nothing that is signed it may free.
DROP INDEX payouts_open;
CREATE INDEX payouts_open ON payouts (pool_id) WHERE status IN ('intent', 'signed', 'sent');
CREATE UNIQUE INDEX payouts_unsigned ON payouts (pool_id) WHERE status = 'intent';

-- When a person told the book of a payout that was made without it. One that was
-- given up before, and is in the chain after all, stays cancelled and is paid.
ALTER TABLE payouts ADD COLUMN adopted_at INTEGER;
CREATE INDEX payout_outputs_address ON payout_outputs (address);

CREATE TABLE operator_holds (       -- accounts that the operator does not pay, and why
    pool_id    INTEGER NOT NULL REFERENCES pools,
    account_id INTEGER NOT NULL REFERENCES accounts,
    reason     TEXT NOT NULL CHECK (reason <> ''),
    since      INTEGER NOT NULL,
    PRIMARY KEY (pool_id, account_id)
) WITHOUT ROWID;

CREATE TABLE payout_minimums (      -- below which the owner of an account wants nothing sent
    pool_id    INTEGER NOT NULL REFERENCES pools,
    account_id INTEGER NOT NULL REFERENCES accounts,
    minimum    INTEGER NOT NULL CHECK (minimum > 0),
    source     TEXT NOT NULL CHECK (source IN ('signed', 'password')),
    set_at     INTEGER NOT NULL,
    PRIMARY KEY (pool_id, account_id)
) WITHOUT ROWID;

CREATE TABLE payment_marks (        -- how far something about payments has come
    pool_id INTEGER NOT NULL REFERENCES pools,
    name    TEXT NOT NULL CHECK (name IN ('scheduled', 'watched', 'reconciled')),
    at      INTEGER NOT NULL,
    block   TEXT NOT NULL,          -- the chain's best block then; empty: it does not matter
    PRIMARY KEY (pool_id, name)
) WITHOUT ROWID;

CREATE TABLE other_sends (          -- what the wallet sent that is no payout: looked at, and why it is none
    pool_id  INTEGER NOT NULL REFERENCES pools,
    txid     TEXT NOT NULL,
    amount   INTEGER NOT NULL CHECK (amount >= 0), -- what left the wallet, with its fee
    sent_at  INTEGER NOT NULL,
    reason   TEXT NOT NULL,
    noted_at INTEGER NOT NULL,
    PRIMARY KEY (pool_id, txid)
) WITHOUT ROWID;
