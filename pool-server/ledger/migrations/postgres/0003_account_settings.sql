-- 0003: what the owners of accounts decide. No row: nothing was decided.

CREATE TABLE account_settings (
    account_id BIGINT PRIMARY KEY REFERENCES accounts,
    private    BIGINT NOT NULL CHECK (private IN (0, 1)) -- its computers' details are its owner's alone
);
