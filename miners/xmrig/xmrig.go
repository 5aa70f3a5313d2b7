// Package xmrig drives xmrig: RandomX, CryptoNight, Argon2 and GhostRider on
// processors (https://github.com/xmrig/xmrig).
//
// It makes xmrig's command line and reads what it prints on stdout. Its HTTP
// interface is left for later. xmrig can compute neither scrypt nor sha256d.
// Nothing is started here and nothing fails.
package xmrig

import (
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/pow"
)

// Driver is xmrig's miners.Driver.
type Driver struct{}

// Name implements miners.Driver.
func (Driver) Name() string { return "xmrig" }

// Algorithms implements miners.Driver, in xmrig's own names, which pools use too.
func (Driver) Algorithms() []pow.Algorithm {
	return []pow.Algorithm{
		"rx/0", "rx/wow", "rx/arq", "rx/graft", "rx/sfx", "rx/keva", "rx/yada",
		"cn/0", "cn/1", "cn/2", "cn/r", "cn/fast", "cn/half", "cn/xao", "cn/rto", "cn/rwz", "cn/zls",
		"cn/double", "cn/ccx", "cn/upx2", "cn-lite/0", "cn-lite/1",
		"cn-heavy/0", "cn-heavy/tube", "cn-heavy/xhv", "cn-pico", "cn-pico/tlo",
		"argon2/chukwa", "argon2/chukwav2", "argon2/ninja", "ghostrider",
	}
}

// Args implements miners.Driver. The program's standard output must be a pipe:
// into a file it prints nothing.
func (Driver) Args(p miners.Plan) []string {
	scheme, address, found := strings.Cut(p.URL, "://")
	if !found {
		scheme, address = "", p.URL
	}
	args := []string{
		"-o", address, "-u", p.User, "-p", p.Password, "-a", string(p.Algorithm),
		"--no-color", "--print-time=10", "--cpu-priority=1",
	}
	if strings.HasSuffix(scheme, "ssl") || strings.HasSuffix(scheme, "tls") {
		args = append(args, "--tls")
	}
	if p.Threads > 0 {
		args = append(args, "-t", strconv.Itoa(p.Threads))
	}
	return args
}

// NewParser implements miners.Driver.
func (Driver) NewParser() miners.Parser { return &parser{} }
