package admin_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/admin"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/payouts"
	"github.com/adit-mining/adit/wallet/coin"
)

const (
	poolID  = "litecoin-main"
	hostile = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>`
	nobody  = "There is nothing at this address, says the website"
)

// world is a panel before a real ledger.
type world struct {
	*admin.Panel
	t      *testing.T
	book   *ledger.Ledger
	panel  admin.Book // the book, as the panel sees it
	status payouts.Status
	wallet wallet
	url    string
	round  int64

	mayBeMined bool          // the daemon says so of a payout that is to be given up
	carried    []admin.Order // what came to hand
}

// wallet says what a test wants.
type wallet struct {
	spendable     coin.Amount
	confirmations map[string]int64
	err           error
	hangs         bool
}

func (w *wallet) Spendable(ctx context.Context) (coin.Amount, error) {
	if w.hangs {
		<-ctx.Done()
		return 0, ctx.Err()
	}
	return w.spendable, w.err
}

func (w *wallet) Confirmations(ctx context.Context, txid string) (int64, bool, error) {
	if w.hangs {
		<-ctx.Done()
		return 0, false, ctx.Err()
	}
	n, known := w.confirmations[txid]
	return n, known, w.err
}

// hand carries orders out as far as the ledger alone can.
func (w *world) hand(ctx context.Context, o admin.Order) (string, error) {
	w.carried = append(w.carried, o)
	switch o.Action {
	case admin.Resume:
		return "payouts go on", w.book.Resume(ctx, o.Pool)
	case admin.Abandon:
		if w.mayBeMined && !o.Force {
			return "", errors.New("it may still be mined")
		}
		return "given up", w.book.AbandonPayout(ctx, o.Payout, o.Reason)
	case admin.Settle:
		return "settled", w.book.BearLoss(ctx, o.Block, o.Reason)
	case admin.Hold:
		return "held", w.book.HoldPayouts(ctx, o.Pool, o.Account, o.Reason)
	case admin.Release:
		return "released", w.book.ReleasePayouts(ctx, o.Pool, o.Account)
	case admin.Ignore:
		return "ignored", w.book.NoteSend(ctx, o.Pool, ledger.OtherSend{TxID: o.TxID, Amount: 1, At: time.Now(), Reason: o.Reason})
	}
	return "told", nil
}

// emptyBook is a new ledger's file: making one takes longer than most of these tests.
var emptyBook = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "adit-admin")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "ledger.db")
	book, err := ledger.Open(context.Background(), file)
	if err != nil {
		return nil, err
	}
	if err := book.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

func newWorld(t *testing.T) *world {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ledger.db")
	empty, err := emptyBook()
	if err == nil {
		err = os.WriteFile(file, empty, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	book, err := ledger.Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { book.Close() })
	w := &world{t: t, book: book, panel: book, status: payouts.Status{Pool: poolID, LastPass: time.Now()}}
	w.wallet.confirmations = map[string]int64{}
	w.restart()
	return w
}

// restart is another life of the server.
func (w *world) restart() {
	litecoin, err := coin.Lookup("litecoin")
	w.ok(err)
	w.Panel, err = admin.New(admin.Config{
		Name: func() string { return "Example pool" }, URL: func() string { return w.url },
		Pools: func() []admin.Pool {
			return []admin.Pool{{
				ID: poolID, Coin: "Litecoin", Symbol: "LTC", Network: "main", Amount: litecoin.FormatAmount,
				Account: strings.ToLower, Enabled: true, Status: w.status, Wallet: &w.wallet, Hand: w.hand,
			}}
		},
		Book: w.panel,
		Closed: http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
			http.Error(rw, nobody, http.StatusNotFound)
		}),
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	w.ok(err)
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// mined is a block that is matured and shared by accounts, in equal parts.
func (w *world) mined(accounts ...string) ledger.Block {
	w.t.Helper()
	ctx := w.t.Context()
	w.round++
	shares := make([]ledger.Share, len(accounts))
	for i, a := range accounts {
		shares[i] = ledger.Share{Pool: poolID, Account: a, Worker: hostile, Difficulty: 1, Time: time.Now(), Height: w.round}
	}
	raw := make([]byte, 80)
	raw[0] = byte(w.round)
	hash := fmt.Sprintf("%064x", 0xab00+w.round)
	const reward = 625_000_000
	shares[len(shares)-1].Block = &ledger.FoundBlock{Hash: hash, Height: 2_500_000 + w.round, Reward: reward, Raw: raw}
	blocks, err := w.book.Apply(ctx, uint64(w.round), uint64(w.round), shares)
	w.ok(err)
	a := ledger.Acceptance{Confirmations: 101, Reward: reward}
	a.Weights, err = w.book.RoundShares(ctx, blocks[0].ID)
	w.ok(err)
	left := coin.Amount(reward)
	for i, weight := range a.Weights {
		part := coin.Amount(reward / len(a.Weights))
		if i == len(a.Weights)-1 {
			part = left
		}
		a.Credits = append(a.Credits, ledger.Credit{Account: weight.Account, Amount: part})
		left -= part
	}
	w.ok(w.book.SetBlockAccepted(ctx, blocks[0].ID, a))
	w.ok(w.book.MatureBlock(ctx, blocks[0].ID))
	return blocks[0]
}

// sent is a payout of all that is due, with a transaction that is on its way.
func (w *world) sent(txid string) ledger.Payout {
	w.t.Helper()
	due, err := w.book.Due(w.t.Context(), poolID, ledger.Demand{})
	w.ok(err)
	for i := range due {
		due[i].Address = "ltc1q" + due[i].Account
	}
	p, err := w.book.BeginPayout(w.t.Context(), poolID, due)
	w.ok(err)
	w.signed(p, txid)
	w.ok(w.book.SetSent(w.t.Context(), p.ID))
	return p
}

func (w *world) signed(p ledger.Payout, txid string) {
	w.t.Helper()
	nets := map[string]coin.Amount{}
	for _, o := range p.Outputs {
		nets[o.Account] = o.Amount - 1000
	}
	w.ok(w.book.SetSigned(w.t.Context(), p.ID, "00", txid, nets, coin.Amount(1000*len(nets))))
}

func (w *world) halt(reason string) {
	w.t.Helper()
	w.ok(w.book.Halt(w.t.Context(), poolID, reason))
}

func (w *world) halted() bool {
	w.t.Helper()
	_, halted, err := w.book.Halted(w.t.Context(), poolID)
	w.ok(err)
	return halted
}

// code is what a new link carries.
func (w *world) code() string {
	w.t.Helper()
	link, err := w.NewLink(w.t.Context(), "anna", "http://pool.example")
	w.ok(err)
	return link.Code
}

// visit sends a request as a browser does from one of the panel's pages, with a cookie
// unless it is nil, after spoil had its way.
func (w *world) visit(method, path string, form url.Values, cookie *http.Cookie, spoil func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", "http://example.com") // httptest's host
	}
	if cookie != nil {
		r.AddCookie(cookie)
	}
	if spoil != nil {
		spoil(r)
	}
	answer := httptest.NewRecorder()
	w.ServeHTTP(answer, r)
	return answer
}

func (w *world) get(path string, cookie *http.Cookie) *httptest.ResponseRecorder {
	return w.visit(http.MethodGet, path, nil, cookie, nil)
}

func (w *world) post(path string, form url.Values, cookie *http.Cookie) *httptest.ResponseRecorder {
	return w.visit(http.MethodPost, path, form, cookie, nil)
}

func (w *world) enter(code string) *httptest.ResponseRecorder {
	return w.post("/admin/signin", url.Values{"code": {code}}, nil)
}

// operator returns the cookie of a new session.
func (w *world) operator() *http.Cookie {
	w.t.Helper()
	answer := w.enter(w.code())
	cookies := answer.Result().Cookies()
	if answer.Code != http.StatusSeeOther || len(cookies) != 1 {
		w.t.Fatalf("not signed in: %d %v %s", answer.Code, cookies, answer.Body)
	}
	return cookies[0]
}

// fields are the hidden fields of a page's forms.
func fields(page string) url.Values {
	all := url.Values{}
	for _, part := range strings.Split(page, `<input type="hidden" name="`)[1:] {
		name, rest, _ := strings.Cut(part, `" value="`)
		value, _, _ := strings.Cut(rest, `"`)
		all.Set(name, value)
	}
	return all
}

