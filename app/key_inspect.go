package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/bip39"
	"github.com/adit-mining/adit/wallet/coin"
)

// inspectedKey is the public side of a secret that somebody typed. Nothing secret is
// ever in it.
type inspectedKey struct {
	Kind                   string             `json:"kind"`                    // words, wif, hex, bip38 or keyfile
	Compressed             bool               `json:"compressed"`              // false for an old WIF or BIP 38; hex does not say
	PublicKey              string             `json:"public_key"`              // compressed
	MiningKey              string             `json:"mining_key"`              // the same: the name at a pool of Adit
	MiningKeyUncompressed  string             `json:"mining_key_uncompressed"` // the same key as 130 digits
	PubKeyHash             string             `json:"pubkeyhash"`              // the mining key's short name
	PubKeyHashUncompressed string             `json:"pubkeyhash_uncompressed"` // what NOMP calls a mining key
	Path                   string             `json:"path"`                    // of the key, from the words
	Created                *time.Time         `json:"created,omitempty"`       // the birthday, in a key file
	Networks               []string           `json:"networks,omitempty"`      // whose WIF it is
	Addresses              []inspectedAddress `json:"addresses"`
}

type inspectedAddress struct {
	Coin    string `json:"coin"`
	Symbol  string `json:"symbol"`
	Network string `json:"network"`
	Form    string `json:"form"` // p2pkh, p2pkh-uncompressed, p2sh-p2wpkh, p2wpkh or cashaddr
	Address string `json:"address"`
}

// keyInspect tells what a secret from stdin is good for, without keeping it.
func keyInspect(args []string, stdin *bufio.Reader, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("adit key inspect", flag.ContinueOnError)
	asJSON := flags.Bool("json", false, "print one JSON object")
	file := flags.String("file", "", "`file` with the secret; without it stdin is read")
	index := flags.Uint("index", 0, "`number` of the key, from words")
	only := flags.String("coin", "", "only the coin with this `id`")
	net := flags.String("net", "", "only this `network`: main, test or regtest")
	if done, err := parse(flags, args, stderr); done || err != nil {
		return err
	}
	where, err := everyNetwork(*only, *net)
	if err != nil {
		return usageError{err}
	}
	reading, err := readSecret(*file, stdin, stderr)
	if err != nil {
		return err
	}
	k, err := keyAt(&reading.Keyring, *index)
	if err != nil {
		return err
	}
	shown := inspect(reading, k, where)
	if *asJSON {
		encoder := json.NewEncoder(stdout)
		encoder.SetIndent("", "  ")
		return encoder.Encode(shown)
	}
	return printInspected(stdout, shown)
}

// keyAt turns r to the key with that number, if one is asked for.
func keyAt(r *wallet.Keyring, index uint) (wallet.Key, error) {
	if index > math.MaxInt32 {
		return wallet.Key{}, usageError{fmt.Errorf("index %d: want one below 2147483648", index)}
	}
	if index > 0 {
		r.Index = uint32(index)
	}
	return r.Secret.Key(r.Index)
}

func inspect(reading wallet.Reading, k wallet.Key, where []*coin.Network) inspectedKey {
	shown := inspectedKey{
		Kind: reading.Kind, Compressed: reading.Compressed,
		PublicKey: k.MiningKey(), MiningKey: k.MiningKey(), MiningKeyUncompressed: k.UncompressedMiningKey(),
		PubKeyHash: k.PubKeyHash().String(), PubKeyHashUncompressed: k.UncompressedPubKeyHash().String(),
		Path: reading.Keyring.Path(), Addresses: []inspectedAddress{},
	}
	if !reading.Keyring.Created.IsZero() {
		shown.Created = &reading.Keyring.Created
	}
	for _, n := range reading.Networks {
		shown.Networks = append(shown.Networks, n.String())
	}
	for _, n := range where {
		add := func(form string, a coin.Address) {
			shown.Addresses = append(shown.Addresses, inspectedAddress{n.Coin.ID, n.Coin.Symbol, n.Name, form, a.String()})
		}
		add("p2pkh", n.P2PKH(k.PubKeyHash()))
		add("p2pkh-uncompressed", n.P2PKH(k.UncompressedPubKeyHash()))
		if n.Segwit() {
			add("p2sh-p2wpkh", n.P2SHP2WPKH(k.PubKeyHash()))
			add("p2wpkh", n.P2WPKH(k.PubKeyHash()))
		}
		if n.CashAddrPrefix != "" {
			add("cashaddr", n.CashAddr(k.PubKeyHash()))
		}
	}
	return shown
}

