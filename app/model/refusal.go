package model

import "strings"

// A Refusal is why a pool did not take a share, as far as anybody can tell from its
// words or the program's. The empty one is a reason that nobody here has heard of.
type Refusal string

// The refusals.
const (
	Stale         Refusal = "stale"          // the pool was at other work by then
	Duplicate     Refusal = "duplicate"      // it had it already
	LowDifficulty Refusal = "low-difficulty" // the hash is above the share's target
	Unauthorized  Refusal = "unauthorized"   // the pool does not know who sent it
	Invalid       Refusal = "invalid"        // in form or in what was computed
	PoolTrouble   Refusal = "pool-trouble"   // the pool could not judge it or keep it
)

// Refusals lists them.
func Refusals() []Refusal {
	return []Refusal{Stale, Duplicate, LowDifficulty, Unauthorized, Invalid, PoolTrouble}
}

// refusals are parts of reasons, in lower case, and what they mean. The first that fits
// counts, so "invalid" is almost last: many a reason begins with it.
var refusals = []struct {
	refusal Refusal
	parts   []string
}{
	{Unauthorized, []string{"unauthor", "not authori", "authorize first", "not subscribed", "unsubscribed", "not logged in", "not login",
		"unknown worker", "unknown user", "invalid worker", "invalid user", "invalid wallet", "invalid address", "banned"}},
	{Duplicate, []string{"duplicate", "already submitted", "submitted before", "already shared"}},
	{LowDifficulty, []string{"low diff", "low-diff", "low_diff", "lowdiff", "difficulty too low", "above target", "above the target", "high-hash", "high hash",
		"not meet", "below the share", "target not met"}},
	{Stale, []string{"stale", "job not found", "job doesn't exist", "unknown job", "no such job", "invalid job", "wrong job", "job expired", "unknown-work", "unknown work",
		"work not found", "expired", "outdated", "old job", "old block", "old share", "prevhash", "prevblk", "previous block", "too late", "take the next one"}},
	{PoolTrouble, []string{"internal error", "internal server", "server error", "could not record", "too large to be listed", "no work", "not ready", "not synced",
		"syncing", "database", "busy", "unavailable", "try again", "timed out", "timeout"}},
	{Invalid, []string{"invalid", "incorrect", "wrong", "malformed", "out of range", "not hex", "hex digits", "extranonce", "ntime", "time too", "nonce", "verif",
		"version bits", "bad share", "bad hash", "bad pow", "bad-", "not valid"}},
}

// RefusalOf tells what a reason means that a pool or a program gave in its own words.
func RefusalOf(reason string) Refusal {
	reason = strings.ToLower(reason)
	for _, r := range refusals {
		for _, part := range r.parts {
			if strings.Contains(reason, part) {
				return r.refusal
			}
		}
	}
	return ""
}

// MainRefusal returns why most shares were refused: those with other words for the same
// count together. Where nobody here knows what most mean, why is empty and said are the
// words; without any reason both are.
func (t Totals) MainRefusal() (why Refusal, said string) {
	type reason struct {
		why  Refusal
		said string
	}
	sums := map[reason]int64{}
	for text, n := range t.Reasons {
		r := reason{why: RefusalOf(text)}
		if r.why == "" {
			r.said = text
		}
		sums[r] += n
	}
	var main reason
	most := int64(0)
	for r, n := range sums {
		if n > most || n == most && string(r.why)+r.said < string(main.why)+main.said {
			main, most = r, n
		}
	}
	return main.why, main.said
}
