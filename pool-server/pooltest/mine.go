package pooltest

import (
	"testing"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/work"
)

// Somebody is an output script for rewards that a test does not spend.
var Somebody = append([]byte{0x00, 0x14}, make([]byte, 20)...)

// Mine finds a block for j, with the extranonces AABBCCDD and 01020304, on a network
// that is as easy as regtest.
func Mine(t testing.TB, j *work.Job) *work.Candidate {
	t.Helper()
	h, err := pow.NewHasher(j.Algorithm)
	if err != nil {
		t.Fatalf("pooltest: %v", err)
	}
	easiest := pow.TargetFromDifficulty(j.Algorithm, 0)
	for nonce := range uint32(10000) {
		s := work.Submission{Extranonce2: []byte{1, 2, 3, 4}, NTime: j.CurTime, Nonce: nonce}
		r, err := j.Check(h, [4]byte{0xaa, 0xbb, 0xcc, 0xdd}, s, easiest, 0)
		if err != nil {
			t.Fatalf("pooltest: %v", err)
		}
		if r.Candidate != nil {
			return r.Candidate
		}
	}
	t.Fatal("pooltest: no block in 10000 tries: is this a test network?")
	return nil
}
