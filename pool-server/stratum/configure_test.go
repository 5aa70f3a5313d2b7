package stratum_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/adit-mining/adit/pool-server/stratum"
)

// FuzzConfigure: each extension that is asked for gets true, false or a reason, and
// no mask has a bit that the pool does not let roll.
func FuzzConfigure(f *testing.F) {
	for _, params := range []string{
		`[["version-rolling"],{"version-rolling.mask":"1fffe000","version-rolling.min-bit-count":2}]`,
		`[["version-rolling"],{"version-rolling.mask":"ffffffff","version-rolling.min-bit-count":"00000002"}]`,
		`[["version-rolling","version-rolling"],{"version-rolling.mask":7,"version-rolling.min-bit-count":-1}]`,
		`[["minimum-difficulty","subscribe-extranonce","info","","version-rolling.mask"],{"minimum-difficulty.value":1e300}]`,
		`[["minimum-difficulty"],{"minimum-difficulty.value":-0.0}]`, `[[],[]]`, `[{},{}]`, `[]`, `[["a"]]`, `[[1]]`,
	} {
		f.Add(params)
	}
	var p pool
	server := newServer(f, p.config())
	f.Fuzz(func(t *testing.T, params string) {
		result, err := stratum.Configure(server, params)
		if err != nil {
			return
		}
		var answer map[string]any
		if err := json.Unmarshal([]byte(result), &answer); err != nil {
			t.Fatalf("%s: answered %q: %v", params, result, err)
		}
		var asked []json.RawMessage
		var names []string
		if json.Unmarshal([]byte(params), &asked) != nil || len(asked) == 0 || json.Unmarshal(asked[0], &names) != nil {
			return // read by the line's rules, not by these
		}
		for _, name := range names {
			switch answer[strings.ToValidUTF8(name, "\ufffd")].(type) {
			case bool, string:
			default:
				t.Errorf("%s: no answer about %q in %s", params, name, result)
			}
		}
		if text, ok := answer["version-rolling.mask"].(string); ok {
			mask, err := strconv.ParseUint(text, 16, 32)
			if len(text) != 8 || err != nil || mask == 0 || mask&^0x1fffe000 != 0 {
				t.Errorf("%s: mask %q", params, text)
			}
		}
	})
}
