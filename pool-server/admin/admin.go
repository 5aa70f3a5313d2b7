// Package admin is the operator's part of the website, at /admin: what payouts wait
// for or have halted at, what to look at then, and the few buttons that mend it. The
// same orders can be given on the command line; Do decides about both.
//
// It is closed until the operator asks the running server for a link, on its console:
// until then all that is below /admin answers as if there were nothing. A link is good
// once and for ten minutes. It carries its code behind a #, which browsers send to
// nobody, so that it is in no log and no proxy; the page hands it over by POST. From
// then on a cookie holds the session. Links and sessions are in memory and end with the
// server. There are no passwords.
//
// Every form carries a token of its session and is refused from elsewhere. Everything
// that is done or tried is in the audit log before it is done; if that cannot be
// written down it is not done. Nothing here shows a secret, and nothing can send money
// to an address: the worst that a thief of a session could do is in Order.
//
// Pages are rendered here and work without JavaScript; all text of strangers is escaped
// by html/template, and the content security policy allows no inline code. The only
// goroutines look at several pools at once, and are gone when their page is made. A
// ledger that cannot be read gives a page that says so.
package admin

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/payouts"
	"github.com/adit-mining/adit/pool-server/web"
	"github.com/adit-mining/adit/wallet/coin"
)

// Book is what the pages read and write of the ledger; *ledger.Ledger is one.
type Book interface {
	Halted(ctx context.Context, pool string) (reason string, halted bool, err error)
	PoolTotals(ctx context.Context, pool string) (ledger.PoolTotals, error)
	Payout(ctx context.Context, id int64) (ledger.Payout, error)
	OpenPayouts(ctx context.Context, pool string) ([]ledger.Payout, error)
	RecentPayouts(ctx context.Context, pool, account string, n int) ([]ledger.Payout, error)
	UnsettledBlocks(ctx context.Context, pool string) ([]ledger.Block, error)
	Holds(ctx context.Context, pool string) ([]ledger.Hold, error)
	AccountSummary(ctx context.Context, pool, account string) (ledger.AccountSummary, error)
	Transaction(ctx context.Context, pool, txid string) (ledger.TxRecord, error)

	BeginAudit(ctx context.Context, e ledger.AuditEntry) (id int64, err error)
	EndAudit(ctx context.Context, id int64, outcome string) error
	Audit(ctx context.Context, e ledger.AuditEntry) error
	AuditLog(ctx context.Context, n int) ([]ledger.AuditEntry, error)
}

// Wallet is what the pages ask the wallet that a pool pays from. It may hang: nobody
// waits for it longer than walletTime.
type Wallet interface {
	// Spendable is what the wallet could spend now.
	Spendable(ctx context.Context) (coin.Amount, error)
	// Confirmations of a transaction: negative if one that is in the chain has spent the
	// same coins. known is false if the wallet has never heard of it.
	Confirmations(ctx context.Context, txid string) (n int64, known bool, err error)
}

// Pool is one coin of the server as it is now.
type Pool struct {
	ID, Coin, Symbol string
	Network          string // "main" has value
	Amount           func(coin.Amount) string
	Account          func(name string) string // as the ledger calls who is meant
	Enabled          bool                     // payouts are switched on
	Status           payouts.Status
	Wallet           Wallet
	Hand             Hand
}

// Config is what the panel is about.
type Config struct {
	Name   func() string // the server's
	URL    func() string // the website's address as visitors reach it; empty: not configured
	Pools  func() []Pool
	Book   Book
	Closed http.Handler // answers while the panel is closed
	Log    *slog.Logger // default slog.Default()
}

// Panel is the operator's pages, an http.Handler for /admin and all below.
type Panel struct {
	c           Config
	mux         http.Handler
	pages       pages
	door        *door
	crossOrigin *http.CrossOriginProtection
}

// New returns a panel, closed. It fails only if the program was built with broken pages.
func New(c Config) (*Panel, error) {
	if c.Name == nil || c.URL == nil || c.Pools == nil || c.Book == nil || c.Closed == nil {
		return nil, errors.New("admin: Name, URL, Pools, Book and Closed are needed")
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	p := &Panel{c: c, door: newDoor(), crossOrigin: http.NewCrossOriginProtection()}
	var err error
	if p.pages, err = loadPages(); err != nil {
		return nil, err
	}
	p.mux = p.routes()
	return p, nil
}

// Root is where the panel is.
const Root = "/admin"

func (p *Panel) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Root, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, Root+"/payouts", http.StatusSeeOther)
	})
	mux.HandleFunc("GET "+Root+"/signin", p.signInPage)
	mux.HandleFunc("POST "+Root+"/signin", p.signIn)
	mux.HandleFunc("GET "+Root+"/static/{name}", p.pages.file)
	mux.HandleFunc("POST "+Root+"/signout", p.form(p.signOut))
	mux.HandleFunc("GET "+Root+"/payouts", p.page(p.payoutsPage))
	mux.HandleFunc("GET "+Root+"/payouts/{pool}/{action}", p.page(p.askPage))
	mux.HandleFunc("POST "+Root+"/payouts/{pool}/{action}", p.form(p.carryOut))
	mux.HandleFunc("GET "+Root+"/log", p.page(p.logPage))
	mux.HandleFunc("GET /", p.page(func(w http.ResponseWriter, _ *http.Request, s session) {
		p.say(w, &s, http.StatusNotFound, "No such page", "There is nothing at this address.")
	}))
	return mux
}

// policy allows our own files and forms, and nothing else.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// ServeHTTP answers as if there were nothing here until a link was made.
func (p *Panel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !p.door.isOpen() {
		p.c.Closed.ServeHTTP(w, r)
		return
	}
	header := w.Header()
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	// Not no-referrer: with that, forms would come without telling their origin.
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cache-Control", "no-store")
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	p.mux.ServeHTTP(w, r)
}

// maxForm is the largest form that is read, in bytes.
const maxForm = 16 << 10

// page lets only operators see a page.
func (p *Panel) page(show func(http.ResponseWriter, *http.Request, session)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, ok := p.session(r)
		if !ok {
			http.Redirect(w, r, Root+"/signin", http.StatusSeeOther)
			return
		}
		show(w, r, s)
	}
}

// form lets only operators send a form, and only from a page of their own session.
func (p *Panel) form(do func(http.ResponseWriter, *http.Request, session)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, ok := p.session(r)
		switch {
		case !ok:
			p.say(w, nil, http.StatusForbidden, "Not signed in", "Your session has ended: after half an hour without use, twelve hours, or with the server. Nothing was done.")
		case p.crossOrigin.Check(r) != nil || !s.owns(r.PostFormValue("token")):
			p.record(r, ledger.AuditEntry{Who: s.who, Action: "forged form", Subject: r.URL.Path, Outcome: "refused: it came from elsewhere"})
			p.say(w, nil, http.StatusForbidden, "Not from here", "This was sent by another page than your own and was not done.")
		default:
			do(w, r, s)
		}
	}
}

// record writes down something that was tried. That it cannot be is in the log.
func (p *Panel) record(r *http.Request, e ledger.AuditEntry) {
	e.Source = web.Sender(r)
	if err := p.c.Book.Audit(r.Context(), e); err != nil {
		p.c.Log.Error("not in the audit log", "action", e.Action, "outcome", e.Outcome, "err", err)
	}
}

// base is the website's address as the visitor reaches it.
func (p *Panel) base(r *http.Request) string {
	if own := p.c.URL(); own != "" {
		return strings.TrimRight(own, "/")
	}
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}
