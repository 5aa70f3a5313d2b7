package e2e_test

import (
	"bufio"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

// goodAccount is a mining key's hash160 that nobody needs to hold.
var goodAccount = coin.PubKeyHash{9}.String()

func TestWrongConfigurationIsToldAtOnceAndStartsNothing(t *testing.T) {
	t.Parallel()
	rpc, address := embeddedCoin(t)
	dir := t.TempDir()
	initPool(t, dir, "bitcoin", rpc, address)
	file := filepath.Join(dir, "pools", crashPool+".json")
	text, _ := os.ReadFile(file)
	bad := strings.NewReplacer(`"feePercent": 1`, `"feePercent": 200`, `"tag"`, `"tga"`).Replace(string(text))
	os.WriteFile(file, []byte(bad), 0o644)
	for _, name := range []string{"check", "serve"} {
		_, stderr, err := command(t, "adit-pool", name, "--dir", dir)
		if err == nil {
			t.Errorf("%s succeeded", name)
		}
		for _, want := range []string{"feePercent: want 0 to 100 percent, have 200", "tga: unknown key", crashPool + ".json:"} {
			if !strings.Contains(stderr, want) {
				t.Errorf("%s: %q is missing in\n%s", name, want, stderr)
			}
		}
	}
}

func TestInitRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, want, coin, address, daemon string }{
		{"unknown coin", "moonc", "moonc", "x", "http://u:p@127.0.0.1:1"},
		{"address of another network", "address", "litecoin", "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH", "http://u:p@127.0.0.1:1"},
		{"daemon without password", "http://USER:PASSWORD@host:port", "bitcoin", "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", "127.0.0.1:1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			_, stderr, err := command(t, "adit-pool", "init", "--dir", dir, "--coin", tt.coin, "--net", "regtest", "--daemon", tt.daemon, "--address", tt.address)
			if err == nil || !strings.Contains(stderr, tt.want) {
				t.Errorf("got %v, %q; want an error about %s", err, stderr, tt.want)
			}
		})
	}
}

// TestDeadDaemonIsWaitedFor starts a pool whose daemon is not there, and then is.
func TestDeadDaemonIsWaitedFor(t *testing.T) {
	t.Parallel()
	daemon := pooltest.NewDaemon(t, pooltest.Recorded(t, "litecoin-plain.json"))
	daemon.Die()
	dir := t.TempDir()
	initPool(t, dir, "litecoin", pooltest.RPC{URL: daemon.URL, User: pooltest.DaemonUser, Password: pooltest.DaemonPassword}, litecoinAddress(t), "--payouts=off")
	_, stderr, err := command(t, "adit-pool", "check", "--dir", dir)
	if err == nil || !strings.Contains(stderr, "cannot be reached") {
		t.Errorf("check with a dead daemon: %v\n%s", err, stderr)
	}
	pool := startPool(t, "serve", "--dir", dir)
	state := func() string {
		var stats poolapi.PoolStats
		getJSON(t, pool.Site+poolapi.PoolPath, &stats)
		return stats.Coins[0].State
	}
	eventually(t, 30*time.Second, "the site says that the daemon is away", func() bool { return strings.Contains(state(), "cannot be reached") })
	daemon.Revive(t)
	eventually(t, 60*time.Second, "the pool works again by itself", func() bool { return state() == "ok" })
	pool.stop(t)
}

func TestWrongPasswordIsNamed(t *testing.T) {
	t.Parallel()
	rpc, address := embeddedCoin(t)
	rpc.Password = "wrong"
	dir := t.TempDir()
	initPool(t, dir, "bitcoin", rpc, address)
	_, stderr, err := command(t, "adit-pool", "check", "--dir", dir)
	if err == nil || !strings.Contains(stderr, "refused the login") {
		t.Errorf("check with a wrong password: %v\n%s", err, stderr)
	}
	if strings.Contains(stderr, "wrong") && strings.Contains(stderr, ":wrong@") {
		t.Errorf("the password is shown: %s", stderr)
	}
	pool := startPool(t, "serve", "--dir", dir)
	eventually(t, 30*time.Second, "the log names the login", func() bool { return strings.Contains(pool.log.String(), "login") })
	pool.stop(t)
}

// TestUnsyncedDaemonGivesNoWork runs a litecoind without peers, which refuses
// templates: the pool says so and lets nobody mine for nothing.
func TestUnsyncedDaemonGivesNoWork(t *testing.T) {
	t.Parallel()
	node := pooltest.StartLitecoind(t, pooltest.LitecoindOptions{NoPeer: true})
	dir := t.TempDir()
	initPool(t, dir, "litecoin", node.RPC, node.NewAddress())
	pool := startPool(t, "serve", "--dir", dir)
	eventually(t, 30*time.Second, "the site says what is wrong with the daemon", func() bool {
		var stats poolapi.PoolStats
		getJSON(t, pool.Site+poolapi.PoolPath, &stats)
		return strings.Contains(stats.Coins[0].State, "peers") || strings.Contains(stats.Coins[0].State, "connected")
	})
	pool.stop(t)
}

