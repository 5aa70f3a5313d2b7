package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/wallet/coin"
)

// signedIn is a visitor who has used a link.
func signedIn(t *testing.T, dir, site string) *visitor {
	t.Helper()
	v := newVisitor(t, site)
	link, err := runCommand(t, "admin", "link", "--dir", dir, "--name", "anna")
	if err != nil {
		t.Fatal(err)
	}
	_, code, _ := strings.Cut(strings.SplitN(link, "\n", 2)[0], "#")
	if status, page := v.post("/admin/signin", url.Values{"code": {code}}); status != http.StatusOK {
		t.Fatalf("sign in: %d %s", status, page)
	}
	return v
}

// press opens the page that asks about an order, and presses its button; more is what is
// ticked.
func (v *visitor) press(path string, more url.Values) (status int, page string) {
	v.t.Helper()
	if status, page = v.get(path); status != http.StatusOK {
		return status, page
	}
	form := url.Values{"reason": {"because"}}
	for _, part := range strings.Split(page, `<input type="hidden" name="`)[1:] {
		name, rest, _ := strings.Cut(part, `" value="`)
		value, _, _ := strings.Cut(rest, `"`)
		form.Set(name, value)
	}
	for name, values := range more {
		form[name] = values
	}
	path, _, _ = strings.Cut(path, "?")
	return v.post(path, form)
}

func TestOrdersFromThePageReachTheCoin(t *testing.T) {
	l := newTill(t)
	s := serve(t, l.dir)
	l.owe(l.miners...)
	book, id := openBook(t, l.dir), mustLoad(t, l.dir).Pools[0].ID
	v := signedIn(t, l.dir, s.told["website"])
	ordered := func(order, words string, status int) {
		t.Helper()
		if got, page := v.press("/admin/payouts/"+id+"/"+order, nil); got != status || !strings.Contains(page, words) {
			t.Fatalf("%s: %d, want %d %q\n%s", order, got, status, words, page)
		}
	}
	payout := func(number int64, status ledger.PayoutStatus) ledger.Payout {
		t.Helper()
		var p ledger.Payout
		eventually(t, fmt.Sprintf("payout %d is %s", number, status), func() (ok bool) {
			var err error
			p, err = book.Payout(t.Context(), number)
			return err == nil && p.Status == status
		})
		return p
	}
	ordered("release?account="+l.miners[1], "is paid again when it is due", http.StatusOK)
	ordered("pay", "Payouts", http.StatusOK)
	payout(1, ledger.Sent)
	l.mine(1)
	payout(1, ledger.Confirmed)

	// A payment by hand, which the book does not know.
	var byHand string
	l.call("sendtoaddress", &byHand, l.address(0), 7)
	l.mine(1)
	ordered("release?account="+l.miners[0], "is paid again", http.StatusOK)
	eventually(t, "payouts have halted at it", func() bool {
		_, _ = v.press("/admin/payouts/"+id+"/pay", nil)
		reason, halted, err := book.Halted(t.Context(), id)
		return err == nil && halted && strings.Contains(reason, byHand)
	})
	ordered("adopt?txid="+byHand, "is payout 2", http.StatusOK)
	ordered("resume", "Payouts go on.", http.StatusOK)
	ordered("pay", "Payout 3: sent", http.StatusOK)
	p := payout(3, ledger.Sent)
	if want := l.reward - 10_0000_0000 - 50_0000 - 7_0000_0000; p.Total() > want || p.Total() < want-1_000_000 {
		t.Errorf("payout 3 is of %v, want %v less what 7 cost to send", p.Total(), want)
	}

	// A doubt that the daemon does not share.
	if err := book.Halt(t.Context(), id, "somebody doubts transaction "+p.TxID); err != nil {
		t.Fatal(err)
	}
	abandon := fmt.Sprintf("abandon?payout=%d", p.ID)
	ordered(abandon, "may still be mined", http.StatusConflict)
	payout(3, ledger.Sent)
	if status, page := v.press("/admin/payouts/"+id+"/"+abandon, url.Values{"force": {"yes"}}); status != http.StatusOK || !strings.Contains(page, "Payout 3 is given up") {
		t.Errorf("by force: %d %s", status, page)
	}
	payout(3, ledger.Cancelled)
	sum, err := book.AccountSummary(t.Context(), id, l.miners[0])
	if err != nil || sum.Balance != p.Total() || sum.Paying != 0 {
		t.Errorf("got %+v, %v, want %v back", sum, err, p.Total())
	}
	if err := book.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestTheLossOfABlockIsBorneOnThePage(t *testing.T) {
	l := newTill(t)
	s := serve(t, l.dir)
	l.owe(l.miners...)
	book, id := openBook(t, l.dir), mustLoad(t, l.dir).Pools[0].ID
	v := signedIn(t, l.dir, s.told["website"])
	blocks, err := book.UnsettledBlocks(t.Context(), id)
	if err != nil || len(blocks) != 1 {
		t.Fatalf("got %v, %v", blocks, err)
	}
	if err := book.Halt(t.Context(), id, "Block "+blocks[0].Hash+" is gone"); err != nil {
		t.Fatal(err)
	}
	if _, page := v.get("/admin/payouts"); !strings.Contains(page, "The block is gone: the pool bears the loss") {
		t.Errorf("no button:\n%s", page)
	}
	status, page := v.press(fmt.Sprintf("/admin/payouts/%s/settle?block=%d", id, blocks[0].ID), nil)
	if status != http.StatusOK || !strings.Contains(page, "the pool&#39;s loss") {
		t.Errorf("settle: %d %s", status, page)
	}
	totals, err := book.PoolTotals(t.Context(), id)
	if err != nil || totals.Loss != -l.reward || totals.Balance != coin.Amount(l.reward) {
		t.Errorf("got %+v, %v, want the reward as a loss and the balances as they were", totals, err)
	}
}
