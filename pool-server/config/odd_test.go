package config_test

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/adit-mining/adit/pool-server/config"
)

func TestOddValuesAreRefusedInWords(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		change     func(*config.NewPool)
	}{
		{"a difficulty that is no number", "difficulty: want a number", func(n *config.NewPool) { n.Difficulty = math.NaN() }},
		{"a difficulty without end", "difficulty: want a number", func(n *config.NewPool) { n.Difficulty = math.Inf(1) }},
		{"a difficulty that nobody finds", "ports[0].difficulty: want 1e-09 to 1e+15", func(n *config.NewPool) { n.Difficulty = 1e300 }},
		{"a fee that is no number", "fee: want a number", func(n *config.NewPool) { n.FeePercent = math.NaN() }},
		{"a daemon without a port", "host:port", func(n *config.NewPool) { n.Daemons = []string{"http://u:p@127.0.0.1"} }},
		{"a path in the daemon's address", "/wallet/NAME", func(n *config.NewPool) { n.Daemons = []string{"http://u:p@127.0.0.1:1/rpc"} }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := newPool(t)
			tt.change(&n)
			if _, err := config.Init(t.TempDir(), n); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestTextsAndPricesAreChecked(t *testing.T) {
	for _, tt := range []struct{ name, file, text, want string }{
		{"prices", "pool", `{"EUR": 80.5, "USD": 93}`, ""},
		{"prices", "pool", `{}`, ""},
		{"prices", "pool", `{"EUR": 0}`, "more than 0"},
		{"prices", "pool", `{"EUR": -1}`, "more than 0"},
		{"prices", "pool", `{"EUR": 1e13}`, "at most 1e+12"},
		{"prices", "pool", `{"EUR": 1e400}`, "prices: want"},
		{"prices", "pool", `{"EUR": "80"}`, `want names with numbers, such as {"EUR": 80.5}`},
		{"prices", "pool", `{"euro": 80}`, "three capitals"},
		{"prices", "pool", `[80]`, "prices: want"},
		{"rules", "server", `"One key a person.\nBe kind."`, ""},
		{"rules", "server", `"` + strings.Repeat("x", 4001) + `"`, "rules: want plain text of at most 4000"},
		{"rules", "server", `"a\u202eb"`, "rules: want plain text"},
		{"contact", "server", `"help@pool.example"`, ""},
		{"contact", "server", `"two\nlines"`, "contact: want one line"},
		{"contact", "server", `"` + strings.Repeat("x", 201) + `"`, "contact: want one line"},
	} {
		dir := written(t)
		file := filepath.Join(dir, map[string]string{"pool": "pools/litecoin-regtest.json", "server": "server.json"}[tt.file])
		replaceKey(t, file, tt.name, tt.text)
		c, err := config.Load(dir)
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s %s: %v", tt.name, tt.text, err)
		case tt.want == "" && c.Loaded.IsZero():
			t.Error("it is not known when the files were read")
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s %s: got %v, want %q", tt.name, tt.text, err, tt.want)
		}
	}
}

// replaceKey gives another value to a key that stands in file with "" or {}.
func replaceKey(t *testing.T, file, key, value string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	empty := regexp.MustCompile(`"` + key + `": (""|\{\})`)
	if !empty.Match(text) {
		t.Fatalf("%s has no empty %s", file, key)
	}
	changed := empty.ReplaceAllLiteralString(string(text), `"`+key+`": `+value)
	if err := os.WriteFile(file, []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
}

// replaceText gives the pool's file another text in place of one that stands in it.
func replaceText(t *testing.T, dir, old, replacement string) {
	t.Helper()
	file := filepath.Join(dir, "pools", "litecoin-regtest.json")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		t.Fatalf("%q is not in the pool's file", old)
	}
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(text), old, replacement)), 0o644); err != nil {
		t.Fatal(err)
	}
}
