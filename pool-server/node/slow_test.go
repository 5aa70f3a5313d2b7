package node_test

import (
	"errors"
	"testing"
	"time"

	"github.com/adit-mining/adit/packaging/bubble"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/pooltest"
)

// TestASlowWalletIsWaitedForAndAskedOnce: a wallet on a bad disk takes five minutes
// to sign. The signature is used, and meanwhile the chain is followed.
func TestASlowWalletIsWaitedForAndAskedOnce(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		p := newPurse(t, nil)
		p.rewards(3, "10")
		for _, method := range []string{"listunspent", "signrawtransactionwithwallet"} {
			p.daemon.Always(method, pooltest.Fault{Delay: 5 * time.Minute})
		}
		begun := time.Now()
		signed := make(chan struct{})
		asked := receivers(t, 3, 1_0000_0000)
		var tx node.SignedTx
		var err error
		go func() {
			defer close(signed)
			tx, err = p.BuildAndSign(t.Context(), asked, node.SignOptions{})
		}()
		looks := 0
		for done := false; !done; {
			select {
			case <-signed:
				done = true
			case <-time.After(10 * time.Second):
				looks++
				asking := time.Now()
				if _, err := p.ChainInfo(t.Context()); err != nil || time.Since(asking) > time.Second {
					t.Errorf("while the wallet is busy the chain says %v, after %v", err, time.Since(asking))
				}
			}
		}
		if err != nil || time.Since(begun) < 10*time.Minute || looks < 50 {
			t.Fatalf("signed after %v, %d looks at the chain: %v", time.Since(begun), looks, err)
		}
		if n := len(p.daemon.Calls("signrawtransactionwithwallet")); n != 1 {
			t.Errorf("it was asked to sign %d times", n)
		}
		p.checkSums(t, asked, tx)
	})
}

// TestAWalletThatNeverAnswersGivesUpItsCoins: what may have been signed was not sent,
// so the coins are free for the next try.
func TestAWalletThatNeverAnswersGivesUpItsCoins(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		p := newPurse(t, func(c *node.Config) { c.WalletTimeout = 2 * time.Minute })
		p.rewards(1, "10")
		p.daemon.Once("signrawtransactionwithwallet", pooltest.Fault{Delay: time.Hour})
		begun := time.Now()
		asked := receivers(t, 1, 9_0000_0000)
		if _, err := p.BuildAndSign(t.Context(), asked, node.SignOptions{}); !errors.Is(err, node.ErrUnanswered) || time.Since(begun) != 2*time.Minute {
			t.Errorf("after %v: %v; want ErrUnanswered after two minutes", time.Since(begun), err)
		}
		if p.Locked() != 0 {
			t.Errorf("%d coins stay locked", p.Locked())
		}
		if _, err := p.BuildAndSign(t.Context(), asked, node.SignOptions{}); err != nil {
			t.Errorf("the next try: %v", err)
		}
	})
}

// TestACoinThatIsTakenMeanwhileIsReplaced: between listing and locking, something else
// locks one of the coins.
func TestACoinThatIsTakenMeanwhileIsReplaced(t *testing.T) {
	t.Parallel()
	p := newPurse(t, nil)
	p.rewards(2, "10")
	p.daemon.Once("lockunspent", pooltest.Fault{Err: &pooltest.RPCError{Code: -8, Message: "Invalid parameter, output already locked"}})
	if _, err := p.BuildAndSign(t.Context(), receivers(t, 1, 9_0000_0000), node.SignOptions{}); err != nil {
		t.Errorf("taken once: %v", err)
	}
	p.daemon.Always("lockunspent", pooltest.Fault{Err: &pooltest.RPCError{Code: -8, Message: "Invalid parameter, output already locked"}})
	if _, err := p.BuildAndSign(t.Context(), receivers(t, 1, 9_0000_0000), node.SignOptions{}); err == nil {
		t.Error("taken each time, and still signed")
	}
}
