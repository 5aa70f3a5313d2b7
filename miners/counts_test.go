package miners

import (
	"math/rand/v2"
	"testing"
)

// TestAShareToldTwiceCountsOnce lets output and interface tell of the same shares
// in every order: at the end the larger of both tellings was handed on, no more.
func TestAShareToldTwiceCountsOnce(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		var c counts
		var printed, answered, told int64
		for range 100 {
			if r.IntN(2) == 0 {
				n := r.Int64N(3) + 1
				printed += n
				if e, ok := c.printed(Accepted{N: n}).(Accepted); ok {
					told += e.N
				}
				continue
			}
			answered = max(answered, printed-2+r.Int64N(5))
			for _, e := range c.answered(Status{Accepted: &answered}) {
				if e, ok := e.(Accepted); ok {
					told += e.N
				}
			}
		}
		if want := max(printed, answered); told != want {
			t.Fatalf("seed %d: %d told, want %d", seed, told, want)
		}
	}
}

func TestAReasonIsToldEvenWhenItsShareIsNoNews(t *testing.T) {
	var c counts
	one := int64(1)
	if got := c.answered(Status{Rejected: &one}); len(got) != 1 {
		t.Fatalf("got %v", got)
	}
	if got, ok := c.printed(Rejected{N: 1, Reason: "stale"}).(Problem); !ok || got.Code != CodeShareRejected || got.Detail != "stale" {
		t.Errorf("got %v, want the reason alone", got)
	}
}

// exposedDriver has an interface that the whole network can reach.
type exposedDriver struct{ Poller }

func (exposedDriver) Exposed() string { return "it is a test" }

func TestAnInterfaceForTheWholeNetworkStaysClosed(t *testing.T) {
	if p, plan := openInterface(exposedDriver{}, Plan{}); p != nil || plan.API != 0 {
		t.Errorf("got port %d", plan.API)
	}
}
