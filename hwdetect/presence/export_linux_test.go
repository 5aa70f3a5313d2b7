package presence

// What the tests of package presence_test reach for.
var (
	Metered  = metered
	SocketOf = socketOf
	Class    = className
	Wait     = wait
)

// UseDisplay makes w one of an X display, whatever this process' environment says.
func UseDisplay(w *Watcher, display string, wayland bool) {
	w.sys.x.display, w.sys.wayland = display, wayland
}

// UseBus makes w ask one bus for all services.
func UseBus(w *Watcher, address string) {
	w.sys.systemBus.address, w.sys.sessionBus.address = address, address
}

// UsePads makes w watch the game pads of a folder.
func UsePads(w *Watcher, pattern string) { w.sys.pads.pattern = pattern }
