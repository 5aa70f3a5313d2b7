package payouts

import (
	"context"
	"fmt"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet/coin"
)

// A Place is where an account is paid, or why it cannot be.
type Place struct {
	Address string
	Err     error
}

// Payees says where accounts are paid on one network.
type Payees struct {
	Network *coin.Network
	Lists   interface {
		PayeeLists(ctx context.Context, accounts []string) (map[string]ledger.PayeeList, error)
	}
}

// AddressOf is where accounts are paid now, in their order, for Config.AddressOf. If
// lists cannot be read nothing is told: then nobody is paid, rather than one person
// elsewhere.
func (p Payees) AddressOf(ctx context.Context, accounts []string) ([]Place, error) {
	lists, err := p.Lists.PayeeLists(ctx, accounts)
	if err != nil {
		return nil, err
	}
	places := make([]Place, len(accounts))
	for i, account := range accounts {
		places[i].Address, _, places[i].Err = PayTo(p.Network, account, lists[account])
	}
	return places, nil
}

// PayTo is where an account is paid on n: where its list says so, at an address that
// its owner chose; otherwise at its own, which for a whole key is its hash in the old form. An error is why it cannot be paid. Its own
// address is no way out then: who has named another may not have the key at hand.
func PayTo(n *coin.Network, account string, list ledger.PayeeList) (address string, chosen bool, err error) {
	a, err := n.ParseAccount(account)
	if err != nil {
		return "", false, err
	}
	if list.Number != 0 {
		// Checked again although it was when it came: a book that somebody has meddled
		// with must not send money away.
		signed := poolapi.SignedPayees{Key: list.Key, Signature: list.Signature, Body: list.Body}
		open, err := signed.Open(account)
		if err != nil {
			return "", false, fmt.Errorf("its list of payout addresses: %w", err)
		}
		if payee, listed := open.For(n.Coin.ID, n.Name); listed {
			to, err := payee.Parse()
			return to.String(), true, err
		}
	}
	if hash, isKey := a.PubKeyHash(); isKey && list.WholeKey {
		return n.P2PKH(hash).String(), false, nil
	}
	own, err := a.Address(n)
	return own.String(), false, err
}
