package presence

import (
	"context"
	"net"
	"os/exec"
	"time"

	"github.com/ebitengine/purego"
)

// system is macOS. The idle time is CoreGraphics' own; ioreg, which tells the same,
// would cost a process at every look. pmset does, and is asked now and then.
type system struct {
	recorded  bool // a recording is Linux's; there is nothing to see
	sinceLast func(state int32, event uint32) float64
	power     Presence // what pmset said
	powerAt   time.Time
}

// powerEvery is how often pmset is started.
const powerEvery = 15 * time.Second

const graphics = "/System/Library/Frameworks/CoreGraphics.framework/CoreGraphics"

func newSystem(o Options) *system {
	s := &system{recorded: o.Root != ""}
	library, err := purego.Dlopen(graphics, purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return s
	}
	if at, err := purego.Dlsym(library, "CGEventSourceSecondsSinceLastEventType"); err == nil {
		purego.RegisterFunc(&s.sinceLast, at)
	}
	return s
}

func (s *system) look(ctx context.Context, p *Presence) {
	if s.recorded {
		p.note("a recorded machine has no session")
		return
	}
	s.lookAtInput(p)
	s.lookAtPower(ctx, p)
	lookAtNetwork(p)
	p.note("full screen: macOS tells only programs that may record the screen")
	p.note("lock screen and metered network: macOS does not tell")
}

func (s *system) lookAtInput(p *Presence) {
	if s.sinceLast == nil {
		p.note("idle time: macOS does not tell")
		return
	}
	const hardware, anyInput = 1, 0xffffffff // kCGEventSourceStateHIDSystemState, kCGAnyInputEventType
	if seconds := s.sinceLast(hardware, anyInput); seconds >= 0 && seconds < 1e8 {
		p.active(time.Duration(seconds * float64(time.Second)))
	}
}

func (s *system) lookAtPower(ctx context.Context, p *Presence) {
	if now := time.Now(); s.powerAt.IsZero() || now.Sub(s.powerAt) >= powerEvery {
		s.powerAt, s.power = now, Presence{}
		if out, err := exec.CommandContext(ctx, "/usr/bin/pmset", "-g", "batt").Output(); err == nil {
			readPmset(string(out), &s.power)
		}
	}
	p.OnBattery, p.Battery = s.power.OnBattery, s.power.Battery
	if p.OnBattery == nil {
		p.note("battery: pmset does not tell")
	}
}

// lookAtNetwork takes an address that others can reach for a network.
func lookAtNetwork(p *Presence) {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return
	}
	online := false
	for _, a := range addresses {
		n, ok := a.(*net.IPNet)
		online = online || ok && n.IP.IsGlobalUnicast()
	}
	p.Online = &online
}

func (s *system) close() {}
