package programs_test

import (
	"strings"
	"testing"

	"github.com/adit-mining/adit/app/programs"
)

func TestNamesAreKnownHoweverSpelled(t *testing.T) {
	for name, want := range map[string]string{
		"minerd": "minerd", "cpuminer": "minerd", "CPUMiner": "minerd",
		"cpuminer-multi": "cpuminer-multi", "cpuminer_multi": "cpuminer-multi", "CpuMinerMulti": "cpuminer-multi",
		"cpuminer-opt": "cpuminer-opt", "cpuminer opt": "cpuminer-opt",
		"XMRig": "xmrig", "cgminer": "cgminer", "BFGMiner": "bfgminer", "sgminer": "sgminer", "nsgminer": "nsgminer",
		"T-Rex": "t-rex", "trex": "t-rex", "t_rex": "t-rex", "SRBMiner-Multi": "srbminer-multi", "srbminer": "srbminer-multi",
		"EthDcrMiner64": "claymore", "Claymore": "claymore", "PhoenixMiner": "phoenixminer", "TeamRedMiner": "teamredminer",
		"lolMiner": "lolminer", "GMiner": "gminer", "NBMiner": "nbminer", "BzMiner": "bzminer", "WildRig": "wildrig", "wildrig-multi": "wildrig",
		"VerthashMiner": "verthashminer", "verthash-miner": "verthashminer", "kawpowminer": "kawpowminer", "ethminer": "ethminer",
		"ccminer": "ccminer", "cudaminer": "cudaminer", "rigel": "rigel",
		"": "", "-": "", "xmr-stak": "", "miner": "", "xmrig-6": "",
	} {
		got, ok := programs.Named(name)
		if ok != (want != "") || ok && got.Name() != want {
			t.Errorf("Named(%q) = %v, %v, want %q", name, got.Driver, ok, want)
		}
	}
}

func TestProgramsAreKnownByTheirFiles(t *testing.T) {
	for path, want := range map[string]string{
		"/opt/minerd": "minerd", "minerd.exe": "minerd", "xmrig-6.26-static": "xmrig", "XMRIG.EXE": "xmrig",
		"cpuminer": "cpuminer-multi", "cpuminer-gw64-avx2.exe": "cpuminer-multi", "cpuminer-multi": "cpuminer-multi",
		"cpuminer-avx2-sha.exe": "cpuminer-opt", "cpuminer-sse42": "cpuminer-opt", "cpuminer-opt": "cpuminer-opt",
		"nsgminer.exe": "nsgminer", "sgminer": "sgminer", "bash": "", "": "",
		"/opt/t-rex": "t-rex", "/opt/SRBMiner-MULTI": "srbminer-multi", "/opt/miner": "gminer", "/opt/lolMiner": "lolminer", "/opt/nbminer": "nbminer",
	} {
		got, ok := programs.Filed(path)
		if ok != (want != "") || ok && got.Name() != want {
			t.Errorf("Filed(%q) = %v, %v, want %q", path, got.Driver, ok, want)
		}
	}
}

func TestEveryDriverIsListedOnceUnderItsName(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range programs.Drivers() {
		if seen[d.Name()] {
			t.Errorf("%s is listed twice", d.Name())
		}
		seen[d.Name()] = true
	}
	for name := range strings.SplitSeq(programs.Names(), ", ") {
		if known, ok := programs.Named(name); !ok || known.Name() != name || !seen[name] {
			t.Errorf("%s is not known by its own name", name)
		}
	}
}
