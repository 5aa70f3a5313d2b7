package hwdetect

import "github.com/adit-mining/adit/hwdetect/nvml"

// What the tests of package hwdetect_test reach for.
var (
	ParseSMI     = parseSMI
	Utilisations = utilisations
	SpeedLimit   = speedLimit
	OlderThan    = olderThan
	BusAddress   = busAddress
	Location     = locationAddress
	LockedDown   = lockedDown
	DearEvery    = dearEvery

	CausesWithWords = len(sentences)
)

// Say returns the sentences of a cause.
func Say(c Cause, args map[string]string) (reason, advice string) { return c.say(args) }

// CardsOf counts the cards that NVIDIA's tools tell of.
func CardsOf(a nvidiaAnswer) int { return len(a.cards) }

// ReadingsOf returns what those cards say.
func ReadingsOf(a nvidiaAnswer) map[string]nvml.Reading { return a.readings }
