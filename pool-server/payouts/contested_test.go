package payouts_test

import (
	"testing"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/node"
)

// While daemons differ about a block's place it is neither credited nor orphaned, no
// payout is begun, and Status tells which block it is.
func TestAContestedBlockWaitsAndIsTold(t *testing.T) {
	in(t, func(t *testing.T) {
		w := newWorld(t)
		hash := w.find(1, good(7), share("alice", 1))
		w.mu.Lock()
		w.refuse["block status"] = &node.ContestedError{On: []string{"a"}, Off: []string{"b"}}
		w.mu.Unlock()
		for range 3 {
			if err := w.pass(); err == nil {
				t.Fatal("a pass says that all is well")
			}
			w.mine(1)
		}
		if got := w.status(1); got != ledger.Candidate {
			t.Errorf("the block is %s, want a candidate still", got)
		}
		if why := w.k.Status().Contested[hash.String()]; why == "" {
			t.Errorf("status does not tell: %+v", w.k.Status())
		}
		w.mu.Lock()
		delete(w.refuse, "block status")
		w.mu.Unlock()
		w.settle(func(int) {})
		if left := w.k.Status().Contested; len(left) > 0 {
			t.Errorf("still contested: %v", left)
		}
		if w.account("alice").Paid == 0 {
			t.Error("alice was not paid once it was clear")
		}
	})
}
