package stratum

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/work"
)

// maxExtensions is how many extensions one request may name.
const maxExtensions = 16

// options are the parameters of all extensions that a miner asks for.
type options map[string]json.RawMessage

// configure answers mining.configure: each extension asked for with true, false
// (also those that nobody has heard of) or the reason why not.
func (s *session) configure(r *request) (string, error) {
	var names []string
	asked := options{}
	err := json.Unmarshal([]byte(r.params[0].text), &names)
	if r.params[0].kind != nested || err != nil || len(names) > maxExtensions {
		s.punish(pointsUnknown)
		return "", reject(work.CodeOther, "configure: want a list of extensions and their options")
	}
	if r.params[1].kind == nested {
		if err := json.Unmarshal([]byte(r.params[1].text), &asked); err != nil {
			return "", reject(work.CodeOther, "configure: want options as an object")
		}
	}
	answer := map[string]any{}
	for _, name := range names {
		switch name {
		case "version-rolling":
			s.configureVersion(asked, answer)
		case "minimum-difficulty":
			answer[name] = s.configureMinimum(asked)
		case "subscribe-extranonce":
			s.subscribeExtranonce()
			answer[name] = true
		case "info":
			answer[name] = true // it tells us something, we promise nothing
		default:
			answer[name] = false
		}
	}
	result, err := json.Marshal(answer)
	if err != nil {
		return "", fmt.Errorf("encode the answer: %w", err)
	}
	return string(result), nil
}

// configureVersion agrees on the version bits that the miner may roll (BIP 310):
// those that both know, if they are as many as the miner needs.
func (s *session) configureVersion(asked options, answer map[string]any) {
	const name = "version-rolling"
	mask, err := asked.mask(name + ".mask")
	if err != nil {
		answer[name] = "mask: want 8 hex digits"
		return
	}
	least, err := asked.count(name + ".min-bit-count")
	if err != nil {
		answer[name] = "min-bit-count: want a number"
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.rolling.agree(mask, s.server.rollable(), least) {
		answer[name] = false
		return
	}
	answer[name] = true
	answer[name+".mask"] = fmt.Sprintf("%08x", s.rolling.mask)
}

// rollable returns the version bits that miners may roll now.
func (s *Server) rollable() uint32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.versionMask
}

// mask reads a mask, all bits if there is none.
func (o options) mask(key string) (uint32, error) {
	raw, ok := o[key]
	if !ok {
		return 0xffffffff, nil
	}
	var digits string
	if err := json.Unmarshal(raw, &digits); err != nil {
		return 0, err
	}
	mask, err := strconv.ParseUint(digits, 16, 32)
	return uint32(mask), err
}

// count reads a count, 0 if there is none. BIP 310 calls it a mask, that is a text in
// hex, and shows it as a number: both are read.
func (o options) count(key string) (int, error) {
	raw, ok := o[key]
	if !ok {
		return 0, nil
	}
	var n int
	if json.Unmarshal(raw, &n) == nil {
		return n, nil
	}
	mask, err := o.mask(key)
	return int(mask), err
}

// configureMinimum takes the difficulty below which the miner wants no work. It
// holds against vardiff, but not against a block that is easier.
func (s *session) configureMinimum(asked options) any {
	var d float64
	if err := json.Unmarshal(asked["minimum-difficulty.value"], &d); err != nil || d < 0 {
		return "value: want a number, 0 or more"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.floor = pow.Difficulty(d)
	s.want(s.wanted.difficulty)
	return true
}
