package main

import (
	"os"

	"github.com/godbus/dbus/v5"
)

// hasTray reports whether a program of the desktop shows a tray. Some desktops have
// none, and there a window that hid itself could not be brought back.
func hasTray() bool {
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "" {
		return false // asking would start a bus of its own
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
