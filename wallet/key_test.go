package wallet_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

// read reads published vectors; each file in testdata names its source.
func read[T any](t testing.TB, name string) T {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var v T
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return v
}

func decode(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func key(t testing.TB, secret string) wallet.Key {
	t.Helper()
	k, err := wallet.KeyFromBytes(decode(t, secret))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// vector is a key with what follows from it, computed by other programs.
type vector struct{ PrivateKey, X, Y, MiningKey, Hash160, P2PKH, WIF string }

func vectors(t testing.TB) []vector {
	return read[struct{ Keys []vector }](t, "leading_zeros.json").Keys
}

// TestLeadingZerosAreKept has keys whose private number, x or y begins with up to
// four zero digits and more. Each is compared with the vector, made by another
// program, and with our own arithmetic on big integers.
func TestLeadingZerosAreKept(t *testing.T) {
	zeros := map[string]int{}
	for _, v := range vectors(t) {
		k := key(t, v.PrivateKey)
		if got := k.MiningKey(); got != v.MiningKey {
			t.Errorf("mining key of %s = %s, want %s", v.PrivateKey, got, v.MiningKey)
		}
		if got, want := k.UncompressedMiningKey(), "04"+v.X+v.Y; got != want || k.UncompressedPubKeyHash() != coin.HashPubKey(decode(t, want)) {
			t.Errorf("uncompressed key of %s = %s, want %s", v.PrivateKey, got, want)
		}
		if got := k.PubKeyHash().String(); got != v.Hash160 {
			t.Errorf("hash160 of %s = %s, want %s", v.PrivateKey, got, v.Hash160)
		}
		n := cointest.Network(t, "bitcoin", "main")
		if got := n.P2PKH(k.PubKeyHash()).String(); got != v.P2PKH {
			t.Errorf("address of %s = %s, want %s", v.PrivateKey, got, v.P2PKH)
		}
		if got := k.WIF(n); got != v.WIF {
			t.Errorf("WIF of %s = %s, want %s", v.PrivateKey, got, v.WIF)
		}
		if got := k.Bytes(); hex.EncodeToString(got[:]) != v.PrivateKey {
			t.Errorf("Bytes = %x, want %s", got, v.PrivateKey)
		}
		public := k.PublicKey()
		if want := compressed(multiply(decode(t, v.PrivateKey))); !bytes.Equal(public[:], want) {
			t.Errorf("public key of %s = %x, big integers say %x", v.PrivateKey, public, want)
		}
		if a, err := n.ParseAccount(k.MiningKey()); err != nil || a.String() != v.Hash160 {
			t.Errorf("account of %s = %v, %v", v.MiningKey, a, err)
		}
		zeros[fmt.Sprint("x", leadingZeros(v.X))]++
		zeros[fmt.Sprint("y", leadingZeros(v.Y))]++
		if leadingZeros(v.X) > 0 && leadingZeros(v.Y) > 0 {
			zeros["both"]++
		}
	}
	for _, want := range []string{"x1", "x2", "x3", "x4", "y1", "y2", "y3", "y4", "both"} {
		if zeros[want] == 0 {
			t.Errorf("the vectors have no key with %s leading zeros", want)
		}
	}
}

func leadingZeros(s string) int { return len(s) - len(strings.TrimLeft(s, "0")) }

// TestNewKeysAgreeWithBigIntegers takes whatever keys come.
func TestNewKeysAgreeWithBigIntegers(t *testing.T) {
	seen := map[wallet.Key]bool{}
	for range 64 {
		k, err := wallet.NewKey(nil)
		if err != nil {
			t.Fatal(err)
		}
		if seen[k] {
			t.Fatal("the same key twice")
		}
		seen[k] = true
		secret, public := k.Bytes(), k.PublicKey()
		if want := compressed(multiply(secret[:])); !bytes.Equal(public[:], want) {
			t.Errorf("public key %x, big integers say %x", public, want)
		}
		if back, err := wallet.KeyFromBytes(secret[:]); err != nil || back != k {
			t.Errorf("KeyFromBytes gives another key: %v", err)
		}
	}
}

const order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"

func TestKeysOutOfRangeAreRefusedNotReduced(t *testing.T) {
	for _, s := range []string{
		strings.Repeat("00", 32), order, order[:62] + "42", strings.Repeat("ff", 32),
		"", "01", strings.Repeat("11", 31), strings.Repeat("11", 33),
	} {
		if k, err := wallet.KeyFromBytes(decode(t, s)); !errors.Is(err, wallet.ErrRange) || !k.IsZero() {
			t.Errorf("KeyFromBytes(%s): %v, want ErrRange", s, err)
		}
	}
	if k := key(t, order[:62]+"40"); k.MiningKey()[2:] != key(t, strings.Repeat("00", 31)+"01").MiningKey()[2:] {
		t.Errorf("the last key has the mining key %s, want that of 1 with another sign", k.MiningKey())
	}
}

func TestNewKeyDrawsAgainAndGivesUp(t *testing.T) {
	good := bytes.Repeat([]byte{0x11}, 32)
	source := bytes.NewReader(append(append(make([]byte, 32), decode(t, order)...), good...))
	k, err := wallet.NewKey(source)
	if err != nil || k != key(t, hex.EncodeToString(good)) {
		t.Errorf("NewKey = %s, %v, want the third draw", k.MiningKey(), err)
	}
	if _, err := wallet.NewKey(bytes.NewReader(good[:31])); err == nil {
		t.Error("31 random bytes make a key")
	}
	if _, err := wallet.NewKey(zeroReader{}); err == nil {
		t.Error("a source of zeros makes a key")
	}
}

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestAKeyIsNeverPrinted tries the ways in which a key gets into a log by accident.
func TestAKeyIsNeverPrinted(t *testing.T) {
	k := key(t, strings.Repeat("5a", 32))
	holder := struct {
		Exported wallet.Key
		hidden   wallet.Key
	}{k, k}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "key", k, "pointer", &k, "holder", holder)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "key", k, "pointer", &k, "holder", holder)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%08b"} {
		fmt.Fprintf(&log, verb+verb+verb+verb, k, &k, holder, []wallet.Key{k})
	}
	if _, err := json.Marshal(holder); err == nil {
		t.Error("a key is marshalled")
	}
	// 0x5a is 90 in decimal and Z as a letter.
	for _, secret := range []string{"5a5a", "5A5A", "90 90", "90, 90", "0x5a, 0x5a", "ZZZZ", "WlpaWlpa", "1011010 01011010"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("%q is printed: %s", secret, log.String())
		}
	}
}

// TestSignIsRFC6979 has a vector that many libraries publish, and checks signatures
// by our own arithmetic on big integers.
func TestSignIsRFC6979(t *testing.T) {
	one := key(t, strings.Repeat("00", 31)+"01")
	const want = "3045022100934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d802202442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5"
	if got := hex.EncodeToString(one.Sign([]byte("Satoshi Nakamoto"))); got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
	half := new(big.Int).Rsh(curveN, 1)
	for _, v := range vectors(t) {
		k := key(t, v.PrivateKey)
		signature := k.Sign([]byte(v.X))
		r, s := parseDER(t, signature)
		if !verify(v, []byte(v.X), r, s) {
			t.Errorf("%s: the signature is wrong", v.MiningKey)
		}
		if s.Cmp(half) > 0 {
			t.Errorf("%s: s is not the lower one", v.MiningKey)
		}
		if verify(v, []byte("another message"), r, s) {
			t.Errorf("%s: the signature fits another message", v.MiningKey)
		}
		if !bytes.Equal(signature, k.Sign([]byte(v.X))) {
			t.Errorf("%s: two signatures differ", v.MiningKey)
		}
	}
}
