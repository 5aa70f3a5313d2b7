package node_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/packaging/bubble"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/pool-server/work"
)

func parse(t testing.TB, hash string) pow.Hash {
	t.Helper()
	h, err := pow.ParseHash(hash)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// seen is what a group told its user.
type seen struct {
	template *work.Template
	newBlock bool
	stale    error
}

// world is some daemons and a running group, all in one synctest bubble.
type world struct {
	t       *testing.T
	daemons []*pooltest.Daemon
	group   *node.Group
	stop    func()

	mu   sync.Mutex
	seen []seen
}

func (w *world) tell(s seen) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = append(w.seen, s)
}

func newWorld(t *testing.T, daemons int, o node.GroupOptions, prepare func(w *world)) *world {
	w := &world{t: t}
	var clients []*node.Client
	for range daemons {
		d := pooltest.NewDaemonWithoutPort(t, pooltest.Recorded(t, template))
		w.daemons = append(w.daemons, d)
		clients = append(clients, client(t, d.URL, func(c *node.Config) { c.Transport = d.Transport() }))
	}
	if prepare != nil {
		prepare(w)
	}
	w.group = node.NewGroup(clients, o)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		done <- w.group.Run(ctx, func(tmpl *work.Template, newBlock bool) {
			w.tell(seen{tmpl, newBlock, nil})
		}, func(err error) {
			w.tell(seen{nil, false, err})
		})
	}()
	w.stop = func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run = %v", err)
		}
	}
	synctest.Wait()
	return w
}

// next lets time pass and returns what was told since.
func (w *world) next(d time.Duration) []seen {
	w.t.Helper()
	time.Sleep(d)
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.seen
	w.seen = nil
	return all
}

// news leaves the renewals of an unchanged tip out.
func news(all []seen) []seen {
	return slices.DeleteFunc(all, func(s seen) bool { return s.stale == nil && !s.newBlock })
}

func (w *world) wantBlock(got []seen, tip string) {
	w.t.Helper()
	got = news(got)
	if len(got) != 1 || !got[0].newBlock || got[0].template.PreviousHash.String() != tip {
		w.t.Fatalf("told %+v, want the new tip %s", got, tip)
	}
}

func (w *world) wantNothing(got []seen) {
	w.t.Helper()
	if got = news(got); len(got) != 0 {
		w.t.Fatalf("told %+v, want nothing", got)
	}
}

func TestGroupTellsANewBlockAtOnce(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		w := newWorld(t, 1, node.GroupOptions{}, nil)
		defer w.stop()
		if got := w.next(0); len(got) != 1 || !got[0].newBlock {
			t.Fatalf("told %+v, want the first template as a new block", got)
		}
		for range 3 {
			hash := w.daemons[0].NextBlock("a")
			w.wantBlock(w.next(0), hash) // no time passes: the long poll told
		}
	})
}

func TestGroupPollsWhereThereIsNoLongPoll(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		w := newWorld(t, 1, node.GroupOptions{PollInterval: 2 * time.Second}, func(w *world) {
			w.daemons[0].Handle("getblocktemplate", withoutLongPoll(w.daemons[0]))
		})
		defer w.stop()
		w.next(0)
		hash := w.daemons[0].NextBlock("a")
		w.wantNothing(w.next(1900 * time.Millisecond))
		w.wantBlock(w.next(200*time.Millisecond), hash)

		hash = w.daemons[0].NextBlock("b")
		w.group.Notify() // blocknotify
		w.wantBlock(w.next(0), hash)
	})
}

func TestGroupIsCheapWhileNothingHappens(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		w := newWorld(t, 1, node.GroupOptions{}, nil)
		defer w.stop()
		w.next(0)
		got := w.next(10 * time.Minute)
		for _, s := range got {
			if s.newBlock || s.stale != nil {
				t.Fatalf("told %+v, want renewals only", s)
			}
		}
		if len(got) < 18 || len(got) > 20 {
			t.Errorf("%d renewals in ten minutes, want one each 30 s", len(got))
		}
		if n := len(w.daemons[0].Calls("getblocktemplate")); n > 24 {
			t.Errorf("%d templates asked for in ten minutes", n)
		}
	})
}

func TestTheHighestTipWins(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		w := newWorld(t, 3, node.GroupOptions{}, nil)
		defer w.stop()
		w.next(0)
		first := w.daemons[1].NextBlock("first")
		w.wantBlock(w.next(0), first)
		// Another block of the same height: the first one seen stays.
		w.daemons[0].NextBlock("second")
		w.wantNothing(w.next(5 * time.Second))
		// Its branch gets longer: now it counts.
		third := w.daemons[0].NextBlock("third")
		w.wantBlock(w.next(0), third)
		// The daemon gives up that branch.
		w.daemons[0].DropBlocks(2)
		w.wantBlock(w.next(5*time.Second), first)
	})
}

