// Package programs is the mining programs that this Adit can use: the list of
// drivers, the programs on the disk, those of the catalogue, and getting one from
// there to here.
//
// It joins the packages below miners for the model, which sees Shelf, Install and
// Verify only. It starts no goroutine.
package programs

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/bfgminer"
	"github.com/adit-mining/adit/miners/bzminer"
	"github.com/adit-mining/adit/miners/ccminer"
	"github.com/adit-mining/adit/miners/cgminer"
	"github.com/adit-mining/adit/miners/claymore"
	"github.com/adit-mining/adit/miners/cpuminer"
	"github.com/adit-mining/adit/miners/cpuminermulti"
	"github.com/adit-mining/adit/miners/cpumineropt"
	"github.com/adit-mining/adit/miners/cudaminer"
	"github.com/adit-mining/adit/miners/ethminer"
	"github.com/adit-mining/adit/miners/gminer"
	"github.com/adit-mining/adit/miners/lolminer"
	"github.com/adit-mining/adit/miners/minerd"
	"github.com/adit-mining/adit/miners/nbminer"
	"github.com/adit-mining/adit/miners/nsgminer"
	"github.com/adit-mining/adit/miners/phoenixminer"
	"github.com/adit-mining/adit/miners/rigel"
	"github.com/adit-mining/adit/miners/sgminer"
	"github.com/adit-mining/adit/miners/srbminer"
	"github.com/adit-mining/adit/miners/teamredminer"
	"github.com/adit-mining/adit/miners/trex"
	"github.com/adit-mining/adit/miners/verthashminer"
	"github.com/adit-mining/adit/miners/wildrig"
	"github.com/adit-mining/adit/miners/xmrig"
)

// Known is a mining program that Adit can drive.
type Known struct {
	miners.Driver
	CPU   bool               // it mines on processors
	Cards []miners.GPUVendor // on whose graphics cards it mines
	files []string           // beginnings of its file's name, beside its own
	also  []string           // what else people call it
}

// All are the mining programs that Adit can drive, without its own.
func All() []Known {
	amd, nvidia, intel := miners.AMD, miners.NVIDIA, miners.Intel
	cards := func(vendors ...miners.GPUVendor) []miners.GPUVendor { return vendors }
	return []Known{
		{Driver: minerd.Driver{}, CPU: true, also: []string{"cpuminer"}, files: []string{"pooler-cpuminer"}},
		{Driver: cpuminermulti.Driver{}, CPU: true, files: []string{"cpuminer", "cpuminer-gw64"}},
		{Driver: cpumineropt.Driver{}, CPU: true, files: []string{"cpuminer-sse", "cpuminer-aes", "cpuminer-avx", "cpuminer-zen"}},
		{Driver: xmrig.Driver{}, CPU: true, Cards: cards(amd, nvidia)},
		{Driver: cgminer.Driver{}}, // machines on USB, which are no device of ours
		{Driver: bfgminer.Driver{}, CPU: true, Cards: cards(amd, nvidia)},
		{Driver: sgminer.Driver{}, Cards: cards(amd, nvidia)},
		{Driver: nsgminer.Driver{}, CPU: true, Cards: cards(amd, nvidia)},
		{Driver: ccminer.Driver{}, Cards: cards(nvidia)},
		{Driver: cudaminer.Driver{}, Cards: cards(nvidia)},
		{Driver: ethminer.Driver{}, Cards: cards(amd, nvidia)},
		{Driver: ethminer.Kawpowminer{}, Cards: cards(amd, nvidia)},
		{Driver: verthashminer.Driver{}, Cards: cards(amd, nvidia), also: []string{"verthash-miner"}},
		{Driver: trex.Driver{}, Cards: cards(nvidia)},
		{Driver: lolminer.Driver{}, Cards: cards(amd, nvidia, intel)},
		{Driver: srbminer.Driver{}, CPU: true, Cards: cards(amd, nvidia, intel), also: []string{"srbminer"}},
		{Driver: teamredminer.Driver{}, Cards: cards(amd)},
		{Driver: gminer.Driver{}, Cards: cards(amd, nvidia), files: []string{"miner"}},
		{Driver: nbminer.Driver{}, Cards: cards(amd, nvidia)},
		{Driver: rigel.Driver{}, Cards: cards(nvidia)},
		{Driver: bzminer.Driver{}, Cards: cards(amd, nvidia, intel)},
		{Driver: wildrig.Driver{}, Cards: cards(amd, nvidia, intel), also: []string{"wildrig-multi"}},
		{Driver: phoenixminer.Driver{}, Cards: cards(amd, nvidia)},
		{Driver: claymore.Driver{}, Cards: cards(amd, nvidia), also: []string{"ethdcrminer64", "ethdcrminer"}},
	}
}

// Drivers are all drivers, that of Adit's own program first.
func Drivers() []miners.Driver {
	all := []miners.Driver{cpuminer.Driver{}}
	for _, k := range All() {
		all = append(all, k.Driver)
	}
	return all
}

// plainName makes one spelling of the many that a program's name has:
// "CPUMiner_opt" and "cpuminer-opt" are both "cpumineropt".
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(name))
}

// Named returns the program with that name, however it is spelled.
func Named(name string) (Known, bool) {
	plain := plainName(name)
	all := All()
	i := slices.IndexFunc(all, func(k Known) bool {
		return slices.ContainsFunc(append(k.also, k.Name()), func(n string) bool { return plainName(n) == plain })
	})
	if i < 0 {
		return Known{}, false
	}
	return all[i], true
}

// Filed returns the program whose file's name begins with a name that is known, the
// longest such name ("cpuminer-opt-avx2" is not a cpuminer).
func Filed(path string) (found Known, ok bool) {
	file, longest := plainName(filepath.Base(path)), 0
	for _, k := range All() {
		for _, name := range append([]string{k.Name()}, k.files...) {
			if plain := plainName(name); len(plain) > longest && strings.HasPrefix(file, plain) {
				found, ok, longest = k, true, len(plain)
			}
		}
	}
	return found, ok
}

// Names lists the names of the programs that Adit can drive.
func Names() string {
	var names []string
	for _, k := range All() {
		names = append(names, k.Name())
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
