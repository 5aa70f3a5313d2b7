-- 0011: a payout that was confirmed may be given up after all: a reorganisation can take
-- the very coins away that it spent.

DROP TRIGGER payouts_final;
CREATE TRIGGER payouts_final BEFORE UPDATE OF status ON payouts
WHEN OLD.status = 'cancelled' OR OLD.status = 'confirmed' AND NEW.status <> 'cancelled'
BEGIN SELECT RAISE(ABORT, 'a finished payout is never changed'); END;
