package pooltest_test

import (
	"testing"

	"github.com/adit-mining/adit/pool-server/pooltest"
)

func TestLitecoindHandsOutTemplatesOnceItHasAPeer(t *testing.T) {
	n := pooltest.StartLitecoind(t, pooltest.LitecoindOptions{})
	n.Generate(1)
	pooltest.Must[map[string]any](t, n.RPC, "getblocktemplate", map[string]any{"rules": []string{"mweb", "segwit"}})
	n.Stop()
	n.Start()
	n.LoadWallet()
	if got := n.Height(); got != 1 {
		t.Errorf("height after a restart = %d, want 1", got)
	}
}

func TestBtcdIsBuiltAndRuns(t *testing.T) {
	n := pooltest.StartBtcd(t, pooltest.BtcdOptions{})
	pooltest.Must[map[string]any](t, n.RPC, "getblocktemplate", map[string]any{"rules": []string{"segwit"}})
	if got := n.Height(); got != 0 {
		t.Errorf("height = %d, want 0", got)
	}
}
