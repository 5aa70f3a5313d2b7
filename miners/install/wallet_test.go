package install_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adit-mining/adit/miners/install"
)

// walletOf is a wallet program with a build.
func walletOf(b install.Build) install.Program {
	b.Devices = nil
	return install.Program{
		Kind: install.WalletKind, Name: "litecoin-core", Version: "0.21.2.1", Licence: "MIT", Publisher: "The Litecoin Core developers",
		Homepage: "https://litecoin.example", Source: "https://litecoin.example/source",
		Wallet: &install.Wallet{Coin: "litecoin", Driver: install.Core, Blocked: []install.Blocked{{Version: "30.0", Reason: "It can delete wallets."}}},
		Builds: []install.Build{b},
	}
}

func walletBuild(t testing.TB) (install.Build, []byte) {
	t.Helper()
	things := []thing{{"bin/litecoind", "daemon", 0}, {"bin/litecoin-qt", "window", 0}}
	archive := pack(t, install.TarGzip, things...)
	b := buildOf(install.TarGzip, archive, things...)
	b.Window = "bin/litecoin-qt"
	return b, archive
}

func TestTheCatalogueListsWallets(t *testing.T) {
	b, _ := walletBuild(t)
	if err := catalogueOf(walletOf(b), programOf(buildOf(install.Plain, []byte("x"), thing{"xmrig", "x", 0}))).Validate(); err != nil {
		t.Fatal(err)
	}
	for want, spoil := range map[string]func(p *install.Program){
		"kind":                       func(p *install.Program) { p.Kind = "game" },
		"wallet: want the coin":      func(p *install.Program) { p.Wallet = nil },
		"wallet: want none":          func(p *install.Program) { p.Kind = install.MinerKind },
		"algorithms":                 func(p *install.Program) { p.Algorithms = []install.Algorithm{{}} },
		"wallet.coin":                func(p *install.Program) { p.Wallet.Coin = "../bitcoin" },
		"wallet.driver":              func(p *install.Program) { p.Wallet.Driver = "monero" },
		"wallet.blocked[0].reason":   func(p *install.Program) { p.Wallet.Blocked[0].Reason = "" },
		"wallet.blocked: want other": func(p *install.Program) { p.Version = "30.0.0" },
		"devices":                    func(p *install.Program) { p.Builds[0].Devices = []install.Hardware{install.CPU} },
		"window":                     func(p *install.Program) { p.Builds[0].Window = "bin/other" },
	} {
		b, _ := walletBuild(t)
		p := walletOf(b)
		spoil(&p)
		if err := catalogueOf(p).Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: Validate = %v", want, err)
		}
	}
}

func TestAWalletsArchiveIsLookedAtBeforeItIsUnpacked(t *testing.T) {
	b, archive := walletBuild(t)
	s := &install.Store{Dir: filepath.Join(t.TempDir(), "programs")}
	p := walletOf(b)
	if err := os.MkdirAll(filepath.Join(s.Dir, "downloads"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.Dir, "downloads", b.SHA256+".part"), archive, 0o600); err != nil {
		t.Fatal(err)
	}
	path, err := s.Download(t.Context(), p, b, nil) // all of it is there: no network is asked
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != string(archive) {
		t.Fatalf("the archive is not there: %v", err)
	}
	if _, err := s.Have(p, b); err == nil {
		t.Error("it is installed already")
	}
	i, err := s.Install(t.Context(), p, b, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{i.Path(), i.WindowPath()} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o100 == 0 && filepath.Separator == '/' {
			t.Errorf("%s cannot be run: %v", path, err)
		}
	}
	if have, err := s.Have(p, b); err != nil || have.Wallet == nil || have.Wallet.Coin != "litecoin" || have.Kind != install.WalletKind {
		t.Errorf("Have = %+v, %v", have, err)
	}
	if err := s.Discard(p, b); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(i.Dir); !os.IsNotExist(err) {
		t.Error("what a scanner found is still there")
	}
	if err := s.Discard(p, b); err != nil { // nothing is there any more
		t.Error(err)
	}
}
