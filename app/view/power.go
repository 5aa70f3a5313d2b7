package view

import (
	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/settings"
)

// newPowerChoice makes the choice of how much of the computer mining may take.
func newPowerChoice(actions Actions) *segments {
	var values []string
	for _, p := range settings.Powers() {
		values = append(values, string(p))
	}
	return newSegments("power", values, func(value string) { actions.Do(model.ChoosePower{Power: settings.Power(value)}) })
}

// showPower marks the choice; a number of threads of the user's own is none of them.
func showPower(choice *segments, s model.State) {
	value := string(s.Settings.Power)
	if s.Settings.Threads > 0 {
		value = ""
	}
	choice.set(value)
}
