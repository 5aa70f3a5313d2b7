//go:build !amd64

package pow

import "testing"

// ForcePure does nothing where hashers know no special instructions.
func ForcePure(testing.TB) {}
