package api

import "github.com/adit-mining/adit/miners"

// CpuminerStatus is for the fuzzer.
var CpuminerStatus = cpuminerStatus

// CgminerStatus reads one answer as if it were that to every request.
func CgminerStatus(answer []byte) (miners.Status, error) {
	s, err := readCgminer(answer)
	return cgminerAnswers{s, s, s, s, s}.status(), err
}
