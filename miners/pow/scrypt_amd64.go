package pow

import "github.com/klauspost/cpuid/v2"

// hasAVX2 says whether the processor has the instructions that scrypt_amd64.s uses.
var hasAVX2 = cpuid.CPU.Supports(cpuid.AVX2)

// mixerLanes is how many lanes mixSix mixes at once.
const mixerLanes = 6

// A pair is two lanes side by side, in eight rows: what fits into a vector register.
type pair [8][8]uint32

// A mixer mixes lanes. With AVX2 all six take half as long again as one alone. What
// is never used of the memory is never touched, and so takes up none.
type mixer struct {
	pairs  [3][scryptN]pair
	memory [scryptN]lane
	six    [3]pair
	one    [8][4]uint32
}

func (*mixer) lanes() int {
	if hasAVX2 {
		return mixerLanes
	}
	return 1
}

// mix is scrypt's ROMix on up to lanes() lanes.
func (m *mixer) mix(lanes []lane) {
	switch {
	case !hasAVX2:
		for i := range lanes {
			romix(&m.memory, &lanes[i])
		}
	case len(lanes) == 1:
		for i, at := range diagonals {
			row, column := i/4, i%4
			m.one[row][column] = lanes[0][at]
		}
		mixOne(&m.one, &m.memory)
		for i, at := range diagonals {
			row, column := i/4, i%4
			lanes[0][at] = m.one[row][column]
		}
	default:
		m.mixMany(lanes)
	}
}

// mixMany is mix for more than one lane. What the missing ones hold does not matter.
func (m *mixer) mixMany(lanes []lane) {
	for l := range lanes {
		pair := &m.six[l/2]
		for i, at := range diagonals {
			pair[i/4][l%2*4+i%4] = lanes[l][at]
		}
	}
	mixSix(&m.six, &m.pairs)
	for l := range lanes {
		pair := &m.six[l/2]
		for i, at := range diagonals {
			lanes[l][at] = pair[i/4][l%2*4+i%4]
		}
	}
}

// diagonals says in which order the words of a lane stand in the states of mixOne and
// mixSix: four words to a row, a diagonal of the square that Salsa20 sees in a block;
// four rows to a block.
var diagonals = [32]int{
	0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11,
	16, 21, 26, 31, 20, 25, 30, 19, 24, 29, 18, 23, 28, 17, 22, 27,
}

// mixOne is romix of one lane.
//
//go:noescape
func mixOne(state *[8][4]uint32, memory *[scryptN]lane)

// mixSix is romix of six lanes.
//
//go:noescape
func mixSix(state *[3]pair, memory *[3][scryptN]pair)
