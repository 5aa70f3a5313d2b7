package website

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/pool-server/web"
)

const (
	maxSigned               = 16 << 10        // bytes of a signed request's body
	forgerRate, forgerBurst = 1, 30           // bad signatures from one network address, per second and at once
	clockTolerance          = 5 * time.Minute // between the signer's clock and ours
)

var errManyForgeries = errors.New("too many requests with a wrong signature; try again in a minute")

// signed returns whose request r is, and its body, if it is signed for purpose by
// the key of the account in its path. If it is not, ok is false and the answer is
// given already.
func (s *site) signed(w http.ResponseWriter, r *http.Request, purpose poolapi.Purpose) (account string, body []byte, ok bool) {
	m, err := s.miner(r.PathValue("account"))
	if err != nil {
		problem(w, http.StatusBadRequest, err)
		return "", nil, false
	}
	from := web.Sender(r)
	if s.forgers.exhausted(from, time.Now()) {
		problem(w, http.StatusTooManyRequests, errManyForgeries)
		return "", nil, false
	}
	body, err = readAtMost(w, r, maxSigned)
	if err != nil {
		problem(w, http.StatusRequestEntityTooLarge, err)
		return "", nil, false
	}
	key, signature := r.Header.Get(poolapi.KeyHeader), r.Header.Get(poolapi.SignatureHeader)
	if err := poolapi.Verify(purpose, m.account, key, signature, body); err != nil {
		s.forgers.allow(from, time.Now())
		problem(w, http.StatusForbidden, err)
		return "", nil, false
	}
	return m.account, body, true
}

// checkClock refuses what was signed at another time than now.
func checkClock(signed, now time.Time) error {
	switch off := signed.Sub(now).Round(time.Second); {
	case off > clockTolerance:
		return fmt.Errorf("the computer's clock is %v ahead of the pool's; set it right and try again", off)
	case off < -clockTolerance:
		return fmt.Errorf("the computer's clock is %v behind the pool's; set it right and try again", -off)
	}
	return nil
}
