package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

const nompPool = "litecoin-regtest"

// nompFolder is a NOMP's folder with addresses that are good on regtest.
func nompFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "nomp"))); err != nil {
		t.Fatal(err)
	}
	n := cointest.Network(t, "litecoin", "regtest")
	file := filepath.Join(dir, "pool_configs", "litecoin.json")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r := strings.NewReplacer("POOL", n.P2PKH(coin.PubKeyHash{1}).String(), "RECIPIENT", n.P2PKH(coin.PubKeyHash{2}).String())
	if err := os.WriteFile(file, []byte(r.Replace(string(text))), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Workers of the NOMP below: a key, an address of the coin with a rig, the same in
// another form, and the 40 characters that stopped everybody's payments (defect 5).
const nompKey = "22851477d63a085dbc2398c8430af1c09e7343f6"

// privateKey is what somebody has taken for a mining key.
const privateKey = "KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn" // of the number 1

func nompAddress(t *testing.T) string {
	return cointest.Network(t, "litecoin", "regtest").P2PKH(coin.PubKeyHash{3}).String()
}

// fillRedis fills a redis as NOMP does.
func fillRedis(t *testing.T, r *pooltest.Redis) {
	t.Helper()
	address := nompAddress(t)
	for _, words := range [][]string{
		{"HINCRBYFLOAT", "litecoin:balances", nompKey, "0.1"},
		{"HINCRBYFLOAT", "litecoin:balances", nompKey, "0.2"},
		{"HSET", "litecoin:balances", strings.ToUpper(nompKey), "1"},
		{"HSET", "litecoin:balances", address, "12.345678901"},
		{"HSET", "litecoin:balances", address + ".rig1", "2e-8"},
		{"HSET", "litecoin:balances", "somebody", "3.5"},
		{"HSET", "litecoin:balances", "debtor", "-0.00000001"},
		{"HSET", "litecoin:balances", privateKey, "5"},
		{"HSET", "litecoin:payouts", nompKey, "100.00000001"},
		{"HSET", "litecoin:payouts", address, "7"},
		{"SADD", "litecoin:blocksPending", fmt.Sprintf("%064x:%064x:%d", 0xabc, 1, 501)},
		{"SADD", "litecoin:blocksPending", fmt.Sprintf("%064x:%064x:%d", 0xabd, 2, 502)},
		{"SADD", "litecoin:blocksConfirmed", "x:y:1"},
		{"HSET", "litecoin:shares:round501", nompKey, "64.5"},
		{"HSET", "litecoin:shares:round501", address + ".rig1", "32"},
		{"HSET", "litecoin:shares:round501", address + ".rig2", "32"},
		{"HSET", "litecoin:shares:round502", "somebody", "8"},
		{"HSET", "litecoin:shares:round400", nompKey, "9"},
		{"HSET", "litecoin:shares:roundCurrent", nompKey, "16.25"},
		{"HSET", "bitcoin:balances", nompKey, "99"}, // of another pool
		{"ZADD", "litecoin:hashrate", "1700000000", "32:" + nompKey + ":1700000000123"},
	} {
		r.Do(words...)
	}
}

func TestANOMPIsTakenOver(t *testing.T) {
	source, redis := nompFolder(t), pooltest.StartRedis(t)
	fillRedis(t, redis)
	dir := filepath.Join(t.TempDir(), "pool")
	args := []string{"import-nomp", source, "--redis", redis.Addr, "--net", "regtest", "--dir", dir}
	tried, err := runCommand(t, append(args, "--dry-run")...)
	if err != nil {
		t.Fatalf("%v\n%s", err, tried)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Fatal("the dry run wrote something")
	}
	out, err := runCommand(t, args...)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if before, _, _ := strings.Cut(tried, "\nThis was a dry run"); !strings.HasPrefix(out, before) {
		t.Errorf("the dry run says something else:\n%s", before)
	}
	wantEveryKey(t, out)
	for _, secret := range []string{privateKey, "the wallet's word", "other word", "mpos word", "the admin's word"} {
		if strings.Contains(out, secret) {
			t.Errorf("%q is in the report", secret)
		}
	}
	wantNOMPConfiguration(t, dir)
	wantNOMPLedger(t, dir)
	for _, line := range []string{
		"litecoin:balances             7      22.145678911  22.14567892", // the sums, exactly
		`"nomp:somebody" cannot be paid`, `"debtor" has -0.00000001, less than nothing`,
		"round400: NOT TAKEN OVER", "off.json: enabled: NOT TAKEN OVER", `does not know the coin "Moonbeam"`,
	} {
		if !strings.Contains(out, line) {
			t.Errorf("the report lacks %q:\n%s", line, out)
		}
	}
	if _, err := runCommand(t, args...); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("a second time: %v", err)
	}
}

// wantEveryKey makes sure that every key of NOMP's files has a line.
func wantEveryKey(t *testing.T, out string) {
	t.Helper()
	for _, key := range []string{
		"config.json: logLevel", "config.json: logColors", "config.json: cliPort", "config.json: clustering.enabled", "config.json: clustering.forks",
		"config.json: defaultPoolConfigs.banning", "config.json: website.port", "config.json: website.stratumHost", "config.json: website.stats.hashrateWindow",
		"config.json: website.adminCenter.password", "config.json: redis.host", "config.json: switching.switch1", "config.json: profitSwitch.depth",
		"config.json: ourOwn: NOT TAKEN OVER: NOMP itself does not know this key",
		"litecoin.json: coin", "litecoin.json: address", "litecoin.json: rewardRecipients.nobody's address: NOT TAKEN OVER",
		"litecoin.json: paymentProcessing.paymentInterval", "litecoin.json: paymentProcessing.daemon.password", "litecoin.json: ports.23032.varDiff.variancePercent",
		"litecoin.json: daemons[1].host", "litecoin.json: p2p.disableTransactions", "litecoin.json: mposMode.database", "litecoin.json: banning.time",
		"litecoin.json: jobRebroadcastTimeout", "coins/litecoin.json: peerMagic",
	} {
		if !strings.Contains(out, key) {
			t.Errorf("no line for %s", key)
		}
	}
}

