package ledger_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/pooltest"
)

// ofPostgres is for tests of what only a server has.
func ofPostgres(t *testing.T) {
	t.Helper()
	if !onPostgres() {
		t.Skip("of PostgreSQL alone")
	}
}

// through is a database's URL by way of another address.
func through(t *testing.T, where, addr string) string {
	t.Helper()
	u, err := url.Parse(where)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = addr
	return u.String()
}

// cutter passes everything on, until it is told to cut: then it lets the next COMMIT
// reach the server, waits for its answer, and ends the connection instead of giving it.
type cutter struct {
	addr string
	armed,
	cuts atomic.Int64
}

func newCutter(t *testing.T, target string) *cutter {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{addr: l.Addr().String()}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			group.Go(func() { c.serve(near, target) })
		}
	})
	t.Cleanup(func() { // after the book was closed
		l.Close()
		group.Wait()
	})
	return c
}

func (c *cutter) serve(near net.Conn, target string) {
	defer near.Close()
	far, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer far.Close()
	var cut atomic.Bool
	var back sync.WaitGroup
	back.Go(func() {
		defer near.Close()
		buf := make([]byte, 8192)
		for {
			n, err := far.Read(buf)
			if err != nil || cut.Load() { // the answer to COMMIT came, and is kept
				return
			}
			if _, err := near.Write(buf[:n]); err != nil {
				return
			}
		}
	})
	buf := make([]byte, 8192)
	for {
		n, err := near.Read(buf)
		if err != nil {
			break
		}
		if bytes.Contains(buf[:n], []byte("COMMIT\x00")) && c.armed.CompareAndSwap(1, 0) {
			cut.Store(true)
			c.cuts.Add(1)
		}
		if _, err := far.Write(buf[:n]); err != nil {
			break
		}
	}
	if !cut.Load() {
		far.Close()
	}
	back.Wait()
}

// Each step of money's life is done, its answer is lost, and it is done again.
func TestLostAnswerToACommitChangesNothing(t *testing.T) {
	ofPostgres(t)
	c := newCutter(t, server.Addr)
	b := openBook(t, through(t, server.Database(t, template), c.addr))
	ctx := t.Context()
	var blocks []ledger.Block
	var payout *ledger.Payout
	twice := func(name string, step func() error) {
		t.Helper()
		c.armed.Store(1)
		if err := step(); err == nil {
			t.Fatalf("%s: the answer was lost, and nothing was said", name)
		}
		if c.armed.Load() != 0 {
			t.Fatalf("%s: the connection was not cut", name)
		}
		if err := step(); err != nil {
			t.Fatalf("%s again: %v", name, err)
		}
		b.check()
	}
	shares := []ledger.Share{share("alice", 1), share("bob", 3)}
	twice("shares", func() error { _, err := b.Apply(ctx, 1, 1, shares); return err })
	last := share("alice", 1)
	last.Block = found(7)
	twice("a block", func() error { _, err := b.Apply(ctx, 2, 2, []ledger.Share{last}); return err })
	blocks, err := b.UnsettledBlocks(ctx, pool)
	if err != nil || len(blocks) != 1 {
		t.Fatalf("got blocks %v, %v, want one", blocks, err)
	}
	credits := ledger.Acceptance{Confirmations: 1, Reward: blockReward, Weights: b.weights(blocks[0].ID), Credits: b.split(blocks[0])}
	twice("credits", func() error { return b.SetBlockAccepted(ctx, blocks[0].ID, credits) })
	twice("orphan", func() error { return b.OrphanBlock(ctx, blocks[0].ID, "") })
	twice("restore", func() error { return b.RestoreBlock(ctx, blocks[0].ID) })
	twice("credits anew", func() error { return b.SetBlockAccepted(ctx, blocks[0].ID, credits) })
	twice("maturity", func() error { return b.MatureBlock(ctx, blocks[0].ID) })
	owed := b.account("alice").Balance
	twice("payout", func() (err error) {
		if open, err := b.OpenPayouts(ctx, pool); err != nil || len(open) == 1 {
			if err == nil {
				payout = &open[0] // as the keeper does it
			}
			return err
		}
		payout, err = b.CreatePayout(ctx, pool, 0, addressOf)
		return err
	})
	twice("signed", func() error { return b.sign(payout, "tx1") })
	twice("sent", func() error { return b.SetSent(ctx, payout.ID) })
	twice("confirmed", func() error { return b.SetConfirmed(ctx, payout.ID) })
	if s := b.account("alice"); s.Shares != 2 || s.Paid != owed-100 || s.Balance+s.Paying+s.Immature != 0 {
		t.Errorf("got %+v, want 2 shares and %v paid", s, owed-100)
	}
	if totals, err := b.PoolTotals(ctx, pool); err != nil || totals.Shares != 3 || totals.Reward != blockReward || totals.BlocksFound() != 1 {
		t.Errorf("got %+v, %v, want 3 shares and one reward", totals, err)
	}
}

