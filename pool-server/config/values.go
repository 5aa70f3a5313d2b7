package config

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"time"

	"github.com/adit-mining/adit/wallet/coin"
)

// Duration is a time.Duration that is written as "10s" or "5m".
type Duration time.Duration

// UnmarshalJSON reads "10s".
func (d *Duration) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf(`want a time with its unit, such as "10s" or "5m"`)
	}
	v, err := time.ParseDuration(s)
	if err != nil {
		return fmt.Errorf(`want a time with its unit, such as "10s" or "5m", have %q`, s)
	}
	*d = Duration(v)
	return nil
}

// MarshalJSON writes "10s".
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }

func (d Duration) String() string { return time.Duration(d).String() }

// D returns d as a time.Duration.
func (d Duration) D() time.Duration { return time.Duration(d) }

// TimeOfDay is a time of each day in UTC, since midnight, that is written as "16:30".
type TimeOfDay time.Duration

// UnmarshalJSON reads "16:30".
func (t *TimeOfDay) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		if at, err := time.Parse("15:04", s); err == nil {
			*t = TimeOfDay(at.Hour())*TimeOfDay(time.Hour) + TimeOfDay(at.Minute())*TimeOfDay(time.Minute)
			return nil
		}
	}
	return fmt.Errorf(`want times of day in UTC, such as ["04:00", "16:30"]`)
}

// MarshalJSON writes "16:30".
func (t TimeOfDay) MarshalJSON() ([]byte, error) { return json.Marshal(t.String()) }

func (t TimeOfDay) String() string { return time.Time{}.Add(time.Duration(t)).Format("15:04") }

// Network is an address such as "192.0.2.7", or a network such as "192.0.2.0/24".
type Network struct{ netip.Prefix }

// UnmarshalJSON reads either.
func (n *Network) UnmarshalJSON(b []byte) (err error) {
	var s string
	if json.Unmarshal(b, &s) == nil {
		if addr, err := netip.ParseAddr(s); err == nil {
			n.Prefix, err = addr.Unmap().Prefix(addr.Unmap().BitLen())
			return err
		}
		if n.Prefix, err = netip.ParsePrefix(s); err == nil {
			return nil
		}
	}
	return fmt.Errorf(`want addresses or networks such as ["192.0.2.7", "2001:db8::/32"]`)
}

// Secret is a password. It shows itself only to who calls Reveal.
type Secret struct{ value string }

// NewSecret returns a secret.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal returns the secret itself.
func (s Secret) Reveal() string { return s.value }

func (s Secret) String() string { return "(secret)" }

// GoString keeps %#v from printing the secret.
func (s Secret) GoString() string { return "(secret)" }

// LogValue keeps slog from printing the secret.
func (s Secret) LogValue() slog.Value { return slog.StringValue("(secret)") }

// MarshalJSON keeps JSON from printing the secret.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"(secret)"`), nil }

// Coins is an amount that is written as a decimal number of whole coins: "0.01".
type Coins coin.Amount

// UnmarshalJSON reads "0.01" or 0.01, exactly.
func (c *Coins) UnmarshalJSON(b []byte) error {
	a, err := coin.ParseAmount(strings.Trim(string(b), `"`))
	if err != nil {
		return fmt.Errorf(`want an amount of coins such as "0.01": %w`, err)
	}
	*c = Coins(a)
	return nil
}

// MarshalJSON writes "0.01000000".
func (c Coins) MarshalJSON() ([]byte, error) { return json.Marshal(c.String()) }

func (c Coins) String() string { return coin.Amount(c).String() }
