package poolapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/adit-mining/adit/wallet/coin"
)

// PayeesPath is where the owner of a mining key says that a coin is to be paid to
// another address than the key's own; after MinersPath + account. PUT takes a
// PayeeList signed for ForPayees and answers with PayeesKept; POST takes an AskPayees
// signed for ForAskPayees and answers with a SignedPayees.
const PayeesPath = "/payees"

// Bounds of a PayeeList.
const (
	MaxPayees      = 40
	MaxPayeesBytes = 8 << 10
)

// PayeeList says where coins are paid that are not to go to the mining key's own
// address. What is signed is the document's text as it was sent; pools keep it together
// with the signature, so that anybody can check it later.
type PayeeList struct {
	// Number orders the lists of a key: a pool takes one only in place of a list with a
	// smaller number, so that nobody can bring back an old one. It is the time of signing
	// in milliseconds since 1970, which is right even for who has lost the list before.
	Number int64 `json:"number"`
	// Payees has each coin's network once at most. Without one the coin is paid to the
	// key's own address.
	Payees []Payee `json:"payees"`
}

// Payee is where one coin is paid.
type Payee struct {
	Coin    string `json:"coin"`    // id, as in wallet/coin
	Network string `json:"network"` // main, test, regtest
	Address string `json:"address"`
}

// PayeesKept is the answer to a list that the pool keeps from now on.
type PayeesKept struct {
	Number int64 `json:"number"`
	// Elsewhere are the entries, as "litecoin/main", whose coins this pool does not have.
	Elsewhere []string `json:"elsewhere,omitempty"`
}

// AskPayees asks for the newest list that the pool keeps.
type AskPayees struct {
	Time time.Time `json:"time"` // now, to within five minutes
}

// SignedPayees is a list with its proof. The zero value is none.
type SignedPayees struct {
	Key       string `json:"key"`       // as in KeyHeader
	Signature string `json:"signature"` // as in SignatureHeader, for ForPayees
	Body      string `json:"body"`      // the PayeeList as it was signed
}

// ErrPayees says that a text is not a list of payees.
var ErrPayees = errors.New("not a list of payout addresses")

// ReadPayees reads a list and checks its form, which leaves open whether pools can pay
// to its addresses: see Check.
func ReadPayees(body []byte) (PayeeList, error) {
	if len(body) > MaxPayeesBytes {
		return PayeeList{}, fmt.Errorf("%w: more than %d bytes", ErrPayees, MaxPayeesBytes)
	}
	var l PayeeList
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		return PayeeList{}, fmt.Errorf("%w: want {\"number\": N, \"payees\": [{\"coin\": ID, \"network\": NAME, \"address\": ADDRESS}]}", ErrPayees)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return PayeeList{}, fmt.Errorf("%w: something follows it", ErrPayees)
	}
	switch {
	case l.Number <= 0:
		return PayeeList{}, fmt.Errorf("%w: number: want the time in milliseconds since 1970", ErrPayees)
	case len(l.Payees) > MaxPayees:
		return PayeeList{}, fmt.Errorf("%w: %d entries, more than %d", ErrPayees, len(l.Payees), MaxPayees)
	}
	seen := map[string]bool{}
	for _, p := range l.Payees {
		if seen[p.Place()] {
			return PayeeList{}, fmt.Errorf("%w: a coin's network stands in it twice", ErrPayees)
		}
		seen[p.Place()] = true
	}
	return l, nil
}

// Place names what the entry is for, as "litecoin/main".
func (p Payee) Place() string { return p.Coin + "/" + p.Network }

// Check tells everything that is wrong with l's addresses at once. The error is for
// whoever typed them and never repeats them.
func (l PayeeList) Check() error {
	var faults []error
	for _, p := range l.Payees {
		if _, err := p.Parse(); err != nil {
			faults = append(faults, err)
		}
	}
	return errors.Join(faults...)
}

// Parse reads the entry's address.
func (p Payee) Parse() (coin.Address, error) {
	c, err := coin.Lookup(p.Coin)
	if err != nil {
		return coin.Address{}, fmt.Errorf("a coin of the list is not known here; it may take a newer version: %w", err)
	}
	n, err := c.Network(p.Network)
	if err != nil {
		return coin.Address{}, err
	}
	a, err := n.ParsePayable(p.Address)
	if err != nil {
		return coin.Address{}, fmt.Errorf("address for %s: %w", n, err)
	}
	return a, nil
}

// For returns the entry of a coin's network.
func (l PayeeList) For(coin, network string) (p Payee, listed bool) {
	for _, p := range l.Payees {
		if p.Coin == coin && p.Network == network {
			return p, true
		}
	}
	return Payee{}, false
}

// SignPayees signs a list for its account.
func SignPayees(s Signer, account string, l PayeeList) (SignedPayees, error) {
	if l.Payees == nil {
		l.Payees = []Payee{}
	}
	body, err := json.Marshal(l)
	if err != nil {
		return SignedPayees{}, fmt.Errorf("encode the list of payout addresses: %w", err)
	}
	if _, err := ReadPayees(body); err != nil {
		return SignedPayees{}, err
	}
	key, signature := Sign(ForPayees(), s, account, body)
	return SignedPayees{Key: key, Signature: signature, Body: string(body)}, nil
}

// Open checks the signature and returns the list. The error has ErrSignature or
// ErrPayees.
func (s SignedPayees) Open(account string) (PayeeList, error) {
	if err := Verify(ForPayees(), account, s.Key, s.Signature, []byte(s.Body)); err != nil {
		return PayeeList{}, err
	}
	return ReadPayees([]byte(s.Body))
}

// PutPayees gives the pool a list that was signed before. A pool that has a list with
// that number or a greater one answers 409, one that has had too many 429.
func (c *Client) PutPayees(ctx context.Context, account string, s SignedPayees) (PayeesKept, error) {
	var kept PayeesKept
	err := c.sendSigned(ctx, http.MethodPut, account, PayeesPath, s.Key, s.Signature, []byte(s.Body), &kept)
	return kept, err
}

// Payees asks for the newest list of the key that the pool keeps, and checks that it is
// the key's. A pool that keeps none answers 404.
func (c *Client) Payees(ctx context.Context, account string, signer Signer) (SignedPayees, error) {
	var s SignedPayees
	if err := c.postSigned(ctx, ForAskPayees(), account, PayeesPath, signer, AskPayees{Time: time.Now().UTC()}, &s); err != nil {
		return SignedPayees{}, err
	}
	if _, err := s.Open(account); err != nil {
		return SignedPayees{}, fmt.Errorf("the pool's list: %w", err)
	}
	return s, nil
}
