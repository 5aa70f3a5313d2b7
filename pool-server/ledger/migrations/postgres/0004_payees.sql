-- 0004: where the owners of mining keys have coins paid that are not to go to the
-- key's own address. Each list is kept as it was signed, so that anybody can check
-- later why a payout went where it went. The one with the greatest number counts.

CREATE TABLE payee_lists (
    account_id BIGINT NOT NULL REFERENCES accounts,
    number     BIGINT NOT NULL CHECK (number > 0),
    key        TEXT NOT NULL,       -- compressed public key, hex
    signature  TEXT NOT NULL,       -- DER, hex
    body       TEXT NOT NULL CHECK (length(body) <= 16384),
    kept_at    BIGINT NOT NULL,
    PRIMARY KEY (account_id, number)
);

CREATE FUNCTION payee_lists_newer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM payee_lists WHERE account_id = NEW.account_id AND number >= NEW.number) THEN
        RAISE EXCEPTION 'only a newer list takes the place of another';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payee_lists_newer BEFORE INSERT ON payee_lists FOR EACH ROW EXECUTE FUNCTION payee_lists_newer();
CREATE TRIGGER payee_lists_keep BEFORE UPDATE ON payee_lists
    FOR EACH STATEMENT EXECUTE FUNCTION refuse('lists are never changed');
CREATE TRIGGER payee_lists_stay BEFORE DELETE OR TRUNCATE ON payee_lists
    FOR EACH STATEMENT EXECUTE FUNCTION refuse('lists are never deleted');
