package website

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/payouts"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/pool-server/web"
)

// payeesRate and payeesBurst bound the lists from one network address, per second and
// at once. How many of one account are kept is the ledger's matter.
const payeesRate, payeesBurst = 0.2, 30

// Faults of a list that the sender is told.
var (
	errOldPayees    = errors.New("this pool has a newer list of payout addresses with this key's signature; an older one does not take its place")
	errManyPayees   = errors.New("the payout addresses were changed a moment ago, or very often today; try again in a minute")
	errNoSharePaid  = errors.New("this pool keeps payout addresses from the key's first accepted share on")
	errNoPayees     = errors.New("this pool has no list of payout addresses of this key: its own addresses are paid")
	errPayeesFormat = errors.New("want {\"time\": RFC 3339}")
)

// takePayees answers PUT /api/v1/miners/{account}/payees: from now on the account is
// paid by this list.
func (s *site) takePayees(w http.ResponseWriter, r *http.Request) {
	account, body, ok := s.signed(w, r, poolapi.ForPayees())
	if !ok {
		return
	}
	now := time.Now()
	if !s.payees.allow(web.Sender(r), now) {
		problem(w, http.StatusTooManyRequests, errManyPayees)
		return
	}
	list, err := readPayees(body, now)
	if err != nil {
		problem(w, http.StatusBadRequest, err)
		return
	}
	err = s.Owners.PutPayeeList(r.Context(), account, ledger.PayeeList{
		Number: list.Number, Key: r.Header.Get(poolapi.KeyHeader), Signature: r.Header.Get(poolapi.SignatureHeader), Body: string(body),
	})
	switch {
	case errors.Is(err, ledger.ErrNotNewer):
		problem(w, http.StatusConflict, errOldPayees)
	case errors.Is(err, ledger.ErrTooSoon):
		problem(w, http.StatusTooManyRequests, errManyPayees)
	case errors.Is(err, ledger.ErrNoShare):
		problem(w, http.StatusConflict, errNoSharePaid)
	default:
		document(s, w, r, poolapi.PayeesKept{Number: list.Number, Elsewhere: s.elsewhere(list)}, err)
	}
}

// readPayees reads a list that could be paid by. One of the future is refused: it could
// not be replaced before that time comes, and its signer's clock is wrong. One of the
// past may be new to this pool.
func readPayees(body []byte, now time.Time) (poolapi.PayeeList, error) {
	list, err := poolapi.ReadPayees(body)
	if err != nil {
		return list, err
	}
	if signed := time.UnixMilli(list.Number); signed.After(now) {
		if err := checkClock(signed, now); err != nil {
			return list, err
		}
	}
	return list, list.Check()
}

// elsewhere returns the entries of a list whose coins this pool does not have.
func (s *site) elsewhere(list poolapi.PayeeList) (places []string) {
	here := map[string]bool{}
	for _, p := range s.Pools() {
		here[p.Network.Coin.ID+"/"+p.Network.Name] = true
	}
	for _, p := range list.Payees {
		if !here[p.Place()] {
			places = append(places, p.Place())
		}
	}
	return places
}

// givePayees answers POST /api/v1/miners/{account}/payees: the key's holder asks for
// the list that counts. Who records the request can repeat it for some minutes, and
// sees what he has seen.
func (s *site) givePayees(w http.ResponseWriter, r *http.Request) {
	account, body, ok := s.signed(w, r, poolapi.ForAskPayees())
	if !ok {
		return
	}
	var question poolapi.AskPayees
	if err := json.Unmarshal(body, &question); err != nil {
		problem(w, http.StatusBadRequest, errPayeesFormat)
		return
	}
	if err := checkClock(question.Time, time.Now()); err != nil {
		problem(w, http.StatusBadRequest, err)
		return
	}
	list, err := s.Owners.PayeeList(r.Context(), account)
	if err == nil && list.Number == 0 {
		problem(w, http.StatusNotFound, errNoPayees)
		return
	}
	document(s, w, r, poolapi.SignedPayees{Key: list.Key, Signature: list.Signature, Body: list.Body}, err)
}

// payTo puts in where each coin of an account is paid by its owner's list, which only
// the owner is shown.
func (s *site) payTo(ctx context.Context, m *miner, owner bool) error {
	for i := range m.at {
		m.at[i].owner = owner
	}
	if !m.key {
		return nil
	}
	list, err := s.Owners.PayeeList(ctx, m.account)
	if err != nil || list.Number == 0 && !list.WholeKey {
		return err
	}
	m.payees = list.Number
	for i := range m.at {
		at := &m.at[i]
		address, chosen, err := payouts.PayTo(at.pool.Network, at.account, list)
		at.address, at.chosen = address, chosen
		if chosen && !owner {
			at.address = ""
		}
		if err != nil && owner {
			at.held = err.Error()
		}
	}
	return nil
}
