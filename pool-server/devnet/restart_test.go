package devnet_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/devnet"
)

// minerFolder makes the test binary mine in a folder until it is killed.
const minerFolder = "ADIT_DEVNET_MINE_IN"

func TestMain(m *testing.M) {
	if dir := os.Getenv(minerFolder); dir != "" {
		if err := mineForever(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// mineForever prints each block once it was accepted.
func mineForever(dir string) error {
	c, err := devnet.Open(devnet.Options{Dir: dir, Bits: devnet.EasiestBits})
	if err != nil {
		return err
	}
	to, err := c.NewAddress()
	if err != nil {
		return err
	}
	fmt.Println("address", to)
	for {
		hashes, err := c.Generate(context.Background(), 1, to)
		if err != nil {
			return err
		}
		fmt.Println("block", hashes[0])
	}
}

func TestKilledCoinKeepsEveryAcceptedBlock(t *testing.T) {
	dir := t.TempDir()
	var blocks, addresses []string
	for round := range 6 {
		b, a := mineUntilKilled(t, dir)
		blocks, addresses = append(blocks, b...), append(addresses, a...)
		if round == 3 { // btcd's database is only a cache of the journal
			if err := os.RemoveAll(filepath.Join(dir, "chain")); err != nil {
				t.Fatal(err)
			}
		}
	}
	d := start(t, dir)
	for i, hash := range blocks {
		var header struct{ Confirmations, Height int64 }
		d.call("getblockheader", &header, hash)
		if header.Confirmations < 1 || header.Height < int64(i+1) {
			t.Fatalf("accepted block %d of %d: %+v", i, len(blocks), header)
		}
	}
	for _, address := range addresses {
		var a struct{ IsMine bool }
		if d.call("getaddressinfo", &a, address); !a.IsMine {
			t.Errorf("the key of %s is lost", address)
		}
	}
	if d.balance() == "0.00000000" {
		t.Error("nothing to spend")
	}
}

// mineUntilKilled lets a process mine, kills it at a random moment, and returns what
// it had told by then.
func mineUntilKilled(t *testing.T, dir string) (blocks, addresses []string) {
	t.Helper()
	ctx, kill := context.WithCancel(t.Context())
	defer kill()
	cmd := exec.CommandContext(ctx, os.Args[0]) // CommandContext kills with SIGKILL
	cmd.Env = append(os.Environ(), minerFolder+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	limit := 1 + rand.IntN(30)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		what, name, _ := strings.Cut(lines.Text(), " ")
		if what == "address" {
			addresses = append(addresses, name)
			continue
		}
		if blocks = append(blocks, name); len(blocks) == limit {
			time.AfterFunc(time.Duration(rand.IntN(5000))*time.Microsecond, kill)
		}
	}
	_ = cmd.Wait() // killed, as intended
	if len(blocks) < limit {
		t.Fatalf("the miner ended by itself after %d blocks", len(blocks))
	}
	return blocks, addresses
}

func TestRestartKeepsChainWalletAndMempool(t *testing.T) {
	dir := t.TempDir()
	d := start(t, dir)
	to, _ := foreign(t, d)
	d.generate(8, d.address("bech32"))
	var mined, waiting string
	d.call("sendtoaddress", &mined, to, 10)
	d.generate(1, d.address("bech32"))
	d.call("sendtoaddress", &waiting, to, 5)
	before, best := d.balance(), d.template().PreviousBlockHash
	d.stop()

	d = start(t, dir)
	if got := d.balance(); got != before {
		t.Errorf("balance %s after restart, %s before", got, before)
	}
	g := d.template()
	if g.PreviousBlockHash != best || len(g.Transactions) != 1 || g.Transactions[0].TxID != waiting {
		t.Errorf("template after restart: %+v", g)
	}
	for txid, want := range map[string]int64{mined: 1, waiting: 0} {
		var status struct{ Confirmations int64 }
		d.call("gettransaction", &status, txid)
		if status.Confirmations != want {
			t.Errorf("%s has %d confirmations, want %d", txid, status.Confirmations, want)
		}
	}
	d.generate(1, to)
	var status struct{ Confirmations int64 }
	if d.call("gettransaction", &status, waiting); status.Confirmations != 1 {
		t.Errorf("waiting payment has %d confirmations", status.Confirmations)
	}
}

func TestTornJournalEndIsCutAndDamageIsTold(t *testing.T) {
	dir := t.TempDir()
	d := start(t, dir)
	d.generate(5, d.address("bech32"))
	d.stop()
	path := filepath.Join(dir, "journal")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write := func(content []byte) {
		t.Helper()
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(filepath.Join(dir, "chain")); err != nil {
			t.Fatal(err)
		}
	}
	for name, tail := range map[string][]byte{
		"half a record": whole[20:60], "a few bytes": {7, 0}, "zeros": make([]byte, 300),
	} {
		write(append(whole[:len(whole):len(whole)], tail...))
		d := start(t, dir)
		if got := d.chain.Height(); got != 5 {
			t.Errorf("%s: height %d, want 5", name, got)
		}
		d.stop()
		if left, err := os.ReadFile(path); err != nil || len(left) != len(whole) {
			t.Errorf("%s: journal has %d bytes, want %d (%v)", name, len(left), len(whole), err)
		}
	}
	write(whole[:len(whole)-1]) // the last record is torn
	d = start(t, dir)
	if got := d.chain.Height(); got != 4 {
		t.Errorf("torn record: height %d, want 4", got)
	}
	d.stop()
	damaged := append([]byte(nil), whole...)
	damaged[len(damaged)/2] ^= 1
	write(damaged)
	if c, err := devnet.Open(devnet.Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "damaged at byte") {
		t.Errorf("Open with a damaged journal = %v, %v", c, err)
	}
	write([]byte("something else entirely"))
	if _, err := devnet.Open(devnet.Options{Dir: dir}); err == nil {
		t.Error("a file of somebody else was taken for the journal")
	}
}

func TestDamagedDatabaseIsBuiltAgain(t *testing.T) {
	dir := t.TempDir()
	d := start(t, dir)
	d.generate(10, d.address("bech32"))
	before := d.balance()
	d.stop()
	files, err := filepath.Glob(filepath.Join(dir, "chain", "metadata", "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no database files: %v", err)
	}
	for _, file := range files {
		if err := os.WriteFile(file, []byte("damage"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d = start(t, dir)
	if d.chain.Height() != 10 || d.balance() != before {
		t.Errorf("height %d, balance %s, want 10 and %s", d.chain.Height(), d.balance(), before)
	}
}

func TestTornKeyIsDropped(t *testing.T) {
	dir := t.TempDir()
	d := start(t, dir)
	address := d.address("bech32")
	d.stop()
	path := filepath.Join(dir, "wallet.keys")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("wallet.keys: %v %v, want mode 0600", info.Mode(), err)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("cNnn"); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	d = start(t, dir)
	for _, a := range []string{address, d.address("legacy")} {
		var info struct{ IsMine bool }
		if d.call("getaddressinfo", &info, a); !info.IsMine {
			t.Errorf("%s is not ours any more", a)
		}
	}
	d.stop()
	d = start(t, dir)
	d.address("bech32")
}
