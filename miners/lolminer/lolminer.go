// Package lolminer drives lolMiner, a closed program for graphics cards of AMD,
// NVIDIA and Intel (https://github.com/Lolliedieb/lolMiner-releases).
//
// It makes lolMiner's command line, reads what it prints (lines of what happens and,
// now and then, a table) and asks its HTTP interface. The wording is from recordings
// that users published; where that is not sure, a line is only taken for a kind of
// trouble, never counted. Nothing is started here.
package lolminer

import (
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/console"
	"github.com/adit-mining/adit/miners/pow"
)

// Driver is lolMiner's miners.Driver.
type Driver struct{}

// Name implements miners.Driver.
func (Driver) Name() string { return "lolminer" }

// algorithms are what lolMiner computes, and how it calls it.
var algorithms = []struct {
	name    pow.Algorithm
	spelled string
}{
	{"ethash", "ETHASH"}, {"etchash", "ETCHASH"}, {"ethashb3", "ETHASHB3"}, {"ubqhash", "UBQHASH"},
	{"autolykos2", "AUTOLYKOS2"}, {"octopus", "OCTOPUS"},
	{"beamhash3", "BEAM-III"}, {"equihash144", "EQUI144_5"}, {"equihash192", "EQUI192_7"}, {"equihash210", "EQUI210_9"}, {"zelhash", "FLUX"},
	{"cuckoo29", "C29AE"}, {"cuckaroo30", "CR30"}, {"cuckatoo31", "C31"}, {"cuckatoo32", "C32"}, {"cuckaroo29b", "CR29-40"}, {"cuckaroo29s", "CR29-32"},
	{"kheavyhash", "KASPA"}, {"karlsenhash", "KARLSEN"}, {"karlsenhashv2", "KARLSENV2"}, {"pyrinhash", "PYRIN"}, {"pyrinhashv2", "PYRINV2"},
	{"nexapow", "NEXA"}, {"fishhash", "FISHHASH"}, {"sha256ton", "GRAM"}, {"sha512256d", "RADIANT"},
}

// Algorithms implements miners.Driver.
func (Driver) Algorithms() (names []pow.Algorithm) {
	for _, a := range algorithms {
		names = append(names, a.name)
	}
	return names
}

func spelled(name pow.Algorithm) string {
	for _, a := range algorithms {
		if a.name == name {
			return a.spelled
		}
	}
	return strings.ToUpper(string(name))
}

// Args implements miners.Driver. lolMiner's watchdog is told to end the program when
// a card hangs, and nothing else: Adit starts it again.
func (Driver) Args(p miners.Plan) []string {
	address, encrypted := console.Pool(p)
	tls := "off"
	if encrypted {
		tls = "on"
	}
	args := []string{"--algo", spelled(p.Algorithm), "--pool", address, "--user", p.User, "--pass", p.Password, "--tls", tls}
	args = append(args, devices(p.Devices)...)
	if p.API != 0 {
		args = append(args, "--apihost", "127.0.0.1", "--apiport", strconv.Itoa(p.API))
	}
	if p.MaxCelsius > 0 {
		args = append(args, "--tstop", strconv.Itoa(p.MaxCelsius), "--tstart", strconv.Itoa(console.Resume(p)))
	}
	return append(args, "--nocolor", "--watchdog", "exit", "--shortstats", "10", "--longstats", "60")
}

// devices selects cards by their place on the bus when all are known, which no
// program counts differently, and else by number.
func devices(cards []miners.Device) []string {
	var places, numbers []string
	for _, d := range cards {
		numbers = append(numbers, strconv.Itoa(d.All))
		if place, ok := busAndSlot(d.PCI); ok {
			places = append(places, place)
		}
	}
	switch {
	case len(cards) == 0:
		return nil
	case len(places) == len(cards):
		return []string{"--devicesbypcie", "--devices", strings.Join(places, ",")}
	}
	return []string{"--devices", strings.Join(numbers, ",")}
}

// busAndSlot makes lolMiner's "10:0", in decimal, of "0000:0a:00.0".
func busAndSlot(pci string) (place string, ok bool) {
	parts := strings.Split(pci, ":")
	if len(parts) != 3 {
		return "", false
	}
	slot, _, _ := strings.Cut(parts[2], ".")
	bus, err := strconv.ParseUint(parts[1], 16, 8)
	number, err2 := strconv.ParseUint(slot, 16, 8)
	return strconv.FormatUint(bus, 10) + ":" + strconv.FormatUint(number, 10), err == nil && err2 == nil
}

// NewParser implements miners.Driver.
func (Driver) NewParser() miners.Parser { return &parser{} }
