package stratum_test

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/stratum"
	"github.com/adit-mining/adit/pool-server/work"
)

// pool is the server's caller: it keeps what it was given.
type pool struct {
	mu         sync.Mutex
	shares     []stratum.Share
	candidates []*work.Candidate
	rejects    []string
	held       []func(error) // done callbacks, while hold is set
	hold       bool
	fail       error // what done is told
}

func (p *pool) accept(s stratum.Share, done func(error)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shares = append(p.shares, s)
	if p.hold {
		p.held = append(p.held, done)
		return
	}
	done(p.fail)
}

func (p *pool) candidate(s stratum.Share, c *work.Candidate, done func(error)) {
	p.mu.Lock()
	p.candidates = append(p.candidates, c)
	p.mu.Unlock()
	p.accept(s, done)
}

func (p *pool) rejected(id stratum.Identity, code int, reason string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rejects = append(p.rejects, fmt.Sprintf("%s.%s %d %s", id.Account, id.Worker, code, reason))
}

func (p *pool) release(err error) {
	p.mu.Lock()
	held := p.held
	p.held, p.hold = nil, false
	p.mu.Unlock()
	for _, done := range held {
		done(err)
	}
}

func (p *pool) count() (shares, candidates int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.shares), len(p.candidates)
}

// config is a server's for tests: no vardiff, easy shares. Users called bad are
// refused.
func (p *pool) config() stratum.Config {
	return stratum.Config{
		Algorithm: pow.SHA256d, Difficulty: 1e-9, VersionMask: 0x1fffe000,
		Authorize: func(user, password string) (stratum.Identity, error) {
			account, worker, _ := strings.Cut(user, ".")
			if account == "bad" {
				return stratum.Identity{}, fmt.Errorf("%q is no address of this coin", account)
			}
			return stratum.Identity{Account: account, Worker: worker}, nil
		},
		Accept: p.accept, Candidate: p.candidate, Rejected: p.rejected,
		Log: slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
}

func newServer(t testing.TB, c stratum.Config) *stratum.Server {
	t.Helper()
	s, err := stratum.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
