package console_test

import (
	"slices"
	"testing"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/console"
	"github.com/adit-mining/adit/miners/pow"
)

func TestALineIsPartedIntoItsEvents(t *testing.T) {
	for _, row := range []struct {
		line string
		want []string
	}{
		{"[2024-10-18 13:14:59] GPU0[t0] result accepted [   86ms] [kawpow][0]", []string{"GPU0[t0] result accepted [   86ms] [kawpow][0]"}},
		{"[2024-10-18 13:14:59] one[2024-10-18 13:14:59] two [2024-10-18 13:15:00] three", []string{"one", "two", "three"}},
		{"[10:49:58] oh my gosh!", []string{"oh my gosh!"}},
		{"14:14:08 Uptime: 0d 00:02:01 Electricity: 0.011kWh", []string{"Uptime: 0d 00:02:01 Electricity: 0.011kWh"}},
		{"2021-05-30 03:05:21 Connection Error: x", []string{"Connection Error: x"}},
		{"[09:40:08] INFO - | 0|  3080| 68.53 M|", []string{"| 0|  3080| 68.53 M|"}},
		{"2018-06-05 15:20:19,693 INFO - Share accepted.", []string{"Share accepted."}},
		{"│[2023-10-03 04:57:39] Driver: v460.91.03", []string{"Driver: v460.91.03"}},
		{"|0|RTX 5090|600.0W|", []string{"|0|RTX 5090|600.0W|"}},
		{" <Error> x", []string{"<Error> x"}},
		{"[10:49:58] ", nil},
		{"", nil},
	} {
		if got := console.Parts(row.line); !slices.Equal(got, row.want) {
			t.Errorf("Parts(%q) = %q, want %q", row.line, got, row.want)
		}
	}
}

func TestTroubleIsRecognisedByLoosePhrases(t *testing.T) {
	own := console.Troubles{{"yay*shares", ""}, {"big bang", miners.CodeFatal}}
	for _, row := range []struct {
		line string
		want miners.Code
	}{
		{"GPU0: Not enough memory for DAG", miners.CodeOutOfMemory},
		{"CUDA Error: out of memory (err_no=2)", miners.CodeOutOfMemory},
		{"CUDA Error: an illegal memory access was encountered", miners.CodeDeviceFailed},
		{"CUDA driver version is insufficient for CUDA runtime version", miners.CodeDriverProblem},
		{"Could not resolve host pool.example", miners.CodeDNSFailed},
		{"Failed to connect to pool.example", miners.CodeConnectFailed},
		{"Failed to authorize", miners.CodeAuthFailed},
		{"Authorization failed", miners.CodeAuthFailed},
		{"Unknown algorithm nosuch", miners.CodeUnsupported},
		{"Aborted (core dumped)", miners.CodeFatal},
		{"terminate called after throwing an instance of 'cl::Error'", miners.CodeFatal},
		{"The Big Bang came", miners.CodeFatal},
		{"yay! found 5 shares at once, out of memory", ""},
		{"Core clock offset changed to default", ""},
		{"authorized, 2 failover pools", ""},
		{"Found 8 GPU device/s on platform 0", ""},
		{"GPU0: Share #71 verified on CPU, difficulty: 12.00G", ""},
		{"", ""},
	} {
		if got := console.CodeOf(row.line, own); got != row.want {
			t.Errorf("CodeOf(%q) = %q, want %q", row.line, got, row.want)
		}
	}
}

