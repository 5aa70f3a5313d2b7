package coin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Parse reads a coin from JSON, in the form of coins/*.json. Unknown keys are
// refused, and everything that is wrong is told at once, each fault with its key.
func Parse(data []byte) (*Coin, error) {
	var f coinFile
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the coin")
	}
	if err := f.validate(); err != nil {
		return nil, err
	}
	return f.coin(), nil
}

// coinFile is the form of coins/*.json. Numbers of prefixes are lists of bytes,
// the most significant first, as they stand in each coin's chainparams.
type coinFile struct {
	ID               string                 `json:"id"`
	Name             string                 `json:"name"`
	Symbol           string                 `json:"symbol"`
	Algorithms       []string               `json:"algorithms"`
	SLIP44           *uint32                `json:"slip44"` // absent: none registered
	BlockTime        duration               `json:"blockTime"`
	Maturity         int                    `json:"maturity"`
	Decimals         int                    `json:"decimals"`
	Segwit           bool                   `json:"segwit"`
	Taproot          bool                   `json:"taproot"`
	Rules            []string               `json:"rules"`
	Minable          string                 `json:"minable"`
	ShieldedCoinbase bool                   `json:"shieldedCoinbase"`
	Networks         map[string]networkFile `json:"networks"`
	Source           string                 `json:"source"`
	Notes            []string               `json:"notes"`
}

// networkFile is one network in coinFile; an absent prefix means that the network
// does not have that form.
type networkFile struct {
	P2PKH      version `json:"p2pkh"`
	P2SH       version `json:"p2sh"`
	P2SHLegacy version `json:"p2shLegacy"`
	WIF        version `json:"wif"`
	WIFLegacy  version `json:"wifLegacy"`
	Bech32     string  `json:"bech32"`
	MWEB       string  `json:"mweb"`
	CashAddr   string  `json:"cashaddr"`
	Steady     *Steady `json:"steady"` // absent: not so, or not known
}

// duration is a time.Duration written as text, "2m30s".
type duration time.Duration

// UnmarshalJSON reads the text.
func (d *duration) UnmarshalJSON(data []byte) error {
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	v, err := time.ParseDuration(s)
	*d = duration(v)
	return err
}

// version is a base58check version, written as a list of numbers from 0 to 255.
type version []int

func (v version) valid() bool {
	for _, b := range v {
		if b < 0 || b > 255 {
			return false
		}
	}
	return len(v) == 1 || len(v) == 2
}

func (v version) bytes() []byte {
	var out []byte
	for _, b := range v {
		out = append(out, byte(b))
	}
	return out
}

func (f *coinFile) coin() *Coin {
	c := &Coin{
		ID: f.ID, Name: f.Name, Symbol: f.Symbol,
		Algorithm: f.Algorithms[0], Algorithms: f.Algorithms,
		SLIP44: NoSLIP44, BlockTime: time.Duration(f.BlockTime), Maturity: f.Maturity,
		Decimals: f.Decimals, Segwit: f.Segwit, Taproot: f.Taproot, Rules: f.Rules,
		Minable: f.Minable, ShieldedCoinbase: f.ShieldedCoinbase,
		Source: f.Source, Notes: f.Notes,
	}
	if f.SLIP44 != nil {
		c.SLIP44 = *f.SLIP44
	}
	for _, name := range networkNames {
		n, ok := f.Networks[name]
		if !ok {
			continue
		}
		c.networks = append(c.networks, &Network{
			Coin: c, Name: name,
			P2PKHVersion: n.P2PKH.bytes(), P2SHVersion: n.P2SH.bytes(), P2SHLegacy: n.P2SHLegacy.bytes(),
			WIFVersion: n.WIF.bytes(), WIFLegacy: n.WIFLegacy.bytes(),
			Bech32Prefix: n.Bech32, MWEBPrefix: n.MWEB, CashAddrPrefix: n.CashAddr, Steady: n.Steady,
		})
	}
	return c
}

// networkNames are the networks a coin can have, in the order they are shown.
var networkNames = [...]string{"main", "test", "regtest"}

// validate reports everything that is wrong with f.
func (f *coinFile) validate() error {
	var faults faults
	faults.check(isWord(f.ID), "id", "lower-case letters and digits but 1", f.ID)
	faults.check(f.Name != "", "name", "a name", f.Name)
	faults.check(f.Symbol != "" && f.Symbol == strings.ToUpper(f.Symbol), "symbol", "upper-case letters", f.Symbol)
	faults.check(len(f.Algorithms) > 0 && !slices.Contains(f.Algorithms, ""), "algorithms", "one or more", f.Algorithms)
	faults.check(f.SLIP44 == nil || *f.SLIP44 < NoSLIP44, "slip44", "below 2^31", f.SLIP44)
	faults.check(f.BlockTime > 0, "blockTime", "more than 0", time.Duration(f.BlockTime))
	faults.check(f.Maturity > 0, "maturity", "1 or more", f.Maturity)
	faults.check(f.Decimals >= 0 && f.Decimals <= 8, "decimals", "0 to 8", f.Decimals)
	faults.check(f.Segwit || !f.Taproot, "taproot", "false without segwit", f.Taproot)
	faults.check(slices.Contains([]string{"yes", "low", "uncertain", "no"}, f.Minable), "minable", "yes, low, uncertain or no", f.Minable)
	faults.check(f.Source != "", "source", "where the numbers are from", f.Source)
	_, hasMain := f.Networks["main"]
	faults.check(hasMain, "networks", "main at least", len(f.Networks))
	for name, n := range f.Networks {
		key := "networks." + name
		faults.check(slices.Contains(networkNames[:], name), key, "main, test or regtest", name)
		n.validate(key, &faults)
	}
	slices.SortFunc(faults.errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(faults.errs...)
}

func (n *networkFile) validate(key string, faults *faults) {
	for _, v := range []struct {
		key      string
		version  version
		optional bool
	}{
		{"p2pkh", n.P2PKH, false},
		{"p2sh", n.P2SH, false},
		{"p2shLegacy", n.P2SHLegacy, true},
		{"wif", n.WIF, false},
		{"wifLegacy", n.WIFLegacy, true},
	} {
		faults.check(v.version.valid() || v.optional && v.version == nil, key+"."+v.key, "one or two bytes", v.version)
	}
	faults.check(!slices.Equal(n.P2PKH, n.P2SH) && !slices.Equal(n.P2PKH, n.P2SHLegacy),
		key+".p2sh", "another version than p2pkh", n.P2SH)
	faults.check(n.Bech32 == "" || isWord(n.Bech32), key+".bech32", "lower-case letters and digits but 1", n.Bech32)
	faults.check(n.MWEB == "" || isWord(n.MWEB), key+".mweb", "lower-case letters and digits but 1", n.MWEB)
	faults.check(n.CashAddr == "" || isWord(n.CashAddr), key+".cashaddr", "lower-case letters and digits but 1", n.CashAddr)
	faults.check(n.Steady == nil || n.Steady.Window > 0 && n.Steady.Halving > 0, key+".steady", "window and halving of 1 or more", n.Steady)
}

// faults gathers what is wrong, each with the key that a reader has to change.
type faults struct{ errs []error }

func (f *faults) check(ok bool, key, want string, got any) {
	if !ok {
		f.errs = append(f.errs, fmt.Errorf("%s: want %s, have %v", key, want, got))
	}
}

// isWord reports whether s is a word of lower-case letters and digits, none of
// them a 1 that bech32 would take for its separator.
func isWord(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz023456789") == ""
}

// quote shows what a stranger typed, short and without control characters.
func quote(s string) string {
	const most = 40
	if len(s) > most {
		return strconv.QuoteToASCII(s[:most]) + "..."
	}
	return strconv.QuoteToASCII(s)
}
