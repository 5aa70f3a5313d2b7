package programs_test

import (
	"slices"
	"testing"

	"github.com/adit-mining/adit/app/programs"
)

func TestProgramsAreFoundByEverySpelling(t *testing.T) {
	for spelled, want := range map[string]string{
		"minerd": "minerd", "cpuminer": "minerd", "CPUMiner-Multi": "cpuminer-multi", "cpuminer_opt": "cpuminer-opt", "XMRig": "xmrig",
		"T-Rex": "t-rex", "trex": "t-rex", "t_rex": "t-rex", "SRBMiner-Multi": "srbminer-multi", "srbminer": "srbminer-multi",
		"EthDcrMiner64": "claymore", "Claymore": "claymore", "PhoenixMiner": "phoenixminer", "TeamRedMiner": "teamredminer",
		"lolMiner": "lolminer", "GMiner": "gminer", "NBMiner": "nbminer", "BzMiner": "bzminer", "WildRig": "wildrig", "wildrig-multi": "wildrig",
		"VerthashMiner": "verthashminer", "verthash-miner": "verthashminer", "kawpowminer": "kawpowminer", "ethminer": "ethminer",
		"cgminer": "cgminer", "bfgminer": "bfgminer", "sgminer": "sgminer", "nsgminer": "nsgminer", "ccminer": "ccminer",
		"cudaminer": "cudaminer", "rigel": "rigel",
	} {
		if got, ok := programs.Named(spelled); !ok || got.Name() != want {
			t.Errorf("%q is not %s", spelled, want)
		}
	}
	if got, ok := programs.Named("notepad"); ok {
		t.Errorf("notepad is taken for %s", got.Name())
	}
}

func TestProgramsAreToldByTheirFile(t *testing.T) {
	for path, want := range map[string]string{
		"/opt/xmrig-6.26.0/xmrig": "xmrig", "/opt/minerd": "minerd", "/opt/cpuminer-avx2-sha": "minerd", `/opt/cpuminer-opt-avx512`: "cpuminer-opt",
		"/opt/cpuminer-multi": "cpuminer-multi", "/opt/t-rex": "t-rex", "/opt/SRBMiner-MULTI": "srbminer-multi", "/opt/miner": "gminer",
		"/opt/lolMiner": "lolminer", "/opt/nbminer": "nbminer",
	} {
		if got, ok := programs.Filed(path); !ok || got.Name() != want {
			t.Errorf("%s is not %s", path, want)
		}
	}
	if got, ok := programs.Filed("/usr/bin/notepad"); ok {
		t.Errorf("notepad is taken for %s", got.Name())
	}
}

// TestEveryProgramIsWhole checks what the rest of Adit relies on.
func TestEveryProgramIsWhole(t *testing.T) {
	var names []string
	for _, k := range programs.All() {
		if k.Name() == "" || slices.Contains(names, k.Name()) {
			t.Errorf("the name %q is empty or there twice", k.Name())
		}
		names = append(names, k.Name())
		if len(k.Algorithms()) == 0 {
			t.Errorf("%s computes nothing", k.Name())
		}
		if !k.CPU && len(k.Cards) == 0 {
			t.Errorf("%s mines on nothing", k.Name())
		}
	}
	if len(programs.Drivers()) != len(names)+1 {
		t.Errorf("%d drivers for %d programs and Adit's own", len(programs.Drivers()), len(names))
	}
}
