package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/payouts"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/pool-server/pooltest"
)

// paidOut writes a block and a payout of it into a folder's ledger.
func paidOut(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	book := openBook(t, dir)
	const id = "litecoin-regtest"
	s := ledger.Share{Pool: id, Account: testAccount, Worker: "rig", Difficulty: 3, Time: time.Now(), Terms: &ledger.Terms{FeePPM: 10_000}}
	last := s
	last.Account, last.Difficulty = strings.Repeat("0a", 20), 1
	last.Block = &ledger.FoundBlock{Hash: strings.Repeat("ab", 32), Height: 7, Reward: 50_00000000, Raw: []byte("raw"), Difficulty: 4}
	found, err := book.Apply(t.Context(), 1, 1, []ledger.Share{s, last})
	if err != nil {
		t.Fatal(err)
	}
	weights, err := book.RoundShares(t.Context(), found[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	credits, fee, dust := payouts.Split(found[0].Reward, 10_000, nil, weights)
	credits = append(credits, ledger.Credit{Account: ledger.FeeAccount, Amount: fee}, ledger.Credit{Account: ledger.DustAccount, Amount: dust})
	err = book.SetBlockAccepted(t.Context(), found[0].ID, ledger.Acceptance{Reward: found[0].Reward, Weights: weights, Credits: credits})
	if err == nil {
		err = book.MatureBlock(t.Context(), found[0].ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	due, err := book.Due(t.Context(), id, ledger.Demand{})
	for i := range due {
		due[i].Address = "addr-" + due[i].Account[:4]
	}
	if err == nil {
		_, err = book.BeginPayout(t.Context(), id, due)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestPayoutIsExplainedOnTheCommandLine(t *testing.T) {
	dir := newFolder(t, pooltest.NewDaemon(t, pooltest.Recorded(t, "litecoin-plain.json")), nil)
	paidOut(t, dir)
	all, err := runCommand(t, "payout", "explain", "1", "--dir", dir)
	if err != nil || !strings.Contains(all, testAccount) || !strings.Contains(all, "1 block: 37.12500000") || !strings.Contains(all, "addr-0a0a") {
		t.Errorf("%v\n%s", err, all)
	}
	one, err := runCommand(t, "payout", "explain", "--dir", dir, "--account", testAccount, "1")
	if err != nil || !strings.Contains(one, "block 7, PROP: (50.00000000 - 0.50000000 fee - 0.00000000 to others) * 3 / 4") || !strings.Contains(one, "= 37.12500000  LTC") {
		t.Errorf("%v\n%s", err, one)
	}
	text, err := runCommand(t, "payout", "explain", "1", "--dir", dir, "--account", testAccount, "--json")
	var doc poolapi.PayoutExplanation
	if err != nil || json.Unmarshal([]byte(text), &doc) != nil || doc.Payout.Amount != "37.12500000" || len(doc.Credits) != 1 || doc.Payout.Address != "addr-0102" {
		t.Errorf("%v\n%s", err, text)
	}
	if between, err := runCommand(t, "payout", "explain", "--dir", dir, "1", "--account", testAccount); err != nil || between != one {
		t.Errorf("with the number between the flags: %v\n%s", err, between)
	}
	for _, args := range [][]string{{"2"}, {"1", "--account", "nobody"}, {"x"}, {}, {"1", "2"}} {
		if out, err := runCommand(t, append([]string{"payout", "explain", "--dir", dir}, args...)...); err == nil {
			t.Errorf("%v: %s", args, out)
		}
	}
}
