package website

import (
	"errors"
	"fmt"

	"github.com/adit-mining/adit/wallet/coin"
)

// maxName is the longest name of an account that is looked at, in bytes.
const maxName = 200

// miner is an account and the pools that can pay it.
type miner struct {
	account string // as the ledger calls it
	key     bool   // a mining key, which can sign
	payees  int64  // the number of its list of payout addresses; 0: none
	at      []minerAt
}

// minerAt is an account with one pool.
type minerAt struct {
	pool    Pool
	account string
	own     string // the account's own address
	address string // where it is paid; empty: the visitor is not to know, or it cannot be
	chosen  bool   // by the owner's list
	held    string // why the list cannot be paid by, if the visitor is the owner
	owner   bool   // the visitor is
}

// miner finds out whom a visitor means by a mining key, its hash160 or an address.
// The error is for the visitor and never repeats the name, which may be a secret
// that was pasted by mistake.
func (s *site) miner(name string) (miner, error) {
	if len(name) > maxName {
		return miner{}, errors.New("this is too long for a mining key or an address")
	}
	var m miner
	var refused error
	for _, p := range s.Pools() {
		account, err := p.Network.ParseAccount(name)
		if errors.Is(err, coin.ErrPrivateKey) {
			return miner{}, err
		}
		if err != nil {
			refused = err
			continue
		}
		address, err := account.Address(p.Network)
		if err != nil {
			refused = err
			continue
		}
		_, isKey := account.PubKeyHash()
		m.account, m.key = account.String(), isKey
		m.at = append(m.at, minerAt{pool: p, account: account.String(), own: address.String(), address: address.String()})
	}
	switch {
	case m.at != nil:
		return m, nil
	case refused != nil:
		return miner{}, fmt.Errorf("no miner has this name: %w", refused)
	}
	return miner{}, errors.New("this pool has no coin at the moment")
}

// amount writes a in p's coin.
func (p Pool) amount(a coin.Amount) string { return p.Network.Coin.FormatAmount(a) }
