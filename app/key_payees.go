package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"strings"

	"github.com/adit-mining/adit/app/instance"
	"github.com/adit-mining/adit/app/payees"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin"
)

// shownPayees is what adit key payees --json prints.
type shownPayees struct {
	Account string          `json:"account"`
	Number  int64           `json:"number"` // 0: there never was a list
	Payees  []poolapi.Payee `json:"payees"`
	Path    string          `json:"path"` // of the signed list
}

// payeeChanges collects --set and --clear in the order in which they were typed.
type payeeChanges struct{ all []poolapi.Payee }

// set reads COIN[:NET]=ADDRESS.
func (c *payeeChanges) set(text string) error {
	place, address, found := strings.Cut(text, "=")
	if !found || address == "" {
		return errors.New("want COIN[:NET]=ADDRESS")
	}
	return c.add(place, strings.TrimSpace(address))
}

// clear reads COIN[:NET].
func (c *payeeChanges) clear(text string) error { return c.add(text, "") }

func (c *payeeChanges) add(place, address string) error {
	id, net, named := strings.Cut(place, ":")
	if !named {
		net = "main"
	}
	known, err := coin.Lookup(id)
	if err != nil {
		return err
	}
	if _, err := known.Network(net); err != nil {
		return err
	}
	c.all = append(c.all, poolapi.Payee{Coin: id, Network: net, Address: address})
	return nil
}

// keyPayees is adit key payees: it shows and changes where coins are paid that are not
// to go to the key's own addresses. Pools are told by whoever mines next.
func keyPayees(args []string, stdin *bufio.Reader, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("adit key payees", flag.ContinueOnError)
	data := flags.String("data", "", "`folder` for key and settings")
	asJSON := flags.Bool("json", false, "print one JSON object")
	var changes payeeChanges
	flags.Func("set", "have a coin paid to an address: `COIN[:NET]=ADDRESS`; can be repeated", changes.set)
	flags.Func("clear", "have a coin paid to the key's own address again: `COIN[:NET]`; can be repeated", changes.clear)
	if done, err := parse(flags, args, stderr); done || err != nil {
		return err
	}
	dir, err := dataDir(*data)
	if err != nil {
		return err
	}
	store := &payees.Store{Dir: dir}
	var account string
	if len(changes.all) > 0 {
		account, err = changePayees(dir, store, changes.all, stdin, stderr)
	} else {
		account, err = accountIn(dir, stderr)
	}
	if err != nil {
		return err
	}
	_, list, err := store.Load(account)
	if err != nil {
		return err
	}
	return showPayees(stdout, shownPayees{account, list.Number, list.Payees, store.Path(account)}, *asJSON, len(changes.all) > 0)
}

// changePayees signs a changed list. It keeps a running Adit out, whose window has the
// list before.
func changePayees(dir string, store *payees.Store, changes []poolapi.Payee, stdin *bufio.Reader, stderr io.Writer) (account string, err error) {
	for _, c := range changes { // before a password is asked for
		if c.Address == "" {
			continue
		}
		if _, err := c.Parse(); err != nil {
			return "", err
		}
	}
	only, err := instance.Take(dir)
	if err != nil {
		return "", err
	}
	defer only.Release()
	ring, _, err := openKey(dir, stdin, stderr)
	if err != nil {
		return "", err
	}
	account = ring.Key().PubKeyHash().String()
	return account, store.Change(ring.Key(), account, changes...)
}

// accountIn returns the account of the key in a folder, which may be locked.
func accountIn(dir string, stderr io.Writer) (string, error) {
	r, created, err := wallet.OpenOrCreate(dir)
	sayMade(stderr, dir, created)
	if errors.Is(err, wallet.ErrLocked) {
		public, err := wallet.PublicKey(dir)
		return coin.HashPubKey(public[:]).String(), err
	}
	if err != nil {
		return "", err
	}
	return r.Key().PubKeyHash().String(), nil
}

func showPayees(stdout io.Writer, shown shownPayees, asJSON, changed bool) error {
	if asJSON {
		if shown.Payees == nil {
			shown.Payees = []poolapi.Payee{}
		}
		encoder := json.NewEncoder(stdout)
		encoder.SetIndent("", "  ")
		return encoder.Encode(shown)
	}
	p := &printer{to: stdout}
	for _, one := range shown.Payees {
		p.say("%s %s is paid to %s", one.Coin, one.Network, one.Address)
	}
	if len(shown.Payees) == 0 {
		p.say("Every coin is paid to the key's own addresses (adit key show).")
	}
	if changed {
		p.say("The list is signed and in %s. A pool is told when Adit mines there.", shown.Path)
		p.say("An exchange may give up an address, and your paper does not cover coins that are paid to another key.")
	}
	return p.err
}
