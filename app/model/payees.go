package model

import (
	"context"
	"errors"
	"time"

	"github.com/adit-mining/adit/pool-server/poolapi"
)

// Payees is where the key's coins are paid that its owner does not want at the key's
// own addresses: a list that the key signed. It is on the disk, and every pool that is
// joined is given it.
type Payees struct {
	List    poolapi.PayeeList // zero: none
	Fault   string            // why the one on the disk cannot be read
	AtPool  int64             // number of the pool's list; 0: none, or not known
	Refused string            // why the pool does not take ours, in its words

	of      string // the account whose list was read
	asked   string // the pool that told AtPool
	signed  poolapi.SignedPayees
	noted   int64 // number of the list that the history says the pool keeps
	retryAt time.Time
}

// payeesPause is how long a pool is left alone that did not take or give a list.
const payeesPause = time.Minute

// Told reports whether the pool pays by our list.
func (p Payees) Told() bool { return p.List.Number == p.AtPool }

// What comes of it, as events.
type (
	// PayeesRead is the list on the disk, as it was signed now or before.
	PayeesRead struct {
		Account string
		Signed  poolapi.SignedPayees
		List    poolapi.PayeeList
		Err     error
	}
	// PayeesPut says that the pool at URL keeps the list of that number, or why not.
	PayeesPut struct {
		URL    string
		Number int64
		Err    error
	}
	// PayeesGot says that a newer list of the key came from the pool, or why none did.
	PayeesGot struct {
		URL string
		Err error
	}
)

func (PayeesRead) event() {}
func (PayeesPut) event()  {}
func (PayeesGot) event()  {}

// CheckPayee tells in words for who typed it why a coin cannot be paid to an address.
func CheckPayee(coin, network, address string) error {
	_, err := poolapi.Payee{Coin: coin, Network: network, Address: address}.Parse()
	return err
}

// Payee returns the address that the key's owner chose for a coin.
func (s State) Payee(coin, network string) (address string, chosen bool) {
	p, chosen := s.Payees.List.For(coin, network)
	return p.Address, chosen
}

// SetPayee has a coin paid to an address from now on; an empty one stands for the key's
// own. The list is on the disk when it returns; pools are told afterwards.
func (e *Engine) SetPayee(ctx context.Context, coin, network, address string) error {
	ring, err := e.keyring()
	if err != nil {
		return err
	}
	account := ring.Key().PubKeyHash().String()
	if err := e.config.Payees.Change(ring.Key(), account, poolapi.Payee{Coin: coin, Network: network, Address: address}); err != nil {
		return err
	}
	e.readPayees(account, func(ev Event) { e.Do(ctx, ev) })
	return nil
}

func (e *Engine) readPayees(account string, emit func(Event)) {
	signed, list, err := e.config.Payees.Load(account)
	emit(PayeesRead{account, signed, list, err})
}

// payeesWork returns the work on the list that s asks for: to read it, to give it to
// the pool, to fetch what another computer with this key has signed.
func (e *Engine) payeesWork(s State) []task {
	p := s.Payees
	do := func(what string, work func(context.Context, func(Event))) []task {
		return []task{{taskName{kind: payees}, payeesSpec{what, s.Settings.Pool, s.Key.Account, p.List.Number}, work}}
	}
	switch {
	case s.Key.Ready && p.of != s.Key.Account:
		return do("read", func(_ context.Context, emit func(Event)) { e.readPayees(s.Key.Account, emit) })
	case !s.Key.Ready || p.asked == "" || p.asked != s.Settings.Pool || p.retryAt.After(s.Now):
	case p.AtPool > p.List.Number && !s.Key.Locked:
		return do("get", e.getPayees(s))
	case p.AtPool < p.List.Number && s.poolKnowsKey():
		return do("put", e.putPayees(s))
	}
	return nil
}

type payeesSpec struct {
	what, pool, account string
	number              int64 // of our list
}

