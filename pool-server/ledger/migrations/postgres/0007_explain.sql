-- 0007: explanations. What all accounts together did for a block, so that explaining one
-- account's part of it does not read everybody's; and what owners of mining keys have
-- signed about the least amount that they are paid, kept as lists of payout addresses are.

CREATE TABLE block_sums (           -- of block_weights
    block_id   BIGINT PRIMARY KEY REFERENCES blocks,
    accounts   BIGINT NOT NULL,
    shares     BIGINT NOT NULL,
    difficulty DOUBLE PRECISION NOT NULL
);
INSERT INTO block_sums SELECT block_id, count(*), sum(shares), sum(difficulty) FROM block_weights GROUP BY block_id;

CREATE TABLE minimum_requests (
    account_id BIGINT NOT NULL REFERENCES accounts,
    pool_id    BIGINT NOT NULL REFERENCES pools,
    number     BIGINT NOT NULL CHECK (number > 0),
    key        TEXT NOT NULL,       -- compressed public key, hex
    signature  TEXT NOT NULL,       -- DER, hex
    body       TEXT NOT NULL CHECK (length(body) <= 1024),
    kept_at    BIGINT NOT NULL,
    PRIMARY KEY (account_id, pool_id, number)
);

CREATE FUNCTION minimum_requests_newer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM minimum_requests WHERE account_id = NEW.account_id AND pool_id = NEW.pool_id AND number >= NEW.number) THEN
        RAISE EXCEPTION 'only a newer request takes the place of another';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER minimum_requests_newer BEFORE INSERT ON minimum_requests FOR EACH ROW EXECUTE FUNCTION minimum_requests_newer();
CREATE TRIGGER minimum_requests_keep BEFORE UPDATE ON minimum_requests
    FOR EACH STATEMENT EXECUTE FUNCTION refuse('requests are never changed');
CREATE TRIGGER minimum_requests_stay BEFORE DELETE OR TRUNCATE ON minimum_requests
    FOR EACH STATEMENT EXECUTE FUNCTION refuse('requests are never deleted');
