package pow

import "testing"

// ForcePure makes hashers do without the processor's special instructions until the
// test ends.
func ForcePure(t testing.TB) {
	avx2, sha := hasAVX2, hasSHA
	t.Cleanup(func() { hasAVX2, hasSHA = avx2, sha })
	hasAVX2, hasSHA = false, false
}
