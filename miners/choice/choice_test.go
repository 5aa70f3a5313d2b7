package choice_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/hwdetect"
	"github.com/adit-mining/adit/miners/choice"
	"github.com/adit-mining/adit/miners/install"
	"github.com/adit-mining/adit/miners/pow"
)

var today = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

const gib = 1 << 30

var (
	processor = hwdetect.Device{ID: "cpu0", Kind: hwdetect.CPUKind, Name: "A processor", CPU: &hwdetect.CPU{}}
	geforce   = card("10de", "GeForce", 8*gib, "535.104.05")
	radeon    = card("1002", "Radeon", 8*gib, "")
	arc       = card("8086", "Arc", 8*gib, "")
)

func card(vendor, name string, memory uint64, driver string) hwdetect.Device {
	return hwdetect.Device{ID: "gpu-" + vendor, Kind: hwdetect.GPUKind, Name: name,
		GPU: &hwdetect.GPU{VendorID: vendor, Memory: memory, DriverVersion: driver, Driver: "kernel"}}
}

// program makes one that can do algorithms on all hardware of Linux; closed ones
// have a name in capitals.
func program(name string, fee float64, algorithms ...pow.Algorithm) install.Program {
	everything := []install.Hardware{install.CPU, install.AMD, install.NVIDIA, install.Intel}
	p := install.Program{Name: strings.ToLower(name), Version: "1", Licence: "GPL-3.0"}
	if name != p.Name {
		p.Licence = install.Closed
	}
	for _, a := range algorithms {
		p.Algorithms = append(p.Algorithms, install.Algorithm{Name: a, Devices: everything, FeePercent: fee})
	}
	p.Builds = []install.Build{{OS: "linux", Arch: "amd64", Devices: everything}}
	return p
}

func question(d hwdetect.Device, a pow.Algorithm, programs ...install.Program) choice.Question {
	return choice.Question{Device: d, OS: "linux", Arch: "amd64", Algorithm: a, Programs: programs,
		MainMemory: 16 * gib, Now: today, Consent: map[string]bool{}}
}

