package e2e_test

import "testing"

// BenchmarkScryptShare is BenchmarkDurableShare of a scrypt pool, whose cost is the
// hash: with so many connections several shares always wait, and are hashed together.
// Every hash is a share, so that the load generator takes no more time than the pool.
func BenchmarkScryptShare(b *testing.B) {
	rpc, _ := embeddedCoin(b)
	dir := b.TempDir()
	// The embedded coin's daemon is bitcoin's; an address without bech32 is both coins'.
	initPool(b, dir, "litecoin", rpc, "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn", "--difficulty", "1e-9", "--vardiff=off")
	pool := startPool(b, "serve", "--dir", dir)
	before := cpuTime(b, pool.cmd.Process.Pid)
	r := runLoad(b, pool, "--algorithm", "scrypt", "--connections", "100", "--rate", "0", "--duration", "10s")
	used := cpuTime(b, pool.cmd.Process.Pid) - before
	b.ReportMetric(float64(used.Microseconds())/float64(r.Accepted), "cpu-µs/share")
	b.ReportMetric(r.SharesPerSecond, "shares/s")
	b.ReportMetric(r.Latency.P50, "p50-ms")
	b.ReportMetric(r.Latency.P99, "p99-ms")
	b.ReportMetric(float64(r.Rejected), "rejected")
	b.ReportMetric(0, "ns/op")
}
