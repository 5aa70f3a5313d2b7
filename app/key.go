package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin"
)

// keyVerbs are what can be done with a key.
const keyVerbs = "new, show, inspect, paper, payees, minimum, export, import or restore"

// keyCommand makes, shows, exports or takes over the mining key.
func keyCommand(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	if len(args) == 0 {
		return usageError{errors.New("key: " + keyVerbs + "?")}
	}
	in := bufio.NewReader(stdin)
	switch args[0] {
	case "new":
		return keyNew(args[1:], in, stdout, stderr)
	case "show":
		return keyShow(args[1:], stdout, stderr)
	case "inspect":
		return keyInspect(args[1:], in, stdout, stderr)
	case "export":
		return keyExport(args[1:], in, stdout, stderr)
	case "import", "restore":
		return keyImport(args[0], args[1:], in, stdout, stderr)
	case "payees":
		return keyPayees(args[1:], in, stdout, stderr)
	case "minimum":
		return keyMinimum(ctx, args[1:], in, stdout, stderr)
	case "paper":
		return keyPaper(args[1:], in, stdout, stderr)
	}
	return usageError{fmt.Errorf("key: there is no %q; %s?", args[0], keyVerbs)}
}

// shownKey is the public side of the key. Nothing secret is ever in it.
type shownKey struct {
	MiningKey string         `json:"mining_key"`
	Account   string         `json:"account"`
	Created   bool           `json:"created"` // just now, because there was none
	Addresses []shownAddress `json:"addresses"`
}

type shownAddress struct {
	Coin    string `json:"coin"`
	Symbol  string `json:"symbol"`
	Network string `json:"network"`
	Address string `json:"address"`
}

func keyShow(args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("adit key show", flag.ContinueOnError)
	data := flags.String("data", "", "`folder` for key and settings")
	asJSON := flags.Bool("json", false, "print one JSON object")
	only := flags.String("coin", "", "only the coin with this `id`")
	net := flags.String("net", "main", "`network`: main, test or regtest")
	if done, err := parse(flags, args, stderr); done || err != nil {
		return err
	}
	dir, err := dataDir(*data)
	if err != nil {
		return err
	}
	addresses, err := networks(*only, *net)
	if err != nil {
		return usageError{err}
	}
	r, created, err := wallet.OpenOrCreate(dir)
	public := r.Key().PublicKey()
	if errors.Is(err, wallet.ErrLocked) { // what is shown here needs no password
		public, err = wallet.PublicKey(dir)
	}
	if err != nil {
		return err
	}
	hash := coin.HashPubKey(public[:])
	shown := shownKey{MiningKey: hex.EncodeToString(public[:]), Account: hash.String(), Created: created, Addresses: []shownAddress{}}
	for _, n := range addresses {
		shown.Addresses = append(shown.Addresses, shownAddress{n.Coin.ID, n.Coin.Symbol, n.Name, n.PayoutAddress(hash).String()})
	}
	if *asJSON {
		encoder := json.NewEncoder(stdout)
		encoder.SetIndent("", "  ")
		return encoder.Encode(shown)
	}
	p := &printer{to: stdout}
	p.say("Mining key  %s", shown.MiningKey)
	p.say("Account     %s", shown.Account)
	p.say("Payouts go to these addresses (%s network):", *net)
	for _, a := range shown.Addresses {
		p.say("  %-6s %s", a.Symbol, a.Address)
	}
	return p.err
}

// networks returns the networks of that name of one coin, or of all that have one
// whose addresses a key alone can own.
func networks(id, name string) ([]*coin.Network, error) {
	if id != "" {
		c, err := coin.Lookup(id)
		if err != nil {
			return nil, err
		}
		n, err := c.Network(name)
		if err != nil {
			return nil, err
		}
		return []*coin.Network{n}, nil
	}
	var all []*coin.Network
	for _, c := range coin.All() {
		if n, err := c.Network(name); err == nil && !c.ShieldedCoinbase && c.Minable != "no" {
			all = append(all, n)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("no coin has a network %q: main, test or regtest?", name)
	}
	return all, nil
}
