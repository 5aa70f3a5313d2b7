package histogram_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/histogram"
)

func TestValuesFallIntoTheirClasses(t *testing.T) {
	h := histogram.New(10, 20, 40)
	for _, v := range []int64{-1, 0, 10, 11, 20, 21, 40, 41, 1000} {
		h.Observe(v)
	}
	s := h.Snapshot()
	if want := []uint64{3, 5, 7}; !slices.Equal(s.UpTo, want) {
		t.Errorf("up to %v: got %v, want %v", s.Bounds, s.UpTo, want)
	}
	if s.Count != 9 || s.Sum != 1142 {
		t.Errorf("got %d values of sum %d, want 9 of 1142", s.Count, s.Sum)
	}
}

func TestNothingIsLostWhenManyObserve(t *testing.T) {
	h := histogram.Times()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 1000 {
				h.Observe(int64(i) * int64(time.Millisecond))
			}
		})
	}
	wg.Wait()
	if s := h.Snapshot(); s.Count != 8000 || s.UpTo[len(s.UpTo)-1] != 8000 || s.Sum != 8*499_500*int64(time.Millisecond) {
		t.Errorf("got %+v", s)
	}
}

func TestBoundsMustRise(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("falling bounds were taken")
		}
	}()
	histogram.New(1, 1)
}

func BenchmarkObserve(b *testing.B) {
	h := histogram.Times()
	b.RunParallel(func(pb *testing.PB) {
		for v := int64(1); pb.Next(); v = v*7%1_000_000_007 + 1 {
			h.Observe(v)
		}
	})
}

func BenchmarkObserveAlone(b *testing.B) {
	h := histogram.Times()
	for v := int64(1); b.Loop(); v = v*7%1_000_000_007 + 1 {
		h.Observe(v)
	}
}
