//go:build unix

package wallet_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/bip32"
	"github.com/adit-mining/adit/wallet/bip39"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

// TestLitecoinCoreDerivesTheSame gives litecoind secrets and asks for their addresses:
// extended keys, which it derives itself along the mining key's path, and single keys
// whose numbers begin with zeros, compressed and not.
func TestLitecoinCoreDerivesTheSame(t *testing.T) {
	node := pooltest.StartLitecoind(t, pooltest.LitecoindOptions{NoPeer: true, NoWallet: true})
	n := cointest.Network(t, "litecoin", "regtest")
	derive := func(descriptor string, more ...any) []string {
		t.Helper()
		// The checksum of a descriptor with a private key in it is in a field of its own.
		info := pooltest.Must[struct{ Checksum string }](t, node.RPC, "getdescriptorinfo", descriptor)
		return pooltest.Must[[]string](t, node.RPC, "deriveaddresses", append([]any{descriptor + "#" + info.Checksum}, more...)...)
	}

	secrets, perSecret, keys := 10, 100, 300
	if long {
		secrets, perSecret, keys = 100, 1000, 5000
	}
	source := random()
	for range secrets {
		s, err := wallet.NewSecret(source)
		if err != nil {
			t.Fatal(err)
		}
		root, err := bip32.Master(bip39.Seed(strings.Join(s.Words(), " "), ""))
		if err != nil {
			t.Fatal(err)
		}
		chain, err := root.Derive("m/84'/0'/0'/0")
		if err != nil {
			t.Fatal(err)
		}
		got := derive("wpkh("+root.Text(bip32.VersionTprv)+"/84'/0'/0'/0/*)", []int{0, perSecret - 1})
		if len(got) != perSecret {
			t.Fatalf("%d addresses, want %d", len(got), perSecret)
		}
		for i, address := range got {
			child, err := chain.Child(uint32(i))
			if err != nil {
				t.Fatal(err)
			}
			b := child.Bytes()
			k, err := wallet.KeyFromBytes(b[:])
			if err != nil {
				t.Fatal(err)
			}
			if want := n.P2WPKH(k.PubKeyHash()).String(); address != want {
				t.Fatalf("%v, path %s: %s, litecoind derives %s", s.Words(), s.Path(uint32(i)), want, address)
			}
			if i > 0 {
				continue
			}
			if first, err := s.Key(0); err != nil || first != k {
				t.Fatalf("%v: the secret's first key is another, %v", s.Words(), err)
			}
		}
	}
	for _, k := range keysWithZeros(t, keys) {
		secret := k.Bytes()
		uncompressed := coin.EncodeBase58Check(n.WIFVersion, secret[:])
		for descriptor, want := range map[string]coin.Address{
			"pkh(" + k.WIF(n) + ")":      n.P2PKH(k.PubKeyHash()),
			"wpkh(" + k.WIF(n) + ")":     n.P2WPKH(k.PubKeyHash()),
			"sh(wpkh(" + k.WIF(n) + "))": n.P2SHP2WPKH(k.PubKeyHash()),
			"pkh(" + uncompressed + ")":  n.P2PKH(k.UncompressedPubKeyHash()),
		} {
			if got := derive(descriptor); len(got) != 1 || got[0] != want.String() {
				t.Errorf("%s: %s, litecoind derives %v", k.MiningKey(), want, got)
			}
		}
	}
	for _, k := range keysWithZeros(t, 20)[:20] {
		for _, a := range append(n.Addresses(k.PubKeyHash()), n.P2PKH(k.UncompressedPubKeyHash())) {
			answer := pooltest.Must[struct {
				IsValid bool
				Script  string `json:"scriptPubKey"`
			}](t, node.RPC, "validateaddress", a.String())
			if !answer.IsValid || answer.Script != hex.EncodeToString(a.Script()) {
				t.Errorf("%s: %+v", a, answer)
			}
		}
	}
}
