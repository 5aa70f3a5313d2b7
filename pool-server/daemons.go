package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/pool-server/node"
)

// probeTime is how long a daemon may take to say what chain it is on.
const probeTime = 5 * time.Second

// errWrongChain says that a daemon serves another network than the pool is for.
var errWrongChain = errors.New("the daemon is on the wrong network")

// newClients makes the clients of a pool's daemons. Nothing is asked yet.
func newClients(c *config.Config, p *config.Pool, log *slog.Logger) ([]*node.Client, error) {
	var clients []*node.Client
	for i, d := range p.Daemons {
		nc := node.Config{URL: d.URL, User: d.User, Timeout: d.Timeout.D(), WalletTimeout: d.WalletTimeout.D(), ZMQ: d.ZMQ, Wallet: d.Wallet, WalletAddress: p.Address, Decimals: p.CoinData().Decimals, Log: log.With("part", "node")}
		if d.CookieFile != "" {
			nc.CookieFile = c.Path(d.CookieFile)
		} else {
			password, err := c.ReadSecret(d.PasswordFile)
			if err != nil {
				return nil, fmt.Errorf("daemons[%d].passwordFile: %w", i, err)
			}
			nc.Password = node.Secret(password.Reveal())
		}
		client, err := node.New(nc)
		if err != nil {
			return nil, fmt.Errorf("daemons[%d]: %w", i, err)
		}
		clients = append(clients, client)
	}
	return clients, nil
}

// refuseWrongChain returns an error if a daemon answers and is on another network:
// then the start ends. One that does not answer is waited for.
func (p *pool) refuseWrongChain(ctx context.Context, c *node.Client) error {
	if _, err := probe(ctx, p.config, c); errors.Is(err, errWrongChain) {
		return err
	}
	return nil
}

// onOurChain returns why a daemon gives no work: it is on another network, or has not
// said yet on which. A daemon may come back as another one at any moment, also between
// this question and the next.
func (p *pool) onOurChain(ctx context.Context, c *node.Client) error {
	_, err := probe(ctx, p.config, c)
	return err
}

func probe(ctx context.Context, p *config.Pool, c *node.Client) (node.ChainInfo, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	info, err := c.ChainInfo(ctx)
	if err != nil {
		return node.ChainInfo{}, err
	}
	if got := networkName(info.Chain); got != p.Network {
		return node.ChainInfo{}, fmt.Errorf("%w: %s is on %q, the pool's file says %q", errWrongChain, c.Name(), got, p.Network)
	}
	return info, nil
}

// networkName turns a daemon's name of a network into ours. Daemons differ: Core
// says main, test or testnet4, btcd mainnet and testnet3, and simnet for its own regtest.
func networkName(chain string) string {
	switch chain {
	case "mainnet":
		return "main"
	case "testnet3", "testnet4", "testnet":
		return "test"
	case "simnet":
		return "regtest"
	}
	return chain
}

// checkDaemons asks all daemons of a pool, and the wallet, and prints what they
// say. It returns everything that keeps the pool from working.
func checkDaemons(ctx context.Context, c *config.Config, p *config.Pool, out io.Writer) (faults []error) {
	clients, err := newClients(c, p, slog.New(slog.DiscardHandler))
	if err != nil {
		return []error{fmt.Errorf("pool %s: %w", p.ID, err)}
	}
	for i, client := range clients {
		info, err := probe(ctx, p, client)
		if err == nil && !info.Synced() {
			err = fmt.Errorf("%s has %d of %d blocks: wait until it has caught up", client.Name(), info.Blocks, info.Headers)
		}
		if err == nil && i == 0 && p.Payouts.Enabled {
			err = checkWallet(ctx, p, client)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("pool %s: daemons[%d]: %w", p.ID, i, err))
			continue
		}
		fmt.Fprintf(out, "pool %s: %s answers, at block %d\n", p.ID, client.Name(), info.Blocks)
	}
	return faults
}

func checkWallet(ctx context.Context, p *config.Pool, c *node.Client) error {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	info, err := c.ValidateAddress(ctx, p.Address)
	if err != nil {
		return err
	}
	if !info.IsMine {
		return fmt.Errorf("address %s is not in the wallet of %s: rewards could not be paid out; take an address from \"getnewaddress\", load the wallet, or set payouts.enabled to false", p.Address, c.Name())
	}
	return nil
}
