package website

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/pool-server/web"
	"github.com/adit-mining/adit/wallet/coin"
)

// Faults of a minimum that the sender is told.
var (
	errOldMinimum   = errors.New("this pool has a newer minimum with this key's signature; an older one does not take its place")
	errManyMinimums = errors.New("the minimum was changed a moment ago, or very often today; try again in a minute")
	errNoShareYet   = errors.New("this pool keeps a minimum from the key's first accepted share on")
)

// takeMinimum answers PUT /api/v1/miners/{account}/minimum: from now on the account is
// paid a coin from another balance on.
func (s *site) takeMinimum(w http.ResponseWriter, r *http.Request) {
	account, body, ok := s.signed(w, r, poolapi.ForMinimum())
	if !ok {
		return
	}
	now := time.Now()
	if !s.payees.allow(web.Sender(r), now) {
		problem(w, http.StatusTooManyRequests, errManyMinimums)
		return
	}
	p, request, minimum, err := s.readMinimum(body, now)
	if err != nil {
		problem(w, http.StatusBadRequest, err)
		return
	}
	err = s.Owners.PutMinimumRequest(r.Context(), p.ID, account, ledger.MinimumRequest{
		Number: request.Number, Key: r.Header.Get(poolapi.KeyHeader), Signature: r.Header.Get(poolapi.SignatureHeader), Body: string(body), Minimum: minimum,
	})
	switch {
	case errors.Is(err, ledger.ErrNotNewer):
		problem(w, http.StatusConflict, errOldMinimum)
	case errors.Is(err, ledger.ErrTooSoon):
		problem(w, http.StatusTooManyRequests, errManyMinimums)
	case errors.Is(err, ledger.ErrNoShare):
		problem(w, http.StatusConflict, errNoShareYet)
	default:
		document(s, w, r, poolapi.MinimumKept{Number: request.Number, Minimum: p.amount(max(minimum, p.minimum()))}, err)
	}
}

// readMinimum reads a request that can be kept, and for which pool it is. A minimum of 0
// takes back what was kept. One of the future is refused, as it is of a list of payout
// addresses.
func (s *site) readMinimum(body []byte, now time.Time) (p Pool, request poolapi.MinimumRequest, minimum coin.Amount, err error) {
	if request, err = poolapi.ReadMinimum(body); err != nil {
		return p, request, 0, err
	}
	if signed := time.UnixMilli(request.Number); signed.After(now) {
		if err := checkClock(signed, now); err != nil {
			return p, request, 0, err
		}
	}
	p, ok := s.place(request.Coin, request.Network)
	switch {
	case !ok:
		return p, request, 0, fmt.Errorf("%w: this pool has no such coin", poolapi.ErrMinimum)
	case request.Minimum == nil:
		return p, request, 0, nil
	}
	if minimum, err = p.Network.Coin.ParseAmount(*request.Minimum); err != nil {
		return p, request, 0, fmt.Errorf("%w: %w", poolapi.ErrMinimum, err)
	}
	return p, request, minimum, poolapi.CheckMinimum(p.Network.Coin, minimum, p.minimum())
}

// place returns the pool of a coin's network.
func (s *site) place(id, network string) (Pool, bool) {
	for _, p := range s.Pools() {
		if p.Network.Coin.ID == id && p.Network.Name == network {
			return p, true
		}
	}
	return Pool{}, false
}

// minimum is the pool's own.
func (p Pool) minimum() coin.Amount {
	a, err := p.Network.Coin.ParseAmount(p.Info.PayoutMinimum)
	if err != nil {
		return 1 // a pool that does not say it
	}
	return a
}

// minimumOf returns from which balance on an account is paid, and who set that; "" if
// the pool's own holds. An account's own that the pool's has overtaken holds no more.
func (s *site) minimumOf(ctx context.Context, at minerAt) (minimum, setBy string, err error) {
	own, source, err := s.Owners.PayoutMinimum(ctx, at.pool.ID, at.account)
	if err != nil {
		return "", "", fmt.Errorf("read the minimum of account %s of %s: %w", at.account, at.pool.ID, err)
	}
	if own <= at.pool.minimum() {
		return at.pool.Info.PayoutMinimum, "", nil
	}
	return at.pool.amount(own), source, nil
}
