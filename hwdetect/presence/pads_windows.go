package presence

import (
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// pads are the game pads that XInput knows of, four at most.
type pads struct {
	slots [4]slot
	last  time.Time // input of the person; zero for none yet
}

// slot is one of XInput's places. Asking an empty one is slow, so it is left alone for
// a while.
type slot struct {
	search    time.Time
	connected bool
	state     padState
}

// padState is XINPUT_GAMEPAD.
type padState struct {
	buttons                      uint16
	leftTrigger, rightTrigger    uint8
	leftX, leftY, rightX, rightY int16
}

const (
	searchEvery = 5 * time.Second
	push        = 8000 // of 32767: sticks tremble
)

var getState = windows.NewLazySystemDLL("xinput1_4.dll").NewProc("XInputGetState")

func (ps *pads) look(p *Presence) {
	if getState.Find() != nil {
		return
	}
	now := time.Now()
	for i := range ps.slots {
		if ps.slots[i].look(i, now) {
			ps.last = now
		}
	}
	if !ps.last.IsZero() {
		p.active(now.Sub(ps.last))
	}
}

// look reports whether the pad in a slot was used since the last look.
func (s *slot) look(i int, now time.Time) (used bool) {
	if !s.connected && now.Before(s.search) {
		return false
	}
	var answer struct {
		packet uint32
		pad    padState
	}
	failed, _, _ := getState.Call(uintptr(i), uintptr(unsafe.Pointer(&answer)))
	was := *s
	*s = slot{search: now.Add(searchEvery), connected: failed == 0, state: was.state}
	if !s.connected {
		return false
	}
	used = was.connected && answer.pad.differs(was.state)
	if used || !was.connected {
		s.state = answer.pad
	}
	return used
}

// differs reports whether somebody pressed or pushed something between two states.
func (a padState) differs(b padState) bool {
	if a.buttons != b.buttons {
		return true
	}
	for _, pair := range [][2]int{{int(a.leftX), int(b.leftX)}, {int(a.leftY), int(b.leftY)}, {int(a.rightX), int(b.rightX)}, {int(a.rightY), int(b.rightY)},
		{int(a.leftTrigger) * 128, int(b.leftTrigger) * 128}, {int(a.rightTrigger) * 128, int(b.rightTrigger) * 128}} {
		if moved := pair[0] - pair[1]; moved >= push || moved <= -push {
			return true
		}
	}
	return false
}
