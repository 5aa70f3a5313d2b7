package node

import (
	"encoding/hex"
	"strings"
)

// Weights are those of BIP 141: four units for each byte, one for a byte of a witness.
// 1000 virtual bytes, for which a fee rate is, weigh 4000.
const (
	witnessScale = 4
	// maxStandardWeight is what daemons pass on at most (MAX_STANDARD_TX_WEIGHT in
	// policy/policy.h of Bitcoin Core; 100,000 bytes where there are no witnesses).
	maxStandardWeight = 400_000
	// defaultMaxWeight leaves room for inputs that turn out heavier than planned.
	defaultMaxWeight = maxStandardWeight - 10_000

	inputBase    = 32 + 4 + 4 // outpoint and sequence
	signature    = 1 + 72     // pushed: the longest DER form with a low s, and the type
	compressed   = 1 + 33     // a pushed key
	wholeKey     = 1 + 65
	unknownSpend = 300 // bytes that spend a script which nothing is known of; signing corrects it
)

// A footprint is what an input weighs once it is signed.
type footprint struct {
	weight  int
	witness bool // it has one; without, a transaction with witnesses has an empty one for it
}

// spendWeight returns what it weighs to spend script, at most. redeem is the script
// behind a P2SH one, if known, and descriptor the wallet's for both.
func spendWeight(script, redeem []byte, descriptor string) footprint {
	switch {
	case isP2PKH(script) && hasWholeKey(descriptor):
		return plainInput(signature + wholeKey)
	case isP2PKH(script):
		return plainInput(signature + compressed)
	case isP2PK(script):
		return plainInput(signature)
	case isWitness(script, 0, 20):
		return witnessInput(0, 1+signature+compressed)
	case isWitness(script, 1, 32): // by its key: a signature of 64 bytes
		return witnessInput(0, 1+1+64)
	case isP2SH(script) && (isWitness(redeem, 0, 20) || strings.HasPrefix(descriptor, "sh(wpkh(")):
		return witnessInput(1+22, 1+signature+compressed)
	case isProgram(script):
		return witnessInput(0, unknownSpend)
	}
	return plainInput(unknownSpend)
}

// plainInput is an input with an unlocking script of so many bytes.
func plainInput(unlocking int) footprint {
	return footprint{weight: witnessScale * (inputBase + countSize(unlocking) + unlocking)}
}

// witnessInput is an input with an unlocking script and a witness of so many bytes.
func witnessInput(unlocking, witness int) footprint {
	return footprint{weight: witnessScale*(inputBase+1+unlocking) + witness, witness: true}
}

func outputWeight(script []byte) int {
	return witnessScale * (8 + countSize(len(script)) + len(script))
}

// countSize is the length of a number of things that follow.
func countSize(n int) int {
	switch {
	case n < 0xfd:
		return 1
	case n <= 0xffff:
		return 3
	}
	return 5
}

// A load adds up what a transaction weighs.
type load struct {
	inputs, outputs      int
	weight               int // of all of them
	withWitness, without int
}

func (l *load) spend(f footprint) {
	l.inputs++
	l.weight += f.weight
	if f.witness {
		l.withWitness++
	} else {
		l.without++
	}
}

func (l *load) pay(script []byte) {
	l.outputs++
	l.weight += outputWeight(script)
}

// total is the whole transaction's weight.
func (l load) total() int {
	const versionAndLockTime = 4 + 4
	w := l.weight + witnessScale*(versionAndLockTime+countSize(l.inputs)+countSize(l.outputs))
	if l.withWitness > 0 {
		w += 2 + l.without // the mark, and empty witnesses
	}
	return w
}

func virtualSize(weight int) int { return (weight + witnessScale - 1) / witnessScale }

func isP2PKH(s []byte) bool {
	return len(s) == 25 && s[0] == 0x76 && s[1] == 0xa9 && s[2] == 20 && s[23] == 0x88 && s[24] == 0xac
}

func isP2SH(s []byte) bool { return len(s) == 23 && s[0] == 0xa9 && s[1] == 20 && s[22] == 0x87 }

func isP2PK(s []byte) bool {
	return (len(s) == 35 || len(s) == 67) && int(s[0]) == len(s)-2 && s[len(s)-1] == 0xac
}

// isWitness reports whether s is a witness program of that version and length.
func isWitness(s []byte, version byte, length int) bool {
	if version > 0 {
		version += 0x50
	}
	return len(s) == 2+length && s[0] == version && int(s[1]) == length
}

// isProgram reports whether s is a witness program of any version.
func isProgram(s []byte) bool {
	return len(s) >= 4 && len(s) <= 42 && (s[0] == 0 || s[0] >= 0x51 && s[0] <= 0x60) && int(s[1]) == len(s)-2
}

// hasWholeKey reports whether a descriptor, pkh([origin]KEY)#sum, names an
// uncompressed key.
func hasWholeKey(descriptor string) bool {
	key := strings.TrimPrefix(descriptor, "pkh(")
	if at := strings.IndexByte(key, ']'); at >= 0 {
		key = key[at+1:]
	}
	key, _, _ = strings.Cut(key, ")")
	return len(key) == 130 && strings.HasPrefix(key, "04")
}

// weighRaw returns what a signed transaction weighs, in hex. One that is not laid out
// as Bitcoin's, with witnesses or without, weighs its bytes.
func weighRaw(text string) int {
	raw, err := hex.DecodeString(text)
	if err != nil {
		return witnessScale * len(text) / 2
	}
	if witness, ok := witnessBytes(raw); ok {
		return witnessScale*(len(raw)-witness) + witness
	}
	return witnessScale * len(raw)
}

// witnessBytes counts the bytes of raw that weigh one unit. ok is false if raw has no
// witnesses.
func witnessBytes(raw []byte) (n int, ok bool) {
	r := &byteReader{rest: raw}
	r.take(4)
	if mark := r.take(2); mark == nil || mark[0] != 0 || mark[1] != 1 {
		return 0, false
	}
	inputs := r.count()
	for range inputs {
		r.take(36)
		r.take(r.count())
		r.take(4)
	}
	for range r.count() {
		r.take(8)
		r.take(r.count())
	}
	before := len(r.rest)
	for range inputs {
		for range r.count() {
			r.take(r.count())
		}
	}
	n = 2 + before - len(r.rest)
	r.take(4)
	return n, !r.short && len(r.rest) == 0
}