// names spells candidates as "minerd ethminer!needs-memory".
func names(list []choice.Candidate) string {
	var words []string
	for _, c := range list {
		word := c.Program.Name
		if c.Excluded != "" {
			word += "!" + string(c.Excluded)
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

func TestKnownGoodOrder(t *testing.T) {
	all := func(a pow.Algorithm) (list []install.Program) {
		for _, name := range []string{"BzMiner", "WildRig", "SRBMiner-Multi", "lolMiner", "GMiner", "Rigel", "T-Rex", "TeamRedMiner", "NBMiner", "PhoenixMiner",
			"builtin", "cpuminer-multi", "minerd", "cpuminer-opt", "xmrig", "nsgminer", "sgminer", "cudaminer", "ccminer", "verthashminer", "kawpowminer", "ethminer"} {
			list = append(list, program(name, 1, a))
		}
		return list
	}
	for _, c := range []struct {
		device    hwdetect.Device
		algorithm pow.Algorithm
		want      string // the first ones
		open      string // the first one without consent
	}{
		{processor, "rx/0", "xmrig srbminer-multi", "xmrig"},
		{processor, "ghostrider", "xmrig srbminer-multi", "xmrig"},
		{processor, "scrypt", "cpuminer-opt minerd cpuminer-multi builtin", "cpuminer-opt"},
		{processor, "sha256d", "cpuminer-opt minerd", "cpuminer-opt"},
		{processor, "yespower", "cpuminer-opt cpuminer-multi", "cpuminer-opt"},
		{processor, "minotaurx", "cpuminer-opt cpuminer-multi", "cpuminer-opt"},
		{processor, "verushash", "ccminer srbminer-multi", "ccminer"},
		{radeon, "etchash", "ethminer teamredminer lolminer", "ethminer"},
		{radeon, "kawpow", "kawpowminer teamredminer", "kawpowminer"},
		{radeon, "neoscrypt", "nsgminer sgminer wildrig", "nsgminer"},
		{radeon, "x16r", "sgminer nsgminer wildrig", "sgminer"},
		{radeon, "verthash", "verthashminer teamredminer", "verthashminer"},
		{geforce, "ethash", "ethminer t-rex rigel", "ethminer"},
		{geforce, "kawpow", "kawpowminer t-rex rigel", "kawpowminer"},
		{geforce, "lyra2rev2", "ccminer wildrig", "ccminer"},
		{geforce, "scrypt", "ccminer cudaminer", "ccminer"},
		{geforce, "autolykos2", "rigel t-rex", ""},
		{arc, "kawpow", "lolminer srbminer-multi bzminer wildrig", ""},
	} {
		q := question(c.device, c.algorithm, all(c.algorithm)...)
		got := choice.Candidates(q)
		if c.open != "" && names(got[:1]) != c.open {
			t.Errorf("%s on %s without consent: %s first, want %s", c.algorithm, c.device.Name, names(got[:1]), c.open)
		}
		for _, x := range got {
			if x.Excluded == "" && !x.Program.Open() {
				t.Errorf("%s on %s: %s may run without consent", c.algorithm, c.device.Name, x.Program.Name)
			}
		}
		for _, p := range q.Programs {
			q.Consent[p.Name] = true
		}
		if got := names(choice.Candidates(q)); !strings.HasPrefix(got+" ", c.want+" ") {
			t.Errorf("%s on %s: %s, want %s first", c.algorithm, c.device.Name, got, c.want)
		}
	}
}

func TestCandidatesSayWhyAProgramMustNotRun(t *testing.T) {
	capable := program("ccminer", 0, "kawpow")
	capable.Algorithms[0].MinComputeCapability = "6.1"
	driven := program("ccminer", 0, "kawpow")
	driven.Builds[0].MinDriver = map[install.Hardware]string{install.NVIDIA: "552.22"}
	both := driven
	both.Builds = append([]install.Build{}, driven.Builds[0], driven.Builds[0])
	both.Builds[1].MinDriver = map[install.Hardware]string{install.NVIDIA: "470"}
	greedy := program("ccminer", 0, "kawpow")
	greedy.Algorithms[0].MinMemory = 10 * gib
	picky := program("ccminer", 0, "kawpow")
	picky.Builds[0].CPUFeatures = []string{"AVX2"}
	base := func(p install.Program) choice.Question {
		q := question(geforce, "kawpow", p)
		q.ComputeCapability = "5.2"
		return q
	}
	key := base(program("ccminer", 0, "kawpow")).Key(program("ccminer", 0, "kawpow"))
	for name, c := range map[string]struct {
		q    choice.Question
		want string
		edit func(*choice.Question)
	}{
		"fits":               {base(program("ccminer", 0, "kawpow")), "ccminer", nil},
		"other system":       {base(program("ccminer", 0, "kawpow")), "ccminer!no-build", func(q *choice.Question) { q.OS = "darwin" }},
		"other processor":    {base(program("ccminer", 0, "kawpow")), "ccminer!no-build", func(q *choice.Question) { q.Arch = "arm64" }},
		"lacks AVX2":         {base(picky), "ccminer!no-build", nil},
		"has AVX2":           {base(picky), "ccminer", func(q *choice.Question) { q.CPUFeatures = []string{"SSE2", "AVX2"} }},
		"old card":           {base(capable), "ccminer!card-too-old", nil},
		"newer card":         {base(capable), "ccminer", func(q *choice.Question) { q.ComputeCapability = "10.0" }},
		"unknown card":       {base(capable), "ccminer", func(q *choice.Question) { q.ComputeCapability = "" }},
		"old driver":         {base(driven), "ccminer!driver-too-old", nil},
		"old driver, 2nd":    {base(both), "ccminer", nil},
		"unknown driver":     {base(driven), "ccminer", func(q *choice.Question) { q.Device = card("10de", "GeForce", 8*gib, "") }},
		"Windows' numbers":   {base(driven), "ccminer", func(q *choice.Question) { q.Device = card("10de", "GeForce", 8*gib, "31.0.15.5222") }},
		"Windows, too old":   {base(driven), "ccminer!driver-too-old", func(q *choice.Question) { q.Device = card("10de", "GeForce", 8*gib, "31.0.15.3623") }},
		"little memory":      {base(greedy), "ccminer!needs-memory", nil},
		"data set too large": {base(program("ccminer", 0, "kawpow")), "ccminer!needs-memory", func(q *choice.Question) { q.Height = 7500 * 900 }},
		"data set fits":      {base(program("ccminer", 0, "kawpow")), "ccminer", func(q *choice.Question) { q.Height = 7500 * 800 }},
		"memory unknown":     {base(greedy), "ccminer", func(q *choice.Question) { q.Device = card("10de", "GeForce", 0, "") }},
		"closed":             {base(program("CCMiner", 0, "kawpow")), "ccminer!needs-consent", nil},
		"closed, agreed":     {base(program("CCMiner", 0, "kawpow")), "ccminer", func(q *choice.Question) { q.Consent["ccminer"] = true }},
		"failed":             {base(program("ccminer", 0, "kawpow")), "ccminer!failed-lately", func(q *choice.Question) { q.Records = q.Records.WithFailure(key, today) }},
		"failed a while ago": {base(program("ccminer", 0, "kawpow")), "ccminer", func(q *choice.Question) { q.Records = q.Records.WithFailure(key, today.Add(-11*time.Minute)) }},
		"froze": {base(program("ccminer", 0, "kawpow")), "ccminer!froze-machine", func(q *choice.Question) {
			q.Records = q.Records.WithFreeze(choice.Freeze{Device: key.Device, Program: "ccminer"})
		}},
		"froze, allowed": {base(program("ccminer", 0, "kawpow")), "ccminer", func(q *choice.Question) {
			q.Records = q.Records.WithFreeze(choice.Freeze{Device: key.Device, Program: "ccminer"}).Allowed(key.Device, "ccminer")
		}},
		"froze elsewhere": {base(program("ccminer", 0, "kawpow")), "ccminer", func(q *choice.Question) {
			q.Records = q.Records.WithFreeze(choice.Freeze{Device: "gpu-other", Program: "ccminer"})
		}},
		"other algorithm": {base(program("ccminer", 0, "scrypt")), "", nil},
	} {
		if c.edit != nil {
			c.edit(&c.q)
		}
		got := choice.Candidates(c.q)
		if names(got) != c.want {
			t.Errorf("%s: %s, want %s", name, names(got), c.want)
		}
		if name == "old driver, 2nd" && got[0].Build.MinDriver[install.NVIDIA] != "470" {
			t.Errorf("%s: the build for %v is taken", name, got[0].Build.MinDriver)
		}
		if name == "old driver" && got[0].Want != "552.22" || name == "little memory" && got[0].Need != 10*gib {
			t.Errorf("%s: it does not say what is wanted: %+v", name, got[0])
		}
	}
}

func TestMeasuredProgramsGoInFrontByMarginOnly(t *testing.T) {
	const a = pow.Algorithm("kawpow")
	good, other, third := program("kawpowminer", 0, a), program("T-Rex", 10, a), program("Rigel", 0, a)
	for name, c := range map[string]struct {
		rates   map[string]float64
		age     time.Duration
		running string
		want    string
	}{
		"nothing measured":          {nil, 0, "", "kawpowminer t-rex rigel"},
		"only the other measured":   {map[string]float64{"t-rex": 100}, 0, "", "kawpowminer t-rex rigel"},
		"better by less":            {map[string]float64{"kawpowminer": 100, "rigel": 104}, 0, "", "kawpowminer t-rex rigel"},
		"better by more":            {map[string]float64{"kawpowminer": 100, "rigel": 106}, 0, "", "rigel kawpowminer t-rex"},
		"the fee eats it":           {map[string]float64{"kawpowminer": 100, "t-rex": 115}, 0, "", "kawpowminer t-rex rigel"},
		"more than the fee":         {map[string]float64{"kawpowminer": 100, "t-rex": 118}, 0, "", "t-rex kawpowminer rigel"},
		"old news":                  {map[string]float64{"kawpowminer": 100, "rigel": 200}, 31 * 24 * time.Hour, "", "kawpowminer t-rex rigel"},
		"what runs stays":           {map[string]float64{"kawpowminer": 104, "rigel": 100}, 0, "rigel", "rigel kawpowminer t-rex"},
		"what runs goes":            {map[string]float64{"kawpowminer": 106, "rigel": 100}, 0, "rigel", "kawpowminer rigel t-rex"},
		"what runs is not measured": {map[string]float64{"kawpowminer": 100, "t-rex": 300}, 0, "rigel", "rigel kawpowminer t-rex"},
	} {
		q := question(geforce, a, good, other, third)
		q.Consent = map[string]bool{"t-rex": true, "rigel": true}
		q.Running = c.running
		for _, p := range q.Programs {
			if rate := c.rates[p.Name]; rate > 0 {
				q.Records = q.Records.WithResult(choice.Result{Key: q.Key(p), Hashrate: pow.Hashrate(rate), At: today.Add(-c.age)})
			}
		}
		if got := names(choice.Candidates(q)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestNeedFollowsThePublicRules(t *testing.T) {
	const mib, overhead = 1 << 20, 256 << 20
	for _, c := range []struct {
		algorithm pow.Algorithm
		height    int64
		want      uint64
	}{
		{"ethash", 0, 1024*mib + overhead},
		{"ethash", 29_999, 1024*mib + overhead},
		{"ethash", 30_000, 1032*mib + overhead},
		{"ethash", 15_537_393, 1024*mib + 517*8*mib + overhead}, // Ethereum's last
		{"etchash", 11_699_999, 1024*mib + 389*8*mib + overhead},
		{"etchash", 11_700_000, 1024*mib + 195*8*mib + overhead}, // the epoch number halves at the fork
		{"kawpow", 7_500 * 400, 1024*mib + 400*8*mib + overhead},
		{"autolykos2", 0, 31<<26 + overhead},
		{"autolykos2", 614_399, 31<<26 + overhead},
		{"autolykos2", 614_400, 31*70_464_240 + overhead}, // N as Ergo's node computes it
		{"autolykos2", 665_600, 31*73_987_410 + overhead},
		{"autolykos2", 1_051_200, 31*104_107_290 + overhead},
		{"autolykos2", 4_198_400, 31*2_143_944_600 + overhead},
		{"autolykos2", 41_984_000, 31*2_143_944_600 + overhead},
		{"verthash", 1, 2048 * mib},
		{"rx/0", 1, 512 * mib},
		{"scrypt", 1, 0},
	} {
		if got := choice.Need(c.algorithm, c.height); got != c.want {
			t.Errorf("Need(%s, %d) = %d, want %d", c.algorithm, c.height, got, c.want)
		}
	}
}

func TestOutgrowsIsTheFirstHeightThatDoesNotFit(t *testing.T) {
	for _, a := range []pow.Algorithm{"ethash", "etchash", "kawpow", "autolykos2"} {
		for _, memory := range []uint64{2, 4, 6, 8, 12} {
			height, ok := choice.Outgrows(a, memory*gib)
			if !ok {
				t.Fatalf("%s never outgrows %d GB", a, memory)
			}
			if a == "etchash" && height == 11_700_000 {
				continue // outgrown before the fork
			}
			if height > 0 && (choice.Need(a, height) <= memory*gib || choice.Need(a, height-1) > memory*gib) {
				t.Errorf("%s outgrows %d GB at %d: need %d before, %d then", a, memory, height, choice.Need(a, height-1), choice.Need(a, height))
			}
		}
	}
	for _, a := range []pow.Algorithm{"scrypt", "verthash"} {
		if height, ok := choice.Outgrows(a, 4*gib); ok {
			t.Errorf("%s outgrows 4 GB at %d", a, height)
		}
	}
	if _, ok := choice.Outgrows("autolykos2", 80*gib); ok {
		t.Error("autolykos2 outgrows 80 GB: its table ends at 66")
	}
}

func ExampleCandidates() {
	q := choice.Question{
		Device: hwdetect.Device{ID: "cpu0", Kind: hwdetect.CPUKind}, OS: "linux", Arch: "amd64",
		Algorithm: "scrypt", Programs: []install.Program{program("minerd", 0, "scrypt"), program("SRBMiner-Multi", 1, "scrypt")},
	}
	for _, c := range choice.Candidates(q) {
		fmt.Printf("%s %q\n", c.Program.Name, c.Excluded)
	}
	// Output:
	// minerd ""
	// srbminer-multi "needs-consent"
}
