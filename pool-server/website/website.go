// Package website is what the pool shows to everybody: the pages at / and
// /miners/{account}, the documents of poolapi under /api/v1, and the pool's
// description at /.well-known/adit-pool.json. It takes telemetry of miners, signed
// by their mining key, and keeps the latest of each worker in memory.
//
// Who holds a mining key can sign in with it, through the app: see signin.go. The
// owner of an account then decides whether others see the details of its computers.
// With the same key, and without signing in, the app says where coins are paid: see
// payees.go, and from which balance on: see minimum.go.
// Sessions are in memory and end with the server.
//
// Pages are rendered here and work without JavaScript; a small script only
// refreshes their numbers from the same API. Nothing comes from elsewhere, all
// text of strangers is escaped by html/template, and the content security policy
// allows no inline code. The package reads the ledger and the statistics; all that
// it writes down is what owners decide about their accounts. What an operator may do
// is in package admin.
//
// It starts no goroutine: requests run on the goroutines of the HTTP server that
// its owner runs. A ledger that cannot be read gives a page that says so, with
// status 500, and a log record; the visitor is not told the inner trouble.
package website

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/pool-server/stats"
	"github.com/adit-mining/adit/wallet/coin"
)

// Book is what the site reads of the ledger; *ledger.Ledger is one.
type Book interface {
	AccountSummary(ctx context.Context, pool, account string) (ledger.AccountSummary, error)
	Workers(ctx context.Context, pool, account string) ([]ledger.Worker, error)
	PoolTotals(ctx context.Context, pool string) (ledger.PoolTotals, error)
	RecentBlocks(ctx context.Context, pool string, n int) ([]ledger.Block, error)
	RecentPayouts(ctx context.Context, pool, account string, n int) ([]ledger.Payout, error)
	Explainer
}

// Explainer is what the site reads to explain an account's money.
type Explainer interface {
	Credits(ctx context.Context, pool, account string, before int64, n int) ([]ledger.Income, error)
	AccountPayouts(ctx context.Context, pool, account string, status ledger.PayoutStatus, before int64, n int) ([]ledger.Payout, error)
	Explain(ctx context.Context, payout int64, account string) (ledger.Explanation, error)
	Explained(ctx context.Context, e ledger.Explanation, after int64, n int) ([]ledger.Income, error)
}

// Owners keeps what the owners of accounts decide; *ledger.Ledger does.
type Owners interface {
	AccountSettings(ctx context.Context, account string) (ledger.AccountSettings, error)
	SetAccountSettings(ctx context.Context, account string, s ledger.AccountSettings) error
	PayeeList(ctx context.Context, account string) (ledger.PayeeList, error)
	PutPayeeList(ctx context.Context, account string, l ledger.PayeeList) error
	PayoutMinimum(ctx context.Context, pool, account string) (minimum coin.Amount, source string, err error)
	PutMinimumRequest(ctx context.Context, pool, account string, m ledger.MinimumRequest) error
}

// Pool is one coin of the server as it is now.
type Pool struct {
	ID      string           // its key in the ledger and the statistics
	Network *coin.Network    // reads and writes its addresses
	Info    poolapi.CoinInfo // as in PoolInfo.Coins

	State             string            // "ok", or a sentence about what is wrong
	Height            int64             // of the block that is worked on
	NetworkDifficulty float64           // in the unit of share difficulties; 0 if unknown
	Connections       int               // of stratum
	Contested         map[string]string // blocks about whose place in the chain daemons differ, by hash

	Gateway Gateway // nil if the pool offers none
}

// Config is what a site shows.
type Config struct {
	Info   func() poolapi.PoolInfo // the pool's description, as it is now
	Pools  func() []Pool           // in the order of Info's Coins
	Book   Book
	Owners Owners
	Stats  *stats.Stats
	Log    *slog.Logger // default slog.Default()
}

// site is the handler of a Config.
type site struct {
	Config
	pages       pages
	files       files
	telemetry   *telemetry
	signIn      *signIn
	forgers     *limiters // by network address
	payees      *limiters // by network address
	exports     *limiters // by network address
	explained   *limiters // by network address
	asking      asking
	crossOrigin *http.CrossOriginProtection
	standing    cache[poolapi.PoolStats]
}

