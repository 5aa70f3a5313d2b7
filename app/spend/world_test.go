package spend_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adit-mining/adit/app/spend"
	"github.com/adit-mining/adit/miners/install"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/clamd"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
	"github.com/adit-mining/adit/wallet/program"
)

// key is a key of the tests.
func key(t testing.TB, b byte) wallet.Key {
	t.Helper()
	k, err := wallet.KeyFromBytes(bytes.Repeat([]byte{b}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// pack makes a tar.gz.
func pack(t testing.TB, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	w := tar.NewWriter(z)
	for name, text := range files {
		err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(text)), Typeflag: tar.TypeReg})
		if err == nil {
			_, err = w.Write(text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// world is everything around a Run: a site with the archive, a scanner, a Mover, the
// person, and what they saw.
type world struct {
	config spend.Config
	order  spend.Order
	site   *httptest.Server
	dir    string

	mu        sync.Mutex
	downloads int
	body      []byte // what the site gives
	scan      clamd.Result
	said      []spend.Progress
	sweeps    map[string]int // how often a transaction was sent, by id
	signed    []string       // ids that the Mover has written down
	moverErr  error
	wallet    *fakeWallet
}

// fakeWallet is a wallet program that keeps what it is given, as a disk would.
type fakeWallet struct {
	mu        sync.Mutex
	addresses []string
	imports   int
	key       wallet.Key
	balance   coin.Amount
	coinsAt   time.Time // when the key's coins came; an earlier birthday finds them
	worth     coin.Amount
	syncErr   error
	running   int // Runs that are not over
}

// newWorld has a wallet program for Litecoin of the two files, in a catalogue and on a site.
func newWorld(t testing.TB, files map[string][]byte) *world {
	t.Helper()
	w := &world{
		dir: t.TempDir(), sweeps: map[string]int{}, scan: clamd.Result{Verdict: clamd.OK, Engine: "ClamAV test"},
		wallet: &fakeWallet{worth: 5e8},
	}
	w.body = pack(t, files)
	w.site = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.downloads++
		body := w.body
		w.mu.Unlock()
		http.ServeContent(rw, r, "", time.Time{}, bytes.NewReader(body))
	}))
	t.Cleanup(w.site.Close)
	b := install.Build{
		OS: "linux", Arch: "amd64", URLs: []string{w.site.URL + "/wallet.tar.gz"}, Size: int64(len(w.body)), SHA256: digest(w.body),
		Archive: install.TarGzip, Executable: "bin/litecoind",
	}
	for name, text := range files {
		b.Files = append(b.Files, install.File{Path: name, Size: int64(len(text)), SHA256: digest(text)})
	}
	w.config = spend.Config{
		Dir: filepath.Join(w.dir, "spend"), Store: &install.Store{Dir: filepath.Join(w.dir, "programs"), Fetcher: install.Fetcher{Rounds: 1}},
		Programs: []install.Program{{
			Kind: install.WalletKind, Name: "litecoin-core", Version: "0.21.2.1", Licence: "MIT", Publisher: "The Litecoin Core developers",
			Homepage: "https://litecoin.example", Source: "https://litecoin.example/source",
			Wallet: &install.Wallet{Coin: "litecoin", Driver: install.Core, Blocked: []install.Blocked{{Version: "30.0", Reason: "It can delete wallets."}}},
			Builds: []install.Build{b},
		}},
		Scan: func(context.Context, string) clamd.Result { return w.scan },
		Key: func(context.Context) (wallet.Key, time.Time, error) {
			return key(t, 7), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), nil
		},
		Mover: func(spend.Wallet) (spend.Mover, error) { return (*fakeMover)(w), nil },
		OS:    "linux", Arch: "amd64", Settle: time.Second, Poll: 10 * time.Millisecond,
	}
	if err := (install.Catalogue{Version: 1, Issued: time.Now(), Programs: w.config.Programs}).Validate(); err != nil {
		t.Fatal(err)
	}
	w.order = spend.Order{Network: cointest.Network(t, "litecoin", "regtest")}
	return w
}

// faked is a world whose wallet program is made up.
func faked(t testing.TB) *world {
	w := newWorld(t, map[string][]byte{"bin/litecoind": []byte("#!/bin/false\n"), "bin/litecoin-qt": []byte("#!/bin/false window\n")})
	w.config = spend.DriveBy(w.config, w.wallet.run)
	return w
}

