package main

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/adit-mining/adit/pool-server/pooltest"
)

// status runs adit-pool status --json.
func status(t *testing.T, dir string) (r report, err error) {
	t.Helper()
	text, err := runCommand(t, "status", "--dir", dir, "--json")
	if jsonErr := json.Unmarshal([]byte(text), &r); jsonErr != nil {
		t.Fatalf("%v: %v, %q", err, jsonErr, text)
	}
	return r, err
}

func TestStatusSaysHowTheServerIsDoing(t *testing.T) {
	daemon := pooltest.NewDaemon(t, pooltest.Recorded(t, "litecoin-plain.json"))
	dir := newFolder(t, daemon, nil, "--durability", "async")
	r, err := status(t, dir)
	if !errors.Is(err, errAttention) || r.Running || len(r.Attention) != 1 || !strings.Contains(r.Attention[0], "does not run") {
		t.Errorf("before the start: %v, %+v", err, r)
	}
	s := serve(t, dir)
	m := mining(t, s)
	for m.Acknowledged < 3 {
		if _, err := m.Mine(); err != nil {
			t.Fatal(err)
		}
	}
	var all report
	eventually(t, "all is well and counted", func() bool {
		all, err = status(t, dir)
		return err == nil && all.ShareLog.Last > 0 && all.ShareLog.Applied == all.ShareLog.Last &&
			len(all.Pools) == 1 && len(all.Pools[0].Daemons) == 1 && all.Pools[0].Daemons[0].Height == all.Pools[0].Height
	})
	if l := all.ShareLog; !all.Running || l.Durability != "async" || !l.Counting || l.Trouble != "" || l.Pending != 0 {
		t.Errorf("got %+v, share log %+v", all, l)
	}
	if len(all.Pools) != 1 || len(all.Pools[0].Daemons) != 1 || len(all.Pools[0].Ports) != 1 {
		t.Fatalf("got pools %+v", all.Pools)
	}
	p := all.Pools[0]
	if p.ID != "litecoin-regtest" || p.Height < 1 || p.Workers != 1 || p.Hashrate <= 0 || p.Trouble != "" || p.Payouts.Enabled {
		t.Errorf("got pool %+v", p)
	}
	if one := p.Ports[0]; one.Connections != 1 || one.Accepted != uint64(m.Acknowledged) {
		t.Errorf("got port %+v", one)
	}
	if d := p.Daemons[0]; d.Trouble != "" || d.Age < 0 {
		t.Errorf("got daemon %+v, the pool works on block %d", d, p.Height)
	}
	words, err := runCommand(t, "status", "--dir", dir)
	if err != nil {
		t.Error(err)
	}
	for _, want := range []string{"a power cut may lose", "written down and counted", "1 connections", "gives work for block", "switched off: credits collect", "all well"} {
		if !strings.Contains(words, want) {
			t.Errorf("%q is missing in\n%s", want, words)
		}
	}
	t.Log(words)

	daemon.Die()
	eventually(t, "the daemon's end is told", func() bool {
		all, err = status(t, dir)
		return errors.Is(err, errAttention) && strings.Contains(strings.Join(all.Attention, " "), "gives no work")
	})
	words, err = runCommand(t, "status", "--dir", dir)
	if !errors.Is(err, errAttention) || !strings.Contains(words, "needs you") || strings.Contains(words, "all well") {
		t.Errorf("%v\n%s", err, words)
	}
	s.stop()
	if r, err := status(t, dir); !errors.Is(err, errAttention) || r.Running {
		t.Errorf("after the end: %v, %+v", err, r)
	}
}

func TestHaltedPayoutsNeedTheOperatorAlsoWhileTheServerIsDown(t *testing.T) {
	daemon := pooltest.NewDaemon(t, pooltest.Recorded(t, "litecoin-plain.json"))
	dir := newFolder(t, daemon, nil)
	serve(t, dir).stop()
	book := openBook(t, dir)
	if err := book.Halt(t.Context(), "litecoin-regtest", "inputs are gone"); err != nil {
		t.Fatal(err)
	}
	r, err := status(t, dir)
	if !errors.Is(err, errAttention) || len(r.Attention) != 2 || !strings.Contains(r.Attention[1], "payouts are halted: inputs are gone; see adit-pool payout status") {
		t.Errorf("stopped: %v, %q", err, r.Attention)
	}
	serve(t, dir)
	eventually(t, "the running server says it too", func() bool {
		r, err = status(t, dir)
		return errors.Is(err, errAttention) && r.Running && strings.Contains(strings.Join(r.Attention, " "), "inputs are gone")
	})
}