func TestDeadDaemonsAreTolerated(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		w := newWorld(t, 3, node.GroupOptions{}, func(w *world) {
			w.daemons[0].Always("", pooltest.Fault{Drop: true})
			w.daemons[1].Always("getblocktemplate", pooltest.Unsynced)
		})
		defer w.stop()
		if got := w.next(time.Second); len(got) != 1 || got[0].stale != nil {
			t.Fatalf("told %+v, want the third daemon's template", got)
		}
		status := w.group.Status()
		if status[0].Err == nil || !errors.Is(status[1].Err, node.ErrSyncing) || status[2].Err != nil || status[2].Height == 0 {
			t.Errorf("status = %+v", status)
		}
		// The good one dies, the first comes back.
		w.daemons[2].Always("", pooltest.Fault{Drop: true})
		w.daemons[0].Always("", pooltest.Fault{})
		hash := w.daemons[0].NextBlock("a")
		w.wantBlock(w.next(31*time.Second), hash)
	})
}

func TestWithoutAFreshTemplateMinersAreSentAway(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		w := newWorld(t, 2, node.GroupOptions{MaxTemplateAge: time.Minute}, nil)
		defer w.stop()
		w.next(0)
		for _, d := range w.daemons {
			d.Always("getblocktemplate", pooltest.Unconnected)
			d.Always("getbestblockhash", pooltest.Fault{})
		}
		w.wantNothing(w.next(20 * time.Second)) // a short trouble
		got := news(w.next(time.Minute))
		if len(got) != 1 || !errors.Is(got[0].stale, node.ErrNotConnected) {
			t.Fatalf("told %+v, want that all is stale", got)
		}
		w.wantNothing(w.next(time.Hour)) // told once
		w.daemons[1].Always("getblocktemplate", pooltest.Fault{})
		if got = w.next(31 * time.Second); len(got) == 0 || !got[0].newBlock {
			t.Fatalf("told %+v, want a clean start on the old tip", got)
		}
	})
}

func TestAStartWithoutAnyDaemonSaysWhy(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		w := newWorld(t, 2, node.GroupOptions{}, func(w *world) {
			w.daemons[0].Always("", pooltest.WrongPassword)
			w.daemons[1].Always("", pooltest.Unsynced)
		})
		defer w.stop()
		got := w.next(0)
		if len(got) != 1 || !errors.Is(got[0].stale, node.ErrAuth) || !errors.Is(got[0].stale, node.ErrSyncing) {
			t.Fatalf("told %+v, want both daemons' errors at once", got)
		}
		w.wantNothing(w.next(10 * time.Minute))
		w.daemons[0].Always("", pooltest.Fault{})
		w.group.Notify()
		synctest.Wait()
		if got := w.next(0); len(got) != 1 || !got[0].newBlock {
			t.Fatalf("told %+v, want the template", got)
		}
	})
}

func TestASilentDaemonDoesNotHoldUpTheOthers(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		w := newWorld(t, 2, node.GroupOptions{}, func(w *world) {
			w.daemons[0].Always("", pooltest.Fault{Delay: time.Hour})
		})
		defer w.stop()
		w.next(0)
		hash := w.daemons[1].NextBlock("a")
		w.wantBlock(w.next(0), hash)
	})
}

func TestBlocksFoundWhileADaemonRestartsAreSeen(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		w := newWorld(t, 1, node.GroupOptions{}, nil)
		defer w.stop()
		w.next(0)
		w.daemons[0].Always("", pooltest.Fault{Drop: true})
		w.next(10 * time.Second)
		w.daemons[0].Die() // the long poll that hangs there
		w.next(5 * time.Second)
		w.daemons[0].Always("", pooltest.WarmingUp)
		hash := w.daemons[0].NextBlock("a")
		w.wantNothing(w.next(5 * time.Second))
		w.daemons[0].Always("", pooltest.Fault{})
		w.wantBlock(w.next(31*time.Second), hash)
		// and the long poll works again
		hash = w.daemons[0].NextBlock("b")
		w.wantBlock(w.next(0), hash)
	})
}

func TestAnswersThatOvertakeEachOtherDoNotTurnTheTipBack(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		w := newWorld(t, 1, node.GroupOptions{}, nil)
		defer w.stop()
		w.next(0)
		original := w.daemons[0].Handler("getblocktemplate")
		slow := true
		w.daemons[0].Handle("getblocktemplate", func(ctx context.Context, params []json.RawMessage) (any, error) {
			result, err := original(ctx, params)
			if slow {
				slow = false
				time.Sleep(5 * time.Second) // the answer is on its way
			}
			return result, err
		})
		w.wantNothing(w.next(32 * time.Second)) // a renewal is being answered
		hash := w.daemons[0].NextBlock("a")
		w.wantBlock(w.next(0), hash)
		w.wantNothing(w.next(time.Minute))
	})
}

func TestADaemonThatIgnoresLongPollingIsNotFlooded(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		w := newWorld(t, 1, node.GroupOptions{}, func(w *world) {
			original, n := w.daemons[0].Handler("getblocktemplate"), 0
			w.daemons[0].Handle("getblocktemplate", func(ctx context.Context, _ []json.RawMessage) (any, error) {
				result, err := original(ctx, nil)
				n++
				result.(map[string]any)["longpollid"] = fmt.Sprint(n)
				return result, err
			})
		})
		defer w.stop()
		w.next(time.Minute)
		if n := len(w.daemons[0].Calls("getblocktemplate")); n > 70 {
			t.Errorf("%d templates asked for in a minute", n)
		}
	})
}
