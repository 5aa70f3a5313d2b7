package view

import (
	"strconv"

	"fyne.io/fyne/v2/lang"

	"github.com/adit-mining/adit/app/manners"
	"github.com/adit-mining/adit/app/model"
)

// Why says in a sentence why a device waits or does less; "" where it does all.
func Why(v manners.Verdict) string {
	if v.Why == manners.Fine {
		return ""
	}
	return say("why."+string(v.Why), v.Args)
}

// unitWhy says why a unit stands as it does, and what can be done about it.
func unitWhy(u model.Unit, standing model.Standing) string {
	switch standing {
	case model.UnitCannot:
		reason, advice := causeInWords(string(u.Device.Cause), u.Device.CauseArgs, u.Device.Reason, u.Device.Advice)
		return say("unit.cannot", args{"Reason": reason, "Advice": advice})
	case model.UnitNoProgram:
		return say("no-pick."+string(u.Pick.None), nil)
	case model.UnitWaiting, model.UnitSlow:
		return Why(u.Verdict)
	case model.UnitBroken:
		what, do := Problem(u.Trouble)
		return say("unit.broken", args{"What": what, "Do": do})
	}
	if u.Pick.Measuring && standing == model.UnitMining {
		return say("unit.measuring", nil)
	}
	return ""
}

// causeInWords says why a device cannot mine and what to do about it, in the user's
// language where it has words for the cause, else as hwdetect says it.
func causeInWords(cause string, values map[string]string, reason, advice string) (string, string) {
	if cause == "" {
		return reason, advice
	}
	name := "cause." + cause
	return lang.X(name+".reason", reason, argsOf(values)), lang.X(name+".advice", advice, argsOf(values))
}

// unitArgs are the values for a unit's sentences.
func unitArgs(u model.Unit) args {
	return args{"Coin": u.Target.Coin.Name, "Program": programName(u.Pick)}
}

func programName(p model.Pick) string {
	if p.Program == "builtin" {
		return say("program.builtin", nil)
	}
	if p.Version == "" {
		return p.Program
	}
	return say("program.version", args{"Program": p.Program, "Version": p.Version})
}

// programInWords says which program a unit mines with, who may read it and what it
// costs.
func programInWords(u model.Unit) string {
	p := u.Pick
	values := args{"Program": programName(p), "Fee": number(strconv.FormatFloat(p.Fee, 'f', -1, 64))}
	switch {
	case p.Program == "":
		return ""
	case p.Closed && p.Fee > 0:
		return say("program.closed-fee", values)
	case p.Closed:
		return say("program.closed", values)
	case p.Fee > 0:
		return say("program.open-fee", values)
	}
	return say("program.open", values)
}
