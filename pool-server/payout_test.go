package main

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/pool-server/devnet"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

// till is a pool with a coin of its own, to whose miners a matured block of the chain
// is owed.
type till struct {
	t      *testing.T
	dir    string
	coin   *node.Client
	home   string // the pool's address
	miners []string
	reward coin.Amount
	stop   func() // ends the coin's daemon
}

func newTill(t *testing.T) *till {
	t.Helper()
	chain, err := devnet.Open(devnet.Options{Dir: t.TempDir(), Bits: devnet.EasiestBits, Maturity: 5, User: "u", Password: "p"})
	if err != nil {
		t.Fatal(err)
	}
	daemon := httptest.NewServer(chain.Handler())
	stop := sync.OnceFunc(func() { daemon.Close(); chain.Close() })
	t.Cleanup(stop)
	u, _ := url.Parse(daemon.URL)
	u.User = url.UserPassword("u", "p")
	l := &till{t: t, stop: stop, dir: t.TempDir(), miners: []string{strings.Repeat("01", 20), strings.Repeat("02", 20), strings.Repeat("03", 20)}}
	if l.coin, err = node.New(node.Config{URL: u.String()}); err != nil {
		t.Fatal(err)
	}
	if l.home, err = chain.NewAddress(); err != nil {
		t.Fatal(err)
	}
	if _, err := runCommand(t, "init", "--dir", l.dir, "--coin", "bitcoin", "--net", "regtest", "--daemon", u.String(), "--address", l.home,
		"--stratum", "127.0.0.1:0", "--http", "127.0.0.1:0", "--payout-interval", "1h", "--confirmations", "5", "--payout-minimum", "0.01"); err != nil {
		t.Fatal(err)
	}
	return l
}

// owing is a till that owes.
func owing(t *testing.T) *till {
	t.Helper()
	l := newTill(t)
	l.owe()
	return l
}

func (l *till) call(method string, result any, params ...any) {
	l.t.Helper()
	if err := l.coin.Call(l.t.Context(), method, params, result); err != nil {
		l.t.Fatal(err)
	}
}

func (l *till) mine(n int) (hashes []string) {
	l.t.Helper()
	l.call("generatetoaddress", &hashes, n, l.home)
	return hashes
}

// owe books a block of the chain to the miners: the last of them has less than the
// pool's minimum. Those that are named are held before they can be paid.
func (l *till) owe(held ...string) {
	l.t.Helper()
	hash := l.mine(10)[0]
	c := mustLoad(l.t, l.dir)
	if err := os.MkdirAll(c.DataDir(), 0o700); err != nil {
		l.t.Fatal(err)
	}
	book, err := openLedger(l.t.Context(), c)
	if err != nil {
		l.t.Fatal(err)
	}
	defer book.Close()
	l.reward = 50_0000_0000
	shares := make([]ledger.Share, len(l.miners))
	for i, name := range l.miners {
		shares[i] = ledger.Share{Pool: c.Pools[0].ID, Account: name, Worker: "rig", Difficulty: 1, Time: time.Now(), Terms: &ledger.Terms{}}
	}
	shares[0].Block = &ledger.FoundBlock{Hash: hash, Height: 1, Reward: l.reward, Raw: []byte{1}, Difficulty: 1}
	shares[0], shares[2] = shares[2], shares[0]
	found, err := book.Apply(l.t.Context(), 1, 1, shares)
	if err != nil {
		l.t.Fatal(err)
	}
	const little = 50_0000
	a := ledger.Acceptance{Confirmations: 1, Reward: l.reward, Credits: []ledger.Credit{
		{Account: l.miners[0], Amount: l.reward - 10_0000_0000 - little}, {Account: l.miners[1], Amount: 10_0000_0000}, {Account: l.miners[2], Amount: little}}}
	if a.Weights, err = book.RoundShares(l.t.Context(), found[0].ID); err == nil {
		err = book.SetBlockAccepted(l.t.Context(), found[0].ID, a)
	}
	for _, name := range held {
		if err == nil {
			err = book.HoldPayouts(l.t.Context(), c.Pools[0].ID, name, "not yet")
		}
	}
	if err == nil {
		err = book.MatureBlock(l.t.Context(), found[0].ID)
	}
	if err != nil {
		l.t.Fatal(err)
	}
}

