package matrix_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/pooltest"
)

// A power cut costs the daemon its last blocks, and with them those that its wallet's
// coins and the pool's payouts are in. Until its peers have told it of them again it
// knows no better: nothing is taken back, paid again or halted meanwhile.
func lostBlocks(t *testing.T, c *chains) {
	for _, p := range some(t, progresses[1:]) {
		t.Run(fmt.Sprintf("payout %s", p.status), func(t *testing.T) {
			r := newRun(t, c.next(), &folder{path: t.TempDir()})
			r.config.Confirmations = p.confirmations
			r.config.Settle = maturity // or the pass would wait for the block before ours, which is unknown
			r.again()
			// Written down here and not later: this is where the daemon will be.
			pooltest.Must[any](t, r.chain.RPC, "gettxoutsetinfo")
			r.spendFunds() // to itself: into the blocks that will be lost
			r.fundAgain()
			r.weather.set(func(step string) fault {
				if step == p.missing {
					return refused
				}
				return fine
			})
			first := r.find(done{miner(t), 1})
			r.deep(first, maturity)
			for range 2 {
				if r.payout().Status != p.status {
					r.rounds(1)
				}
			}
			if is := r.payout(); is.Status != p.status {
				t.Fatalf("the payout is %s, want %s: %v", is.Status, p.status, r.keeper.Status())
			}
			was := r.chain.Height()
			r.chain.caughtUp()
			pooltest.Must[any](t, r.chain.Peer.RPC, "setnetworkactive", false)
			defer r.chain.join()
			r.chain.Kill()
			r.chain.Start()
			r.chain.LoadWallet()
			if r.chain.Height() >= was {
				t.Fatalf("the daemon has lost no block: %d", r.chain.Height())
			}
			r.weather.set(fineWeather)
			r.again()
			for range 2 {
				if err := r.impatient(); !errors.Is(err, node.ErrSyncing) {
					t.Errorf("got %v, want word that the daemon has to catch up", err)
				}
				if s := r.halted(); s != "" || r.block(first).Status != ledger.Matured {
					t.Fatalf("halted: %q, block %+v", s, r.block(first))
				}
			}
			r.chain.join()
			r.rest()
		})
	}
}

// fundAgain gives the run's wallet new coins.
func (r *run) fundAgain() {
	r.t.Helper()
	r.fund()
	r.config.Script = r.script
	r.again()
}
