package poolapi

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/ecdsa"

	"github.com/adit-mining/adit/wallet/coin"
)

// Headers that carry the proof that a request comes from the key's holder.
const (
	KeyHeader       = "X-Adit-Key"       // compressed public key, 66 hex digits
	SignatureHeader = "X-Adit-Signature" // DER ECDSA signature, hex
)

// A Purpose is what a signature is for. It stands before what is signed, so that
// one made for telemetry is good for nothing else. The zero Purpose is for nothing.
type Purpose struct{ name string }

// ForTelemetry is the purpose of a report of the machine that is mined on.
func ForTelemetry() Purpose { return Purpose{"adit-telemetry-1"} }

// ForSignIn is the purpose of a SignInRequest.
func ForSignIn() Purpose { return Purpose{"adit-signin-1"} }

// ForPayees is the purpose of a PayeeList.
func ForPayees() Purpose { return Purpose{"adit-payees-1"} }

// ForAskPayees is the purpose of an AskPayees.
func ForAskPayees() Purpose { return Purpose{"adit-ask-payees-1"} }

// ForMinimum is the purpose of a MinimumRequest.
func ForMinimum() Purpose { return Purpose{"adit-minimum-1"} }

// ErrSignature says that a request was not signed by the account's key.
var ErrSignature = errors.New("not signed by this account's mining key")

// Signer signs for a mining key; wallet.Key is one.
type Signer interface {
	MiningKey() string          // compressed public key, 66 hex digits
	Sign(message []byte) []byte // DER ECDSA over the SHA-256 of message
}

// Sign returns the values of KeyHeader and SignatureHeader for a body.
func Sign(p Purpose, s Signer, account string, body []byte) (key, signature string) {
	return s.MiningKey(), hex.EncodeToString(s.Sign(p.signedBytes(account, body)))
}

// Verify checks that body was signed for p, by the key that account (40 hex digits, the
// hash160 of its compressed public key) stands for.
func Verify(p Purpose, account, key, signature string, body []byte) error {
	keyBytes, err := hex.DecodeString(key)
	if err != nil || len(keyBytes) != btcec.PubKeyBytesLenCompressed {
		return fmt.Errorf("%w: %s wants the compressed public key, 66 hex digits", ErrSignature, KeyHeader)
	}
	public, err := btcec.ParsePubKey(keyBytes)
	if err != nil {
		return fmt.Errorf("%w: %s is no point of secp256k1", ErrSignature, KeyHeader)
	}
	if coin.HashPubKey(keyBytes).String() != strings.ToLower(account) {
		return fmt.Errorf("%w: the key is another account's", ErrSignature)
	}
	der, err := hex.DecodeString(signature)
	if err != nil {
		return fmt.Errorf("%w: %s wants a DER signature in hex", ErrSignature, SignatureHeader)
	}
	sig, err := ecdsa.ParseDERSignature(der)
	if err != nil {
		return fmt.Errorf("%w: %s wants a DER signature in hex", ErrSignature, SignatureHeader)
	}
	digest := sha256.Sum256(p.signedBytes(account, body))
	if !sig.Verify(digest[:], public) {
		return ErrSignature
	}
	return nil
}

// signedBytes is what is signed: the purpose, the account and the body as sent.
func (p Purpose) signedBytes(account string, body []byte) []byte {
	return append([]byte(p.name+"\n"+strings.ToLower(account)+"\n"), body...)
}