// payout runs the command.
func (l *till) payout(args ...string) string {
	l.t.Helper()
	out, err := runCommand(l.t, append([]string{"payout", args[0], "--dir", l.dir}, args[1:]...)...)
	if err != nil {
		l.t.Fatalf("payout %v: %v\n%s", args, err, out)
	}
	return out
}

// refused runs the command, which has to fail with these words.
func (l *till) refused(words string, args ...string) {
	l.t.Helper()
	out, err := runCommand(l.t, append([]string{"payout", args[0], "--dir", l.dir}, args[1:]...)...)
	if err == nil || !strings.Contains(err.Error(), words) {
		l.t.Errorf("payout %v: got %v, want %q\n%s", args, err, words, out)
	}
}

func (l *till) plan(args ...string) (p planDocument) {
	l.t.Helper()
	if err := json.Unmarshal([]byte(l.payout(append([]string{"plan", "--json"}, args...)...)), &p); err != nil {
		l.t.Fatal(err)
	}
	return p
}

// sound is what check --ledger says, and whether it says that all is well.
func (l *till) sound(args ...string) (s soundness, err error) {
	l.t.Helper()
	out, err := runCommand(l.t, append([]string{"check", "--dir", l.dir, "--ledger", "--json"}, args...)...)
	if jsonErr := json.Unmarshal([]byte(out), &s); jsonErr != nil {
		l.t.Fatalf("%v: %v\n%s", err, jsonErr, out)
	}
	return s, err
}

func (l *till) address(miner int) string {
	l.t.Helper()
	n := cointest.Network(l.t, "bitcoin", "regtest")
	a, err := n.ParseAccount(l.miners[miner])
	if err != nil {
		l.t.Fatal(err)
	}
	to, err := a.Address(n)
	if err != nil {
		l.t.Fatal(err)
	}
	return to.String()
}

func TestPayoutsAreMadeByHandAsPlanned(t *testing.T) {
	l := owing(t)
	p := l.plan()
	if len(p.Batches) != 1 || p.Batches[0].Accounts != 2 || len(p.Waiting) != 1 || p.Waiting[0].Account != l.miners[2] ||
		p.Waiting[0].Reason != "below minimum" || p.Batches[0].Fee <= 0 || p.Batches[0].Fee > p.Batches[0].Budget || p.Batches[0].Short != 0 {
		t.Fatalf("got %+v, want two paid and one waiting", p)
	}
	if p := l.plan("--minimum", "20"); len(p.Batches) != 1 || p.Batches[0].Accounts != 1 || len(p.Waiting) != 2 {
		t.Errorf("with a minimum: got %+v", p)
	}
	if p := l.plan("--account", l.miners[2]); len(p.Batches) != 1 || p.Batches[0].Accounts != 1 || len(p.Waiting) != 0 {
		t.Errorf("one account: got %+v", p)
	}

	l.payout("hold", "--account", l.miners[1], "--reason", "asked to wait")
	if p := l.plan(); p.Batches[0].Accounts != 1 || len(p.Waiting) != 2 || p.Waiting[0].Reason != "held" {
		t.Errorf("held: got %+v", p)
	}
	if out := l.payout("status"); !strings.Contains(out, "asked to wait") {
		t.Errorf("status does not tell of the hold:\n%s", out)
	}
	l.payout("run", "--dry-run")
	if out := l.payout("run"); !strings.Contains(out, "payout 1: sent") || !strings.Contains(out, "1 accounts") {
		t.Errorf("got %s, want the one who is not held paid", out)
	}
	l.payout("release", "--account", l.miners[1])
	if out := l.payout("run", "--account", l.miners[1]); !strings.Contains(out, "payout 2: sent, 10.0") {
		t.Errorf("got %s, want the other one paid", out)
	}
	s, err := l.sound()
	if err != nil || !s.OK || s.Pools[0].InFlight < l.reward*9/10 || s.Pools[0].Shortfall != 0 || s.Pools[0].Surplus == 0 {
		t.Errorf("got %+v, %v, want it sound, with payouts in flight", s, err)
	}
	if s, err := l.sound("--offline"); err != nil || s.Pools[0].Wallet != nil {
		t.Errorf("offline: got %+v, %v, want no wallet", s, err)
	}
}

