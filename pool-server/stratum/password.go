package stratum

import (
	"errors"
	"fmt"
	"strings"

	"github.com/adit-mining/adit/miners/pow"
)

// Options is what a miner asks for in its password, such as "x,d=1024,pl=0.5".
// What is no option is ignored: most programs are given "x" or "123".
type Options struct {
	Difficulty  pow.Difficulty // d=: to begin with; 0 = not asked for
	Solo        bool           // m=solo: the blocks that the worker finds are its own
	PayoutLimit string         // pl=: in coins, a decimal number above 0; "" = not asked for
	Coin        string         // c=: the symbol of the coin to be paid in, in capitals; "" = not asked for
}

// ParsePassword reads the options in a password. They are parted by commas,
// semicolons or spaces. An option that is known but makes no sense is an error: who
// writes one relies on it. The error's text is for the miner's owner.
func ParsePassword(password string) (Options, error) {
	var o Options
	seen := map[string]bool{}
	parts := func(r rune) bool { return r == ',' || r == ';' || r == ' ' }
	for part := range strings.FieldsFuncSeq(password, parts) {
		key, value, _ := strings.Cut(part, "=")
		read := readers[key]
		if read == nil || key == part {
			continue
		}
		if seen[key] {
			return Options{}, fmt.Errorf("%s= stands there twice", key)
		}
		seen[key] = true
		if err := read(&o, value); err != nil {
			return Options{}, err
		}
	}
	return o, nil
}

// readers read the value of each option.
var readers = map[string]func(o *Options, value string) error{
	"d":  (*Options).readDifficulty,
	"m":  (*Options).readMode,
	"pl": (*Options).readPayoutLimit,
	"c":  (*Options).readCoin,
}

func (o *Options) readDifficulty(value string) (err error) {
	if o.Difficulty, err = parseDifficulty(value); err != nil {
		return errors.New("d= wants a number above 0, such as d=1024")
	}
	return nil
}

func (o *Options) readMode(value string) error {
	if value != "solo" {
		return errors.New("m= wants solo, or leave it out")
	}
	o.Solo = true
	return nil
}

// Digits of a payout limit before and after its point.
const (
	maxWhole    = 10
	maxDecimals = 9
)

func (o *Options) readPayoutLimit(value string) error {
	whole, decimals, point := strings.Cut(value, ".")
	zero := strings.Trim(whole+decimals, "0") == ""
	if !digits(whole, maxWhole) || point && !digits(decimals, maxDecimals) || zero {
		return errors.New("pl= wants a number of coins above 0, such as pl=0.5")
	}
	o.PayoutLimit = value
	return nil
}

// digits reports whether s is 1 to n decimal digits.
func digits(s string, n int) bool {
	return s != "" && len(s) <= n && strings.Trim(s, "0123456789") == ""
}

const maxSymbol = 12

func (o *Options) readCoin(value string) error {
	if value == "" || len(value) > maxSymbol || !workerName(value) {
		return errors.New("c= wants a coin's symbol, such as c=LTC")
	}
	o.Coin = strings.ToUpper(value)
	return nil
}

// grant asks Grant, or refuses what nobody could keep.
func (c *Config) grant(id Identity, o Options) (Identity, error) {
	switch {
	case c.Grant != nil:
		return c.Grant(id, o)
	case o.Solo:
		return id, errors.New("password: m=solo cannot be had on this pool")
	case o.PayoutLimit != "":
		return id, errors.New("password: pl= cannot be set on this pool")
	}
	return id, nil
}
