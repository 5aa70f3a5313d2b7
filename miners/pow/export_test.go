package pow

// Salsa8 sets a to the Salsa20/8 core of a xor b.
func Salsa8(a, b *[16]uint32) { salsa8(a, b) }

// Compress and CompressPure let a state of SHA-256 take in a block, as hashing does
// on this machine and in Go alone. CompressStart is the state before the first.
func Compress(state *[8]uint32, message [16]uint32)     { compress(state, (*block)(&message)) }
func CompressPure(state *[8]uint32, message [16]uint32) { compressPure(state, (*block)(&message)) }
func CompressStart() [8]uint32                          { return sha256Start }