func mustLoad(t *testing.T, dir string) *config.Config {
	t.Helper()
	c, err := config.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRunningServerPaysByHand(t *testing.T) {
	l := newTill(t)
	serve(t, l.dir)
	l.owe(l.miners[0], l.miners[1]) // whom the server would pay at once
	out := l.payout("run", "--account", l.miners[2])
	if !strings.Contains(out, "payout 1: sent, 0.005") {
		t.Errorf("got %s, want the one below the minimum paid", out)
	}
	if _, err := lockPayments(mustLoad(t, l.dir)); err == nil {
		t.Error("two programs can pay at the same time")
	}
}

func TestPaymentsOfTheWalletByHandHaltUntilTheyAreAdopted(t *testing.T) {
	l := owing(t)
	l.payout("run", "--account", l.miners[2]) // from here on the wallet is watched
	l.mine(1)
	var mine, other string
	l.call("sendtoaddress", &mine, l.address(1), 7)
	l.call("sendtoaddress", &other, cointest.Network(t, "bitcoin", "regtest").P2WPKH(coin.PubKeyHash{9}).String(), 3)
	if p := l.plan(); len(p.Doubts) != 1 || !strings.Contains(p.Doubts[0], mine) {
		t.Errorf("got %v, want the payment told", p.Doubts)
	}
	l.refused(mine, "run")
	l.refused("not in the chain yet", "adopt", "--txid", mine)
	l.mine(1)
	if out := l.payout("adopt", "--txid", mine); !strings.Contains(out, "payout 2") {
		t.Errorf("got %s", out)
	}
	l.refused("paid nobody of this pool", "adopt", "--txid", other)
	l.payout("resume")
	out := l.payout("run")
	if !strings.Contains(out, "payout 3: sent") {
		t.Errorf("got %s", out)
	}
	if out := l.payout("status"); !strings.Contains(out, other) || strings.Contains(out, mine) {
		t.Errorf("status does not tell of the other payment alone:\n%s", out)
	}
	if s, err := l.sound(); err != nil || s.Pools[0].Ledger.Withdrawn < 3_0000_0000 {
		t.Errorf("got %+v, %v, want the other payment as withdrawn", s, err)
	}
}

func TestCheckFindsAWalletThatLacksCoinsOrDoesNotAnswer(t *testing.T) {
	l := owing(t)
	if _, err := l.sound(); err != nil {
		t.Fatal(err)
	}
	var all json.Number
	l.call("getbalance", &all)
	var tx string
	l.call("sendtoaddress", &tx, cointest.Network(t, "bitcoin", "regtest").P2WPKH(coin.PubKeyHash{9}).String(), all, "", "", true)
	// What is left is not mature yet, and enough: owe more than that.
	s, err := l.sound()
	if err != nil {
		t.Fatalf("got %v", err)
	}
	c := mustLoad(t, l.dir)
	book := openBook(t, l.dir)
	rich := ledger.Share{Pool: c.Pools[0].ID, Account: l.miners[0], Worker: "rig", Difficulty: 1, Time: time.Now(), Terms: &ledger.Terms{},
		Block: &ledger.FoundBlock{Hash: fmt.Sprintf("%064x", 2), Height: 2, Reward: 10 * s.Pools[0].Wallet.Total, Raw: []byte{1}, Difficulty: 1}}
	found, err := book.Apply(t.Context(), 2, 2, []ledger.Share{rich})
	if err != nil {
		t.Fatal(err)
	}
	a := ledger.Acceptance{Reward: found[0].Reward, Credits: []ledger.Credit{{Account: l.miners[0], Amount: found[0].Reward}}}
	if a.Weights, err = book.RoundShares(t.Context(), found[0].ID); err == nil {
		err = book.SetBlockAccepted(t.Context(), found[0].ID, a)
	}
	if err != nil {
		t.Fatal(err)
	}
	if s, err = l.sound(); err == nil || s.OK || s.Pools[0].Shortfall == 0 {
		t.Errorf("got %+v, %v, want a shortfall", s.Pools, err)
	}
	if out, err := runCommand(t, "check", "--dir", l.dir, "--ledger"); err == nil || !strings.Contains(out, "FAULT") || !strings.Contains(out, "the wallet has 2300.00000000 less") {
		t.Errorf("got %v, want the fault in words:\n%s", err, out)
	}
	l.stop()
	if s, err := l.sound(); err == nil || s.Pools[0].Error == "" {
		t.Errorf("got %+v, %v, want the daemon's silence as a fault", s.Pools, err)
	}
}