func TestAConnectionIsToldWhenItComesAndGoes(t *testing.T) {
	var l console.Link
	got := l.Down("Connection refused", miners.CodeDisconnected)
	l.To("pool.example:3333")
	got = append(got, l.Up("")...)
	got = append(got, l.Up("pool.example:3333")...)
	got = append(got, l.Down("something", miners.CodeConnectFailed)...)
	got = append(got, l.Down("read timed out", miners.CodeConnectFailed)...)
	got = append(got, l.Up("")...)
	got = append(got, l.Down("read timed out", miners.CodeConnectFailed)...)
	got = append(got, l.Up("")...)
	got = append(got, l.Down("No such host is known", miners.CodeDisconnected)...) // that the old one broke was not said
	got = append(got, l.Down("RemoteHostClosedError", miners.CodeConnectFailed)...)
	want := []miners.Event{
		miners.Problem{Code: miners.CodeConnectFailed, Detail: "Connection refused"},
		miners.Connected{Pool: "pool.example:3333"},
		miners.Disconnected{Code: miners.CodeDisconnected, Reason: "something"},
		miners.Problem{Code: miners.CodeTimeout, Detail: "read timed out"},
		miners.Connected{Pool: "pool.example:3333"},
		miners.Disconnected{Code: miners.CodeTimeout, Reason: "read timed out"},
		miners.Connected{Pool: "pool.example:3333"},
		miners.Problem{Code: miners.CodeDNSFailed, Detail: "No such host is known"},
		miners.Problem{Code: miners.CodeDisconnected, Detail: "RemoteHostClosedError"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %#v\nwant %#v", got, want)
	}
}

func TestDifficultyIsThePoolsNumberOrHashes(t *testing.T) {
	for _, row := range []struct {
		text      string
		algorithm pow.Algorithm
		want      pow.Difficulty // 0: none
	}{
		{"0.088", "kawpow", 0.088},
		{"505k", "ghostrider", 505000},
		{"16.0", "", 16},
		{"n/a", "", 0},
		{"-1", "", 0},
		{"0", "", 0},
	} {
		got, ok := console.Difficulty(row.text, row.algorithm)
		if got != row.want || ok != (row.want > 0) {
			t.Errorf("Difficulty(%q, %q) = %v, %v, want %v", row.text, row.algorithm, got, ok, row.want)
		}
	}
	if got, ok := console.Difficulty("4.295G", "ethash"); !ok || got < 0.99 || got > 1.01 {
		t.Errorf("Difficulty(4.295G) = %v, %v, want about 1", got, ok)
	}
}

func TestAReasonIsNotHowLongItTook(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "",
		"88 ms":                         "",
		" (23 ms)!":                     "",
		"41ms":                          "",
		": Job not found":               "Job not found",
		", 88 ms. Job not found":        "Job not found",
		"(Stale share)":                 "Stale share",
		"low difficulty (0.5) (88 ms)":  "low difficulty (0.5)",
		"Provided solution is invalid!": "Provided solution is invalid!",
	} {
		if got := console.Reason(text); got != want {
			t.Errorf("Reason(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestWhatNoSensorCanSayIsLeftOut(t *testing.T) {
	for _, text := range []string{"", "n/a", "err", "-", "0°C", "-274C", "9999C"} {
		if r := console.Report(3, "card", text, "", ""); r.TemperatureC != nil {
			t.Errorf("%q gives %v degrees", text, *r.TemperatureC)
		}
	}
	r := console.Report(3, " card ", "75°C", "84 %", "600.5W")
	if r.Name != "card" || *r.TemperatureC != 75 || *r.FanPercent != 84 || *r.PowerW != 600.5 {
		t.Errorf("Report = %+v", r)
	}
}

func TestCells(t *testing.T) {
	title := console.Title(console.Cells("|#|Name    | Hashrate |   Pool   |Acc|Rej|   Eff    |"))
	row := console.Cells("|0|RTX 5090|7.303 GH/s|7.272 GH/s|836|  2|12.17 MH/W|")
	sum := console.Cells("|    Total: 7.303 GH/s|7.272 GH/s|836|  2|12.17 MH/W|")
	if got := title.Cell(row, "nosuch", "name"); got != "RTX 5090" {
		t.Errorf("name = %q", got)
	}
	if got := title.Sum(sum, "acc") + "/" + title.Sum(sum, "rej"); got != "836/2" {
		t.Errorf("sums = %s, want 836/2", got)
	}
	if console.Cells("+-+--------+") != nil || console.Cells("|one|") != nil || title.Sum(nil, "acc") != "" {
		t.Error("a line that is no row has cells")
	}
}

func TestPlansInAProgramsTerms(t *testing.T) {
	mixed := []miners.Device{{Vendor: miners.AMD}, {Vendor: miners.NVIDIA}}
	if v := console.Vendor(miners.Plan{Devices: mixed}); v != "" {
		t.Errorf("Vendor of two makers = %q", v)
	}
	if v := console.Vendor(miners.Plan{Devices: mixed[:1]}); v != miners.AMD {
		t.Errorf("Vendor = %q, want amd", v)
	}
	for url, want := range map[string]bool{"stratum+ssl://h:1": true, "stratum+tls://h:1": true, "stratum+tcp://h:1": false, "h:1": false} {
		if address, encrypted := console.Pool(miners.Plan{URL: url}); address != "h:1" || encrypted != want {
			t.Errorf("Pool(%q) = %q, %v, want h:1, %v", url, address, encrypted, want)
		}
	}
	for percent, want := range map[int]int{0: 0, 100: 0, 1: 1, 50: 15, 99: 30} {
		if got, _ := console.Throttled(miners.Plan{Intensity: percent}, 31); got != want {
			t.Errorf("Throttled(%d %%) = %d, want %d", percent, got, want)
		}
	}
	names := console.Names{"kawpow": "rvn", "randomx": ""}
	for name, want := range map[pow.Algorithm]string{"KAWPOW": "rvn", "rx/0": "randomx", "nosuch": "nosuch"} {
		if got := names.Of(name); got != want {
			t.Errorf("Of(%q) = %q, want %q", name, got, want)
		}
	}
}

func FuzzParts(f *testing.F) {
	f.Add("[2024-10-18 13:14:59] one[2024-10-18 13:14:59] two")
	f.Add("|[10:49:58] | 0| 1|")
	f.Fuzz(func(t *testing.T, line string) {
		for _, part := range console.Parts(line) {
			if part == "" {
				t.Errorf("%q has an empty part", line)
			}
			console.CodeOf(part, nil)
			console.Title(console.Cells(part)).Sum(console.Cells(part), "acc")
			console.Rate(part, miners.Whole)
			console.Reports(part, part, part, part, part)
		}
	})
}
