package main

import (
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/spend"
	"github.com/adit-mining/adit/pool-server/gateway"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/pool-server/stats"
	"github.com/adit-mining/adit/pool-server/website"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin"
)

// ownWallet is a wallet program whose daemon is a running litecoind.
type ownWallet struct {
	spend.Wallet
	url, cookie string
}

func (w ownWallet) Daemon() (url, cookieFile string) { return w.url, w.cookie }

// Coins at every form of the key are moved to a litecoind's own wallet by its own
// daemon, as the window's way "move" does it, and moving again moves nothing.
func TestCoinsAreMovedByTheWalletsOwnDaemon(t *testing.T) {
	n, err := networkOf("litecoin", "regtest")
	if err != nil {
		t.Fatal(err)
	}
	daemon := pooltest.StartLitecoind(t, pooltest.LitecoindOptions{NoPeer: true})
	daemon.Generate(110)
	secret, err := wallet.NewSecret(nil)
	if err != nil {
		t.Fatal(err)
	}
	k := wallet.Keyring{Secret: secret}.Key()
	daemon.Send(n.P2WPKH(k.PubKeyHash()).String(), 2)
	daemon.Send(n.P2PKH(k.PubKeyHash()).String(), 1)
	daemon.Generate(1)
	dir := t.TempDir()
	cookie := filepath.Join(dir, "cookie")
	if err := os.WriteFile(cookie, []byte(daemon.User+":"+daemon.Password), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	m := mover{dir: dir, wallet: ownWallet{url: daemon.URL, cookie: cookie}, network: n}
	to := daemon.NewAddress()
	var noted spend.Sending
	ids, amount, fee, err := m.Sweep(ctx, k, n, to, func(s spend.Sending) error {
		noted = s
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if amount+fee != 3e8 || len(ids) != 1 || len(noted.TxIDs) != 1 || noted.TxIDs[0] != ids[0] || noted.Amount != amount {
		t.Errorf("moved %v for %v in %v; noted %+v", amount, fee, ids, noted)
	}
	if err := m.Resume(ctx, k.PublicKey(), n, ids); err != nil {
		t.Errorf("what was sent is sent again: %v", err)
	}
	daemon.Generate(1)
	got := pooltest.Must[float64](t, daemon.RPC, "getreceivedbyaddress", to)
	if arrived := coin.Amount(got*1e8 + 0.5); arrived != amount {
		t.Errorf("%v arrived, %v were sent", arrived, amount)
	}
	if _, _, _, err := m.Sweep(ctx, k, n, to, func(spend.Sending) error { return nil }); err == nil {
		t.Error("there was something left to move")
	}
}

// What the window shows before "send everything" is what is sent, by way of the pool.
func TestWhatWasPlannedIsSentThroughThePool(t *testing.T) {
	n, err := networkOf("litecoin", "regtest")
	if err != nil {
		t.Fatal(err)
	}
	daemon := pooltest.StartLitecoind(t, pooltest.LitecoindOptions{NoPeer: true})
	daemon.Generate(110)
	secret, err := wallet.NewSecret(nil)
	if err != nil {
		t.Fatal(err)
	}
	ring := wallet.Keyring{Secret: secret}
	daemon.Send(n.PayoutAddress(ring.Key().PubKeyHash()).String(), 2.5)
	daemon.Generate(1)
	to := daemon.NewAddress()
	s := spender{dir: t.TempDir()}
	order := model.SpendOrder{Coin: "litecoin", Network: "regtest", Way: model.SendToAddress, To: to, Pool: poolOf(t, n, daemon)}
	plan, err := s.plan(t.Context(), ring.Key().MiningKey(), order)
	if err != nil {
		t.Fatal(err)
	}
	if plan.Amount+plan.Fee != 2.5e8 || plan.Fee <= 0 || plan.To != to || plan.Inputs != 1 || plan.Transactions != 1 || len(plan.Left) > 0 {
		t.Errorf("the plan is %+v", plan)
	}
	if sent, err := s.send(t.Context(), ring, plan); err != nil || len(sent) != 1 {
		t.Fatalf("%v was sent: %v", sent, err)
	}
	daemon.Generate(1)
	got := pooltest.Must[float64](t, daemon.RPC, "getreceivedbyaddress", to)
	if arrived := coin.Amount(got*1e8 + 0.5); arrived != plan.Amount {
		t.Errorf("%v arrived, %v were planned", arrived, plan.Amount)
	}
	if _, err := s.plan(t.Context(), ring.Key().MiningKey(), order); err == nil || model.SpendFault(err).Code != model.Code(model.NothingThere) {
		t.Errorf("afterwards: %v", err)
	}
}

// poolOf is the website of a pool that lends its daemon to those whom it pays.
func poolOf(t *testing.T, n *coin.Network, daemon *pooltest.Litecoind) (address string) {
	t.Helper()
	client, err := node.New(node.Config{URL: daemon.URL, User: daemon.User, Password: node.Secret(daemon.Password)})
	if err != nil {
		t.Fatal(err)
	}
	g := gateway.New(gateway.Config{Network: n, Daemon: client})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- g.Run(ctx) }()
	book, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	info := poolapi.CoinInfo{ID: n.Coin.ID, Network: n.Name}
	site, err := website.New(website.Config{
		Info:  func() poolapi.PoolInfo { return poolapi.PoolInfo{Version: 1, Coins: []poolapi.CoinInfo{info}} },
		Pools: func() []website.Pool { return []website.Pool{{ID: "ltc", Network: n, Info: info, Gateway: g}} },
		Book:  book, Owners: book, Stats: stats.New(stats.Options{}),
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(site)
	t.Cleanup(func() {
		server.Close()
		cancel()
		<-ended
		book.Close()
	})
	return server.URL
}
