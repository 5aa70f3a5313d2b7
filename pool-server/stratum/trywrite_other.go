//go:build !unix

package stratum

// canTry says whether attempt.write works here.
const canTry = false

func (a *attempt) write(uintptr) bool { return true }
