package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

// regtestAddress returns an address of the coin's regtest network.
func regtestAddress(t *testing.T, id string) string {
	t.Helper()
	network := cointest.Network(t, id, "regtest")
	return network.P2WPKH(coin.PubKeyHash{1, 2, 3}).String()
}

// written makes a configuration for one Litecoin regtest pool.
func written(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	_, err := config.Init(dir, newPool(t))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func newPool(t *testing.T) config.NewPool {
	t.Helper()
	return config.NewPool{
		Coin: "litecoin", Network: "regtest", Daemons: []string{"http://user:p%40ss@127.0.0.1:19443"},
		Address: regtestAddress(t, "litecoin"), Stratum: "127.0.0.1:3333", HTTP: "127.0.0.1:8080",
		Difficulty: 1e-9, PayoutMinimum: "0.5",
	}
}

func TestFirstJobAndPublisherAreWrittenAndChecked(t *testing.T) {
	n := newPool(t)
	n.Coin, n.Address = "bitcoin", regtestAddress(t, "bitcoin")
	n.Daemons = append(n.Daemons, "http://user:pass@127.0.0.1:19444")
	n.ZMQ = []string{"tcp://127.0.0.1:28332"}
	dir := t.TempDir()
	if _, err := config.Init(dir, n); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	p := c.Pools[0]
	if p.Daemons[0].ZMQ != n.ZMQ[0] || p.Daemons[1].ZMQ != "" || p.FirstJob != config.FirstJobEmpty || !p.EmptyFirst() {
		t.Errorf("daemons %+v, first job %q, %v", p.Daemons, p.FirstJob, p.EmptyFirst())
	}
	if c, err = config.Load(written(t)); err != nil || c.Pools[0].EmptyFirst() || c.Pools[0].FirstJob != config.FirstJobFull {
		t.Errorf("litecoin begins with %q, %v", c.Pools[0].FirstJob, err)
	}
	for _, zmq := range [][]string{{"127.0.0.1:28332"}, {"tcp://*:28332"}, {"ipc://socket"}, {"tcp://127.0.0.1"}, {"", "", "tcp://127.0.0.1:1"}} {
		n.ZMQ = zmq
		if _, err := config.Init(t.TempDir(), n); err == nil {
			t.Errorf("--zmq %q is taken", zmq)
		}
	}
}

func TestWhenAndForWhichFeePayoutsAreMade(t *testing.T) {
	for _, tt := range []struct{ from, to, want string }{
		{`"at": []`, `"at": ["16:30", "04:00"]`, ""},
		{`"at": []`, `"at": ["24:00"]`, "payouts.at"},
		{`"at": []`, `"at": "04:00"`, "payouts.at"},
		{`"maxFeePercent": 5`, `"maxFeePercent": 0`, "payouts.maxFeePercent"},
		{`"maxFeePercent": 5`, `"maxFeePercent": 101`, "payouts.maxFeePercent"},
		{`"feeRate": "0"`, `"feeRate": "0.0001"`, ""},
		{`"feeRate": "0"`, `"feeRate": "-1"`, "payouts.feeRate"},
	} {
		dir := written(t)
		file := filepath.Join(dir, "pools", "litecoin-regtest.json")
		text, err := os.ReadFile(file)
		if err == nil {
			err = os.WriteFile(file, []byte(strings.Replace(string(text), tt.from, tt.to, 1)), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		c, err := config.Load(dir)
		if tt.want != "" {
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: got %v, want a word about %s", tt.to, err, tt.want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tt.to, err)
			continue
		}
		if at := c.Pools[0].Payouts.At; len(at) == 2 && (at[0].String() != "16:30" || time.Duration(at[1]) != 4*time.Hour) {
			t.Errorf("got %v", at)
		}
	}
}

func TestEmptyFirstJobOnlyWhereTheCoinAllowsIt(t *testing.T) {
	for _, tt := range []struct{ from, to, want string }{
		{`"firstJob": "full"`, `"firstJob": "empty"`, ""}, // regtest without MWEB: the operator may
		{`"firstJob": "full"`, `"firstJob": "none"`, "firstJob"},
		{`"network": "regtest"`, `"network": "main", "firstJob": "empty"`, "whether Litecoin main would take"},
	} {
		dir := written(t)
		file := filepath.Join(dir, "pools", "litecoin-regtest.json")
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		changed := strings.Replace(string(text), tt.from, tt.to, 1)
		if tt.from != `"firstJob": "full"` {
			changed = strings.Replace(changed, `"firstJob": "full",`, "", 1)
		}
		if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err = config.Load(dir)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want an error about %q", tt.to, err, tt.want)
		}
	}
}

func TestInitWritesWhatLoadReads(t *testing.T) {
	c, err := config.Load(written(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Pools) != 1 {
		t.Fatalf("got %d pools, want 1", len(c.Pools))
	}
	p := c.Pools[0]
	if p.ID != "litecoin-regtest" || p.CoinData().Name != "Litecoin" || p.NetworkData().Name != "regtest" {
		t.Errorf("got pool %s of %s %s", p.ID, p.CoinData().Name, p.NetworkData().Name)
	}
	if got := p.Payouts.Minimum.String(); got != "0.50000000" {
		t.Errorf("got minimum %s, want 0.50000000", got)
	}
	if got := p.Payouts.Interval.D(); got != 5*time.Second {
		t.Errorf("got interval %v, want 5s on regtest", got)
	}
	if p.Ports[0].VarDiff.Enabled || p.Ports[0].Difficulty != 1e-9 {
		t.Errorf("got port %+v, want difficulty 1e-9 without vardiff", p.Ports[0])
	}
	secret, err := c.ReadSecret(p.Daemons[0].PasswordFile)
	if err != nil || secret.Reveal() != "p@ss" {
		t.Errorf("got secret %q, %v; want p@ss", secret.Reveal(), err)
	}
	if p.Daemons[0].URL != "http://127.0.0.1:19443" || p.Daemons[0].User != "user" {
		t.Errorf("got daemon %+v", p.Daemons[0])
	}
}

func TestInitOverwritesNothing(t *testing.T) {
	dir := written(t)
	before, _ := os.ReadFile(filepath.Join(dir, "pools", "litecoin-regtest.json"))
	n := newPool(t)
	n.Difficulty = 8
	if _, err := config.Init(dir, n); err == nil {
		t.Fatal("a second init of the same coin succeeded")
	}
	after, _ := os.ReadFile(filepath.Join(dir, "pools", "litecoin-regtest.json"))
	if string(before) != string(after) {
		t.Error("the pool's file was changed")
	}
}

func TestInitLeavesNothingBehindWhenItIsWrong(t *testing.T) {
	dir := t.TempDir()
	n := newPool(t)
	n.Address = "LhK2kQwiaAvhjWY799cZvMyYwnQAcxkarr" // a main net address
	_, err := config.Init(dir, n)
	if err == nil || !strings.Contains(err.Error(), "address") {
		t.Fatalf("got %v, want an error about the address", err)
	}
	filepath.WalkDir(dir, func(path string, d os.DirEntry, _ error) error {
		if !d.IsDir() {
			t.Errorf("%s was left behind", path)
		}
		return nil
	})
}

func TestSecretsAreNotInThePoolFile(t *testing.T) {
	dir := written(t)
	text, _ := os.ReadFile(filepath.Join(dir, "pools", "litecoin-regtest.json"))
	if strings.Contains(string(text), "p@ss") {
		t.Error("the password stands in the pool's file")
	}
	info, err := os.Stat(filepath.Join(dir, "secrets", "litecoin-regtest.rpc"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v; want a secret with mode 0600", info, err)
	}
}

func TestEveryFaultIsToldAtOnceWithLineAndKey(t *testing.T) {
	dir := written(t)
	const bad = `// a comment
{
  "coin": "litecoin",
  "network": "moon",
  "adress": "typo",
  "feePercent": "much",
  "daemons": [
    {"url": "127.0.0.1:9332", "user": "u", "passwordFile": "secrets/none", "timeout": 30},
  ],
  "ports": [{"listen": "nowhere", "difficulty": 0}],
  "payouts": {"minimum": "0.1.2", "minimum": "1"},
}
`
	if err := os.WriteFile(filepath.Join(dir, "pools", "bad.json"), []byte(bad), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := config.Load(dir)
	var faults config.Faults
	if !errors.As(err, &faults) {
		t.Fatalf("got %v, want Faults", err)
	}
	text := err.Error()
	for _, want := range []string{
		"pools/bad.json:4: network:",
		"pools/bad.json:5: adress: unknown key; known here: address, coin,",
		"pools/bad.json:6: feePercent: want a number",
		"pools/bad.json:8: daemons[0].url:",
		"pools/bad.json:8: daemons[0].passwordFile: no such file",
		"pools/bad.json:8: daemons[0].timeout: want a time with its unit",
		"pools/bad.json:10: ports[0].listen:",
		"pools/bad.json:10: ports[0].difficulty:",
		"pools/bad.json:11: payouts.minimum: want an amount",
		"pools/bad.json:11: payouts.minimum: stands twice",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("missing %q in\n%s", want, text)
		}
	}
}

func TestBrokenJSONNamesItsLine(t *testing.T) {
	dir := written(t)
	os.WriteFile(filepath.Join(dir, "server.json"), []byte("{\n  \"name\": \"x\"\n  \"url\": \"\"\n}"), 0o644)
	_, err := config.Load(dir)
	if err == nil || !strings.Contains(err.Error(), "server.json:3: not valid JSON") {
		t.Errorf("got %v, want server.json:3: not valid JSON", err)
	}
}

func TestPortsOfTwoPoolsMustDiffer(t *testing.T) {
	dir := written(t)
	n := newPool(t)
	n.Coin, n.Address = "bitcoin", regtestAddress(t, "bitcoin")
	_, err := config.Init(dir, n)
	if err == nil || !strings.Contains(err.Error(), "127.0.0.1:3333 is used by") {
		t.Errorf("got %v, want an error about the port", err)
	}
}

func TestMetricsWantAPortOfTheirOwn(t *testing.T) {
	dir := written(t)
	path := filepath.Join(dir, "server.json")
	for listen, want := range map[string]string{
		"127.0.0.1:8080": "server.json: metrics.listen: 127.0.0.1:8080 is used by http.listen",
		"127.0.0.1:3333": "127.0.0.1:3333 is used by server.json: metrics.listen",
		"[::1]:9100":     "",
		"localhost:9100": "",
	} {
		if err := os.WriteFile(path, []byte(`{"metrics": {"listen": "`+listen+`"}}`), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := config.Load(dir); want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v, want %q", listen, err, want)
		}
	}
}

func TestSecretReadableByOthersIsRefused(t *testing.T) {
	dir := written(t)
	if err := os.Chmod(filepath.Join(dir, "secrets", "litecoin-regtest.rpc"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := config.Load(dir)
	if err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("got %v, want advice to chmod 600", err)
	}
}

func TestMissingFolderSaysWhatToDo(t *testing.T) {
	_, err := config.Load(filepath.Join(t.TempDir(), "none"))
	if err == nil || !strings.Contains(err.Error(), "adit-pool init") {
		t.Errorf("got %v, want advice to run adit-pool init", err)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(`{"coin":"litecoin","ports":[{"listen":"127.0.0.1:1","varDiff":{"enabled":true}}]}`))
	f.Add([]byte(`{"daemons":[{"url":"http://x","timeout":"1s"}],"payouts":{"minimum":0.1}}`))
	f.Add([]byte(`[`))
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		os.WriteFile(filepath.Join(dir, "server.json"), []byte("{}"), 0o644)
		os.Mkdir(filepath.Join(dir, "pools"), 0o755)
		os.WriteFile(filepath.Join(dir, "pools", "x.json"), text, 0o644)
		config.Load(dir)
	})
}

func TestWalletMayStandInTheDaemonsAddress(t *testing.T) {
	dir := t.TempDir()
	n := newPool(t)
	n.Daemons = []string{"http://user:secret@127.0.0.1:19443/wallet/pool", "https://user:secret@127.0.0.1:19444"}
	if _, err := config.Init(dir, n); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	d := c.Pools[0].Daemons
	if len(d) != 2 || d[0].URL != "http://127.0.0.1:19443" || d[0].Wallet != "pool" || d[1].Wallet != "" {
		t.Errorf("got daemons %+v", d)
	}
}
