package wallet

import (
	"errors"
	"fmt"
	"strings"

	"github.com/adit-mining/adit/wallet/coin"
)

// ErrWIF is in the error about a text that is no private key in WIF. Errors never
// repeat the text.
var ErrWIF = errors.New("not a private key in WIF")

// WIF returns the key as n's own wallets import it, the wallet import format for a
// compressed public key: base58check of n's version, the key and a 1.
func (k Key) WIF(n *coin.Network) string {
	secret := k.Bytes()
	return coin.EncodeBase58Check(n.WIFVersion, append(secret[:], 1))
}

// A WIFForm is what a key in WIF says beside the key.
type WIFForm struct {
	// Compressed is false for the old form, whose coins lie at addresses of the
	// uncompressed public key. The Key is the same, but its MiningKey, PubKeyHash
	// and addresses are those of the compressed one and show none of these coins.
	Compressed bool
	// Networks are all those whose wallets write the key so; most share their
	// version with others.
	Networks []*coin.Network
}

// ParseWIF reads a private key as any known coin's wallet writes it. It reads the
// uncompressed form too; DecodeWIF tells which it was.
func ParseWIF(s string) (Key, error) {
	k, _, err := DecodeWIF(s)
	return k, err
}

// DecodeWIF reads what ParseWIF reads, and tells what else it says.
func DecodeWIF(s string) (Key, WIFForm, error) {
	s = strings.TrimSpace(s)
	payload, err := coin.DecodeBase58Check(s)
	if err != nil {
		return Key{}, WIFForm{}, fmt.Errorf("%w: %w", ErrWIF, err)
	}
	form := WIFForm{Networks: coin.WIFNetworks(payload)}
	if len(form.Networks) == 0 {
		return Key{}, WIFForm{}, fmt.Errorf("%w: the version or the length is of something else", ErrWIF)
	}
	secret, compressed := cutWIF(payload, form.Networks[0])
	k, err := KeyFromBytes(secret)
	if err != nil {
		return Key{}, WIFForm{}, fmt.Errorf("%w: %w", ErrWIF, err)
	}
	form.Compressed = compressed
	return k, form, nil
}

// cutWIF takes apart payload, which is in one of n's forms: version, 32 bytes, and
// a 1 at the end if the public key is compressed. All of a coin's versions have the
// same length.
func cutWIF(payload []byte, n *coin.Network) (secret []byte, compressed bool) {
	rest := payload[len(n.WIFVersion):]
	return rest[:32], len(rest) == 33
}