// press opens the page that asks about an order and presses its button.
func (w *world) press(path, reason string, cookie *http.Cookie) *httptest.ResponseRecorder {
	w.t.Helper()
	page := w.get(path, cookie)
	if page.Code != http.StatusOK {
		return page
	}
	form := fields(page.Body.String())
	form.Set("reason", reason)
	path, _, _ = strings.Cut(path, "?")
	return w.post(path, form, cookie)
}

// audit is the audit log, the oldest first, as lines of who, action, subject and outcome.
func (w *world) audit() (lines []string) {
	w.t.Helper()
	all, err := w.book.AuditLog(w.t.Context(), 0)
	w.ok(err)
	for _, e := range all {
		lines = append([]string{fmt.Sprintf("%s|%s|%s|%s|%s", e.Who, e.Action, e.Subject, e.Reason, e.Outcome)}, lines...)
	}
	return lines
}

func has(t *testing.T, page string, words ...string) {
	t.Helper()
	for _, one := range words {
		if !strings.Contains(page, one) {
			t.Errorf("%q is missing in\n%s", one, page)
		}
	}
}

func hasNot(t *testing.T, page string, words ...string) {
	t.Helper()
	for _, one := range words {
		if strings.Contains(page, one) {
			t.Errorf("%q is in\n%s", one, page)
		}
	}
}

// broken is a book that fails where a test wants.
type broken struct {
	*ledger.Ledger
	audit, end, read bool
}

var errDisk = errors.New("disk full")

func (b *broken) Audit(ctx context.Context, e ledger.AuditEntry) error {
	if b.audit {
		return errDisk
	}
	return b.Ledger.Audit(ctx, e)
}

func (b *broken) BeginAudit(ctx context.Context, e ledger.AuditEntry) (int64, error) {
	if b.audit {
		return 0, errDisk
	}
	return b.Ledger.BeginAudit(ctx, e)
}

func (b *broken) EndAudit(ctx context.Context, id int64, outcome string) error {
	if b.end {
		return errDisk
	}
	return b.Ledger.EndAudit(ctx, id, outcome)
}

func (b *broken) PoolTotals(ctx context.Context, pool string) (ledger.PoolTotals, error) {
	if b.read {
		return ledger.PoolTotals{}, errDisk
	}
	return b.Ledger.PoolTotals(ctx, pool)
}
