-- 0009: what operators did, and who tried to be one. Nothing of it is ever changed or
-- taken away.

CREATE TABLE audit (
    id      INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    who     TEXT NOT NULL,            -- a session, or who was at the command line; empty: a stranger
    source  TEXT NOT NULL,            -- network address
    action  TEXT NOT NULL CHECK (action <> ''),
    pool    TEXT NOT NULL,            -- empty: of none
    subject TEXT NOT NULL,            -- a payout, a block, an account
    reason  TEXT NOT NULL
);
CREATE TRIGGER audit_keep BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END;
CREATE TRIGGER audit_stay BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is never deleted'); END;

-- No row: the server ended in the middle of it, and the book tells whether it was done.
CREATE TABLE audit_outcomes (
    audit_id INTEGER PRIMARY KEY REFERENCES audit,
    at       INTEGER NOT NULL,
    outcome  TEXT NOT NULL CHECK (outcome <> '')
);
CREATE TRIGGER audit_outcomes_keep BEFORE UPDATE ON audit_outcomes
BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END;
CREATE TRIGGER audit_outcomes_stay BEFORE DELETE ON audit_outcomes
BEGIN SELECT RAISE(ABORT, 'the audit log is never deleted'); END;
