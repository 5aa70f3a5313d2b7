package website_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/payouts"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet/coin"
)

// earned is a site on a real ledger, in which the world's account has shares of ten
// blocks, one of them orphaned, and two payouts, one of them confirmed.
type earned struct {
	*world
	ledger *ledger.Ledger
	t      *testing.T
	height int64
}

func newEarned(t *testing.T) *earned {
	e := &earned{world: newWorld(), t: t}
	var err error
	if e.ledger, err = ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.ledger.Close() })
	if e.Handler, err = e.read(e.ledger); err != nil {
		t.Fatal(err)
	}
	for range 6 {
		e.block()
	}
	e.pay("tx1")
	for range 3 {
		e.block()
	}
	e.ok(e.ledger.OrphanBlock(t.Context(), e.block(), "a test"))
	e.pay("")
	return e
}

func (e *earned) ok(err error) {
	e.t.Helper()
	if err != nil {
		e.t.Fatal(err)
	}
}

// block is one more block that the account and another one found, matured.
func (e *earned) block() int64 {
	e.t.Helper()
	ctx := e.t.Context()
	e.height++
	terms := &ledger.Terms{Scheme: ledger.PROP, FeePPM: 12_500, Recipients: []ledger.Recipient{{Account: "operator", PPM: 2500}}}
	of := func(account string, difficulty float64) ledger.Share {
		return ledger.Share{Pool: poolID, Account: account, Worker: "=cmd|' /C calc'!A0", Difficulty: difficulty, Time: time.Now(), Terms: terms}
	}
	last := of("ab12cd34ab12cd34ab12cd34ab12cd34ab12cd34", 0.375)
	last.Block = &ledger.FoundBlock{Hash: fmt.Sprintf("%064x", e.height), Height: e.height, Reward: 1_250_000_007, Raw: []byte("raw"), Difficulty: 4}
	found, err := e.ledger.Apply(ctx, uint64(e.height), uint64(e.height), []ledger.Share{of(e.account(), 1.25), of(e.account(), 0.5*float64(e.height)), last})
	e.ok(err)
	b := found[0]
	weights, err := e.ledger.RoundShares(ctx, b.ID)
	e.ok(err)
	credits, fee, dust := payouts.Split(b.Reward, b.FeePPM, terms.Recipients, weights)
	credits = append(credits, ledger.Credit{Account: ledger.FeeAccount, Amount: fee}, ledger.Credit{Account: ledger.DustAccount, Amount: dust})
	e.ok(e.ledger.SetBlockAccepted(ctx, b.ID, ledger.Acceptance{Confirmations: 1, Reward: b.Reward, Weights: weights, Credits: credits}))
	e.ok(e.ledger.MatureBlock(ctx, b.ID))
	return b.ID
}

// pay makes a payout to everybody, and if it has a txid confirms it.
func (e *earned) pay(txid string) {
	e.t.Helper()
	ctx := e.t.Context()
	due, err := e.ledger.Due(ctx, poolID, ledger.Demand{})
	e.ok(err)
	for i := range due {
		due[i].Address = "address-of-" + due[i].Account
	}
	p, err := e.ledger.BeginPayout(ctx, poolID, due)
	e.ok(err)
	if txid == "" {
		return
	}
	nets := map[string]coin.Amount{}
	for _, o := range p.Outputs {
		nets[o.Account] = o.Amount - 777
	}
	e.ok(e.ledger.SetSigned(ctx, p.ID, "raw", txid, nets, coin.Amount(777*len(nets))))
	e.ok(e.ledger.SetSent(ctx, p.ID))
	e.ok(e.ledger.SetConfirmed(ctx, p.ID))
}

