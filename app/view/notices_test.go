package view_test

import (
	"testing"
	"time"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/view"
)

func TestNoticesAreFew(t *testing.T) {
	base := states()["mining"]
	paid := base
	paid.History = append(base.History[:len(base.History):len(base.History)], model.Entry{At: noon, What: model.PaidOut, Args: map[string]any{"Amount": "0.50000000", "Symbol": "LTC"}})
	late := base
	late.Now = late.Started.Add(21 * time.Minute)
	early := base
	early.Now = early.Started.Add(19 * time.Minute)
	saved := late
	saved = backedUp(saved)
	for name, tt := range map[string]struct {
		before, after model.State
		want          string // title of the only notice, "" for none
	}{
		"nothing happened":      {base, base, ""},
		"mining started":        {states()["stopped"], states()["searching"], ""},
		"the first share":       {model.State{Started: noon, Now: noon}, withFirstShare(), "It works"},
		"a payout":              {base, paid, "You were paid"},
		"trouble":               {states()["searching"], states()["refused"], "The pool refused your mining key."},
		"trouble that goes on":  {states()["refused"], states()["refused"], ""},
		"no backup for a while": {early, late, "Make a backup of your key"},
		"no backup for longer":  {late, late, ""},
		"a backup":              {early, saved, ""},
	} {
		got := view.Notices(tt.before, tt.after)
		title := ""
		if len(got) > 0 {
			title = got[0].Title
		}
		if title != tt.want || len(got) > 1 {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func withFirstShare() model.State {
	s := states()["searching"]
	s.History = []model.Entry{{At: noon, What: model.FirstShare, Args: map[string]any{"Seconds": 9}}}
	return s
}
