package choice

import (
	"sort"
	"strings"

	"github.com/adit-mining/adit/miners/pow"
)

const (
	mib = 1 << 20
	gib = 1 << 30
	// overhead is what a program and the driver take of a card's memory beside the
	// data set: buffers, the light cache, the picture on the screen.
	overhead = 256 * mib
)

// Ethash's data set (https://ethereum.org/developers/docs/consensus-mechanisms/pow/
// mining/mining-algorithms/ethash): it begins with a gibibyte and grows by 8 MiB
// each epoch. The true size is the next prime number of 128 bytes below, some
// kilobytes less.
const (
	datasetStart  = gib
	datasetGrowth = 8 * mib

	ethashEpoch  = 30_000 // blocks
	etchashEpoch = 60_000 // from block etchashFork on (ECIP-1099)
	etchashFork  = 11_700_000
	kawpowEpoch  = 7_500 // Ravencoin's
)

// Autolykos 2's table (https://docs.ergoplatform.com/ErgoPow.pdf): 2^26 elements of
// 31 bytes, from a height on 5 % more each 50 Ki blocks, to a last height.
const (
	tableStart     = 1 << 26
	tableElement   = 31
	tableGrowsFrom = 600 * 1024
	tablePeriod    = 50 * 1024
	tableLast      = 4_198_400
)

// Need returns how much memory of its own a device must have for an algorithm when
// the chain is at height, in bytes; 0 where nothing is known. A height of 0 stands
// for the beginning of the chain.
//
// For RandomX it is what its slow mode takes: programs use that where the 2080 MiB
// of the fast mode, RandomXFast, are not to be had.
func Need(algorithm pow.Algorithm, height int64) uint64 {
	name := string(pow.Canonical(string(algorithm)))
	height = max(height, 0)
	switch {
	case name == "ethash":
		return dataset(height / ethashEpoch)
	case name == "etchash" && height < etchashFork:
		return dataset(height / ethashEpoch)
	case name == "etchash":
		return dataset(height / etchashEpoch)
	case name == "kawpow":
		return dataset(height / kawpowEpoch)
	case name == "autolykos2":
		return table(height) + overhead
	case name == "verthash":
		return 2 * gib // its data file has 1.2 GB
	case strings.HasPrefix(name, "random"):
		return 256*mib + overhead
	}
	return 0
}

// RandomXFast is the main memory that RandomX takes at full speed: 2080 MiB of data
// set and 256 MiB of cache (https://github.com/tevador/RandomX/blob/master/doc/specs.md).
const RandomXFast = (2080 + 256) * mib

func dataset(epoch int64) uint64 {
	return datasetStart + datasetGrowth*uint64(epoch) + overhead
}

func table(height int64) uint64 {
	elements := uint64(tableStart)
	for h := int64(tableGrowsFrom); h <= min(height, tableLast); h += tablePeriod {
		elements = elements / 100 * 105
	}
	return elements * tableElement
}

// Outgrows returns the first height at which an algorithm needs more memory than a
// device has, in bytes, so that the app can say how long a card will do. It is not
// ok where that never comes.
func Outgrows(algorithm pow.Algorithm, memory uint64) (height int64, ok bool) {
	const horizon = 1 << 32 // blocks: centuries
	if Need(algorithm, horizon) <= memory {
		return 0, false
	}
	// Etchash's need falls once, at its fork, which is behind us.
	from := int64(0)
	if pow.Canonical(string(algorithm)) == "etchash" {
		from = etchashFork
	}
	return from + int64(sort.Search(horizon, func(i int) bool {
		return Need(algorithm, from+int64(i)) > memory
	})), true
}
