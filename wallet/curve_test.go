package wallet_test

import (
	"crypto/sha256"
	"encoding/asn1"
	"math/big"
	"testing"
)

// The curve secp256k1 on big integers, as its definition reads (SEC 2, 2.4.1):
// slow, and made to differ in every step from the library it checks.

func bigHex(s string) *big.Int {
	n, ok := new(big.Int).SetString(s, 16)
	if !ok {
		panic(s)
	}
	return n
}

var (
	curveP = bigHex("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f")
	curveN = bigHex(order)
	curveG = &point{
		bigHex("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"),
		bigHex("483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"),
	}
)

// point is on the curve; nil is the point at infinity.
type point struct{ x, y *big.Int }

func add(a, b *point) *point {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	slope := new(big.Int)
	if a.x.Cmp(b.x) == 0 {
		if new(big.Int).Add(a.y, b.y).Cmp(curveP) == 0 {
			return nil
		}
		slope.Mul(a.x, a.x).Mul(slope, big.NewInt(3))
		slope.Mul(slope, new(big.Int).ModInverse(new(big.Int).Lsh(a.y, 1), curveP))
	} else {
		run := new(big.Int).Sub(b.x, a.x)
		slope.Sub(b.y, a.y)
		slope.Mul(slope, run.ModInverse(run.Mod(run, curveP), curveP))
	}
	x := new(big.Int).Mul(slope, slope)
	x.Sub(x, a.x).Sub(x, b.x).Mod(x, curveP)
	y := new(big.Int).Sub(a.x, x)
	y.Mul(y, slope).Sub(y, a.y).Mod(y, curveP)
	return &point{x, y}
}

func times(k *big.Int, p *point) *point {
	var sum *point
	for i := k.BitLen() - 1; i >= 0; i-- {
		sum = add(sum, sum)
		if k.Bit(i) == 1 {
			sum = add(sum, p)
		}
	}
	return sum
}

func multiply(secret []byte) *point { return times(new(big.Int).SetBytes(secret), curveG) }

func compressed(p *point) []byte {
	out := make([]byte, 33)
	out[0] = 2 + byte(p.y.Bit(0))
	p.x.FillBytes(out[1:])
	return out
}

func parseDER(t testing.TB, signature []byte) (r, s *big.Int) {
	t.Helper()
	var v struct{ R, S *big.Int }
	if rest, err := asn1.Unmarshal(signature, &v); err != nil || len(rest) > 0 {
		t.Fatalf("signature %x: %v", signature, err)
	}
	return v.R, v.S
}

// verify is ECDSA verification (SEC 1, 4.1.4).
func verify(v vector, message []byte, r, s *big.Int) bool {
	hash := sha256.Sum256(message)
	inverse := new(big.Int).ModInverse(s, curveN)
	u1 := new(big.Int).Mul(new(big.Int).SetBytes(hash[:]), inverse)
	u2 := new(big.Int).Mul(r, inverse)
	public := &point{bigHex(v.X), bigHex(v.Y)}
	sum := add(times(u1.Mod(u1, curveN), curveG), times(u2.Mod(u2, curveN), public))
	return sum != nil && new(big.Int).Mod(sum.x, curveN).Cmp(r) == 0
}
