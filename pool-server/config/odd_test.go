package config_test

import (
	"math"
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
