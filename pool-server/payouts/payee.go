package payouts

import (
	"context"
	"fmt"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet/coin"
)

// Payees says where accounts are paid on one network.
type Payees struct {
	Network *coin.Network
	Lists   interface {
		PayeeList(ctx context.Context, account string) (ledger.PayeeList, error)
	}
}

// AddressOf is where an account is paid now, for Config.AddressOf. A list that cannot
// be read says nothing: then nobody is paid, rather than one person elsewhere.
func (p Payees) AddressOf(ctx context.Context, account string) (string, error) {
	list, err := p.Lists.PayeeList(ctx, account)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ledger.ErrNotNow, err)
	}
	address, _, err := PayTo(p.Network, account, list)
	return address, err
}

// PayTo is where an account is paid on n: where its list says so, at an address that
// its owner chose; otherwise at its own. An error is why it cannot be paid. Its own
// address is no way out then: who has named another may not have the key at hand.
func PayTo(n *coin.Network, account string, list ledger.PayeeList) (address string, chosen bool, err error) {
	a, err := n.ParseAccount(account)
	if err != nil {
		return "", false, err
	}
	if list != (ledger.PayeeList{}) {
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
	own, err := a.Address(n)
	return own.String(), false, err
}
