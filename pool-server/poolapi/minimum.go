package poolapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"

	"github.com/adit-mining/adit/wallet/coin"
)

// MinimumPath is where the owner of a mining key says from which balance on a coin is to
// be paid; after MinersPath + account. PUT takes a MinimumRequest signed for ForMinimum
// and answers with MinimumKept.
const MinimumPath = "/minimum"

// MaxMinimum is how many times the pool's own minimum an account's may be. More would
// be a mistake, as of a point that was left out, and lock the money away.
const MaxMinimum = 1000

// MaxMinimumBytes is the longest request, in bytes.
const MaxMinimumBytes = 512

// MinimumRequest says from which balance on an account is paid. What is signed is the
// document's text as it was sent; pools keep it together with the signature.
type MinimumRequest struct {
	// Number orders the requests of a key for a coin, as in PayeeList: it is the time of
	// signing in milliseconds since 1970.
	Number  int64  `json:"number"`
	Coin    string `json:"coin"`    // id, as in wallet/coin
	Network string `json:"network"` // main, test, regtest
	// Minimum is an amount of coins, from the pool's own minimum up to MaxMinimum times
	// it. null takes it back: the pool's own holds again.
	Minimum *string `json:"minimum"`
}

// MinimumKept is the answer to a request that the pool keeps from now on.
type MinimumKept struct {
	Number  int64  `json:"number"`
	Minimum string `json:"minimum"` // what holds now
}

// ErrMinimum says that a text is no request about a minimum, or that its amount is out
// of bounds.
var ErrMinimum = errors.New("not a minimum that can be kept")

// ReadMinimum reads a request and checks its form.
func ReadMinimum(body []byte) (MinimumRequest, error) {
	if len(body) > MaxMinimumBytes {
		return MinimumRequest{}, fmt.Errorf("%w: more than %d bytes", ErrMinimum, MaxMinimumBytes)
	}
	var form struct {
		MinimumRequest
		Minimum json.RawMessage `json:"minimum"` // which tells null from nothing
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	err := d.Decode(&form)
	m := form.MinimumRequest
	if err == nil && form.Minimum != nil {
		err = json.Unmarshal(form.Minimum, &m.Minimum)
	}
	if err != nil || form.Minimum == nil {
		return MinimumRequest{}, fmt.Errorf("%w: want {\"number\": N, \"coin\": ID, \"network\": NAME, \"minimum\": \"AMOUNT\" or null}", ErrMinimum)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return MinimumRequest{}, fmt.Errorf("%w: something follows it", ErrMinimum)
	}
	if m.Number <= 0 {
		return MinimumRequest{}, fmt.Errorf("%w: number: want the time in milliseconds since 1970", ErrMinimum)
	}
	return m, nil
}

// GreatestMinimum is the most that an account's minimum may be, by the pool's own.
func GreatestMinimum(pools coin.Amount) coin.Amount {
	if pools > math.MaxInt64/MaxMinimum {
		return math.MaxInt64
	}
	return pools * MaxMinimum
}

// CheckMinimum checks an account's minimum of a coin by the pool's own. The error is for
// whoever typed it.
func CheckMinimum(c *coin.Coin, minimum, pools coin.Amount) error {
	most := GreatestMinimum(pools)
	if minimum < pools || minimum > most {
		return fmt.Errorf("%w: want %s to %s %s, the pool's own minimum and %d times it", ErrMinimum,
			c.FormatAmount(pools), c.FormatAmount(most), c.Symbol, MaxMinimum)
	}
	return nil
}

// PutMinimum has the pool pay a coin only from a balance on, signed by the account's key.
// A pool that has a request with that number or a greater one answers 409, one that has
// had too many 429.
func (c *Client) PutMinimum(ctx context.Context, account string, signer Signer, m MinimumRequest) (MinimumKept, error) {
	body, err := json.Marshal(m)
	if err != nil {
		return MinimumKept{}, fmt.Errorf("encode the minimum: %w", err)
	}
	var kept MinimumKept
	key, signature := Sign(ForMinimum(), signer, account, body)
	err = c.sendSigned(ctx, http.MethodPut, account, MinimumPath, key, signature, body, &kept)
	return kept, err
}
