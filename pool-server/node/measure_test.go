package node_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/pooltest"
)

func TestCallsAreMeasured(t *testing.T) {
	d := fake(t)
	c := client(t, d.URL, nil)
	for range 3 {
		if _, err := c.BestBlock(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	// That it does not know something is an answer.
	if err := c.Call(t.Context(), "getnothing", nil, nil); err == nil {
		t.Fatal("an unknown method was answered")
	}
	for range 2 {
		d.Once("getbestblockhash", pooltest.WrongPassword)
		if _, err := c.BestBlock(t.Context()); !errors.Is(err, node.ErrAuth) {
			t.Fatal(err)
		}
	}
	given, up := context.WithCancel(t.Context())
	up()
	if _, err := c.BestBlock(given); err == nil {
		t.Fatal("a call that was given up was answered")
	}
	waited, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	d.Once("getbestblockhash", pooltest.Fault{Delay: time.Hour})
	if _, err := c.BestBlock(waited); err == nil {
		t.Fatal("a call that is not answered was answered")
	}
	d.Die()
	if _, err := c.BestBlock(t.Context()); !errors.Is(err, node.ErrUnreachable) {
		t.Fatal(err)
	}
	got := c.Measures()
	if got.Answered.Count != 4 || got.Answered.Sum <= 0 {
		t.Errorf("%d answers in %v, want 4", got.Answered.Count, time.Duration(got.Answered.Sum))
	}
	for word, want := range map[string]uint64{"login": 2, "unanswered": 1, "unreachable": 1, "busy": 0, "not_a_daemon": 0} {
		if got.Failed[word] != want {
			t.Errorf("%s: %d calls, want %d", word, got.Failed[word], want)
		}
	}
}

func TestALongPollIsNoSlowAnswer(t *testing.T) {
	d := fake(t)
	c := client(t, d.URL, nil)
	first, err := c.Template(t.Context(), nil, "")
	if err != nil {
		t.Fatal(err)
	}
	before := c.Measures().Answered.Count
	d.NextBlock(template)
	if _, err := c.Template(t.Context(), nil, first.LongPollID); err != nil {
		t.Fatal(err)
	}
	if after := c.Measures().Answered.Count; after != before {
		t.Errorf("%d answers were measured, want %d", after, before)
	}
}