func wantNOMPConfiguration(t *testing.T, dir string) {
	t.Helper()
	c, err := config.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if s := c.Server; s.HTTP.Listen != "127.0.0.1:18080" || s.LogLevel != "warn" || s.Stratum.BanFor.D() != 10*time.Minute {
		t.Errorf("server.json: %+v", s)
	}
	p := c.EnabledPools()[0]
	if len(c.Pools) != 1 || p.ID != nompPool || p.FeePercent != 0 || len(p.Ports) != 2 || len(p.Recipients) != 2 || len(p.Daemons) != 2 {
		t.Fatalf("the pool is %+v", p)
	}
	if port := p.Ports[1]; port.Listen != "0.0.0.0:23032" || port.Public != "pool.example:23032" || port.Difficulty != 32 ||
		!port.VarDiff.Enabled || port.VarDiff.Min != 8 || port.VarDiff.Max != 512 || port.VarDiff.ShareEvery.D() != 15*time.Second {
		t.Errorf("port %+v", port)
	}
	if p.Ports[0].VarDiff.Enabled || p.Payouts.Minimum.String() != "0.70000000" || p.Payouts.Interval.D() != 20*time.Second {
		t.Errorf("port %+v, payouts %+v", p.Ports[0], p.Payouts)
	}
	if d := p.Daemons[0]; d.URL != "http://127.0.0.1:19332" { // its wallet pays
		t.Errorf("the first daemon is %+v", d)
	}
	if word, err := c.ReadSecret(p.Daemons[0].PasswordFile); err != nil || word.Reveal() != "the wallet's word" {
		t.Errorf("its password is %q, %v", word.Reveal(), err)
	}
}

func wantNOMPLedger(t *testing.T, dir string) {
	t.Helper()
	book, address := openBook(t, dir), nompAddress(t)
	unpaid := "nomp:somebody"
	for account, want := range map[string]struct{ balance, paid coin.Amount }{
		nompKey: {130000000, 10000000001}, address: {1234567890 + 2, 700000000}, unpaid: {350000000, 0},
	} {
		s, err := book.AccountSummary(t.Context(), nompPool, account)
		if err != nil || s.Balance != want.balance || s.Paid != want.paid || (s.Hold != "") != (account == unpaid) {
			t.Errorf("%s: got %+v, %v; want %+v", account, s, err, want)
		}
	}
	lists, err := book.PayeeLists(t.Context(), []string{nompKey, address, unpaid})
	if err != nil || len(lists) != 1 || !lists[nompKey].WholeKey {
		t.Errorf("got %+v, %v, want only the key known as one that may be uncompressed", lists, err)
	}
	blocks, err := book.UnsettledBlocks(t.Context(), nompPool)
	if err != nil || len(blocks) != 2 || blocks[0].Height != 501 || blocks[0].Status != ledger.Candidate {
		t.Fatalf("blocks %+v, %v", blocks, err)
	}
	shares, err := book.RoundShares(t.Context(), blocks[0].ID)
	if err != nil || len(shares) != 2 || shares[0].Difficulty+shares[1].Difficulty != 128.5 {
		t.Errorf("block 501 pays for %+v, %v", shares, err)
	}
	if open, err := book.OpenShares(t.Context(), nompPool); err != nil || len(open) != 1 || open[0].Difficulty != 16.25 {
		t.Errorf("the open round has %+v, %v", open, err)
	}
	origins, err := book.Origins(t.Context())
	if err != nil || len(origins) != 1 || origins[0].Kind != ledger.OriginNOMP {
		t.Errorf("origins %+v, %v", origins, err)
	}
	if err := book.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if err := book.Begin(t.Context(), "again", "", nil); err == nil {
		t.Error("the same book begins a second time")
	}
}

func TestANOMPThatIsNotReadyIsNotTakenOver(t *testing.T) {
	redis := pooltest.StartRedis(t, "--requirepass", "sesame")
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("sesame\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	source := nompFolder(t)
	args := []string{"import-nomp", source, "--redis", redis.Addr, "--net", "regtest", "--dir", filepath.Join(t.TempDir(), "pool")}
	refuses := func(why string, more ...string) {
		t.Helper()
		if out, err := runCommand(t, append(args, more...)...); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("got %v, want %q\n%s", err, why, out)
		}
		if _, err := os.Stat(args[len(args)-1]); err == nil {
			t.Error("something was written")
		}
	}
	refuses("NOAUTH")
	do := func(words ...string) { t.Helper(); redis.DoAs("sesame", words...) }
	now := fmt.Sprint(time.Now().Unix())
	do("ZADD", "litecoin:hashrate", now, "32:x:1")
	refuses("stop it first", "--redis-password-file", password)
	do("DEL", "litecoin:hashrate")
	do("SADD", "litecoin:blocksPending", fmt.Sprintf("%064x:%064x:7", 1, 1), fmt.Sprintf("%064x:%064x:7", 2, 2))
	refuses("two pending blocks at height 7", "--redis-password-file", password)
	do("DEL", "litecoin:blocksPending")
	if err := os.WriteFile(filepath.Join(source, "litecoin_finalRedisCommands.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	refuses("could not write that down", "--redis-password-file", password)
}