// New returns the site. It fails only if the program was built with broken pages.
func New(c Config) (http.Handler, error) {
	if c.Info == nil || c.Pools == nil || c.Book == nil || c.Owners == nil || c.Stats == nil {
		return nil, errors.New("website: Info, Pools, Book, Owners and Stats are needed")
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	s := &site{
		Config: c, telemetry: newTelemetry(), signIn: newSignIn(),
		forgers: newLimiters(forgerRate, forgerBurst), payees: newLimiters(payeesRate, payeesBurst), exports: newLimiters(exportsRate, exportsBurst),
		explained: newLimiters(explainRate, explainBurst),
		asking:    newAsking(), crossOrigin: http.NewCrossOriginProtection(),
	}
	var err error
	if s.files, err = loadFiles(); err != nil {
		return nil, err
	}
	if s.pages, err = loadPages(s.files); err != nil {
		return nil, err
	}
	return withHeaders(s.routes()), nil
}

func (s *site) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.homePage)
	mux.HandleFunc("GET /miners/{account}", s.minerPage)
	mux.HandleFunc("GET /miners/{account}/payouts/{payout}", s.payoutPage)
	mux.HandleFunc("POST /miners", s.lookUp)
	mux.HandleFunc("POST /miners/{account}/privacy", s.setPrivacy)
	mux.HandleFunc("GET /signin", s.signInPage)
	mux.HandleFunc("POST /signin", s.takeLink)
	mux.HandleFunc("POST /signout", s.signOut)
	mux.HandleFunc("GET /static/{name}", s.files.serve)
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/static/icon.svg", http.StatusMovedPermanently)
	})
	mux.HandleFunc("GET "+poolapi.InfoPath, s.infoDocument)
	mux.HandleFunc("GET "+poolapi.PoolPath, s.poolDocument)
	mux.HandleFunc("GET "+poolapi.BlocksPath, s.blocksDocument)
	mux.HandleFunc("GET "+poolapi.PayoutsPath, s.payoutsDocument)
	mux.HandleFunc("GET "+poolapi.MinersPath+"{account}", s.minerDocument)
	mux.HandleFunc("GET "+poolapi.MinersPath+"{account}"+poolapi.CreditsPath, s.creditsDocument)
	mux.HandleFunc("GET "+poolapi.MinersPath+"{account}"+poolapi.MinerPayoutsPath, s.minerPayoutsDocument)
	mux.HandleFunc("GET "+poolapi.MinersPath+"{account}"+poolapi.MinerPayoutsPath+"/{payout}", s.payoutDocument)
	mux.HandleFunc("GET "+poolapi.MinersPath+"{account}"+poolapi.CreditsCSVPath, s.creditsCSV)
	mux.HandleFunc("GET "+poolapi.MinersPath+"{account}"+poolapi.CreditsJSONPath, s.creditsJSON)
	mux.HandleFunc("GET "+poolapi.MinersPath+"{account}"+poolapi.PayoutsCSVPath, s.payoutsCSV)
	mux.HandleFunc("GET "+poolapi.MinersPath+"{account}"+poolapi.PayoutsJSONPath, s.payoutsJSON)
	mux.HandleFunc("POST "+poolapi.MinersPath+"{account}"+poolapi.TelemetryPath, s.takeTelemetry)
	mux.HandleFunc("POST "+poolapi.MinersPath+"{account}"+poolapi.SignInPath, s.giveLink)
	mux.HandleFunc("PUT "+poolapi.MinersPath+"{account}"+poolapi.PayeesPath, s.takePayees)
	mux.HandleFunc("POST "+poolapi.MinersPath+"{account}"+poolapi.PayeesPath, s.givePayees)
	mux.HandleFunc("PUT "+poolapi.MinersPath+"{account}"+poolapi.MinimumPath, s.takeMinimum)
	mux.HandleFunc("GET "+poolapi.CoinsPath+"{coin}"+poolapi.UnspentPath+"{key}", s.unspentDocument)
	mux.HandleFunc("GET "+poolapi.CoinsPath+"{coin}"+poolapi.FeePath, s.feeDocument)
	mux.HandleFunc("GET "+poolapi.CoinsPath+"{coin}"+poolapi.TransactionsPath+"{txid}", s.transactionDocument)
	mux.HandleFunc("POST "+poolapi.CoinsPath+"{coin}"+poolapi.TransactionsPath, s.takeTransaction)
	mux.HandleFunc("GET /api/", s.noDocument)
	mux.HandleFunc("GET /", s.noPage)
	return mux
}

// policy allows our own files and forms, and nothing else.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// withHeaders adds what every answer carries.
func withHeaders(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		// Not no-referrer: with that, forms would come without telling their origin.
		header.Set("Referrer-Policy", "same-origin")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cache-Control", "no-store")
		h.ServeHTTP(w, r)
	})
}

// now is the time that pages and documents are about, to the second.
func now() time.Time { return time.Now().UTC().Truncate(time.Second) }
