package stratum

import (
	"encoding/json"
	"fmt"
	"math/bits"
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
		case "subscribe-extranonce", "info":
			answer[name] = true
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
	mask := uint64(0xffffffff)
	if raw, ok := asked["version-rolling.mask"]; ok {
		var digits string
		err := json.Unmarshal(raw, &digits)
		if err == nil {
			mask, err = strconv.ParseUint(digits, 16, 32)
		}
		if err != nil {
			answer["version-rolling"] = "mask: want 8 hex digits"
			return
		}
	}
	var least int
	if raw, ok := asked["version-rolling.min-bit-count"]; ok {
		if err := json.Unmarshal(raw, &least); err != nil {
			answer["version-rolling"] = "min-bit-count: want a number"
			return
		}
	}
	s.versionMask = uint32(mask) & s.server.cfg.VersionMask
	if s.versionMask == 0 || bits.OnesCount32(s.versionMask) < least {
		s.versionMask = 0
		answer["version-rolling"] = false
		return
	}
	answer["version-rolling"] = true
	answer["version-rolling.mask"] = fmt.Sprintf("%08x", s.versionMask)
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
