package presence

import (
	"context"
	"time"

	"github.com/godbus/dbus/v5"
)

// lookAtSession asks logind whether the screen is locked and for what else it knows
// of idleness. Who was not started by a login, as an app of a systemd user service,
// finds the session by its user.
func (s *system) lookAtSession(ctx context.Context, p *Presence) {
	const login = "org.freedesktop.login1"
	if s.loginPath == "" {
		v, err := s.systemBus.property(ctx, login, "/org/freedesktop/login1/user/self", login+".User", "Display")
		pair, ok := v.([]any) // its id and its path
		if err != nil || !ok || len(pair) != 2 {
			p.note("lock screen: logind does not answer")
			return
		}
		s.loginPath, _ = pair[1].(dbus.ObjectPath)
	}
	var all map[string]dbus.Variant
	err := s.systemBus.call(ctx, login, s.loginPath, "org.freedesktop.DBus.Properties.GetAll", []any{login + ".Session"}, []any{&all})
	if err != nil {
		s.loginPath = "" // the session may have ended
		p.note("lock screen: logind does not answer")
		return
	}
	locked, ok := all["LockedHint"].Value().(bool)
	if ok {
		p.Locked = &locked
	}
	// Desktops set the hint after minutes; that it is not set says nothing.
	idle, _ := all["IdleHint"].Value().(bool)
	since, _ := all["IdleSinceHint"].Value().(uint64)
	if idle && since > 0 && p.Idle == nil {
		p.active(max(time.Since(time.UnixMicro(int64(since))), 0))
	}
}

// lookAtMutter asks GNOME's compositor, which under Wayland is the only one to know
// of all input.
func (s *system) lookAtMutter(ctx context.Context, p *Presence) bool {
	var ms uint64
	err := s.sessionBus.call(ctx, "org.gnome.Mutter.IdleMonitor", "/org/gnome/Mutter/IdleMonitor/Core", "org.gnome.Mutter.IdleMonitor.GetIdletime", nil, []any{&ms})
	if err == nil && ms < 1<<40 {
		p.active(time.Duration(ms) * time.Millisecond)
	}
	return err == nil
}

// lookAtNetwork asks NetworkManager whether the network is metered, and the routing
// table whether there is one.
func (s *system) lookAtNetwork(ctx context.Context, p *Presence) {
	if online, err := hasRoute(s.path("/proc")); err == nil {
		p.Online = &online
	}
	const manager = "org.freedesktop.NetworkManager"
	v, err := s.systemBus.property(ctx, manager, "/org/freedesktop/NetworkManager", manager, "Metered")
	n, ok := v.(uint32)
	if err != nil || !ok {
		p.note("metered network: NetworkManager does not answer")
		return
	}
	p.Metered = metered(n)
}

// metered reads NMMetered: yes 1, no 2, guessed yes 3, guessed no 4.
func metered(n uint32) *bool {
	if n < 1 || n > 4 {
		return nil
	}
	yes := n == 1 || n == 3
	return &yes
}
