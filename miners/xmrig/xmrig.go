// Package xmrig drives xmrig: RandomX, CryptoNight, Argon2 and GhostRider on
// processors, and some of them and KawPow on graphics cards
// (https://github.com/xmrig/xmrig).
//
// It makes xmrig's command line, reads what it prints on stdout and asks its HTTP
// interface. xmrig can compute neither scrypt nor sha256d. Nothing is started here
// but the conversation of a Poll.
package xmrig

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/pow"
)

// Driver is xmrig's miners.Driver.
type Driver struct{}

// Name implements miners.Driver.
func (Driver) Name() string { return "xmrig" }

// spellings are version 6.26's.
var spellings = miners.Spellings{
	"rx/0", "rx/2", "rx/wow", "rx/arq", "rx/graft", "rx/sfx", "rx/yada",
	"cn/0", "cn/1", "cn/2", "cn/r", "cn/fast", "cn/half", "cn/xao", "cn/rto", "cn/rwz", "cn/zls",
	"cn/double", "cn/ccx", "cn/upx2", "cn-lite/0", "cn-lite/1",
	"cn-heavy/0", "cn-heavy/tube", "cn-heavy/xhv", "cn-pico", "cn-pico/tlo",
	"argon2/chukwa", "argon2/chukwav2", "argon2/ninja", "kawpow", "ghostrider",
}

// Algorithms implements miners.Driver.
func (Driver) Algorithms() []pow.Algorithm { return spellings.Algorithms() }

// Args implements miners.Driver. The program's standard output must be a pipe:
// into a file it prints nothing.
func (Driver) Args(p miners.Plan) []string {
	scheme, address, found := strings.Cut(p.URL, "://")
	if !found {
		scheme, address = "", p.URL
	}
	args := []string{
		"-o", address, "-u", p.User, "-p", p.Password, "-a", spellings.Of(p.Algorithm),
		"--no-color", "--print-time=10", "--health-print-time=30",
	}
	if strings.HasSuffix(scheme, "ssl") || strings.HasSuffix(scheme, "tls") {
		args = append(args, "--tls")
	}
	if p.API > 0 {
		args = append(args, "--http-host=127.0.0.1", fmt.Sprintf("--http-port=%d", p.API))
		if p.Token != "" {
			args = append(args, "--http-access-token="+p.Token)
		}
	}
	if len(p.Devices) > 0 {
		return append(args, cards(p.Devices)...)
	}
	args = append(args, "--cpu-priority=1")
	if p.Threads > 0 {
		args = append(args, "-t", strconv.Itoa(p.Threads))
	}
	return args
}

// cards returns the options for graphics cards alone. OpenCL is told one platform,
// which is that of one vendor: of the cards of two such vendors only the first
// one's are used.
func cards(devices []miners.Device) []string {
	var cuda, opencl []string
	var platform miners.GPUVendor
	for _, d := range devices {
		switch {
		case d.Vendor == miners.NVIDIA:
			cuda = append(cuda, strconv.Itoa(d.Index))
		case platform == "" || platform == d.Vendor:
			platform = d.Vendor
			opencl = append(opencl, strconv.Itoa(d.Index))
		}
	}
	args := []string{"--no-cpu"}
	if len(cuda) > 0 {
		args = append(args, "--cuda", "--cuda-devices="+strings.Join(cuda, ","))
	}
	if len(opencl) > 0 {
		args = append(args, "--opencl", "--opencl-platform="+strings.ToUpper(string(platform)), "--opencl-devices="+strings.Join(opencl, ","))
	}
	return args
}

// NewParser implements miners.Driver.
func (Driver) NewParser() miners.Parser { return &parser{} }
