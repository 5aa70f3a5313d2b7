package sweep

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/btcec/v2"

	"github.com/adit-mining/adit/wallet/coin"
)

// Form is the way in which an output belongs to a key.
type Form string

// The forms of outputs that one key owns.
const (
	FormP2PKH             Form = "p2pkh"
	FormP2PKHUncompressed Form = "p2pkh-uncompressed" // NOMP's: the hash of the uncompressed public key
	FormP2WPKH            Form = "p2wpkh"
	FormP2SHP2WPKH        Form = "p2sh-p2wpkh"
)

// Script is an output script of a key.
type Script struct {
	Form    Form
	Bytes   []byte
	Address string // on the network that it was made for
	redeem  []byte // of FormP2SHP2WPKH
	public  []byte // the public key that is shown to spend it
}

// Scripts returns the scripts that the key with this compressed public key owns on n.
func Scripts(n *coin.Network, public [33]byte) ([]Script, error) {
	point, err := btcec.ParsePubKey(public[:])
	if err != nil {
		return nil, fmt.Errorf("read the public key: %w", err)
	}
	compressed, long := public[:], point.SerializeUncompressed()
	h := coin.HashPubKey(compressed)
	of := func(form Form, a coin.Address, key []byte) Script {
		return Script{Form: form, Bytes: a.Script(), Address: a.String(), public: slices.Clone(key)}
	}
	var all []Script
	if n.Segwit() {
		witness, wrapped := of(FormP2WPKH, n.P2WPKH(h), compressed), of(FormP2SHP2WPKH, n.P2SHP2WPKH(h), compressed)
		wrapped.redeem = witness.Bytes
		all = append(all, witness, wrapped)
	}
	p2pkh := n.P2PKH
	if n.CashAddrPrefix != "" {
		p2pkh = n.CashAddr
	}
	return append(all, of(FormP2PKH, p2pkh(h), compressed), of(FormP2PKHUncompressed, p2pkh(coin.HashPubKey(long)), long)), nil
}

// scriptHash is SHA-256 of the script, as Esplora and, turned round, Electrum name it.
func (s Script) scriptHash() [32]byte { return sha256.Sum256(s.Bytes) }

// electrumHash is the script's name in Electrum's protocol.
func (s Script) electrumHash() string {
	h := s.scriptHash()
	slices.Reverse(h[:])
	return hex.EncodeToString(h[:])
}

// code is what a signature of the input is made over, beside the transaction.
func (s Script) code() []byte {
	if s.witness() {
		h := coin.HashPubKey(s.public)
		return slices.Concat([]byte{0x76, 0xa9, 20}, h[:], []byte{0x88, 0xac})
	}
	return s.Bytes
}

func (s Script) witness() bool { return s.Form == FormP2WPKH || s.Form == FormP2SHP2WPKH }

// Sizes of a signed input, in the largest case: a signature with low s is at most 71
// bytes of DER and one of hash type.
const (
	signaturePush  = 1 + 72
	inputBase      = 32 + 4 + 4 // outpoint and sequence
	witnessProgram = 22
)

// weight returns what a signed input of s weighs; in a transaction with witnesses
// the other inputs have an empty one each.
func (s Script) weight(segwit bool) int {
	empty := 0
	if segwit {
		empty = 1
	}
	switch s.Form {
	case FormP2WPKH:
		return 4*(inputBase+1) + 1 + signaturePush + 1 + 33
	case FormP2SHP2WPKH:
		return 4*(inputBase+1+1+witnessProgram) + 1 + signaturePush + 1 + 33
	case FormP2PKHUncompressed:
		return 4*(inputBase+1+signaturePush+1+65) + empty
	}
	return 4*(inputBase+1+signaturePush+1+33) + empty
}

// size is what the input adds to a transaction in virtual bytes, rounded up.
func (s Script) size() int { return (s.weight(false) + 3) / 4 }

// find returns the script with these bytes.
func find(scripts []Script, b []byte) (Script, bool) {
	for _, s := range scripts {
		if string(s.Bytes) == string(b) {
			return s, true
		}
	}
	return Script{}, false
}
