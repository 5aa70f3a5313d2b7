package main

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/cpuminer"
	"github.com/adit-mining/adit/miners/minerd"
	"github.com/adit-mining/adit/miners/xmrig"
)

// known is a mining program that Adit can drive.
type known struct {
	miners.Driver
	cpu   bool               // it mines on processors
	cards []miners.GPUVendor // on whose graphics cards it mines
	files []string           // beginnings of its file's name, beside its own
}

// programs are the mining programs that Adit can drive, without its own.
func programs() []known {
	return []known{
		{Driver: minerd.Driver{}, cpu: true},
		{Driver: xmrig.Driver{}, cpu: true, cards: []miners.GPUVendor{miners.AMD, miners.NVIDIA}},
	}
}

// drivers are all drivers, that of Adit's own program first.
func drivers() []miners.Driver {
	all := []miners.Driver{cpuminer.Driver{}}
	for _, k := range programs() {
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

// named returns the program with that name, however it is spelled.
func named(name string) (known, bool) {
	plain := plainName(name)
	all := programs()
	i := slices.IndexFunc(all, func(k known) bool {
		return plainName(k.Name()) == plain || slices.ContainsFunc(k.files, func(f string) bool { return plainName(f) == plain })
	})
	if i < 0 {
		return known{}, false
	}
	return all[i], true
}

// filed returns the program whose file's name begins with a name that is known, the
// longest such name ("cpuminer-opt-avx2" is not a cpuminer).
func filed(path string) (found known, ok bool) {
	file, longest := plainName(filepath.Base(path)), 0
	for _, k := range programs() {
		for _, name := range append([]string{k.Name()}, k.files...) {
			if plain := plainName(name); len(plain) > longest && strings.HasPrefix(file, plain) {
				found, ok, longest = k, true, len(plain)
			}
		}
	}
	return found, ok
}

func knownNames() string {
	var names []string
	for _, k := range programs() {
		names = append(names, k.Name())
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
