package presence

import (
	"context"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// system is Windows. A function that this version does not have is an unknown value.
type system struct {
	recorded bool // a recording is Linux's; there is nothing to see
	own      int
	pads     pads
}

var (
	user32   = windows.NewLazySystemDLL("user32.dll")
	kernel32 = windows.NewLazySystemDLL("kernel32.dll")
	shell32  = windows.NewLazySystemDLL("shell32.dll")
	wtsapi32 = windows.NewLazySystemDLL("wtsapi32.dll")
	iphlpapi = windows.NewLazySystemDLL("iphlpapi.dll")

	getLastInputInfo   = user32.NewProc("GetLastInputInfo")
	getWindowRect      = user32.NewProc("GetWindowRect")
	monitorFromWindow  = user32.NewProc("MonitorFromWindow")
	getMonitorInfo     = user32.NewProc("GetMonitorInfoW")
	getWindowLong      = user32.NewProc("GetWindowLongW")
	getClassName       = user32.NewProc("GetClassNameW")
	getTickCount       = kernel32.NewProc("GetTickCount")
	getPowerStatus     = kernel32.NewProc("GetSystemPowerStatus")
	notificationState  = shell32.NewProc("SHQueryUserNotificationState")
	querySession       = wtsapi32.NewProc("WTSQuerySessionInformationW")
	freeSessionMemory  = wtsapi32.NewProc("WTSFreeMemory")
	connectivityHintOf = iphlpapi.NewProc("GetNetworkConnectivityHint")
)

func newSystem(o Options) *system {
	return &system{recorded: o.Root != "", own: o.PID}
}

func (s *system) look(_ context.Context, p *Presence) {
	if s.recorded {
		p.note("a recorded machine has no session")
		return
	}
	lookAtInput(p)
	s.pads.look(p)
	lookAtLock(p)
	s.lookAtScreen(p)
	lookAtPower(p)
	lookAtNetwork(p)
}

func (s *system) close() {}

// lookAtInput asks how long keyboard and mouse have been still. The counter of
// milliseconds begins anew after 49 days; the difference is right all the same.
func lookAtInput(p *Presence) {
	last := struct{ size, tick uint32 }{size: 8}
	if !fills(getLastInputInfo, &last) || getTickCount.Find() != nil {
		p.note("idle time: Windows does not tell")
		return
	}
	now, _, _ := getTickCount.Call()
	p.active(time.Duration(uint32(now)-last.tick) * time.Millisecond)
}

// lookAtLock reads WTSINFOEX of our session.
func lookAtLock(p *Presence) {
	const current, sessionInfoEx = 0xffffffff, 25
	var info *struct {
		level, _, session, state, flags uint32 // names and times follow
	}
	var size uint32
	if querySession.Find() != nil {
		return
	}
	ok, _, _ := querySession.Call(0, current, sessionInfoEx, uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)))
	if ok == 0 || info == nil {
		p.note("lock screen: Windows does not tell")
		return
	}
	defer freeSessionMemory.Call(uintptr(unsafe.Pointer(info)))
	const isLocked, isUnlocked = 0, 1
	if info.level == 1 && size >= 20 && (info.flags == isLocked || info.flags == isUnlocked) {
		locked := info.flags == isLocked
		p.Locked = &locked
	}
}

// lookAtScreen takes the foreground window for a full-screen program if it covers its
// monitor, or if Windows itself holds notifications back for one.
func (s *system) lookAtScreen(p *Presence) {
	name := ""
	window := windows.GetForegroundWindow()
	var pid uint32
	if window != 0 {
		_, _ = windows.GetWindowThreadProcessId(window, &pid)
	}
	exempt := window == 0 || pid == uint32(s.own) || isDesktop(window) || p.Locked != nil && *p.Locked
	if !exempt && (directX() || covers(window) && !hasCaption(window)) {
		name = programName(pid)
	}
	p.FullScreen = &name
}

