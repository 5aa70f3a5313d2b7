package wallet_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/bip32"
	"github.com/adit-mining/adit/wallet/bip39"
	"github.com/adit-mining/adit/wallet/coin/cointest"
	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"
	"github.com/btcsuite/btcd/chaincfg/v2"
)

// long says to leave nothing out: make wallet-long.
var long = os.Getenv("ADIT_WALLET_LONG") != ""

// random is a source that gives the same bytes each time, so that a key that fails
// can be looked at again.
func random() *rand.ChaCha8 { return rand.NewChaCha8(sha256.Sum256([]byte("adit wallet"))) }

// TestRandomKeysAgreeWithBtcd derives keys from random seeds along the path of the
// mining key, each step of it by btcd, too, and writes them in every way that btcd
// can. Among so many are keys whose numbers begin with zeros, which other programs
// have made wrong.
func TestRandomKeysAgreeWithBtcd(t *testing.T) {
	count := 2000
	switch {
	case long:
		count = 100_000
	case raceDetector:
		count = 400
	}
	source, zeros := random(), map[string]int{}
	n := cointest.Network(t, "bitcoin", "main")
	net := &chaincfg.MainNetParams
	path := []uint32{bip32.Hardened + 84, bip32.Hardened, bip32.Hardened, 0}
	for i := range count {
		seed := make([]byte, 64)
		_, _ = source.Read(seed)
		root, err := bip32.Master(seed)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := hdkeychain.NewMaster(seed, net)
		if err != nil {
			t.Fatal(err)
		}
		if got := root.Text(bip32.VersionXprv); got != theirs.String() {
			t.Fatalf("key %d: the first key differs", i)
		}
		for _, number := range append(path, uint32(i)) {
			if root, err = root.Child(number); err != nil {
				t.Fatal(err)
			}
			if theirs, err = theirs.Derive(number); err != nil {
				t.Fatal(err)
			}
		}
		if got := root.Text(bip32.VersionXprv); got != theirs.String() {
			t.Fatalf("key %d of seed %x: %s, btcd derives %s", i, seed, got, theirs)
		}
		b := root.Bytes()
		k, err := wallet.KeyFromBytes(b[:])
		if err != nil {
			t.Fatal(err)
		}
		private, public := btcec.PrivKeyFromBytes(b[:])
		if got, want := k.MiningKey(), hex.EncodeToString(public.SerializeCompressed()); got != want {
			t.Fatalf("private key %x: mining key %s, want %s", b, got, want)
		}
		if got, want := k.UncompressedMiningKey(), hex.EncodeToString(public.SerializeUncompressed()); got != want {
			t.Fatalf("private key %x: uncompressed %s, want %s", b, got, want)
		}
		countZeros(zeros, b, k)
		for compressed, hash := range map[bool][20]byte{true: k.PubKeyHash(), false: k.UncompressedPubKeyHash()} {
			wif, err := btcutil.NewWIF(private, net, compressed)
			if err != nil {
				t.Fatal(err)
			}
			got, form, err := wallet.DecodeWIF(wif.String())
			if err != nil || got != k || form.Compressed != compressed || compressed && k.WIF(n) != wif.String() {
				t.Fatalf("private key %x: WIF differs, %v", b, err)
			}
			serialised := public.SerializeUncompressed()
			if compressed {
				serialised = public.SerializeCompressed()
			}
			old, err := address.NewAddressPubKeyHash(address.Hash160(serialised), net)
			if err != nil || n.P2PKH(hash).String() != old.String() {
				t.Fatalf("private key %x: address %s, want %s", b, n.P2PKH(hash), old)
			}
		}
		segwit, err := address.NewAddressWitnessPubKeyHash(address.Hash160(public.SerializeCompressed()), net)
		if err != nil || n.P2WPKH(k.PubKeyHash()).String() != segwit.String() {
			t.Fatalf("private key %x: address %s, want %s", b, n.P2WPKH(k.PubKeyHash()), segwit)
		}
		wrapped, err := address.NewAddressScriptHash(n.P2WPKH(k.PubKeyHash()).Script(), net)
		if err != nil || n.P2SHP2WPKH(k.PubKeyHash()).String() != wrapped.String() {
			t.Fatalf("private key %x: address %s, want %s", b, n.P2SHP2WPKH(k.PubKeyHash()), wrapped)
		}
	}
	t.Logf("%d keys; with a first byte of zero: %v", count, zeros)
	for _, what := range []string{"private", "x", "y"} {
		if zeros[what] == 0 {
			t.Errorf("among %d keys none has a zero at the beginning of its %s", count, what)
		}
	}
}

func countZeros(zeros map[string]int, secret [32]byte, k wallet.Key) {
	text := k.UncompressedMiningKey()
	if secret[0] == 0 {
		zeros["private"]++
	}
	if strings.HasPrefix(text[2:66], "00") {
		zeros["x"]++
	}
	if strings.HasPrefix(text[66:], "00") {
		zeros["y"]++
	}
}

// TestRandomWordsAgreeWithBtcd goes the whole way of a new key: random bytes, words,
// seed, mining key.
func TestRandomWordsAgreeWithBtcd(t *testing.T) {
	count := 100
	if long {
		count = 10_000
	}
	source := random()
	for i := range count {
		s, err := wallet.NewSecret(source)
		if err != nil {
			t.Fatal(err)
		}
		index := uint32(i) * 7919 % (1 << 31)
		k, err := s.Key(index)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := hdkeychain.NewMaster(bip39.Seed(strings.Join(s.Words(), " "), ""), &chaincfg.MainNetParams)
		if err != nil {
			t.Fatal(err)
		}
		for _, number := range []uint32{bip32.Hardened + 84, bip32.Hardened, bip32.Hardened, 0, index} {
			if theirs, err = theirs.Derive(number); err != nil {
				t.Fatal(err)
			}
		}
		public, err := theirs.ECPubKey()
		if err != nil || k.MiningKey() != hex.EncodeToString(public.SerializeCompressed()) {
			t.Fatalf("%v: mining key %s, %v", s.Words(), k.MiningKey(), err)
		}
	}
}

// keysWithZeros returns keys whose public keys or own numbers begin with zeros.
func keysWithZeros(t *testing.T, want int) []wallet.Key {
	t.Helper()
	var found []wallet.Key
	for _, v := range vectors(t) {
		found = append(found, key(t, v.PrivateKey))
	}
	for i := uint64(1); len(found) < want; i++ {
		b := sha256.Sum256(binary.BigEndian.AppendUint64(nil, i))
		if i%3 == 0 {
			b[0], b[1] = 0, 0
		}
		k := key(t, hex.EncodeToString(b[:]))
		text := k.UncompressedMiningKey()
		if text[2] == '0' || text[66] == '0' || b[0] == 0 {
			found = append(found, k)
		}
	}
	return found
}
