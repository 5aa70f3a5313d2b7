-- 0004: where the owners of mining keys have coins paid that are not to go to the
-- key's own address. Each list is kept as it was signed, so that anybody can check
-- later why a payout went where it went. The one with the greatest number counts.

CREATE TABLE payee_lists (
    account_id INTEGER NOT NULL REFERENCES accounts,
    number     INTEGER NOT NULL CHECK (number > 0),
    key        TEXT NOT NULL,       -- compressed public key, hex
    signature  TEXT NOT NULL,       -- DER, hex
    body       TEXT NOT NULL CHECK (length(body) <= 16384),
    kept_at    INTEGER NOT NULL,
    PRIMARY KEY (account_id, number)
) WITHOUT ROWID;

CREATE TRIGGER payee_lists_newer BEFORE INSERT ON payee_lists
WHEN EXISTS (SELECT 1 FROM payee_lists WHERE account_id = NEW.account_id AND number >= NEW.number)
BEGIN SELECT RAISE(ABORT, 'only a newer list takes the place of another'); END;
CREATE TRIGGER payee_lists_keep BEFORE UPDATE ON payee_lists
BEGIN SELECT RAISE(ABORT, 'lists are never changed'); END;
CREATE TRIGGER payee_lists_stay BEFORE DELETE ON payee_lists
BEGIN SELECT RAISE(ABORT, 'lists are never deleted'); END;
