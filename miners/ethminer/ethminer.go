// Package ethminer drives ethminer (https://github.com/ethereum-mining/ethminer) and
// kawpowminer (https://github.com/RavenCommunity/kawpowminer), which was made of it:
// ethash and KawPoW on graphics cards of AMD and NVIDIA.
//
// It makes their command line, reads their log and asks their interface, which is
// Claymore's. The log is on stderr, but old versions print errors on stdout, too, so
// both are read. Nothing is started here and nothing fails.
package ethminer

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
	"github.com/adit-mining/adit/miners/console"
	"github.com/adit-mining/adit/miners/pow"
)

// Driver is ethminer's miners.Driver.
type Driver struct{ program }

// Kawpowminer is kawpowminer's miners.Driver.
type Kawpowminer struct{ program }

// Name implements miners.Driver.
func (Driver) Name() string { return "ethminer" }

// Algorithms implements miners.Driver.
func (Driver) Algorithms() []pow.Algorithm { return []pow.Algorithm{"ethash"} }

// Name implements miners.Driver.
func (Kawpowminer) Name() string { return "kawpowminer" }

// Algorithms implements miners.Driver.
func (Kawpowminer) Algorithms() []pow.Algorithm { return []pow.Algorithm{"kawpow"} }

// program is what both have in common.
type program struct{}

// Args implements miners.Driver. A negative port makes the interface read-only.
func (program) Args(p miners.Plan) []string {
	args := append(devices(p), "-P", pool(p))
	if p.API != 0 {
		args = append(args, "--api-bind", "127.0.0.1:-"+strconv.Itoa(p.API))
	}
	args = append(args, "--HWMON", "2", "--nocolor", "--display-interval", "10")
	if p.MaxCelsius > 0 {
		args = append(args, "--tstop", strconv.Itoa(p.MaxCelsius), "--tstart", strconv.Itoa(console.Resume(p)))
	}
	return args
}

// devices selects NVIDIA's cards by CUDA and all others by OpenCL.
func devices(p miners.Plan) (args []string) {
	cuda := console.OwnNumbers(p.Of(miners.NVIDIA))
	opencl := append(console.OwnNumbers(p.Of(miners.AMD)), console.OwnNumbers(p.Of(miners.Intel))...)
	switch {
	case len(opencl) == 0 && len(cuda) > 0:
		args = append(args, "-U")
	case len(cuda) == 0 && len(opencl) > 0:
		args = append(args, "-G")
	}
	if len(cuda) > 0 {
		args = append(append(args, "--cuda-devices"), cuda...)
	}
	if len(opencl) > 0 {
		args = append(append(args, "--opencl-devices"), opencl...)
	}
	return args
}

// pool returns the pool's address with user and password in it. The schemes without
// "+tcp" let the program find out which of stratum's dialects the pool speaks.
func pool(p miners.Plan) string {
	address, encrypted := console.Pool(p)
	scheme := "stratum://"
	if encrypted {
		scheme = "stratums://"
	}
	login := escape(p.User)
	if p.Password != "" {
		login += ":" + escape(p.Password)
	}
	return scheme + login + "@" + address
}

// escape encodes all but letters, digits and the point between account and worker.
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// Poll implements miners.Poller.
func (program) Poll(ctx context.Context, p miners.Plan) (miners.Status, error) {
	return api.Claymore(ctx, p.API, 0)
}

// NewParser implements miners.Driver.
func (program) NewParser() miners.Parser { return &parser{connected: true} }