// On a bad network every call is repeated until it succeeds, which is all that the
// pool does.
func TestBookIsRightOnABadNetwork(t *testing.T) {
	ofPostgres(t)
	proxy := pooltest.NewProxy(t, server.Addr)
	b := openBook(t, through(t, server.Database(t, template), proxy.Addr))
	proxy.Set(pooltest.Weather{CutAfter: 4000})
	until := func(step func() error) {
		t.Helper()
		for range 1000 {
			if step() == nil {
				return
			}
		}
		t.Fatal("it never succeeds")
	}
	const rounds = 15
	for i := range uint64(rounds) {
		last := share("bob", 2)
		last.Block = found(int64(i + 1))
		until(func() error {
			_, err := b.Apply(t.Context(), i+1, i+1, []ledger.Share{share("alice", 1), last})
			return err
		})
	}
	if proxy.Resets() == 0 {
		t.Error("the weather was fine")
	}
	proxy.Set(pooltest.Weather{})
	until(func() error { _, err := b.Position(t.Context()); return err }) // connections that are broken go
	totals, err := b.PoolTotals(t.Context(), pool)
	if err != nil || totals.Shares != 2*rounds || totals.BlocksFound() != rounds {
		t.Errorf("got %+v, %v, want %d shares and %d blocks", totals, err, 2*rounds, rounds)
	}
}

// A server that says nothing any more must not hold the writers' turn for ever.
func TestServerThatHangsEndsAWrite(t *testing.T) {
	ofPostgres(t)
	proxy := pooltest.NewProxy(t, server.Addr)
	b := openBook(t, through(t, server.Database(t, template), proxy.Addr))
	b.apply(share("alice", 1))
	ledger.LimitWrites(b.Ledger, 100*time.Millisecond)
	proxy.Set(pooltest.Weather{Blackhole: true})
	if _, err := b.Apply(t.Context(), 2, 2, []ledger.Share{share("alice", 1)}); err == nil {
		t.Fatal("a black hole has taken shares")
	}
	proxy.Set(pooltest.Weather{})
	proxy.Cut()
	ledger.LimitWrites(b.Ledger, time.Minute)
	b.position = 1
	b.apply(share("alice", 1))
	if got := b.account("alice").Shares; got != 2 {
		t.Errorf("got %d shares, want 2", got)
	}
}

// The server crashes and comes back under an open book.
func TestBookSurvivesItsServer(t *testing.T) {
	ofPostgres(t)
	p := pooltest.StartPostgres(t)
	b := openBook(t, p.Database(t, ""))
	b.mature(b.find(7, share("alice", 1), share("bob", 1)))
	owed := b.account("alice").Balance
	p.Kill()
	if _, err := b.CreatePayout(t.Context(), pool, 0, addressOf); err == nil {
		t.Error("a payout was made without a server")
	}
	p.Start(t)
	b.check()
	payout := b.create()
	p.Kill()
	p.Start(t)
	b.ok(b.sign(payout, "tx1")) // without an error: a connection that broke in between is made anew
	b.ok(b.SetConfirmed(t.Context(), payout.ID))
	var s ledger.AccountSummary
	var err error
	for range 10 { // readers find out one by one that their connections are broken
		if s, err = b.AccountSummary(t.Context(), pool, "alice"); err == nil {
			break
		}
	}
	if err != nil || s.Paid != owed-100 {
		t.Errorf("got %+v, %v, want %v paid", s, err, owed-100)
	}
}

