package main

import (
	"os"
	"time"

	"github.com/godbus/dbus/v5"
)

// dozeHidden is how long Fyne's loop is held where there is no window. The desktop shows
// the tray's menu by itself, and opening it ends the hold.
const dozeHidden = time.Second

// hasBus reports whether the desktop has a bus, which notices go by, too. To ask
// without one would start one.
func hasBus() bool { return os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" }

// hasTray reports whether a program of the desktop shows a tray. Some desktops have
// none, and there a window that hid itself could not be brought back.
func hasTray() bool {
	if !hasBus() {
		return false
	}
	bus, err := dbus.ConnectSessionBus()
	if err != nil {
		return false
	}
	defer bus.Close()
	var owned bool
	err = bus.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, "org.kde.StatusNotifierWatcher").Store(&owned)
	return err == nil && owned
}
