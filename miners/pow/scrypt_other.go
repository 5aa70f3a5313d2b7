//go:build !amd64

package pow

const mixerLanes = 1

// A mixer mixes lanes.
type mixer struct {
	memory [scryptN]lane
}

func (*mixer) lanes() int { return mixerLanes }

// mix is scrypt's ROMix on one lane.
func (m *mixer) mix(lanes []lane) { romix(&m.memory, &lanes[0]) }
