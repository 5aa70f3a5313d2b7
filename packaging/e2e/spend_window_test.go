//go:build linux

package e2e_test

import (
	"fmt"
	"image"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/app/windowtest"
	"github.com/adit-mining/adit/miners/install"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

// Points of a window of 1000 by 720 that shows the wallet with one coin.
var spendButton = image.Pt(930, 245)

// paid is what the key of these tests owns, in whole coins.
const paid = 2.5

// spender is a user whose key owns coins on a real Litecoin chain.
type spender struct {
	*user
	node    *pooltest.Litecoind
	network *coin.Network
	data    string
	key     wallet.Key
}

// newSpender mines a little for a new key at a pool that lends its daemon, has the
// daemon pay the key, and opens the window on the wallet.
func newSpender(t *testing.T, look, catalogue string) *spender {
	t.Helper()
	s := &spender{node: pooltest.StartLitecoind(t, pooltest.LitecoindOptions{Args: []string{"-fallbackfee=0.0002"}})}
	litecoin, err := coin.Lookup("litecoin")
	if err == nil {
		s.network, err = litecoin.Network("regtest")
	}
	if err != nil {
		t.Fatal(err)
	}
	s.node.Generate(110)
	dir := t.TempDir()
	initPool(t, dir, "litecoin", s.node.RPC, s.node.NewAddress(), "--difficulty", "1e-9", "--vardiff=off", "--payouts=off")
	lendDaemon(t, filepath.Join(dir, "pools", "litecoin-regtest.json"))
	pool := startPool(t, "serve", "--dir", dir)
	s.data = mined(t, pool)
	mine(t, pool.Site, s.data, "5s")
	ring, err := wallet.Unlock(s.data, "")
	if err != nil {
		t.Fatal(err)
	}
	s.key = ring.Key()
	s.node.Send(s.network.PayoutAddress(s.key.PubKeyHash()).String(), paid)
	s.node.Generate(1)
	chosen, err := settings.Load(s.data)
	if err != nil {
		t.Fatal(err)
	}
	chosen.ResumeMining, chosen.Pool, chosen.Catalogue = false, pool.Site, catalogue
	if err := settings.Save(s.data, chosen); err != nil {
		t.Fatal(err)
	}
	s.user = &user{Window: windowtest.NewScreen(t).Open(t, program(t, "adit"), look, "--data", s.data), t: t}
	time.Sleep(3 * time.Second) // it asks the pool
	s.Xdotool("key", "ctrl+4")
	time.Sleep(time.Second)
	return s
}

// lendDaemon switches a pool's gateway on.
func lendDaemon(t testing.TB, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, after, found := strings.Cut(string(text), `"gateway"`)
	if !found {
		t.Fatalf("%s has no gateway", path)
	}
	changed := before + `"gateway"` + strings.Replace(after, `"enabled": false`, `"enabled": true`, 1)
	if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
}

// got is what an address of the daemon's wallet has received, with one confirmation.
func (s *spender) got(address string) float64 {
	return pooltest.Must[float64](s.t, s.node.RPC, "getreceivedbyaddress", address)
}

// offersNewKey presses the button for a new key, agrees, and waits until another one is
// mined for.
func (s *spender) offersNewKey(picture string) {
	s.t.Helper()
	if !backupOf(s.t, s.data).Spent {
		s.t.Error("the sheet is not marked as used")
	}
	s.clickLoud("a new key is offered")
	s.Keep(picture + "-renew")
	s.clickLoud("take it")
	eventually(s.t, 20*time.Second, "another key is in use", func() bool {
		ring, err := wallet.Unlock(s.data, "")
		return err == nil && ring.Key() != s.key
	})
	s.Keep(picture + "-renewed")
	kept, err := wallet.Kept(s.data)
	if err != nil || len(kept) != 1 || kept[0].Key() != s.key {
		s.t.Errorf("%d keys of before are kept: %v", len(kept), err)
	}
}

// TestEverythingIsSentToAnAddressInTheWindow goes the way of somebody with an account at
// an exchange, who takes an address of another coin first.
func TestEverythingIsSentToAnAddressInTheWindow(t *testing.T) {
	t.Parallel()
	s := newSpender(t, "FYNE_THEME=dark", "")
	s.Keep("send-0-wallet")
	s.click(spendButton)
	s.Keep("send-1-ways")
	s.clickLoud("the way is chosen")
	s.Keep("send-2-address")
	other := cointest.Network(t, "bitcoin", "regtest")
	s.word(other.P2WPKH(coin.PubKeyHash{7, 7, 7}).String())
	s.WaitFor("the wrong address is explained", saysFault)
	s.Keep("send-3-wrong-address")
	to := s.node.NewAddress()
	s.Xdotool("key", "ctrl+a")
	s.word(to)
	s.WaitFor("amount and fee are shown", func(img image.Image) bool { return isLoud(img) && !saysFault(img) })
	time.Sleep(2 * time.Second)
	s.Keep("send-4-confirm")
	if n := len(pooltest.Must[[]string](t, s.node.RPC, "getrawmempool")); n != 0 {
		t.Fatalf("%d transactions left before anybody agreed", n)
	}
	s.clickLoud("send")
	eventually(t, 20*time.Second, "a transaction left", func() bool {
		return len(pooltest.Must[[]string](t, s.node.RPC, "getrawmempool")) == 1
	})
	time.Sleep(time.Second)
	s.Keep("send-5-sent")
	s.node.Generate(1)
	if got := s.got(to); got <= paid-0.001 || got >= paid {
		t.Errorf("%v arrived of %v", got, paid)
	}
	s.offersNewKey("send-6")
	s.clickLoud("close")
	s.Close()
}

// TestEverythingIsMovedToTheCoinsOwnWalletInTheWindow has litecoind stand in for what
// the catalogue offers, and a script for its window.
func TestEverythingIsMovedToTheCoinsOwnWalletInTheWindow(t *testing.T) {
	t.Parallel()
	opened := filepath.Join(t.TempDir(), "opened")
	stand := &standIn{}
	server := stand.publish(t, opened)
	s := newSpender(t, "FYNE_THEME=dark", server.catalogue)
	stand.follow(t, s.node)
	s.Keep("move-0-wallet")
	s.click(spendButton)
	s.Keep("move-1-ways")
	s.clickLoud("the recommended way is chosen")
	time.Sleep(2 * time.Second)
	s.Keep("move-2-going")
	eventually(t, 2*time.Minute, "the coins are on their way", func() bool {
		return len(pooltest.Must[[]string](t, s.node.RPC, "getrawmempool")) == 1
	})
	s.node.Generate(1)
	s.WaitFor("it is done", func(img image.Image) bool { // the bar of what is under way is amber, too, and in the middle
		at, found := loudButton(img)
		return found && at.X > 600
	})
	time.Sleep(2 * time.Second)
	s.Keep("move-3-done")
	if n := server.fetched.Load(); n != 1 {
		t.Errorf("the program was fetched %d times", n)
	}
	renew, _ := loudButton(s.Look())
	s.click(renew.Add(image.Pt(-115, 0)))
	eventually(t, 20*time.Second, "the wallet's window was opened", func() bool {
		_, err := os.Stat(opened)
		return err == nil
	})
	s.offersNewKey("move-4")
	s.Close()
}

// saysFault looks for a line in the colour of what is wrong.
func saysFault(img image.Image) bool {
	n := 0
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			if r, g, b, _ := img.At(x, y).RGBA(); r>>8 > 0xd0 && g>>8 < 0x80 && b>>8 < 0x80 {
				n++
			}
		}
	}
	return n > 200
}