// poolKnowsKey reports whether the pool has taken a share: before that it keeps no list.
func (s State) poolKnowsKey() bool {
	for _, b := range s.Balances {
		if b.Accepted > 0 {
			return true
		}
	}
	return false
}

func (e *Engine) putPayees(s State) func(context.Context, func(Event)) {
	return func(stop context.Context, emit func(Event)) {
		ctx, cancel := context.WithTimeout(stop, answerWithin)
		defer cancel()
		pool, err := e.config.Pool(s.Settings.Pool)
		if err == nil {
			_, err = pool.PutPayees(ctx, s.Key.Account, s.Payees.signed)
		}
		if stop.Err() != nil {
			return // there is another list, or another pool; should this pool keep this list, it says so itself
		}
		emit(PayeesPut{s.Settings.Pool, s.Payees.List.Number, err})
	}
}

func (e *Engine) getPayees(s State) func(context.Context, func(Event)) {
	return func(stop context.Context, emit func(Event)) {
		ctx, cancel := context.WithTimeout(stop, answerWithin)
		defer cancel()
		pool, err := e.config.Pool(s.Settings.Pool)
		ring, locked := e.keyring()
		var signed poolapi.SignedPayees
		if err = errors.Join(err, locked); err == nil {
			signed, err = pool.Payees(ctx, s.Key.Account, ring.Key())
		}
		if err == nil {
			err = e.keepNewer(s.Key.Account, signed, s.Payees.List.Number)
		}
		if stop.Err() != nil && err != nil {
			return
		}
		emit(PayeesGot{s.Settings.Pool, err})
		if err == nil {
			e.readPayees(s.Key.Account, emit)
		}
	}
}

// keepNewer takes over a pool's list that has a greater number than ours, as the pool
// has said.
func (e *Engine) keepNewer(account string, signed poolapi.SignedPayees, ours int64) error {
	list, err := signed.Open(account)
	if err != nil {
		return err
	}
	if list.Number <= ours {
		return errors.New("the pool's list of payout addresses is not the one that it told of")
	}
	return e.config.Payees.Keep(account, signed)
}

// afterPayees returns the state after something that has to do with the list.
func (s State) afterPayees(ev Event) (next State, done bool) {
	switch ev := ev.(type) {
	case PayeesRead:
		return s.payeesRead(ev), true
	case PayeesPut:
		return s.payeesPut(ev), true
	case PayeesGot:
		switch {
		case ev.URL != s.Settings.Pool:
		case ev.Err != nil:
			s.Payees.retryAt = s.Now.Add(payeesPause)
		default:
			s = s.note(PayeesFound, nil)
		}
		return s, true
	}
	return s, false
}

func (s State) payeesRead(ev PayeesRead) State {
	if ev.Account != s.Key.Account {
		return s // of the key before
	}
	p := s.Payees
	s.Payees = Payees{of: ev.Account, List: ev.List, signed: ev.Signed, AtPool: p.AtPool, asked: p.asked}
	if ev.Err != nil {
		s.Payees.Fault = ev.Err.Error()
	}
	return s
}

func (s State) payeesPut(ev PayeesPut) State {
	if ev.URL != s.Settings.Pool || ev.Number != s.Payees.List.Number {
		return s // of another pool, or a newer list is on its way
	}
	var status *poolapi.StatusError
	switch {
	case ev.Err == nil:
		s.Payees.AtPool, s.Payees.Refused = ev.Number, ""
		if s.Payees.noted != ev.Number {
			s.Payees.noted = ev.Number
			s = s.note(PayeesKept, nil)
		}
	case errors.As(ev.Err, &status):
		s.Payees.Refused = status.Reason
		if status.Reason == "" {
			s.Payees.Refused = status.Error()
		}
	}
	s.Payees.retryAt = s.Now.Add(payeesPause)
	return s
}

// poolsPayees takes over which list the pool at url says that it has.
func (s State) poolsPayees(url string, number int64) State {
	s.Payees.AtPool, s.Payees.asked = number, url
	if s.Payees.Told() {
		s.Payees.Refused = ""
	}
	return s
}
