package website

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/pool-server/web"
)

// explainRate and explainBurst bound the explanations for one network address, per second
// and at once: what an account has earned in years takes its time to add up.
const explainRate, explainBurst = 2, 60

var errManyExplained = errors.New("too many explanations at once; try again in a minute")

// pageCredits is how many credits the page of a miner shows.
const pageCredits = 10

var (
	errNoCoin   = errors.New("coin: this pool has no such coin, or cannot pay this miner in it")
	errNoPayout = errors.New("no payout with this number has paid this miner")
	errPaging   = fmt.Errorf("before and after: want an id of the page before; limit: want 1 to %d", poolapi.MaxCredits)
)

// known returns the miner of a request's path with its pools as the visitor may know
// them. If there is none, ok is false and the answer is given already.
func (s *site) known(w http.ResponseWriter, r *http.Request) (m miner, ok bool) {
	m, err := s.miner(r.PathValue("account"))
	if err != nil {
		problem(w, http.StatusBadRequest, err)
		return m, false
	}
	owner := s.owns(r, m.account)
	for i := range m.at {
		m.at[i].owner = owner
	}
	return m, true
}

// chosen returns the account with the pools that a request's coin parameter names; all
// of them without one.
func (s *site) chosen(m miner, r *http.Request) (at []minerAt) {
	for _, p := range s.selected(r.FormValue("coin")) {
		for _, one := range m.at {
			if one.pool.ID == p.ID {
				at = append(at, one)
			}
		}
	}
	return at
}

// paging reads from where on a page is asked for, and how many entries. 0 stands for
// the beginning.
func paging(r *http.Request, key string) (from int64, limit int, err error) {
	limit = poolapi.DefaultCredits
	if text := r.FormValue(key); text != "" {
		if from, err = strconv.ParseInt(text, 10, 64); err != nil || from < 1 {
			return 0, 0, errPaging
		}
	}
	if text := r.FormValue("limit"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > poolapi.MaxCredits {
			return 0, 0, errPaging
		}
	}
	return from, limit, nil
}

// page reads what the two lists by coin have in common.
func (s *site) page(w http.ResponseWriter, r *http.Request) (at minerAt, before int64, limit int, ok bool) {
	m, ok := s.known(w, r)
	if !ok {
		return at, 0, 0, false
	}
	before, limit, err := paging(r, "before")
	all := s.chosen(m, r)
	if err == nil && len(all) == 0 {
		err = errNoCoin
	}
	if err != nil {
		problem(w, http.StatusBadRequest, err)
		return at, 0, 0, false
	}
	return all[0], before, limit, true
}

// creditsDocument answers GET /api/v1/miners/{account}/credits.
func (s *site) creditsDocument(w http.ResponseWriter, r *http.Request) {
	at, before, limit, ok := s.page(w, r)
	if !ok {
		return
	}
	some, err := s.Book.Credits(r.Context(), at.pool.ID, at.account, before, limit)
	list := poolapi.CreditList{Account: at.account, Coin: at.pool.Info.ID, Symbol: at.pool.Info.Symbol, Credits: at.pool.credits(some)}
	if len(some) == limit {
		list.Next = some[limit-1].ID
	}
	document(s, w, r, list, err)
}

// lastCredits returns the last credits of all coins, newest first.
func (s *site) lastCredits(ctx context.Context, m miner) ([]poolapi.Credit, error) {
	var all []poolapi.Credit
	for _, at := range m.at {
		some, err := s.Book.Credits(ctx, at.pool.ID, at.account, 0, pageCredits)
		if err != nil {
			return nil, fmt.Errorf("read the credits of %s: %w", at.pool.ID, err)
		}
		all = append(all, at.pool.credits(some)...)
	}
	slices.SortStableFunc(all, func(a, b poolapi.Credit) int { return b.Time.Compare(a.Time) })
	return all[:min(pageCredits, len(all))], nil
}

// minerPayoutsDocument answers GET /api/v1/miners/{account}/payouts.
func (s *site) minerPayoutsDocument(w http.ResponseWriter, r *http.Request) {
	at, before, limit, ok := s.page(w, r)
	if !ok {
		return
	}
	some, err := s.Book.AccountPayouts(r.Context(), at.pool.ID, at.account, "", before, limit)
	list := poolapi.PayoutList{Account: at.account, Coin: at.pool.Info.ID, Symbol: at.pool.Info.Symbol, Payouts: at.receipts(some)}
	if len(some) == limit {
		list.Next = some[limit-1].ID
	}
	document(s, w, r, list, err)
}

// payoutDocument answers GET /api/v1/miners/{account}/payouts/{payout}.
func (s *site) payoutDocument(w http.ResponseWriter, r *http.Request) {
	m, ok := s.known(w, r)
	if !ok {
		return
	}
	after, limit, err := paging(r, "after")
	if err != nil {
		problem(w, http.StatusBadRequest, err)
		return
	}
	if !s.explained.allow(web.Sender(r), time.Now()) {
		problem(w, http.StatusTooManyRequests, errManyExplained)
		return
	}
	_, doc, err := s.explain(r.Context(), m, r.PathValue("payout"), after, limit)
	if errors.Is(err, errNoPayout) {
		problem(w, http.StatusNotFound, err)
		return
	}
	document(s, w, r, doc, err)
}

// explain explains the payout with the number that text says. The error is errNoPayout
// if it has not paid this miner.
func (s *site) explain(ctx context.Context, m miner, text string, after int64, limit int) (at minerAt, doc poolapi.PayoutExplanation, err error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 {
		return at, doc, errNoPayout
	}
	e, err := s.Book.Explain(ctx, id, m.account)
	if errors.Is(err, ledger.ErrNotFound) {
		return at, doc, errNoPayout
	}
	if err != nil {
		return at, doc, err
	}
	for _, at := range m.at {
		if at.pool.ID != e.Payout.Pool {
			continue
		}
		some, err := s.Book.Explained(ctx, e, after, limit)
		if err != nil {
			return at, doc, err
		}
		doc := at.explanation(e, some)
		if len(some) == limit {
			doc.Next = some[limit-1].ID
		}
		return at, doc, nil
	}
	return at, doc, errNoPayout // of a coin that the pool has no more
}

// payoutView is the page at /miners/{account}/payouts/{payout}.
type payoutView struct {
	frame
	Coin        poolapi.CoinInfo
	Explanation poolapi.PayoutExplanation
	First       bool // the page on which the explanation begins
}

func (s *site) payoutPage(w http.ResponseWriter, r *http.Request) {
	m, err := s.miner(r.PathValue("account"))
	if err != nil {
		s.sayNobody(w, err)
		return
	}
	owner := s.owns(r, m.account)
	for i := range m.at {
		m.at[i].owner = owner
	}
	if !s.explained.allow(web.Sender(r), time.Now()) {
		s.say(w, http.StatusTooManyRequests, "Too often", "These are many explanations at once. Try again in a minute.")
		return
	}
	after, _, err := paging(r, "after")
	if err != nil {
		after = 0
	}
	at, doc, err := s.explain(r.Context(), m, r.PathValue("payout"), after, poolapi.MaxCredits)
	switch {
	case errors.Is(err, errNoPayout):
		s.say(w, http.StatusNotFound, "No such payout", "No payout with this number has paid this miner.")
	case err != nil:
		s.sorry(w, r, err)
	default:
		title := fmt.Sprintf("%s payout %d", at.pool.Info.Symbol, doc.Payout.ID)
		s.show(w, http.StatusOK, "payout", payoutView{s.frame(title), at.pool.Info, doc, after == 0})
	}
}
