package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/adit-mining/adit/packaging/bubble"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

func TestDevicesAsJSON(t *testing.T) {
	r := adit(t, "", "devices", "--json")
	var m struct {
		Version int
		Memory  struct {
			Total uint64 `json:"total_bytes"`
		}
		Devices []struct {
			Kind     string
			Name     string
			Mineable bool
			Reason   string
			Advice   string
		}
	}
	if err := json.Unmarshal([]byte(r.stdout), &m); err != nil || r.code != 0 {
		t.Fatalf("%d %v: %s", r.code, err, r.stdout)
	}
	if m.Version != 1 || m.Memory.Total == 0 {
		t.Errorf("version %d, %d bytes of memory", m.Version, m.Memory.Total)
	}
	if len(m.Devices) == 0 || m.Devices[0].Kind != "cpu" || !m.Devices[0].Mineable {
		t.Errorf("devices = %+v", m.Devices)
	}
	for _, d := range m.Devices {
		if !d.Mineable && (d.Reason == "" || d.Advice == "") {
			t.Errorf("%s: idle without reason or advice", d.Name)
		}
	}
	if r.stderr != "" {
		t.Errorf("stderr: %s", r.stderr)
	}
}

func TestKeyShowTellsOnlyWhatIsPublic(t *testing.T) {
	dir := t.TempDir()
	r := adit(t, "", "key", "show", "--json", "--data", dir)
	var shown struct {
		MiningKey string `json:"mining_key"`
		Account   string `json:"account"`
		Created   bool   `json:"created"`
		Addresses []struct{ Coin, Network, Address string }
	}
	if err := json.Unmarshal([]byte(r.stdout), &shown); err != nil || r.code != 0 {
		t.Fatalf("%d %v: %s%s", r.code, err, r.stdout, r.stderr)
	}
	if len(shown.MiningKey) != 66 || len(shown.Account) != 40 || !shown.Created || len(shown.Addresses) < 5 {
		t.Errorf("%+v", shown)
	}
	ring, _, err := wallet.OpenOrCreate(dir)
	if err != nil {
		t.Fatal(err)
	}
	key := ring.Key()
	n := cointest.Network(t, "litecoin", "regtest")
	secret := key.Bytes()
	for _, hidden := range []string{key.WIF(n), key.WIF(cointest.Network(t, "bitcoin", "main")), hexOf(secret[:])} {
		if strings.Contains(r.stdout+r.stderr, hidden) {
			t.Error("the private key is shown")
		}
	}
	one := adit(t, "", "key", "show", "--data", dir, "--coin", "litecoin", "--net", "regtest")
	if !strings.Contains(one.stdout, n.PayoutAddress(key.PubKeyHash()).String()) || strings.Contains(one.stdout, "BTC") {
		t.Errorf("one coin: %s", one.stdout)
	}
}

func TestKeyTravelsFromOneComputerToAnother(t *testing.T) {
	first, second := t.TempDir(), t.TempDir()
	n := cointest.Network(t, "litecoin", "regtest")
	ring, _, err := wallet.OpenOrCreate(first)
	if err != nil {
		t.Fatal(err)
	}
	key := ring.Key()
	out := adit(t, "", "key", "export", "--wif", "--coin", "litecoin", "--net", "regtest", "--data", first)
	if strings.TrimSpace(out.stdout) != key.WIF(n) || !strings.Contains(out.stderr, "WARNING") {
		t.Fatalf("export: %q, %q", out.stdout, out.stderr)
	}
	if r := adit(t, out.stdout, "key", "import", "--data", second); r.code != 0 || strings.Contains(r.stdout+r.stderr, strings.TrimSpace(out.stdout)) {
		t.Fatalf("import: %+v", r)
	}
	if got, _, err := wallet.OpenOrCreate(second); err != nil || got.Key() != key {
		t.Errorf("the second computer has another key (%v)", err)
	}
}

func TestExportToAFileIsPrivateAndOverwritesNothing(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "key.txt")
	args := []string{"key", "export", "--wif", "--coin", "bitcoin", "--data", dir, "--out", file}
	if r := adit(t, "", args...); r.code != 0 || r.stdout != "" {
		t.Fatalf("%+v", r)
	}
	info, err := os.Stat(file)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if r := adit(t, "", args...); r.code != 1 {
		t.Errorf("a second export: exit %d, want a refusal", r.code)
	}
}

