package main

import (
	"fmt"
	"time"

	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/payouts"
	"github.com/adit-mining/adit/wallet/coin"
)

const (
	// keeperInterval is the longest time between two looks at blocks and payouts;
	// new blocks make the keeper look at once.
	keeperInterval = 15 * time.Second
)

// newKeeper wires the pool's payments: the first daemon's wallet pays.
func (p *pool) newKeeper() (*payouts.Keeper, error) {
	c := p.config
	pc := payouts.Config{
		Pool: c.ID, Ledger: p.server.ledger, Chain: p.nodes, Wallet: p.clients[0],
		AddressOf:      payouts.Payees{Network: c.NetworkData(), Lists: p.server.ledger}.AddressOf,
		Maturity:       int64(c.Maturity()),
		FeePPM:         c.FeePPM(),
		Script:         p.payTo,
		Minimum:        coin.Amount(c.Payouts.Minimum),
		PaymentsOff:    !c.Payouts.Enabled,
		Interval:       min(keeperInterval, c.Payouts.Interval.D()),
		PayoutInterval: c.Payouts.Interval.D(),
		Log:            p.server.log.With("part", "payouts"), // the keeper names the pool itself
	}
	if c.Network == "regtest" {
		pc.Confirmations = 1 // nobody reorganises a regtest chain to steal
	}
	if file := c.Payouts.WalletPassphraseFile; file != "" {
		passphrase, err := p.server.config.ReadSecret(file)
		if err != nil {
			return nil, fmt.Errorf("payouts.walletPassphraseFile: %w", err)
		}
		pc.Passphrase = node.Secret(passphrase.Reveal())
	}
	return payouts.New(pc)
}
