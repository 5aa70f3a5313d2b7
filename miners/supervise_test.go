package miners_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners"
)

// supervise runs s until it returns or stop says so of an event, and returns all
// events and what Run returned.
func supervise(t *testing.T, s miners.Supervisor, stop func(miners.Event) bool) (events []miners.Event, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	s.Driver = fakeDriver{}
	s.OnEvent = func(e miners.Event) {
		events = append(events, e)
		if stop(e) {
			cancel()
		}
	}
	err = s.Run(ctx)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		t.Errorf("nothing stopped it; events: %v", events)
	}
	return events, err
}

func never(miners.Event) bool { return false }

// after returns a stop for the nth event that is says yes to.
func after(n int, is func(miners.Event) bool) func(miners.Event) bool {
	return func(e miners.Event) bool {
		if is(e) {
			n--
		}
		return n <= 0
	}
}

func isEnded(e miners.Event) bool { _, ok := e.(miners.Ended); return ok }

func isProblem(code miners.Code) func(miners.Event) bool {
	return func(e miners.Event) bool { p, ok := e.(miners.Problem); return ok && p.Code == code }
}

// shares adds up what was accepted and rejected.
func shares(events []miners.Event) (accepted, rejected int64) {
	for _, e := range events {
		switch e := e.(type) {
		case miners.Accepted:
			accepted += e.N
		case miners.Rejected:
			rejected += e.N
		}
	}
	return accepted, rejected
}

func TestASteadyProgramIsToldOfAndLeavesWhenAsked(t *testing.T) {
	isAccepted := func(e miners.Event) bool { _, ok := e.(miners.Accepted); return ok }
	var events []miners.Event
	ctx, cancel := context.WithCancel(t.Context())
	stop := after(3, isAccepted)
	err := miners.Supervise(ctx, fakeDriver{}, plan(t, "steady"), func(e miners.Event) {
		if events = append(events, e); stop(e) {
			cancel()
		}
	})
	if err != nil {
		t.Errorf("Supervise = %v", err)
	}
	if _, ok := events[0].(miners.Started); !ok {
		t.Errorf("first event = %#v, want Started", events[0])
	}
	if last := events[len(events)-1]; last != miners.Event(miners.Ended{}) {
		t.Errorf("last event = %#v, want an Ended without an error", last)
	}
	var bye bool
	for _, e := range events {
		bye = bye || e == miners.Event(miners.Output{Line: "bye"})
	}
	if bye != canAsk {
		t.Error("the program was not asked to leave, or its last words were lost")
	}
}

func TestACrashingProgramIsStartedAgainWithGrowingPauses(t *testing.T) {
	s := miners.Supervisor{Plan: plan(t, "fail"), Pause: time.Millisecond, MaxPause: 4 * time.Millisecond, GiveUp: 5}
	events, err := supervise(t, s, never)
	if !errors.Is(err, miners.ErrGaveUp) || !errors.Is(err, miners.ErrEnded) {
		t.Errorf("Run = %v, want ErrGaveUp and ErrEnded", err)
	}
	var pauses []time.Duration
	for _, e := range events {
		if ended, ok := e.(miners.Ended); ok {
			pauses = append(pauses, ended.Restart/time.Millisecond)
			if ended.Err == nil {
				t.Error("a crash is told without an error")
			}
		}
	}
	if got := fmt.Sprint(pauses); got != fmt.Sprint([]time.Duration{1, 2, 4, 4, 0}) {
		t.Errorf("pauses = %v ms, want 1 2 4 4 0", pauses)
	}
}

func TestAProgramThatGetsSharesAcceptedIsNeverGivenUp(t *testing.T) {
	s := miners.Supervisor{Plan: plan(t, "crash"), Pause: time.Millisecond, GiveUp: 2}
	events, err := supervise(t, s, after(6, isEnded))
	if accepted, _ := shares(events); err != nil || accepted != 6 {
		t.Errorf("Run = %v after %d accepted shares, want nil after 6", err, accepted)
	}
}

func TestAHangingProgramIsKilledAndStartedAgain(t *testing.T) {
	s := miners.Supervisor{Plan: plan(t, "hang"), Pause: time.Millisecond, Silence: 200 * time.Millisecond, Grace: 50 * time.Millisecond}
	events, err := supervise(t, s, after(2, isEnded))
	if err != nil {
		t.Errorf("Run = %v", err)
	}
	for _, e := range events {
		if ended, ok := e.(miners.Ended); ok && ended.Restart > 0 {
			if !errors.Is(ended.Err, miners.ErrSilent) {
				t.Errorf("ended by %v, want ErrSilent", ended.Err)
			}
			return
		}
	}
	t.Errorf("it was not started again: %v", events)
}

func TestSilenceIsToldOnce(t *testing.T) {
	s := miners.Supervisor{Plan: plan(t, "wait"), NoWork: 50 * time.Millisecond, Silence: 400 * time.Millisecond}
	events, _ := supervise(t, s, isEnded)
	var told int
	for _, e := range events {
		if isProblem(miners.CodeTimeout)(e) {
			told++
		}
	}
	if told != 1 {
		t.Errorf("that there is no work was told %d times, want once: %v", told, events)
	}
}

func TestAFloodIsCountedToTheLastShareWithFewEvents(t *testing.T) {
	s := miners.Supervisor{Plan: plan(t, "flood")}
	events, err := supervise(t, s, isProblem("fatal"))
	accepted, rejected := shares(events)
	if err != nil || accepted != floodShares || rejected != floodShares {
		t.Errorf("Run = %v, %d accepted, %d rejected; want nil and %d of each", err, accepted, rejected, floodShares)
	}
	if len(events) > floodShares {
		t.Errorf("%d events for %d lines", len(events), 5*floodShares)
	}
	for _, e := range events {
		if o, ok := e.(miners.Output); ok && len(o.Line) > 4096 {
			t.Errorf("a line of %d bytes was passed on", len(o.Line))
		}
	}
}

func TestNoSecretIsToldAndGluedLinesAreParted(t *testing.T) {
	p := plan(t, "banner")
	p.User, p.Password = "KEYOFSOMEBODY.rig1", "hunter2"
	isAccepted := func(e miners.Event) bool { _, ok := e.(miners.Accepted); return ok }
	events, _ := supervise(t, miners.Supervisor{Plan: p}, isAccepted)
	text := fmt.Sprint(events)
	if strings.Contains(text, "KEYOFSOMEBODY") || strings.Contains(text, "hunter2") {
		t.Errorf("secrets were told: %s", text)
	}
	if !strings.Contains(text, "User: (user) Password: (password)") {
		t.Errorf("the rest of the line is lost: %s", text)
	}
}

func TestAProgramThatCannotBeStartedIsAnError(t *testing.T) {
	p := miners.Plan{Program: filepath.Join(t.TempDir(), "taken-by-antivirus")}
	events, err := supervise(t, miners.Supervisor{Plan: p}, never)
	if !errors.Is(err, miners.ErrNotStarted) {
		t.Errorf("Run = %v, want ErrNotStarted", err)
	}
	if len(events) != 2 || !isProblem(miners.CodeFatal)(events[0]) || !isEnded(events[1]) {
		t.Errorf("events = %v, want a Problem and an Ended", events)
	}
}
