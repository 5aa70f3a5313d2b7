package e2e_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"golang.org/x/crypto/scrypt"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/pool-server/stratum/load"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

// bars is the table that BenchmarkBars prints.
type bars struct{ rows [][4]string }

// add notes a figure, which is as it should be if it is not above the bar.
func (t *bars) add(b *testing.B, figure string, value, bar float64, unit, ckpool string) {
	b.Helper()
	b.ReportMetric(value, strings.ReplaceAll(unit+"/"+figure, " ", "-"))
	verdict := "reached"
	if value > bar {
		verdict = fmt.Sprintf("%.1f times", value/bar)
	}
	t.rows = append(t.rows, [4]string{figure, rounded(value) + " " + unit, "≤ " + rounded(bar) + " " + unit + ", " + verdict, ckpool})
}

func rounded(v float64) string {
	if v >= 100 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3g", v)
}

// tell notes a figure without a bar.
func (t *bars) tell(figure, value string) { t.rows = append(t.rows, [4]string{figure, value, "", ""}) }

func (t *bars) print() {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\nfigure\there\tbar\tckpool 1.2.0\n")
	for _, row := range t.rows {
		fmt.Fprintf(w, "%s\n", strings.Join(row[:], "\t"))
	}
	w.Flush()
}

// BenchmarkBars measures what the pool's front door is measured by, all in one run on
// one machine: the built server, loaded by the built load generator on the same
// processors. ckpool's figures are those of the same kind of machine, from the issue.
func BenchmarkBars(b *testing.B) {
	var t bars
	disk := fsyncTime(b)
	t.tell("machine: one fsync of 4 kB, p50", fmt.Sprintf("%.3f ms", disk))
	t.tell("machine: load average", strings.Join(strings.Fields(string(readFile(b, "/proc/loadavg")))[:3], " "))
	for _, durability := range []string{"fsync", "async"} {
		b.Run("saturation/"+durability, func(b *testing.B) { t.saturation(b, durability) })
		b.Run("paced/"+durability, func(b *testing.B) { t.paced(b, durability, disk) })
	}
	b.Run("idle/plain", func(b *testing.B) { t.idle(b, "plain", 7000, "6.4-6.7 kB") })
	b.Run("idle/TLS", func(b *testing.B) { t.idle(b, "TLS", 30000, "-", "--tls", "--insecure") })
	for _, transactions := range []int{0, 300, 3000} {
		b.Run(fmt.Sprintf("block/%d", transactions), func(b *testing.B) { t.block(b, transactions, 1000, "empty") })
	}
	b.Run("block/3000/full", func(b *testing.B) { t.block(b, 3000, 1000, "full") })
	b.Run("block/300/5000", func(b *testing.B) { t.block(b, 300, 5000, "empty") })
	b.Run("scrypt", t.scrypt)
	t.print()
}

// saturation loads the pool as hard as it answers: the server's processor time per
// share that is accepted and on disk.
func (t *bars) saturation(b *testing.B, durability string) {
	pool := benchPool(b, "--durability", durability)
	before := cpuTime(b, pool.cmd.Process.Pid)
	r := runLoad(b, pool, "--connections", "100", "--rate", "0", "--duration", "10s", "--pipeline", "64")
	used := cpuTime(b, pool.cmd.Process.Pid) - before
	t.add(b, "CPU per durable share, saturation, "+durability, float64(used.Microseconds())/float64(r.Accepted), 10, "µs", "20-31 µs, not stored")
	t.tell("  shares a second; the generator's CPU per share", fmt.Sprintf("%.0f; %.1f µs", r.SharesPerSecond, r.CPUPerShare))
	t.clean(b, r)
}

