package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"time"

	"github.com/adit-mining/adit/pool-server/admin"
	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/pool-server/control"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/payouts"
	"github.com/adit-mining/adit/pool-server/sharelog"
)

// actionPay asks a running server to pay now; its values are the pool and the account.
const (
	actionPay    = "pay"
	valuePool    = "pool"
	valueAccount = "account"
)

// payWithin is how long a run by hand may take. What is not done by then goes on by
// itself.
const payWithin = 30 * time.Minute

// paid is what came of a run by hand.
type paid struct {
	Payouts []planOpen `json:"payouts"`
	Error   string     `json:"error"` // what is still to be waited for; empty: nothing
}

// run pays now: the running server does it, or without one this program.
func (r *payoutRequest) run(ctx context.Context) error {
	if r.dryRun {
		return r.plan(ctx)
	}
	o := admin.Order{Action: admin.Pay}
	if r.account != "" {
		o.Account = r.accountName()
	}
	return r.order(ctx, o, r.pay)
}

// pay has the running server pay, or without one does it itself.
func (r *payoutRequest) pay(ctx context.Context, o admin.Order) (said string, err error) {
	values := url.Values{valuePool: {r.pool}}
	if o.Account != "" {
		values.Set(valueAccount, o.Account)
	}
	var p paid
	text, err := control.CallFor(ctx, config.ControlFile(r.config.Dir), actionPay, values, payWithin)
	switch {
	case errors.Is(err, control.ErrNotRunning):
		p, err = r.payAlone(ctx)
	case err == nil:
		err = json.Unmarshal([]byte(text), &p)
	}
	if err != nil {
		return "", err
	}
	for _, y := range p.Payouts {
		fmt.Fprintf(r.out, "payout %d: %s, %v %s to %d accounts, transaction %s\n", y.Payout, y.Status, y.Total, r.of.CoinData().Symbol, y.Accounts, y.TxID)
	}
	if p.Error != "" {
		return "", errors.New(p.Error)
	}
	if len(p.Payouts) == 0 {
		return "nobody is due; \"payout plan\" says who waits, and why", nil
	}
	return "", nil
}

// payAlone pays without a server, which cannot start meanwhile.
func (r *payoutRequest) payAlone(ctx context.Context) (paid, error) {
	release, err := lockPayments(r.config)
	if err != nil {
		return paid{}, err
	}
	defer release()
	k, err := r.keeper()
	if err != nil {
		return paid{}, err
	}
	clients, err := newClients(r.config, r.of, slog.New(slog.DiscardHandler))
	if err != nil {
		return paid{}, err
	}
	if _, err := probe(ctx, r.of, clients[0]); err != nil {
		return paid{}, err
	}
	account := ""
	if r.account != "" {
		account = r.accountName()
	}
	return payNow(ctx, k, r.book, account), nil
}

// lockPayments keeps two programs from paying at the same time with the daemons of one
// folder.
func lockPayments(c *config.Config) (release func(), err error) {
	release, err = sharelog.Lock(filepath.Join(c.DataDir(), "payouts"))
	if err != nil {
		return nil, fmt.Errorf("another program pays from this folder, a server or \"payout run\": %w", err)
	}
	return release, nil
}

// payNow makes a run by hand and says what came of it.
func payNow(ctx context.Context, k *payouts.Keeper, book *ledger.Ledger, account string) (p paid) {
	made, err := k.Pay(ctx, account)
	p.Payouts = []planOpen{}
	for _, y := range made {
		is, readErr := book.Payout(ctx, y.ID)
		if readErr != nil {
			err = errors.Join(err, readErr)
			is = y
		}
		p.Payouts = append(p.Payouts, planOpen{is.ID, string(is.Status), is.TxID, len(is.Outputs), is.Total()})
	}
	if err != nil {
		p.Error = err.Error()
	}
	return p
}

// payByHand answers actionPay. It may take long: who asked is waiting, and if he does
// not, what has begun is carried on by the next pass.
func (s *server) payByHand(w http.ResponseWriter, r *http.Request) {
	id, account := r.PostFormValue(valuePool), r.PostFormValue(valueAccount)
	at := slices.IndexFunc(s.pools, func(p *pool) bool { return p.config.ID == id })
	if at < 0 {
		http.Error(w, "no such pool runs: "+id, http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	slow := http.NewResponseController(w)
	if err := errors.Join(slow.SetWriteDeadline(time.Now().Add(payWithin)), slow.SetReadDeadline(time.Now().Add(payWithin))); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	s.log.Info("payout by hand", "pool", id, "account", account)
	json.NewEncoder(w).Encode(payNow(r.Context(), s.pools[at].keeper, s.ledger, account))
}
