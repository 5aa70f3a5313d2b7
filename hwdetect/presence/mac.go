package presence

import (
	"strconv"
	"strings"
)

// readPmset reads what pmset -g batt prints:
//
//	Now drawing from 'Battery Power'
//	 -InternalBattery-0 (id=22675555)	97%; discharging; 4:09 remaining present: true
//
// A Mac without a battery draws from AC Power and lists none; a UPS is listed like a
// battery, and then drawn from as 'UPS Power'.
func readPmset(out string, p *Presence) {
	for line := range strings.Lines(out) {
		line = strings.TrimSpace(line)
		if source, found := strings.CutPrefix(line, "Now drawing from '"); found {
			onBattery := strings.HasPrefix(source, "Battery") || strings.HasPrefix(source, "UPS")
			if onBattery || strings.HasPrefix(source, "AC") {
				p.OnBattery = &onBattery
			}
			continue
		}
		_, after, found := strings.Cut(line, ")\t")
		digits, _, percent := strings.Cut(after, "%")
		if n, err := strconv.Atoi(digits); strings.HasPrefix(line, "-") && found && percent && err == nil && n >= 0 && n <= 100 && p.Battery == nil {
			p.Battery = &n
		}
	}
}
