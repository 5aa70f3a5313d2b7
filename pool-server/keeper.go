package main

import (
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/payouts"
	"github.com/adit-mining/adit/wallet/coin"
)

const (
	// keeperInterval is the longest time between two looks at blocks and payouts;
	// new blocks make the keeper look at once.
	keeperInterval = 15 * time.Second
)

// newKeeper wires a pool's payments: the first daemon's wallet pays.
func newKeeper(c *config.Config, p *config.Pool, book *ledger.Ledger, chain payouts.Chain, wallet payouts.Wallet, log *slog.Logger) (*payouts.Keeper, error) {
	address, err := p.NetworkData().ParseAddress(p.Address)
	if err != nil {
		return nil, fmt.Errorf("address: %w", err)
	}
	pc := payouts.Config{
		Pool: p.ID, Ledger: book, Chain: chain, Wallet: wallet,
		AddressOf:      payouts.Payees{Network: p.NetworkData(), Lists: book}.AddressOf,
		Maturity:       int64(p.Maturity()),
		FeePPM:         p.FeePPM(),
		Script:         address.Script(),
		Minimum:        coin.Amount(p.Payouts.Minimum),
		MaxFeePPM:      p.MaxFeePPM(),
		FeeRate:        coin.Amount(p.Payouts.FeeRate),
		PaymentsOff:    !p.Payouts.Enabled,
		Interval:       min(keeperInterval, p.Payouts.Interval.D()),
		PayoutInterval: p.Payouts.Interval.D(),
		Log:            log.With("part", "payouts"), // the keeper names the pool itself
	}
	for _, at := range p.Payouts.At {
		pc.At = append(pc.At, time.Duration(at))
	}
	slices.Sort(pc.At)
	if p.Network == "regtest" {
		pc.Confirmations = 1 // nobody reorganises a regtest chain to steal
	}
	if file := p.Payouts.WalletPassphraseFile; file != "" {
		passphrase, err := c.ReadSecret(file)
		if err != nil {
			return nil, fmt.Errorf("payouts.walletPassphraseFile: %w", err)
		}
		pc.Passphrase = node.Secret(passphrase.Reveal())
	}
	return payouts.New(pc)
}