func TestImportReplacesAKeyOnlyWhenToldAndKeepsTheOldOne(t *testing.T) {
	dir := t.TempDir()
	ring, _, err := wallet.OpenOrCreate(dir)
	if err != nil {
		t.Fatal(err)
	}
	old := ring.Key()
	other, err := wallet.NewKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	wif := other.WIF(cointest.Network(t, "bitcoin", "main")) + "\n"
	if r := adit(t, wif, "key", "import", "--data", dir); r.code != 1 || !strings.Contains(r.stderr, "--replace") {
		t.Errorf("without --replace: %+v", r)
	}
	if got, _, _ := wallet.OpenOrCreate(dir); got.Key() != old {
		t.Fatal("the key was replaced unasked")
	}
	if r := adit(t, wif, "key", "import", "--data", dir, "--replace"); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	if got, _, err := wallet.OpenOrCreate(dir); err != nil || got.Key() != other {
		t.Errorf("not replaced: %v", err)
	}
	kept, err := filepath.Glob(filepath.Join(dir, "key-"+old.PubKeyHash().String()[:8]+"*.age"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("the old key's file: %v %v", kept, err)
	}
	unlock, err := os.ReadFile(filepath.Join(dir, wallet.UnlockFileName))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := wallet.LoadKeyFile(kept[0], strings.TrimSpace(string(unlock))); err != nil || got.Key() != old {
		t.Errorf("the old key's file does not open: %v", err)
	}
}

func TestImportHealsADamagedKeyOnlyWhenTold(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := wallet.OpenOrCreate(dir); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, wallet.KeyFileName)
	if err := os.WriteFile(path, []byte("junk"), 0o600); err != nil {
		t.Fatal(err)
	}
	wif := anyWIF(t)
	if r := adit(t, wif, "key", "import", "--data", dir); r.code != 1 || !strings.Contains(r.stderr, "--replace") {
		t.Errorf("without --replace: %+v", r)
	}
	r := adit(t, wif, "key", "import", "--data", dir, "--replace")
	if r.code != 0 || !strings.Contains(r.stdout, "is kept in") {
		t.Fatalf("%+v", r)
	}
	if _, created, err := wallet.OpenOrCreate(dir); err != nil || created {
		t.Errorf("created %v, %v", created, err)
	}
}

func TestBackupIsLockedByItsPassword(t *testing.T) {
	if bubble.RaceDetector {
		t.Skip("a passphrase takes half a minute under the race detector; `make alone` runs this")
	}
	first, second := t.TempDir(), t.TempDir()
	ring, _, err := wallet.OpenOrCreate(first)
	if err != nil {
		t.Fatal(err)
	}
	key := ring.Key()
	file := filepath.Join(t.TempDir(), "backup.age")
	if r := adit(t, "short\n", "key", "export", "--backup", file, "--data", first); r.code != 1 {
		t.Errorf("a short password: exit %d", r.code)
	}
	if r := adit(t, "correct horse\n", "key", "export", "--backup", file, "--data", first); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	if r := adit(t, "wrong horse\n", "key", "import", "--file", file, "--data", second); r.code != 1 {
		t.Errorf("a wrong password: %+v", r)
	}
	if r := adit(t, "correct horse\n", "key", "import", "--file", file, "--data", second); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	if got, _, err := wallet.OpenOrCreate(second); err != nil || got.Key() != key {
		t.Errorf("another key came out of the backup (%v)", err)
	}
}

func TestMisuseSaysWhatToType(t *testing.T) {
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"dig"}, 2, `no command "dig"`},
		{[]string{"mine"}, 2, "--pool"},
		{[]string{"mine", "--pool", "ftp://x"}, 2, "pool:"},
		{[]string{"mine", "--pool", "http://127.0.0.1:1", "--worker", "a b"}, 2, "worker:"},
		{[]string{"mine", "--pool", "http://127.0.0.1:1", "--miner", "/no/such/minerd"}, 1, "/no/such/minerd"},
		{[]string{"mine", "--pool", "http://127.0.0.1:1", "--miner", "/bin/sh", "--program", "nonsense"}, 2, "xmrig"},
		{[]string{"mine", "--pool", "http://127.0.0.1:1", "extra"}, 2, "extra"},
		{[]string{"key"}, 2, "export, import or restore"},
		{[]string{"key", "export"}, 2, "--wif --coin ID"},
		{[]string{"key", "export", "--wif", "--coin", "nonsense"}, 2, "nonsense"},
		{[]string{"key", "new", "--next", "x"}, 2, "what is"},
		{[]string{"key", "import", "--born", "yesterday"}, 2, "2026-11-23"},
		{[]string{"key", "inspect", "--net", "moon"}, 2, "moon"},
		{[]string{"key", "import", "5KYZdUEo39z3FPrtuX2QbbwGnNP5zTd7yyr2SC1j299sBCnWjss"}, 2, "what is"},
		{[]string{"devices", "--no-such-flag"}, 2, "no-such-flag"},
		{nil, 1, "no screen"},
	} {
		r := adit(t, "", append(test.args, dataFlag(t, test.args)...)...)
		if r.code != test.code || !strings.Contains(r.stderr, test.want) {
			t.Errorf("adit %s: exit %d, %q; want %d, %q", strings.Join(test.args, " "), r.code, r.stderr, test.code, test.want)
		}
	}
	if r := adit(t, "", "help"); r.code != 0 || !strings.Contains(r.stdout, "adit mine") {
		t.Errorf("help: %+v", r)
	}
	if r := adit(t, "", "version"); r.code != 0 || !regexp.MustCompile(`^adit \S+ \w+/\w+ go`).MatchString(r.stdout) {
		t.Errorf("version: %+v", r)
	}
}

// dataFlag keeps commands that take it away from the user's own folder.
func dataFlag(t *testing.T, args []string) []string {
	if len(args) < 2 || args[0] == "key" && (args[1] == "import" || args[1] == "inspect") || args[len(args)-1] == "extra" {
		return nil
	}
	return []string{"--data", t.TempDir()}
}

func hexOf(b []byte) string {
	const digits = "0123456789abcdef"
	var s strings.Builder
	for _, c := range b {
		s.WriteByte(digits[c>>4])
		s.WriteByte(digits[c&15])
	}
	return s.String()
}