// units reads an amount of a document.
func units(t *testing.T, amount string) coin.Amount {
	t.Helper()
	a, err := coin.ParseAmount(strings.TrimPrefix(amount, "-"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(amount, "-") {
		return -a
	}
	return a
}

func TestWhoReadsTheDocumentsComesToThePayout(t *testing.T) {
	e := newEarned(t)
	server := httptest.NewServer(e)
	defer server.Close()
	client, err := poolapi.NewClient(server.URL)
	e.ok(err)
	list, err := client.MinerPayouts(t.Context(), e.key.MiningKey(), "litecoin", 0, 1)
	if err != nil || len(list.Payouts) != 1 || list.Next == 0 || list.Payouts[0].Status != "intent" {
		t.Fatalf("got %+v, %v", list, err)
	}
	list, err = client.MinerPayouts(t.Context(), e.account(), "", list.Next, 5)
	if err != nil || len(list.Payouts) != 1 || list.Next != 0 || list.Payouts[0].Status != "confirmed" || list.Payouts[0].Fee != "0.00000777" {
		t.Fatalf("got %+v, %v", list, err)
	}
	for payout, blocks := range map[int64]int{list.Payouts[0].ID: 6, list.Payouts[0].ID + 1: 5} { // the orphan both ways
		doc, err := client.ExplainPayout(t.Context(), e.account(), payout, 0)
		e.ok(err)
		sum := units(t, doc.Opening)
		for _, c := range doc.Credits {
			sum += units(t, c.Amount)
			if c.Cause == poolapi.CreditBlock && partOf(t, c) != units(t, c.Amount) {
				t.Errorf("block %d: the formula says %d, the amount %s", c.Block.Height, partOf(t, c), c.Amount)
			}
		}
		if len(doc.Credits) != blocks || sum != units(t, doc.Payout.Amount)+units(t, doc.Rest) || doc.Payout.Address != "" {
			t.Errorf("payout %d: %d credits add up to %d of %+v", payout, len(doc.Credits), sum, doc)
		}
	}
}

// partOf puts a credit's numbers into the formula of poolapi.BlockPart.
func partOf(t *testing.T, c poolapi.Credit) coin.Amount {
	t.Helper()
	b := c.Block
	if !b.Explained || units(t, b.Reward)-units(t, b.Fee)-units(t, b.Recipients) != units(t, b.Net) {
		t.Errorf("got %+v", b)
	}
	part := new(big.Rat).SetFloat64(b.Difficulty)
	part.Mul(part, new(big.Rat).SetInt64(int64(units(t, b.Net)))).Quo(part, new(big.Rat).SetFloat64(b.AllDifficulty))
	return coin.Amount(new(big.Int).Quo(part.Num(), part.Denom()).Int64()) + units(t, b.OwnPart)
}

func TestCreditsComePageByPage(t *testing.T) {
	e := newEarned(t)
	server := httptest.NewServer(e)
	defer server.Close()
	client, err := poolapi.NewClient(server.URL)
	e.ok(err)
	var heights []int64
	for before := int64(0); ; {
		page, err := client.Credits(t.Context(), e.account(), "litecoin", before, 4)
		e.ok(err)
		for _, c := range page.Credits {
			heights = append(heights, c.Block.Height)
		}
		if before = page.Next; before == 0 {
			break
		}
	}
	if got := fmt.Sprint(heights); got != "[10 9 8 7 6 5 4 3 2 1]" {
		t.Errorf("got blocks %s", got)
	}
}

func (e *earned) csv(path string) [][]string {
	e.t.Helper()
	answer := e.get(poolapi.MinersPath + e.account() + path)
	if answer.Code != http.StatusOK || !strings.HasPrefix(answer.Header().Get("Content-Type"), "text/csv") ||
		!strings.Contains(answer.Header().Get("Content-Disposition"), e.account()) || strings.Count(answer.Body.String(), "\r\n") != strings.Count(answer.Body.String(), "\n") {
		e.t.Errorf("%d %v", answer.Code, answer.Header())
	}
	rows, err := csv.NewReader(answer.Body).ReadAll()
	e.ok(err)
	return rows
}

func TestSheetsHoldTheWholeHistory(t *testing.T) {
	e := newEarned(t)
	paid := e.csv(poolapi.PayoutsCSVPath)
	if len(paid) != 2 || strings.Join(paid[0], ",") != "time,coin,symbol,payout,amount,fee,net,txid,address" ||
		paid[1][7] != "tx1" || paid[1][8] != "" || units(t, paid[1][4]) != units(t, paid[1][5])+units(t, paid[1][6]) {
		t.Errorf("got %v, want the confirmed payout alone, without the address", paid)
	}
	if at, err := time.Parse(time.RFC3339, paid[1][0]); err != nil || at.Location() != time.UTC {
		t.Errorf("time %s", paid[1][0])
	}
	credits := e.csv(poolapi.CreditsCSVPath)
	var sum coin.Amount
	for _, row := range credits[1:] {
		sum += units(t, row[4])
		if orphan := row[5] == "orphaned"; orphan != (row[6] == "10") {
			t.Errorf("block %s is %s", row[6], row[5])
		}
	}
	account, err := e.ledger.AccountSummary(t.Context(), poolID, e.account())
	e.ok(err)
	if want := account.Paying + account.Paid + 777; len(credits) != 11 || sum != want {
		t.Errorf("%d rows add up to %d, want %d", len(credits), sum, want)
	}
	var receipts []poolapi.Receipt
	var all []poolapi.Credit
	for path, into := range map[string]any{poolapi.PayoutsJSONPath: &receipts, poolapi.CreditsJSONPath: &all} {
		if err := json.Unmarshal(e.get(poolapi.MinersPath+e.account()+path).Body.Bytes(), into); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	if len(receipts) != 1 || len(all) != 10 || receipts[0].TxID != "tx1" {
		t.Errorf("got %d receipts and %d credits", len(receipts), len(all))
	}
	nobody := newWorld().get(poolapi.MinersPath + strings.Repeat("0a", 20) + poolapi.CreditsJSONPath)
	if nobody.Body.String() != "[]\n" {
		t.Errorf("of who has nothing: %s", nobody.Body)
	}
}

// A sheet may be opened by a program that takes text for formulas.
func TestSheetsHoldNoFormulas(t *testing.T) {
	w := newWorld()
	w.fill(time.Now())
	bad := []string{"=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1", "a,b\"c\nd"}
	want := []string{"'=1+1", "'+cmd|' /C calc'!A0", "'-2+3", "'@SUM(A1)", "'\t=1", "'=1", "'＝1", "a,b\"c\nd"}
	w.book.incomes = nil
	for i, note := range bad {
		w.book.incomes = append(w.book.incomes, ledger.Income{ID: int64(i + 1), Cause: ledger.Corrected, Amount: -5, Note: note, Time: time.Now()})
	}
	answer := w.get(poolapi.MinersPath + w.account() + poolapi.CreditsCSVPath)
	rows, err := csv.NewReader(answer.Body).ReadAll()
	if err != nil || len(rows) != len(bad)+1 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i, row := range rows[1:] {
		if got := row[len(row)-1]; got != want[i] || row[4] != "-0.00000005" {
			t.Errorf("got %q and %s, want %q", got, row[4], want[i])
		}
	}
}

func TestWholeHistoriesAreLimited(t *testing.T) {
	w := newWorld()
	last := 0
	for range 25 {
		last = w.get(poolapi.MinersPath + w.account() + poolapi.PayoutsCSVPath).Code
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("the 25th at once: %d", last)
	}
	for _, path := range []string{"/miners/", poolapi.MinersPath} {
		w := newWorld()
		for range 70 {
			last = w.get(path + w.account() + "/payouts/8").Code
		}
		if last != http.StatusTooManyRequests {
			t.Errorf("the 70th explanation at once from %s: %d", path, last)
		}
	}
}

// Half a history must not look like a whole one.
func TestAHistoryThatBreaksOffIsSeenToBe(t *testing.T) {
	w := newWorld()
	w.fill(time.Now())
	w.book.incomes = nil
	for i := range int64(1000) {
		w.book.incomes = append(w.book.incomes, ledger.Income{ID: 2000 - i, Cause: ledger.Corrected, Amount: 5, Time: time.Now()})
	}
	handler, err := w.read(failingLater{w.book})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	answer, err := http.Get(server.URL + poolapi.MinersPath + w.account() + poolapi.CreditsCSVPath)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%v", err)
	}
	defer answer.Body.Close()
	if rows, err := csv.NewReader(answer.Body).ReadAll(); err == nil {
		t.Errorf("%d rows came, and no error", len(rows))
	}
}

// failingLater is a book whose second page of credits cannot be read.
type failingLater struct{ *book }

func (b failingLater) Credits(ctx context.Context, pool, account string, before int64, n int) ([]ledger.Income, error) {
	if before != 0 {
		return nil, errors.New("the disk is gone")
	}
	return b.book.Credits(ctx, pool, account, before, n)
}
