package settings

import (
	"fmt"
	"time"
)

// Rules say when mining waits or takes less.
type Rules struct {
	// OnBattery lets it go on without mains. Default: no.
	OnBattery bool `json:"on_battery"`
	// Metered lets it go on where the network is paid by the byte; mining takes
	// about a megabyte an hour. Default: no.
	Metered bool `json:"metered"`
	// FullScreen lets it go on while a game or a film fills the screen. Default: no.
	FullScreen bool `json:"full_screen"`
	// InUse says what happens while somebody uses the computer. Default: go on.
	InUse InUse `json:"in_use"`
	// IdleMinutes is how long keyboard and mouse must be still until nobody does, 1
	// to 120. Default: 5.
	IdleMinutes int `json:"idle_minutes"`
	// CPUCelsius and GPUCelsius are the limits of temperature: from there a device
	// gets less to do, then rests, and goes on when it has cooled. 50 to 110.
	// Default: 88 and 80.
	CPUCelsius int `json:"cpu_celsius"`
	GPUCelsius int `json:"gpu_celsius"`
	// Hours are the times of day at which mining is allowed; empty: always.
	Hours []Hours `json:"hours,omitempty"`
}

// InUse is what happens while somebody uses the computer.
type InUse string

// What can happen.
const (
	GoOn   InUse = "go-on"  // nothing
	Slower InUse = "slower" // quiet power, graphics cards rest
	Wait   InUse = "wait"   // nothing is mined
)

// Hours is a span of the local time of day, on some days of the week. To at or
// before From is on the next day.
type Hours struct {
	Days []int  `json:"days,omitempty"` // 0 is Sunday; empty: every day
	From string `json:"from"`           // "22:00"
	To   string `json:"to"`             // "06:30"
}

// Limits of temperature that make sense, in degrees Celsius.
const leastLimit, mostLimit = 50, 110

func (r Rules) validate(check func(ok bool, key, want string, have any)) {
	check(r.InUse == GoOn || r.InUse == Slower || r.InUse == Wait, "rules.in_use", "go-on, slower or wait", r.InUse)
	check(r.IdleMinutes >= 1 && r.IdleMinutes <= 120, "rules.idle_minutes", "1 to 120", r.IdleMinutes)
	check(r.CPUCelsius >= leastLimit && r.CPUCelsius <= mostLimit, "rules.cpu_celsius", "50 to 110", r.CPUCelsius)
	check(r.GPUCelsius >= leastLimit && r.GPUCelsius <= mostLimit, "rules.gpu_celsius", "50 to 110", r.GPUCelsius)
	for i, h := range r.Hours {
		check(h.valid(), fmt.Sprintf("rules.hours[%d]", i), `times as "22:00" and days from 0 (Sunday) to 6`, h)
	}
}

func (h Hours) valid() bool {
	for _, day := range h.Days {
		if day < 0 || day > 6 {
			return false
		}
	}
	_, err := time.Parse("15:04", h.From)
	_, err2 := time.Parse("15:04", h.To)
	return err == nil && err2 == nil
}