// standIn is a wallet program that is Debian's litecoind, connected to a test's node.
type standIn struct{ peer string }

// publish serves it: a script that reads where the node is, and one for its window, which
// leaves a file.
func (s *standIn) publish(t testing.TB, opened string) *publisher {
	t.Helper()
	s.peer = filepath.Join(t.TempDir(), "peer")
	files := map[string][]byte{
		"bin/litecoind":   fmt.Appendf(nil, "#!/bin/sh\nexec /usr/lib/litecoin/litecoind \"$@\" -vbparams=mweb:-2:0 -dbcache=8 -connect=$(cat %s)\n", s.peer),
		"bin/litecoin-qt": fmt.Appendf(nil, "#!/bin/sh\ntouch %s\n", opened),
	}
	return publishProgram(t, zipped(t, files), whole, func(archive []byte, address string) install.Program {
		b := install.Build{OS: runtime.GOOS, Arch: runtime.GOARCH, URLs: []string{address}, Size: int64(len(archive)), SHA256: digest(archive),
			Archive: install.Zip, Executable: "bin/litecoind", Window: "bin/litecoin-qt"}
		for name, text := range files {
			b.Files = append(b.Files, install.File{Path: name, Size: int64(len(text)), SHA256: digest(text)})
		}
		return install.Program{Kind: install.WalletKind, Name: "litecoin-core", Version: "0.21.2.1", Licence: "MIT",
			Publisher: "The Litecoin Core developers", Homepage: "https://litecoin.example", Source: "https://litecoin.example/source",
			Wallet: &install.Wallet{Coin: "litecoin", Driver: install.Core}, Builds: []install.Build{b}}
	})
}

func (s *standIn) follow(t testing.TB, node *pooltest.Litecoind) {
	t.Helper()
	if err := os.WriteFile(s.peer, []byte(node.PeerAddress()), 0o600); err != nil {
		t.Fatal(err)
	}
}