// paced is the same at 1,000 shares a second of 1,000 connections. Signing in is not
// counted: the processor time is taken over the middle of the run.
func (t *bars) paced(b *testing.B, durability string, disk float64) {
	pool := benchPool(b, "--durability", durability)
	const rate, warm, span = 1000, 3 * time.Second, 8 * time.Second
	used := make(chan time.Duration, 1)
	go func() {
		time.Sleep(warm)
		before := cpuTime(b, pool.cmd.Process.Pid)
		time.Sleep(span)
		used <- cpuTime(b, pool.cmd.Process.Pid) - before
	}()
	r := runLoad(b, pool, "--connections", "1000", "--rate", fmt.Sprint(rate), "--duration", "12s")
	t.add(b, "CPU per share at 1,000/s, "+durability, float64((<-used).Microseconds())/(rate*span.Seconds()), 80, "µs", "112-166 µs")
	bar := 0.12
	if durability == "fsync" {
		bar = disk + 0.2
	}
	t.add(b, "submit p50 at 1,000/s, "+durability, r.Service.P50, bar, "ms", "0.17-0.24 ms")
	t.tell("  from when due: p50, p99, p99.9", fmt.Sprintf("%.3f, %.3f, %.3f ms", r.Latency.P50, r.Latency.P99, r.Latency.P999))
	t.clean(b, r)
}

// clean fails the benchmark if its shares were not all taken.
func (t *bars) clean(b *testing.B, r load.Report) {
	b.Helper()
	if r.Rejected+r.Failed+r.Lost+r.Unanswered != 0 {
		b.Errorf("%d rejected %v, %d failed, %d lost %v, %d without answer", r.Rejected, r.Rejects, r.Failed, r.Lost, r.Errors, r.Unanswered)
	}
}

// idle is the server's resident memory per connection that has signed in and is silent.
func (t *bars) idle(b *testing.B, kind string, bar float64, ckpool string, flags ...string) {
	const connections = 5000
	pool, _ := securePool(b)
	time.Sleep(2 * time.Second)
	before := resident(b, pool.cmd.Process.Pid)
	during := make(chan int64, 1)
	go func() { // a TLS handshake takes its time: 5,000 of them are not there at once
		for wait := 0; connectionsOf(b, pool) < connections && wait < 120; wait++ {
			time.Sleep(time.Second / 2)
		}
		time.Sleep(15 * time.Second) // signing in leaves garbage, which is given back by and by
		during <- resident(b, pool.cmd.Process.Pid)
	}()
	r := runIdle(b, pool, append([]string{"--connections", fmt.Sprint(connections), "--duration", "22s"}, flags...)...)
	t.add(b, "memory per idle connection, "+kind+", 5,000", float64(<-during-before)/connections, bar, "B", ckpool)
	t.tell("  connections a second", fmt.Sprintf("%.0f", r.ConnectsPerSec))
	if r.Connections != connections || r.Lost != 0 {
		b.Errorf("%d connections, %d lost: %v", r.Connections, r.Lost, r.Errors)
	}
}

// connectionsOf is how many miners the pool says to have.
func connectionsOf(b *testing.B, pool *poolProcess) int {
	client, err := poolapi.NewClient(pool.Site)
	if err != nil {
		b.Error(err)
		return 0
	}
	stats, err := client.Pool(b.Context())
	if err != nil || len(stats.Coins) != 1 {
		b.Errorf("got %+v, %v", stats, err)
		return 0
	}
	return stats.Coins[0].Connections
}

// runIdle is runLoad without shares.
func runIdle(b *testing.B, pool *poolProcess, args ...string) (r load.Report) {
	b.Helper()
	out := must(b, "adit-pool", append([]string{"load", "--addr", pool.Stratum, "--json", "--rate", "-1"}, args...)...)
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		b.Fatal(err)
	}
	return r
}

