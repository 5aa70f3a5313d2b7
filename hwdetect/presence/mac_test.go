package presence_test

import (
	"testing"

	"github.com/adit-mining/adit/hwdetect/presence"
)

func TestPmset(t *testing.T) {
	for name, test := range map[string]struct {
		out       string
		onBattery any
		percent   any
	}{
		"battery":     {"Now drawing from 'Battery Power'\n -InternalBattery-0 (id=22675555)\t97%; discharging; 4:09 remaining present: true\n", true, 97},
		"charging":    {"Now drawing from 'AC Power'\n -InternalBattery-0 (id=28442723)\t7%; AC attached; not charging present: true\n", false, 7},
		"desktop":     {"Now drawing from 'AC Power'\n", false, nil},
		"ups":         {"Now drawing from 'UPS Power'\n -Back-UPS ES 700 (id=1)\t88%; discharging; 0:20 remaining present: true\n", true, 88},
		"no answer":   {"", nil, nil},
		"too much":    {"Now drawing from 'AC Power'\n -InternalBattery-0 (id=1)\t970%; charging\n", false, nil},
		"no estimate": {"Now drawing from 'Battery Power'\n -InternalBattery-0 (id=1)\t(no estimate)", true, nil},
	} {
		if p := presence.ReadPmset(test.out); value(p.OnBattery) != test.onBattery || value(p.Battery) != test.percent {
			t.Errorf("%s: on battery %v at %v, want %v at %v", name, value(p.OnBattery), value(p.Battery), test.onBattery, test.percent)
		}
	}
}

func FuzzPmset(f *testing.F) {
	f.Add("Now drawing from 'Battery Power'\n -InternalBattery-0 (id=1)\t97%; discharging")
	f.Fuzz(func(t *testing.T, out string) {
		if p := presence.ReadPmset(out); p.Battery != nil && (*p.Battery < 0 || *p.Battery > 100) {
			t.Errorf("a charge of %d", *p.Battery)
		}
	})
}

// value returns what p points at, nil for nothing.
func value[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}