func printInspected(stdout io.Writer, shown inspectedKey) error {
	p := &printer{to: stdout}
	p.say("Kind          %s", shown.Kind)
	if len(shown.Networks) > 0 {
		p.say("Written for   %s", strings.Join(shown.Networks, ", "))
	}
	if shown.Path != "" {
		p.say("Path          %s", shown.Path)
	}
	p.say("Mining key    %s", shown.MiningKey)
	p.say("Account       %s", shown.PubKeyHash)
	p.say("NOMP's name   %s", shown.PubKeyHashUncompressed)
	for _, a := range shown.Addresses {
		p.say("  %-6s %-8s %-18s %s", a.Symbol, a.Network, a.Form, a.Address)
	}
	return p.err
}

// everyNetwork returns all networks of one coin or of all, or those of one name.
func everyNetwork(id, name string) ([]*coin.Network, error) {
	coins := coin.All()
	if id != "" {
		c, err := coin.Lookup(id)
		if err != nil {
			return nil, err
		}
		coins = []*coin.Coin{c}
	}
	var found []*coin.Network
	for _, c := range coins {
		for _, n := range c.Networks() {
			if name == "" || n.Name == name {
				found = append(found, n)
			}
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no coin here has a network %q: main, test or regtest?", name)
	}
	return found, nil
}

// readSecret reads a secret from a file or from stdin: words in one line or several
// (then with an empty line after them), a WIF, 64 hex digits, BIP 38 or a key file.
// Its password is on stdin's next line. A secret never comes as an argument: those
// can be seen by every program on the computer.
func readSecret(file string, stdin *bufio.Reader, stderr io.Writer) (wallet.Reading, error) {
	var text string
	var err error
	if file == "" {
		prompt(stderr, "Words or private key, then Enter:\n")
		text, err = readSecretText(stdin)
		if errors.Is(err, io.EOF) {
			err = errors.New("there is nothing on stdin: words, or a private key (WIF, 64 hex digits, BIP 38), or --file FILE")
		}
		if err != nil {
			return wallet.Reading{}, fmt.Errorf("read the key: %w", err)
		}
	} else if text, err = readFile(file); err != nil {
		return wallet.Reading{}, err
	}
	reading, err := wallet.Read(text, "")
	if !errors.Is(err, wallet.ErrPassphraseNeeded) {
		return reading, err
	}
	password, err := askPassword("Password of it", stdin, stderr)
	if err != nil {
		return wallet.Reading{}, err
	}
	return wallet.Read(text, password)
}

// readSecretText reads the lines of one secret.
func readSecretText(stdin *bufio.Reader) (string, error) {
	text, err := readLine(stdin)
	for err == nil && strings.TrimSpace(text) == "" {
		text, err = readLine(stdin)
	}
	if err != nil {
		return "", err
	}
	more := unfinishedWords
	if strings.HasPrefix(text, "-----BEGIN ") {
		more = func(text string) bool { return !strings.Contains(text, "-----END ") }
	}
	for more(text) && len(text) < largestKeyFile {
		line, err := readLine(stdin)
		if errors.Is(err, io.EOF) || err == nil && strings.TrimSpace(line) == "" {
			break
		}
		if err != nil {
			return "", err
		}
		text += "\n" + line
	}
	return text, nil
}

// unfinishedWords reports whether text is words in lines of a few, so that there may
// be more.
func unfinishedWords(text string) bool {
	first, _, _ := strings.Cut(text, "\n")
	few := 0
	for word := range strings.FieldsSeq(first) {
		if strings.ContainsFunc(word, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }) {
			few++
		}
	}
	var fault *bip39.Error
	_, err := wallet.Read(first, "")
	return few < 12 && errors.As(err, &fault) && strings.Count(text, "\n") < 24
}
