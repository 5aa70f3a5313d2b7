package presence

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// supply is one folder of /sys/class/power_supply:
// https://www.kernel.org/doc/Documentation/ABI/testing/sysfs-class-power
type supply struct {
	kind   string // Mains, USB, USB_C, Battery, UPS
	scope  string // Device for the battery of a mouse or a game pad
	status string // Charging, Discharging, Full, Not charging, Unknown
	online string // 0 or 1; 2 is a programmable charger
	charge int    // percent, -1 unknown
	weight int64  // what it holds when full, of any unit; 0 unknown
}

// lookAtPower reads the power supplies below a folder.
func lookAtPower(folder string, p *Presence) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		p.note("battery: the system does not show its power supplies")
		return
	}
	var all []supply
	for _, e := range entries {
		all = append(all, readSupply(filepath.Join(folder, e.Name())))
	}
	onBattery := runsOnBattery(all)
	p.OnBattery, p.Battery = &onBattery, charge(all)
}

func readSupply(folder string) supply {
	s := supply{kind: readLine(folder, "type"), scope: readLine(folder, "scope"), status: readLine(folder, "status"), online: readLine(folder, "online"), charge: -1}
	if n, err := strconv.Atoi(readLine(folder, "capacity")); err == nil && n >= 0 && n <= 100 {
		s.charge = n
	}
	for _, file := range []string{"energy_full", "charge_full"} {
		if n, err := strconv.ParseInt(readLine(folder, file), 10, 64); err == nil && n > 0 && s.weight == 0 {
			s.weight = n
		}
	}
	return s
}

// runsOnBattery reports whether the computer does. A battery that empties while only
// USB feeds the computer counts: the charger is too weak for mining. With a mains
// adapter it does not: some laptops say so while they keep a battery from filling up.
func runsOnBattery(all []supply) bool {
	var mains, usb, battery, discharging, ups bool
	for _, s := range all {
		fed := s.online != "" && s.online != "0"
		switch {
		case s.kind == "Mains":
			mains = mains || fed
		case strings.HasPrefix(s.kind, "USB"):
			usb = usb || fed
		case s.kind == "UPS":
			ups = ups || s.status == "Discharging"
		case s.kind == "Battery" && s.scope != "Device":
			battery = true
			discharging = discharging || s.status == "Discharging"
		}
	}
	switch {
	case ups:
		return true
	case mains || !battery:
		return false
	}
	return discharging || !usb
}

// charge returns what the computer's batteries hold together, nil without one. A
// UPS' is told where there is no other.
func charge(all []supply) *int {
	for _, kind := range []string{"Battery", "UPS"} {
		var sum, weights int64
		for _, s := range all {
			if s.kind != kind || s.charge < 0 || kind == "Battery" && s.scope == "Device" {
				continue
			}
			weight := min(max(s.weight/1000, 1), 1<<40)
			sum, weights = sum+int64(s.charge)*weight, weights+weight
		}
		if weights > 0 {
			percent := int(sum / weights)
			return &percent
		}
	}
	return nil
}

func readLine(folder, file string) string {
	text, err := os.ReadFile(filepath.Join(folder, file))
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return strings.TrimSpace(line)
}
