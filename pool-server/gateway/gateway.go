// Package gateway lets those whom a pool pays use the pool's daemon for moving their
// coins: to find them, to learn the fee, to look at a transaction, and to hand on one
// that they have signed. No key ever comes here, and nothing that comes here is kept
// longer than a moment.
//
// The daemon has work to do, and so this takes little of it: one look through the
// unspent outputs at a time on the whole server, with a rest as long as the look was,
// under a time limit, out of a short queue, and answered from memory for a while; a
// few short calls at once. Nobody is kept waiting with a connection: while a look is
// under way the answer is "looking". The share path is not touched: no lock, no
// goroutine and no connection is shared with it.
//
// Run does the looking and is the only goroutine. Errors are for visitors: a *Problem
// has words and an HTTP status; what a daemon said goes to the log.
package gateway

import (
	"context"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"

	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet/coin"
)

// Problem is why a visitor gets no answer.
type Problem struct {
	Status int // of HTTP
	Text   string
}

func (p *Problem) Error() string { return p.Text }

// HTTPStatus returns the status that the answer is to have.
func (p *Problem) HTTPStatus() int { return p.Status }

// Daemon is what a gateway asks; *node.Client is one.
type Daemon interface {
	ScanUnspent(ctx context.Context, timeout time.Duration, scripts [][]byte, most int) ([]node.Unspent, int64, error)
	FeeRates(ctx context.Context) (estimate, relay coin.Amount, err error)
	RawTransaction(ctx context.Context, txid string, height int64) (raw string, confirmations int64, err error)
	Relay(ctx context.Context, raw string) error
}

// Config is what a gateway needs.
type Config struct {
	Network     *coin.Network
	Daemon      Daemon
	Turn        Turn          // one for all gateways of a server; nil means one of its own
	ScanTimeout time.Duration // of one look; 0 means 5 minutes
	Remember    time.Duration // how long what was found is told again; 0 means 1 minute
	Log         *slog.Logger  // nil means none
}

// Turn is whose look it is: one at a time.
type Turn chan struct{}

// NewTurn returns a turn that nobody has.
func NewTurn() Turn { return make(Turn, 1) }

const (
	defaultScan     = 5 * time.Minute
	defaultRemember = time.Minute
	rememberFailure = 15 * time.Second

	queueLength  = 16      // keys that wait for their look
	maxOutputs   = 10_000  // of one key in an answer
	maxAnswers   = 256     // keys that are remembered
	maxHeld      = 200_000 // outputs of all of them, some 60 MB
	maxRest      = 2 * time.Minute
	shortTime    = 10 * time.Second // of a call that is no look
	shortCalls   = 2                // of these at once
	feeFor       = 30 * time.Second // a fee is told again
	maxRawLength = 2 * 400_000      // hex digits of a transaction
)

// Gateway is one coin's. It is safe for concurrent use.
type Gateway struct {
	config Config
	queue  chan look
	short  chan struct{}

	mu      sync.Mutex // guards what follows
	answers map[string]*answer
	fee     poolapi.Fee
	feeAt   time.Time
}

// look is a key that is to be looked for.
type look struct {
	name    string
	scripts [][]byte
}

// answer is what is known of a key. It is being looked for while at is zero.
type answer struct {
	doc     poolapi.Unspent
	problem *Problem
	at      time.Time
}

// New returns the gateway of c. Nothing is asked.
func New(c Config) *Gateway {
	if c.ScanTimeout <= 0 {
		c.ScanTimeout = defaultScan
	}
	if c.Remember <= 0 {
		c.Remember = defaultRemember
	}
	if c.Turn == nil {
		c.Turn = NewTurn()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Gateway{config: c, queue: make(chan look, queueLength), short: make(chan struct{}, shortCalls), answers: map[string]*answer{}}
}

// Run looks for the keys that were asked for, until ctx ends, which is no error.
func (g *Gateway) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case l := <-g.queue:
			took := g.look(ctx, l)
			if rest(ctx, min(took, maxRest)) != nil {
				return nil
			}
		}
	}
}

