package lolminer

import (
	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/api"
)

// Read is for the fuzzer.
func Read(answer []byte) (miners.Status, error) {
	var s summary
	err := api.Decode(answer, &s)
	return s.status(), err
}
