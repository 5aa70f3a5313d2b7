//go:build !amd64

package pow

func compress(state *[8]uint32, message *block) { compressPure(state, message) }

func (d *doubleSHA) search(header *[HeaderSize]byte, t Target, tries uint32) (hash Hash, passed uint32, found bool) {
	return d.searchPure(header, t, tries)
}
