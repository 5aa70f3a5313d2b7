package presence

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/godbus/dbus/v5"
)

// system is Linux.
type system struct {
	root       string
	wayland    bool
	x          x11
	sessionBus bus
	systemBus  bus
	loginPath  dbus.ObjectPath // of our session, once found
	pads       pads
}

func newSystem(o Options) *system {
	s := &system{root: o.Root, pads: pads{open: map[string]*pad{}}}
	s.pads.pattern = filepath.Join(s.path("/dev/input"), "js*")
	if o.Root != "" {
		return s
	}
	s.wayland = os.Getenv("WAYLAND_DISPLAY") != "" || os.Getenv("XDG_SESSION_TYPE") == "wayland"
	s.x = x11{display: os.Getenv("DISPLAY"), own: o.PID}
	s.sessionBus.address, s.systemBus.address = sessionAddress(), systemAddress()
	return s
}

func (s *system) path(file string) string {
	if s.root == "" {
		return file
	}
	return filepath.Join(s.root, file)
}

func (s *system) look(ctx context.Context, p *Presence) {
	s.lookAtScreen(ctx, p)
	s.lookAtSession(ctx, p)
	if p.Idle == nil {
		p.note("idle time: this desktop does not tell")
	}
	s.pads.look(p)
	lookAtPower(s.path("/sys/class/power_supply"), p)
	s.lookAtNetwork(ctx, p)
}

// lookAtScreen asks the display server. Under Wayland the X server that serves older
// programs, games mostly, knows of their input and windows only: an idle time of its
// is no idle time, and that none of its windows fills the screen says nothing.
func (s *system) lookAtScreen(ctx context.Context, p *Presence) {
	a, err := s.x.look(ctx)
	switch {
	case s.wayland:
		s.lookAtMutter(ctx, p)
		if err == nil && a.full != "" {
			p.FullScreen = &a.full
		} else {
			p.note("full screen: Wayland tells of older programs' windows only")
		}
	case errors.Is(err, errNoDisplay):
		p.note("full screen: there is no display")
	case err != nil:
		p.note("full screen: " + err.Error())
	default:
		p.FullScreen = &a.full
		if a.idle != nil {
			p.active(*a.idle)
		}
	}
}

func (s *system) close() {
	s.x.close()
	s.sessionBus.close()
	s.systemBus.close()
	s.pads.close()
}