// isDesktop reports whether a window is the wallpaper, which covers the screen too;
// #32769 is the class of the desktop itself.
func isDesktop(window windows.HWND) bool {
	var buffer [64]uint16
	if getClassName.Find() != nil {
		return window == windows.GetShellWindow()
	}
	n, _, _ := getClassName.Call(uintptr(window), uintptr(unsafe.Pointer(&buffer)), uintptr(len(buffer)))
	switch windows.UTF16ToString(buffer[:min(int(n), len(buffer))]) {
	case "Progman", "WorkerW", "Shell_TrayWnd", "#32769":
		return true
	}
	return window == windows.GetShellWindow()
}

type rect struct{ left, top, right, bottom int32 }

// covers reports whether a window covers its whole monitor, the task bar included.
func covers(window windows.HWND) bool {
	var w rect
	if getWindowRect.Find() != nil || monitorFromWindow.Find() != nil || getMonitorInfo.Find() != nil {
		return false
	}
	if ok, _, _ := getWindowRect.Call(uintptr(window), uintptr(unsafe.Pointer(&w))); ok == 0 {
		return false
	}
	const nearest = 2
	monitor, _, _ := monitorFromWindow.Call(uintptr(window), nearest)
	info := struct {
		size    uint32
		all     rect
		work    rect
		primary uint32
	}{size: 40}
	if ok, _, _ := getMonitorInfo.Call(monitor, uintptr(unsafe.Pointer(&info))); ok == 0 {
		return false
	}
	m := info.all
	return w.left <= m.left && w.top <= m.top && w.right >= m.right && w.bottom >= m.bottom
}

// hasCaption reports whether a window has a title bar, as a maximised one has, which
// covers its monitor where the task bar hides itself.
func hasCaption(window windows.HWND) bool {
	if getWindowLong.Find() != nil {
		return false
	}
	const style, caption = ^uintptr(15), 0x00c00000 // GWL_STYLE is -16
	bits, _, _ := getWindowLong.Call(uintptr(window), style)
	return bits&caption == caption
}

// directX reports whether a full-screen game or a presentation has the screen, as
// Windows sees it: QUNS_RUNNING_D3D_FULL_SCREEN, QUNS_PRESENTATION_MODE.
func directX() bool {
	var state int32
	if notificationState.Find() != nil {
		return false
	}
	failed, _, _ := notificationState.Call(uintptr(unsafe.Pointer(&state)))
	return failed == 0 && (state == 3 || state == 4)
}

// lookAtPower reads SYSTEM_POWER_STATUS, which counts a UPS on USB as a battery.
func lookAtPower(p *Presence) {
	var s struct {
		line, flag, percent, saver uint8
		remaining, full            uint32
	}
	if !fills(getPowerStatus, &s) {
		p.note("battery: Windows does not tell")
		return
	}
	if s.line <= 1 {
		onBattery := s.line == 0
		p.OnBattery = &onBattery
	}
	if s.percent <= 100 {
		percent := int(s.percent)
		p.Battery = &percent
	}
}

// lookAtNetwork reads NL_NETWORK_CONNECTIVITY_HINT, which Windows has since 2020.
func lookAtNetwork(p *Presence) {
	var hint struct {
		level, cost                int32
		nearLimit, atLimit, roamed bool
	}
	if connectivityHintOf.Find() != nil {
		p.note("metered network: this version of Windows does not tell")
		return
	}
	if failed, _, _ := connectivityHintOf.Call(uintptr(unsafe.Pointer(&hint))); failed != 0 {
		p.note("metered network: Windows does not tell")
		return
	}
	const none, hidden, unrestricted, variable = 1, 5, 1, 3
	if hint.level >= none && hint.level <= hidden {
		online := hint.level > none
		p.Online = &online
	}
	if hint.cost >= unrestricted && hint.cost <= variable {
		metered := hint.cost > unrestricted || hint.atLimit || hint.roamed
		p.Metered = &metered
	}
}
