-- 0011: a payout that was confirmed may be given up after all: a reorganisation can take
-- the very coins away that it spent.

DROP TRIGGER payouts_final ON payouts;
CREATE TRIGGER payouts_final BEFORE UPDATE OF status ON payouts FOR EACH ROW
    WHEN (OLD.status = 'cancelled' OR OLD.status = 'confirmed' AND NEW.status <> 'cancelled')
    EXECUTE FUNCTION refuse('a finished payout is never changed');
