package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/paper"
)

// keyPaper is adit key paper: it writes the sheet that the key is kept on as a PDF.
// What is secret never comes as an argument: the passphrase of an encrypted sheet is
// the first line of stdin, after the password of a key that has one.
func keyPaper(args []string, stdin *bufio.Reader, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("adit key paper", flag.ContinueOnError)
	data := flags.String("data", "", "`folder` for key and settings")
	out := flags.String("out", "", "write the sheet to this new PDF `file`")
	kindName := flags.String("kind", "by-hand", "by-hand, everything or encrypted; encrypted takes the passphrase on the first line of stdin")
	sizeName := flags.String("size", "a4", "a4 or letter")
	only := flags.String("coin", "", "only the address of the coin with this `id`; a private key without words is written for its wallets")
	net := flags.String("net", "main", "`network`: main, test or regtest")
	language := flags.String("language", "en", "`code` of the sheet's language")
	if done, err := parse(flags, args, stderr); done || err != nil {
		return err
	}
	s, err := emptySheet(*kindName, *sizeName, *language)
	if err != nil {
		return usageError{fmt.Errorf("key paper: %w", err)}
	}
	if *out == "" {
		return usageError{errors.New("key paper: want --out FILE.pdf")}
	}
	of, err := networks(*only, *net)
	if err != nil {
		return usageError{err}
	}
	dir, err := dataDir(*data)
	if err != nil {
		return err
	}
	keys, _, err := openKey(dir, stdin, stderr)
	if err != nil {
		return err
	}
	fillSheet(&s, keys, of, poolName(dir))
	if s.Kind == paper.Encrypted {
		passphrase, err := readNewPassword("the sheet", stdin, stderr)
		if err != nil {
			return err
		}
		if s.BIP38, err = keys.Key().BIP38(passphrase); err != nil {
			return err
		}
	}
	pdf, err := paper.PDF(s)
	if err != nil {
		return err
	}
	if err := writeNew(*out, string(pdf)); err != nil {
		return err
	}
	p := &printer{to: stdout}
	p.say("The sheet is in %s.", *out)
	switch s.Kind {
	case paper.ByHand:
		p.say("Nothing secret is in it. Print it, and write the words into the boxes.")
	case paper.Everything:
		p.say("Whoever reads it can spend your coins: print it, then delete the file.")
	case paper.Encrypted:
		p.say("Without its passphrase it is worthless: keep that in another place.")
	}
	return p.err
}

func emptySheet(kind, size, language string) (s paper.Sheet, err error) {
	var faults [3]error
	s.Kind, faults[0] = paper.ParseKind(kind)
	s.Size, faults[1] = paper.ParseSize(size)
	s.Say, s.RightToLeft, faults[2] = paper.Words(language)
	return s, errors.Join(faults[:]...)
}

// fillSheet puts in what the key says. A sheet without a secret gets none, but only
// how much room one takes.
func fillSheet(s *paper.Sheet, keys wallet.Keyring, of []*coin.Network, pool string) {
	key := keys.Key()
	s.MiningKey, s.Path, s.Created = key.MiningKey(), keys.Path(), keys.Created
	s.Version, s.Pool = version, pool
	s.Words = keys.Secret.Words()
	if len(s.Words) == 0 {
		s.WIF, s.WIFCoin = key.WIF(of[0]), of[0].Coin.Name
	}
	if s.Kind == paper.ByHand {
		s.Words, s.WIF = make([]string, len(s.Words)), strings.Repeat("x", len(s.WIF))
	}
	for _, n := range wellKnownFirst(of) {
		s.Addresses = append(s.Addresses, paper.Address{Coin: n.Coin.Name, Symbol: n.Coin.Symbol, Address: n.PayoutAddress(key.PubKeyHash()).String()})
	}
}

// wellKnownFirst puts the coins first that most wallets and exchanges take: a sheet
// has room for a dozen addresses.
func wellKnownFirst(all []*coin.Network) []*coin.Network {
	first := []string{"bitcoin", "litecoin", "dogecoin", "bitcoincash", "dash", "digibyte"}
	place := func(n *coin.Network) int {
		if i := slices.Index(first, n.Coin.ID); i >= 0 {
			return i
		}
		return len(first)
	}
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b *coin.Network) int { return place(a) - place(b) })
	return sorted
}

// poolName returns the name in the address of the pool that is set, or "".
func poolName(dir string) string {
	s, err := settings.Load(dir)
	if err != nil {
		return "" // the sheet does without
	}
	u, err := url.Parse(s.Pool)
	if err != nil {
		return ""
	}
	return u.Host
}