func rest(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// look looks for one key and returns how long that took the daemon.
func (g *Gateway) look(ctx context.Context, l look) time.Duration {
	select {
	case g.config.Turn <- struct{}{}:
		defer func() { <-g.config.Turn }()
	case <-ctx.Done():
		return 0
	}
	began := time.Now()
	found, height, err := g.config.Daemon.ScanUnspent(ctx, g.config.ScanTimeout, l.scripts, maxOutputs+1)
	took := time.Since(began)
	a := &answer{at: time.Now(), doc: g.document()}
	if err != nil {
		g.config.Log.Warn("coins not looked for", "err", err, "took", took)
		a.problem = problemOf(err)
	} else {
		g.config.Log.Info("coins looked for", "found", len(found), "took", took)
		a.doc.State, a.doc.Height, a.doc.Time = poolapi.UnspentDone, height, a.at.UTC().Truncate(time.Second)
		a.doc.More = len(found) > maxOutputs
		for _, u := range found[:min(len(found), maxOutputs)] {
			a.doc.Outputs = append(a.doc.Outputs, poolapi.UnspentOutput{
				TxID: u.TxID, Index: u.Index, Amount: g.config.Network.Coin.FormatAmount(u.Amount),
				Script: hex.EncodeToString(u.Script), Height: u.Height, Coinbase: u.Coinbase,
			})
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.answers[l.name] = a
	return took
}

func (g *Gateway) document() poolapi.Unspent {
	return poolapi.Unspent{Coin: g.config.Network.Coin.ID, Network: g.config.Network.Name, State: poolapi.UnspentLooking, Outputs: []poolapi.UnspentOutput{}}
}

// Known tells whether an answer about key needs no new look.
func (g *Gateway) Known(key string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	a := g.answers[key]
	return a != nil && a.fresh(g.config.Remember, time.Now())
}

func (a *answer) fresh(remember time.Duration, now time.Time) bool {
	if a.problem != nil {
		remember = rememberFailure
	}
	return a.at.IsZero() || now.Sub(a.at) < remember
}

// Unspent returns what is known of the key's coins, and has them looked for if that
// is nothing or too long ago. The key is 66 or 40 hex digits, in lower case.
func (g *Gateway) Unspent(key string) (poolapi.Unspent, error) {
	scripts, err := g.scripts(key)
	if err != nil {
		return poolapi.Unspent{}, &Problem{http.StatusBadRequest, err.Error()}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	if a := g.answers[key]; a != nil && a.fresh(g.config.Remember, now) {
		if a.problem != nil {
			return poolapi.Unspent{}, a.problem
		}
		return a.doc, nil
	}
	g.forget(now)
	if len(g.answers) >= maxAnswers || g.held() >= maxHeld {
		return poolapi.Unspent{}, errBusy
	}
	select {
	case g.queue <- look{key, scripts}:
	default:
		return poolapi.Unspent{}, errBusy
	}
	a := &answer{doc: g.document()}
	g.answers[key] = a
	return a.doc, nil
}

var errBusy = &Problem{http.StatusServiceUnavailable, "many look for their coins at the moment; try again in a few minutes"}

// forget drops what is old.
func (g *Gateway) forget(now time.Time) {
	for key, a := range g.answers {
		if !a.fresh(g.config.Remember, now) {
			delete(g.answers, key)
		}
	}
}

// held counts the outputs that are remembered: anybody may ask for any key, those with
// the most coins too.
func (g *Gateway) held() (n int) {
	for _, a := range g.answers {
		n += len(a.doc.Outputs)
	}
	return n
}

// scripts returns the scripts that a key owns: those of its hash, and of a whole
// public key that of its uncompressed form too, which is what NOMP's keys were.
func (g *Gateway) scripts(key string) ([][]byte, error) {
	b, err := hex.DecodeString(key)
	if err != nil || len(b) != 20 && len(b) != 33 || hex.EncodeToString(b) != key {
		return nil, errors.New("want a mining key: 66 hex digits, or 40 of its hash, in lower case")
	}
	if len(b) == 20 {
		return g.of(coin.PubKeyHash(b)), nil
	}
	point, err := btcec.ParsePubKey(b)
	if err != nil {
		return nil, errors.New("these 66 hex digits are no public key")
	}
	long := g.config.Network.P2PKH(coin.HashPubKey(point.SerializeUncompressed()))
	return append(g.of(coin.HashPubKey(b)), long.Script()), nil
}

func (g *Gateway) of(h coin.PubKeyHash) (scripts [][]byte) {
	for _, a := range g.config.Network.Addresses(h) {
		if s := a.Script(); !slices.ContainsFunc(scripts, func(have []byte) bool { return string(have) == string(s) }) {
			scripts = append(scripts, s)
		}
	}
	return scripts
}

// problemOf is what a visitor is told of a daemon's trouble.
func problemOf(err error) *Problem {
	switch {
	case errors.Is(err, node.ErrNoScan):
		return &Problem{http.StatusNotImplemented, "this coin's daemon cannot look for coins; use another source"}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, node.ErrUnanswered):
		return &Problem{http.StatusGatewayTimeout, "the coin's daemon took too long"}
	}
	return &Problem{http.StatusBadGateway, "the coin's daemon does not help at the moment; try again later"}
}