func (w *world) run(ctx context.Context) error {
	return spend.Run(ctx, w.config, w.order, func(p spend.Progress) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.said = append(w.said, p)
	})
}

// fetched is how often the site was asked.
func (w *world) fetched() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.downloads
}

// last is the last that was told.
func (w *world) last() spend.Progress { return w.said[len(w.said)-1] }

// steps are the steps that were done, in their order.
func (w *world) steps() (done []spend.Step) {
	for _, p := range w.said {
		if p.State == spend.Done && (len(done) == 0 || done[len(done)-1] != p.Step) {
			done = append(done, p.Step)
		}
	}
	return done
}

func (f *fakeWallet) run(ctx context.Context, use func(context.Context, spend.Wallet) error) error {
	f.mu.Lock()
	f.running++
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		f.running--
		f.mu.Unlock()
	}()
	return use(ctx, f)
}

func (f *fakeWallet) Sync(ctx context.Context, on func(program.Sync)) error {
	if f.syncErr != nil {
		return f.syncErr
	}
	for i := range int64(4) {
		on(program.Sync{Blocks: i, Headers: 3, Fraction: float64(i) / 3, Peers: 1, Synced: i == 3})
	}
	return ctx.Err()
}

func (f *fakeWallet) NewAddress(context.Context) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.addresses = append(f.addresses, fmt.Sprintf("address%d", len(f.addresses)+1))
	return f.addresses[len(f.addresses)-1], nil
}

func (f *fakeWallet) Owns(_ context.Context, address string) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Contains(f.addresses, address) || address == "a" && f.imports > 0, nil
}

func (f *fakeWallet) Import(_ context.Context, k wallet.Key, birthday time.Time, on func(program.Scan)) (program.Imported, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	on(program.Scan{Fraction: 0.5})
	f.imports++
	f.key = k
	return f.look(birthday), nil
}

func (f *fakeWallet) look(from time.Time) program.Imported {
	if from.Before(f.coinsAt) || f.coinsAt.IsZero() {
		f.balance = f.worth
	}
	return program.Imported{How: "importmulti", Addresses: []string{"a"}, Received: f.balance}
}

func (f *fakeWallet) Rescan(_ context.Context, _ wallet.Key, from time.Time, _ func(program.Scan)) (program.Imported, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.look(from), nil
}

func (f *fakeWallet) Balance(context.Context) (program.Balance, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return program.Balance{Spendable: f.balance}, nil
}

// fakeMover is the world's Mover. The key's coins can be moved once: a second
// transaction would be another id.
type fakeMover world

func (m *fakeMover) Sweep(_ context.Context, _ wallet.Key, _ *coin.Network, to string, on func(spend.Sending) error) ([]string, coin.Amount, coin.Amount, error) {
	if m.moverErr != nil {
		return nil, 0, 0, m.moverErr
	}
	id := fmt.Sprintf("tx%d-to-%s", len(m.signed)+1, to)
	if err := on(spend.Sending{To: to, TxIDs: []string{id}, Amount: m.wallet.worth - 1000, Fee: 1000}); err != nil {
		return nil, 0, 0, err
	}
	m.signed = append(m.signed, id)
	return []string{id}, m.wallet.worth - 1000, 1000, m.send(id)
}

func (m *fakeMover) send(id string) error {
	m.wallet.mu.Lock()
	defer m.wallet.mu.Unlock()
	if m.sweeps[id]++; m.sweeps[id] == 1 {
		m.wallet.balance += m.wallet.worth - 1000
	}
	return nil
}

func (m *fakeMover) Resume(_ context.Context, _ [33]byte, _ *coin.Network, txids []string) error {
	for _, id := range txids {
		if !slices.Contains(m.signed, id) {
			return fmt.Errorf("%w: never written down", spend.ErrNotTaken)
		}
		if err := m.send(id); err != nil {
			return err
		}
	}
	return nil
}

func code(err error) spend.Code {
	var p *spend.Problem
	if !errors.As(err, &p) {
		return ""
	}
	return p.Code
}

// clear fails the test where a text for the person is none.
func clear(t *testing.T, err error) {
	t.Helper()
	var p *spend.Problem
	if !errors.As(err, &p) || p.Text == "" || strings.Contains(p.Text, "%!") || !strings.HasSuffix(p.Text, ".") {
		t.Errorf("%v is no Problem in words", err)
	}
}
