package load

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Role is what a connection does.
type Role string

// The roles. All but Honest are what strangers and broken programs do.
const (
	Honest       Role = "honest"       // real shares, read answers
	Duplicate    Role = "duplicate"    // each share twice
	StaleJob     Role = "stale"        // shares of a job that never was
	LowDiff      Role = "lowdiff"      // shares below the target
	Unauthorised Role = "unauthorised" // shares for a name that did not authorise
	Garbage      Role = "garbage"      // lines that are no requests
	Huge         Role = "huge"         // lines without end
	Slow         Role = "slow"         // asks much and reads nothing
	HalfOpen     Role = "halfopen"     // connects and says nothing
	Slowloris    Role = "slowloris"    // a byte a second
	Floods       Role = "floods"       // shares below the target, without a pause
)

// Mix is how the connections are shared out among the roles, by weight.
type Mix map[Role]float64

// everyday is the misbehaviour of Bad: what a port in the open sees.
var everyday = []Role{Duplicate, StaleJob, LowDiff, Unauthorised, Garbage, Huge, Slow, HalfOpen, Slowloris, Floods}

// Bad is a mix in which so many per cent of the connections misbehave, in every way
// that there is.
func Bad(percent float64) Mix {
	m := Mix{Honest: 100 - percent}
	for _, r := range everyday {
		m[r] = percent / float64(len(everyday))
	}
	return m
}

// ParseMix reads "honest=90,duplicate=5,garbage=5", or "5%" for Bad(5).
func ParseMix(text string) (Mix, error) {
	if number, ok := strings.CutSuffix(text, "%"); ok {
		percent, err := strconv.ParseFloat(number, 64)
		if err != nil || !(percent >= 0 && percent <= 100) {
			return nil, fmt.Errorf("mix %q: want 0%% to 100%%", text)
		}
		return Bad(percent), nil
	}
	m := Mix{}
	for part := range strings.SplitSeq(text, ",") {
		name, number, _ := strings.Cut(strings.TrimSpace(part), "=")
		weight, err := strconv.ParseFloat(number, 64)
		switch role := Role(name); {
		case role != Honest && !slices.Contains(everyday, role):
			return nil, fmt.Errorf("mix: no role %q: want honest, %s", name, strings.Join(names(everyday), ", "))
		case err != nil || !(weight >= 0 && weight <= 1e6):
			return nil, fmt.Errorf("mix: %q: want a weight, as in %s=5", part, name)
		default:
			m[role] += weight
		}
	}
	return m, nil
}

func names(roles []Role) (list []string) {
	for _, r := range roles {
		list = append(list, string(r))
	}
	return list
}

// share says how many of n connections have each role. A role with a weight gets one
// at least as long as there are enough; honest ones are what is left.
func (m Mix) share(n int) map[Role]int {
	total := 0.0
	for _, weight := range m {
		total += weight
	}
	counts := map[Role]int{}
	left := n
	for _, role := range slices.Sorted(maps.Keys(m)) {
		if weight := m[role]; role != Honest && weight > 0 {
			counts[role] = min(left, max(1, int(float64(n)*weight/total+0.5)))
			left -= counts[role]
		}
	}
	counts[Honest] = left
	return counts
}
