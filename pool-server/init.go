package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/adit-mining/adit/pool-server/config"
)

// list is a flag that may be given several times.
type list []string

func (l *list) String() string     { return strings.Join(*l, ",") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

// onOff is a flag that is written --name=on or --name=off.
type onOff bool

func (o *onOff) String() string {
	if *o {
		return "on"
	}
	return "off"
}

func (o *onOff) Set(s string) error {
	switch s {
	case "on", "true":
		*o = true
	case "off", "false":
		*o = false
	default:
		return errors.New(`want "on" or "off"`)
	}
	return nil
}

func runInit(_ context.Context, args []string, stdout, stderr io.Writer) error {
	f := newFlags("init", stderr)
	var n config.NewPool
	var daemons, zmq list
	varDiff, payouts := onOff(true), onOff(true)
	dir := f.String("dir", "adit-pool", "the configuration folder")
	f.StringVar(&n.Name, "name", "", "the pool's name, for visitors")
	f.StringVar(&n.Coin, "coin", "litecoin", "the coin's id or symbol")
	f.StringVar(&n.Network, "net", "main", "the coin's network: main, test or regtest")
	f.Var(&daemons, "daemon", "the coin's daemon as http://USER:PASSWORD@host:port; may be given several times")
	f.Var(&zmq, "zmq", "where the daemon publishes blocks (zmqpubrawblock, zmqpubhashblock), as tcp://host:port; one for each --daemon, in their order")
	f.StringVar(&n.Wallet, "wallet", "", "the name of the daemon's wallet, if it has several")
	f.StringVar(&n.Address, "address", "", "the pool's own address, from the daemon's wallet")
	f.StringVar(&n.Stratum, "stratum", "0.0.0.0:3333", "host:port for miners")
	f.StringVar(&n.HTTP, "http", "127.0.0.1:8080", "host:port for the website and API")
	f.StringVar(&n.Database, "database", "", "where the ledger lies, as postgres://USER:PASSWORD@host:port/name (default: a file in the folder)")
	f.Float64Var(&n.Difficulty, "difficulty", 1, "difficulty at the start of a connection")
	f.Var(&varDiff, "vardiff", "adapt the difficulty to each miner: on or off")
	f.DurationVar(&n.ShareEvery, "share-every", 0, "the time between a connection's shares that vardiff aims at (default 10s)")
	f.StringVar(&n.Durability, "durability", config.DurabilityFsync, "acknowledge a share after it is on disk (fsync) or before (async)")
	f.Float64Var(&n.FeePercent, "fee", config.DefaultPool().FeePercent, "what the pool keeps of each block, in percent")
	f.StringVar(&n.Scheme, "scheme", "", "whose work a block pays for: PROP (default), PPLNS, SOLO or PPS; the written file explains them")
	f.Float64Var(&n.Window, "window", 0, "for PPLNS: how many network difficulties of the last shares a block pays for (default 2)")
	f.StringVar(&n.ReserveLimit, "reserve-limit", "", "for PPS: how many coins shares may cost beyond what blocks have brought (default 0)")
	f.Float64Var(&n.SoloFeePercent, "solo-fee", config.DefaultPool().Payouts.SoloFeePercent, "what the pool keeps of a block that was found solo, in percent")
	f.Var(&payouts, "payouts", "pay the miners: on, or off for a daemon without a wallet")
	f.StringVar(&n.PayoutMinimum, "payout-minimum", "", "least amount of a payment, in coins (default 0.01)")
	f.DurationVar(&n.PayoutInterval, "payout-interval", 0, "time between payouts (default 10m, on regtest 5s)")
	f.IntVar(&n.Confirmations, "confirmations", 0, "confirmations before a block is paid for (default: the coin's maturity)")
	if err := parse(f, args); err != nil {
		return err
	}
	n.Daemons, n.ZMQ, n.VarDiff, n.PayoutsOff = daemons, zmq, bool(varDiff), !bool(payouts)
	files, err := config.Init(*dir, n)
	if err != nil {
		return err
	}
	for _, file := range files {
		fmt.Fprintln(stdout, "wrote", file)
	}
	fmt.Fprintf(stdout, "next: adit-pool check --dir %s, then adit-pool serve --dir %s\n", *dir, *dir)
	return nil
}