// Two servers on one book: what both apply counts once, and they never stand in each
// other's way.
func TestTwoServersTakeTurns(t *testing.T) {
	ofPostgres(t)
	b := newBook(t)
	other, err := ledger.Open(t.Context(), b.path)
	b.ok(err)
	defer other.Close()
	const batches = 30
	var both sync.WaitGroup
	for _, l := range []*ledger.Ledger{b.Ledger, other} {
		both.Go(func() {
			for i := range uint64(batches) {
				for {
					_, err := l.Apply(t.Context(), i+1, i+1, []ledger.Share{share(fmt.Sprint("miner", i), 1), share("alice", 1)})
					if err == nil {
						break
					}
					if !errors.Is(err, ledger.ErrGap) {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	both.Wait()
	if totals, err := b.PoolTotals(t.Context(), pool); err != nil || totals.Shares != 2*batches || totals.Accounts != batches+1 {
		t.Errorf("got %+v, %v, want %d shares", totals, err, 2*batches)
	}
}

// PostgreSQL says COMMIT was done when it has taken everything back.
func TestCommitAfterAFailureIsAnError(t *testing.T) {
	ofPostgres(t)
	b := newBook(t)
	if err := ledger.Swallow(t.Context(), b.Ledger); err == nil || !strings.Contains(err.Error(), "taken all of it back") {
		t.Errorf("got %v, want a word about it", err)
	}
	b.apply(share("alice", 1))
}

// What a daemon says goes into the book, whatever bytes it has.
func TestReasonsMayHoldAnyBytes(t *testing.T) {
	b := newBook(t)
	b.ok(b.Halt(t.Context(), pool, "it said \x00\xff\xfe"))
	if reason, halted, err := b.Halted(t.Context(), pool); !halted || !strings.HasPrefix(reason, "it said ") || err != nil {
		t.Errorf("got %q, %v, %v", reason, halted, err)
	}
}

func TestPasswordIsNeverTold(t *testing.T) {
	ofPostgres(t)
	for _, where := range []string{
		"postgres://adit:geheim@" + server.Addr + "/missing?sslmode=disable", "postgres://adit:geheim@127.0.0.1:1/book",
		"postgres://adit:geheim@127.0.0.1:port/book", "postgres://adit:geheim@%zz/", "postgresql://adit:geheim@127.0.0.1:1/?sslmode=what",
	} {
		l, err := ledger.Open(t.Context(), where)
		if err == nil {
			l.Close()
			t.Errorf("%s was opened", where)
		} else if strings.Contains(err.Error(), "geheim") {
			t.Errorf("the error tells the password: %v", err)
		}
	}
}

func TestDatabaseOfAnotherEncodingIsRefused(t *testing.T) {
	ofPostgres(t)
	b := newBook(t)
	if _, err := b.raw().Exec("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0"); err != nil {
		t.Fatal(err)
	}
	_, err := ledger.Open(t.Context(), server.URL("latin"))
	if err == nil || !strings.Contains(err.Error(), "UTF8") {
		t.Errorf("got %v, want what to do", err)
	}
}

// The cutter's own promise, without which the tests above prove nothing.
func TestCutterLetsTheCommitThrough(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	got := make(chan string, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		buf := make([]byte, 7)
		io.ReadFull(conn, buf)
		got <- string(buf)
		conn.Write([]byte("done"))
		io.Copy(io.Discard, conn)
	}()
	c := newCutter(t, l.Addr().String())
	c.armed.Store(1)
	conn, err := net.Dial("tcp", c.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.Write([]byte("COMMIT\x00"))
	if answer, err := io.ReadAll(conn); len(answer) != 0 {
		t.Errorf("got %q, %v, want a cut", answer, err)
	}
	if text := <-got; text != "COMMIT\x00" {
		t.Errorf("the server got %q", text)
	}
}
