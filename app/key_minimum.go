package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet/coin"
)

// minimumOrder is what adit key minimum is told.
type minimumOrder struct {
	network *coin.Network
	pool    string
	set     string // an amount of coins; empty: see clear
	clear   bool   // the pool's own minimum holds again; neither: only show
	asJSON  bool
}

// shownMinimum is what adit key minimum --json prints.
type shownMinimum struct {
	Account string `json:"account"`
	Coin    string `json:"coin"`
	Network string `json:"network"`
	Minimum string `json:"minimum"`          // that holds
	SetBy   string `json:"set_by,omitempty"` // signed or password; absent: the pool's own
}

// keyMinimum is adit key minimum: it shows and changes from which balance on a pool pays
// a coin. The pool is told at once, signed by the key.
func keyMinimum(ctx context.Context, args []string, stdin *bufio.Reader, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("adit key minimum", flag.ContinueOnError)
	data := flags.String("data", "", "`folder` for key and settings")
	place := flags.String("coin", "", "the coin: `COIN[:NET]`")
	var o minimumOrder
	flags.StringVar(&o.pool, "pool", "", "the pool's `URL`; otherwise that of the settings")
	flags.StringVar(&o.set, "set", "", "be paid from this many `coins` on")
	flags.BoolVar(&o.clear, "clear", false, "be paid from the pool's own minimum on again")
	flags.BoolVar(&o.asJSON, "json", false, "print one JSON object")
	if done, err := parse(flags, args, stderr); done || err != nil {
		return err
	}
	if err := o.read(*place); err != nil {
		return usageError{err}
	}
	dir, err := dataDir(*data)
	if err != nil {
		return err
	}
	if o.pool == "" {
		chosen, err := settings.Load(dir)
		if err != nil {
			return err
		}
		if o.pool = chosen.Pool; o.pool == "" {
			return usageError{errors.New("key minimum: which pool? name it with --pool URL")}
		}
	}
	shown, err := o.carryOut(ctx, dir, stdin, stderr)
	if err != nil {
		return err
	}
	return shown.print(stdout, o.asJSON)
}

// read checks what was typed before anybody is asked anything.
func (o *minimumOrder) read(place string) error {
	id, net, named := strings.Cut(place, ":")
	if !named {
		net = "main"
	}
	if id == "" || o.set != "" && o.clear {
		return errors.New("key minimum: want --coin COIN[:NET], and --set AMOUNT or --clear to change it")
	}
	c, err := coin.Lookup(id)
	if err != nil {
		return err
	}
	if o.network, err = c.Network(net); err != nil || o.set == "" {
		return err
	}
	if _, err := c.ParseAmount(o.set); err != nil {
		return fmt.Errorf("--set: %w", err)
	}
	return nil
}

// carryOut tells the pool, if something is to change, and asks it what holds.
func (o *minimumOrder) carryOut(ctx context.Context, dir string, stdin *bufio.Reader, stderr io.Writer) (shown shownMinimum, err error) {
	client, err := poolapi.NewClient(o.pool)
	if err != nil {
		return shown, usageError{err}
	}
	var account string
	if o.set == "" && !o.clear {
		if account, err = accountIn(dir, stderr); err != nil {
			return shown, err
		}
	} else if account, err = o.change(ctx, client, dir, stdin, stderr); err != nil {
		return shown, err
	}
	stats, err := client.Miner(ctx, account)
	if err != nil {
		return shown, err
	}
	for _, c := range stats.Coins {
		if c.Coin == o.network.Coin.ID && c.Network == o.network.Name {
			return shownMinimum{account, c.Coin, c.Network, c.PayoutMinimum, c.MinimumSetBy}, nil
		}
	}
	return shown, fmt.Errorf("%s has no %s", client.Base(), o.network)
}

// change signs the new minimum and gives it to the pool.
func (o *minimumOrder) change(ctx context.Context, client *poolapi.Client, dir string, stdin *bufio.Reader, stderr io.Writer) (account string, err error) {
	ring, _, err := openKey(dir, stdin, stderr)
	if err != nil {
		return "", err
	}
	account = ring.Key().PubKeyHash().String()
	request := poolapi.MinimumRequest{Number: time.Now().UnixMilli(), Coin: o.network.Coin.ID, Network: o.network.Name}
	if o.set != "" {
		request.Minimum = &o.set
	}
	_, err = client.PutMinimum(ctx, account, ring.Key(), request)
	return account, err
}

func (m shownMinimum) print(stdout io.Writer, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(stdout)
		encoder.SetIndent("", "  ")
		return encoder.Encode(m)
	}
	p := &printer{to: stdout}
	switch m.SetBy {
	case "":
		p.say("%s %s is paid from %s on, as the pool pays everybody.", m.Coin, m.Network, m.Minimum)
	case "signed":
		p.say("%s %s is paid from %s on: so the key's owner has signed.", m.Coin, m.Network, m.Minimum)
	default:
		p.say("%s %s is paid from %s on: so the password (pl=) of somebody who mines to this key asks. What you sign counts more.", m.Coin, m.Network, m.Minimum)
	}
	return p.err
}
