package node_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/pooltest"
)

func TestAScanThatTakesTooLongIsBrokenOff(t *testing.T) {
	d := pooltest.NewDaemon(t, pooltest.Recorded(t, "litecoin-plain.json"))
	release := make(chan struct{})
	d.Handle("scantxoutset", func(ctx context.Context, params []json.RawMessage) (any, error) {
		if string(params[0]) == `"abort"` {
			close(release)
			return true, nil
		}
		select {
		case <-release:
		case <-time.After(10 * time.Second):
		}
		return map[string]any{"success": false}, nil
	})
	c, err := node.New(node.Config{URL: d.URL, User: pooltest.DaemonUser, Password: pooltest.DaemonPassword})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.ScanUnspent(t.Context(), 100*time.Millisecond, [][]byte{{0x51}}, 10); !errors.Is(err, node.ErrUnanswered) {
		t.Errorf("scan = %v", err)
	}
	select {
	case <-release:
	default:
		t.Error("the daemon was not told to break off")
	}
}

func TestADaemonWithoutScanSaysSo(t *testing.T) {
	d := pooltest.NewDaemon(t, pooltest.Recorded(t, "litecoin-plain.json"))
	d.Handle("scantxoutset", func(context.Context, []json.RawMessage) (any, error) {
		return nil, &pooltest.RPCError{Code: -32601, Message: "Method not found"}
	})
	c, err := node.New(node.Config{URL: d.URL, User: pooltest.DaemonUser, Password: pooltest.DaemonPassword})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.ScanUnspent(t.Context(), time.Second, [][]byte{{0x51}}, 10); !errors.Is(err, node.ErrNoScan) {
		t.Errorf("scan = %v", err)
	}
}