func TestDaemonOfAnotherNetworkEndsTheStart(t *testing.T) {
	t.Parallel()
	rpc, _ := embeddedCoin(t)
	dir := t.TempDir()
	initPool(t, dir, "bitcoin", rpc, "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080")
	file := filepath.Join(dir, "pools", crashPool+".json")
	text, _ := os.ReadFile(file)
	other := strings.NewReplacer(`"regtest"`, `"main"`, "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4").Replace(string(text))
	os.WriteFile(file, []byte(other), 0o644)
	_, stderr, err := command(t, "adit-pool", "serve", "--dir", dir)
	if err == nil || !strings.Contains(stderr, "wrong network") {
		t.Errorf("got %v, %q; want the start refused for the wrong network", err, stderr)
	}
}

// TestStrangersLinesAreAnswered sends what must not hurt to a running pool.
func TestStrangersLinesAreAnswered(t *testing.T) {
	t.Parallel()
	pool := servedCoin(t)
	conn, err := net.Dial("tcp", pool.Stratum)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	in := bufio.NewScanner(conn)
	for _, tt := range []struct{ send, want string }{
		{`{"id":1,"method":"mining.authorize"}`, `"error":[`},
		{`{"id":2,"method":"mining.moonshot","params":[]}`, `"error":[`},
		{`{"id":3,"method":"mining.submit","params":["x","y"]}`, `"error":[`},
		{`{"id":4,"method":"mining.authorize","params":["NotAnAddress.rig","x"]}`, `"error":[24`},
		{`{"id":5,"method":"mining.ping","params":[]}`, `"id":5`},
	} {
		conn.Write([]byte(tt.send + "\n"))
		if !in.Scan() || !strings.Contains(in.Text(), tt.want) {
			t.Errorf("%s: got %q, want %s in it", tt.send, in.Text(), tt.want)
		}
	}
	if garbage, err := net.Dial("tcp", pool.Stratum); err == nil {
		garbage.Write([]byte("\x16\x03\x01\x00\xff garbage \x00\xff\n{{{{\n"))
		garbage.Close()
	}
	m, err := pooltest.DialMiner(pool.Stratum, " "+goodAccount+" ", pow.SHA256d) // as pasted
	if err != nil {
		t.Fatalf("an honest miner after the garbage: %v", err)
	}
	defer m.Close()
	if ok, err := m.Mine(); err != nil || !ok {
		t.Errorf("an honest share after the garbage: %v, %v", ok, err)
	}
	pool.stop(t)
}

// TestFullDiskRefusesSharesAndLosesNone puts the share log on a small file system
// and fills it.
func TestFullDiskRefusesSharesAndLosesNone(t *testing.T) {
	t.Parallel()
	rpc, address := embeddedCoin(t)
	dir := t.TempDir()
	initPool(t, dir, "bitcoin", rpc, address, "--difficulty", "1e-6", "--vardiff=off")
	data := filepath.Join(dir, "data", "sharelog")
	os.MkdirAll(data, 0o755)
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", data).CombinedOutput(); err != nil {
		t.Skipf("no small file system can be mounted here (needs root): %v %s", err, out)
	}
	defer exec.Command("umount", "-l", data).Run()
	pool := startPool(t, "serve", "--dir", dir)
	m, err := pooltest.DialMiner(pool.Stratum, goodAccount+".full", pow.SHA256d)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	mineOne := func() bool {
		ok, err := m.Mine()
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	mineOne()
	ballast := filepath.Join(data, "ballast")
	os.WriteFile(ballast, make([]byte, 11<<20), 0o644)
	exec.Command("dd", "if=/dev/zero", "of="+ballast+"2", "bs=4k").Run() // until the disk is full
	eventually(t, 60*time.Second, "a share is refused on a full disk", func() bool { return !mineOne() })
	os.Remove(ballast)
	os.Remove(ballast + "2")
	eventually(t, 60*time.Second, "shares are accepted again", mineOne)
	told := m.Acknowledged
	eventually(t, 30*time.Second, "the ledger has what was acknowledged", func() bool {
		_, c := minerStats(t, pool.Site, goodAccount)
		return c.Accepted >= told
	})
	pool.stop(t)
}

// servedCoin is a pool on the embedded coin.
func servedCoin(t *testing.T) *poolProcess {
	t.Helper()
	rpc, address := embeddedCoin(t)
	dir := t.TempDir()
	initPool(t, dir, "bitcoin", rpc, address, "--difficulty", "1e-6", "--vardiff=off")
	return startPool(t, "serve", "--dir", dir)
}

func litecoinAddress(t testing.TB) string {
	t.Helper()
	network := cointest.Network(t, "litecoin", "regtest")
	return network.P2WPKH(coin.PubKeyHash{1}).String()
}