// block lets a daemon have new blocks with templates of so many transactions, and
// measures until the first and the last connection have the job. Of ten the fastest
// counts: what the machine does besides is not the pool's. With first "empty" the daemon
// publishes its blocks and miners begin with an empty job, with "full" there is nothing
// but the long poll and its template.
func (t *bars) block(b *testing.B, transactions, connections int, first string) {
	const blocks, every = 10, 400 * time.Millisecond
	daemon := newBusyDaemon(b, transactions)
	dir := b.TempDir()
	flags := []string{"--difficulty", "1e-9", "--vardiff=off", "--payouts=off"}
	if first == "empty" {
		flags = append(flags, "--zmq", daemon.zmq)
	}
	address := cointest.Network(b, "bitcoin", "regtest").P2WPKH(coin.PubKeyHash{5}).String()
	initPool(b, dir, "bitcoin", daemon.rpc, address, flags...)
	if first == "full" {
		replaceIn(b, filepath.Join(dir, "pools", crashPool+".json"), `"firstJob": "empty"`, `"firstJob": "full"`)
	}
	pool := startPool(b, "serve", "--dir", dir)
	eventually(b, 20*time.Second, "the pool has work", func() bool { return strings.Contains(pool.log.String(), "new work") })
	told, loaded := make(chan time.Time, blocks), make(chan load.Report, 1)
	ready := make(chan struct{})
	isReady := sync.OnceFunc(func() { close(ready) })
	go func() {
		defer isReady()
		r, err := load.Run(b.Context(), load.Options{
			Addr: pool.Stratum, Connections: connections, Rate: -1, User: goodAccount, Algorithm: pow.SHA256d, Blocks: told,
			Duration: blocks*every + 4*time.Second, Progress: func(p load.Progress) {
				if p.Elapsed > time.Second {
					isReady()
				}
			},
		})
		if err != nil {
			b.Error(err)
		}
		loaded <- r
	}()
	<-ready
	for range blocks {
		hash, header := daemon.PrepareBlock()
		told <- time.Now()
		daemon.TellBlock(hash, header)
		time.Sleep(every)
	}
	r := <-loaded
	if r.BlockFirst.Count == 0 {
		b.Errorf("no block was seen by all: %+v", r)
		return
	}
	if first == "full" {
		t.tell("  the same by long poll alone, without an empty job", fmt.Sprintf("%.2f ms", r.BlockFirst.Min))
		return
	}
	if connections == 1000 {
		t.add(b, fmt.Sprintf("block to first clean job, %d transactions", transactions), r.BlockFirst.Min, 3, "ms", "7-100 ms")
	}
	if transactions == 300 {
		bar, ckpool := 14.0, "21 ms"
		if connections == 5000 {
			bar, ckpool = 65, "102 ms"
		}
		t.add(b, fmt.Sprintf("block to the last of %d connections", connections), r.BlockLast.Min, bar, "ms", ckpool)
		t.tell("  of it from the first connection to the last", fmt.Sprintf("%.1f ms at best, %.1f ms in the middle", r.CleanSpread.Min, r.CleanSpread.P50))
	}
}

// scrypt compares our checks with those of x/crypto, on one core.
func (t *bars) scrypt(b *testing.B) {
	hasher, err := pow.NewHasher(pow.Scrypt)
	if err != nil {
		b.Fatal(err)
	}
	var header [pow.HeaderSize]byte
	const ours, theirs = 12_000, 3_000
	begun := cpuTime(b, os.Getpid())
	pow.Search(hasher, &header, pow.Target{}, ours) // no hash is good enough
	us := ours / (cpuTime(b, os.Getpid()) - begun).Seconds()
	begun = cpuTime(b, os.Getpid())
	for range theirs {
		if _, err := scrypt.Key(header[:], header[:], 1024, 1, 1, 32); err != nil {
			b.Fatal(err)
		}
	}
	them := theirs / (cpuTime(b, os.Getpid()) - begun).Seconds()
	b.ReportMetric(us, "scrypt/s")
	verdict := "reached"
	if us < 5*them {
		verdict = fmt.Sprintf("%.1f of it", us/(5*them))
	}
	t.rows = append(t.rows, [4]string{"scrypt checks per core-second", fmt.Sprintf("%.0f", us), fmt.Sprintf("≥ 5 × x/crypto (%.0f), %s", them, verdict), "-"})
}

// fsyncTime is the median of an append of 4 kB with fsync, in milliseconds, where the
// benchmarks have their data.
func fsyncTime(b *testing.B) float64 {
	b.Helper()
	file, err := os.Create(filepath.Join(b.TempDir(), "fsync"))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	var took []float64
	for range 200 {
		begun := time.Now()
		if _, err := file.Write(make([]byte, 4096)); err != nil {
			b.Fatal(err)
		}
		if err := file.Sync(); err != nil {
			b.Fatal(err)
		}
		took = append(took, float64(time.Since(begun))/1e6)
	}
	slices.Sort(took)
	return math.Round(took[len(took)/2]*1000) / 1000
}

func readFile(b *testing.B, name string) []byte {
	b.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		b.Fatal(err)
	}
	return text
}
