package wallet_test

import (
	"testing"

	"github.com/adit-mining/adit/wallet"
)

// TestWordsGiveTheKeyThatOrdinaryWalletsShow has the vectors of BIP 84.
func TestWordsGiveTheKeyThatOrdinaryWalletsShow(t *testing.T) {
	file := read[struct {
		Mnemonic string
		BIP84    struct {
			Addresses []struct {
				Path, WIF, Address string
				PublicKey          string `json:"public_key"`
			}
		}
	}](t, "bip49_bip84.json")
	s, err := wallet.SecretFromWords(file.Mnemonic)
	if err != nil {
		t.Fatal(err)
	}
	n := network(t, "bitcoin", "main")
	for i, want := range file.BIP84.Addresses[:2] {
		k, err := s.Key(uint32(i))
		if err != nil || s.Path(uint32(i)) != want.Path {
			t.Fatalf("path %s, %v, want %s", s.Path(uint32(i)), err, want.Path)
		}
		if k.WIF(n) != want.WIF || k.MiningKey() != want.PublicKey || n.P2WPKH(k.PubKeyHash()).String() != want.Address {
			t.Errorf("%s: mining key %s, want %s", want.Path, k.MiningKey(), want.PublicKey)
		}
	}
}
