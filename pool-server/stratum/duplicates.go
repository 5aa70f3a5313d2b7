package stratum

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
	"sync"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/work"
)

// seenShards spreads the lock over sessions that submit at the same time.
const (
	seenShards    = 1 << seenShardBits
	seenShardBits = 4
)

// seen remembers the shares of one job by the low 64 bits of their proof-of-work
// hash, which is a function of the binary header and of nothing else: no other
// spelling of a share counts again. Two honest shares of four million collide with
// a chance of one in two million, and who collides on purpose (2^32 shares) loses
// a share by it. A share costs 11 to 22 bytes. Once full it refuses every further
// share rather than forget one. It is safe for concurrent use.
type seen struct {
	limit  int    // of each shard
	mix    uint64 // odd and secret: nobody can aim at one shard or slot
	shards [seenShards]seenShard
}

// seenShard is a hash table with linear probing, its size a power of two; 0 marks
// a free slot.
type seenShard struct {
	mu    sync.Mutex
	slots []uint64
	used  int
}

func newSeen(limit int) *seen {
	return &seen{limit: max(1, limit/seenShards), mix: rand.Uint64() | 1}
}

// add remembers a hash. It returns nil if that was new, and there was room for it.
func (s *seen) add(h pow.Hash) *work.Reject {
	key := max(1, binary.LittleEndian.Uint64(h[24:])) * s.mix // 0 is no key, and stays so
	shard := &s.shards[key>>(64-seenShardBits)]
	shard.mu.Lock()
	defer shard.mu.Unlock()
	if 4*shard.used >= 3*len(shard.slots) {
		shard.grow()
	}
	i := shard.find(key)
	if shard.slots[i] == key {
		return &work.Reject{Code: work.CodeDuplicate, Reason: "duplicate share"}
	}
	if shard.used >= s.limit {
		return &work.Reject{Code: work.CodeStale, Reason: "this job has had its number of shares, take the next one"}
	}
	shard.slots[i] = key
	shard.used++
	return nil
}

// find returns where key is, or where it would go.
func (t *seenShard) find(key uint64) int {
	i := int(key << seenShardBits >> (65 - bits.Len(uint(len(t.slots)))))
	for t.slots[i] != 0 && t.slots[i] != key {
		i = (i + 1) & (len(t.slots) - 1)
	}
	return i
}

func (t *seenShard) grow() {
	old := t.slots
	t.slots = make([]uint64, max(16, 2*len(old)))
	for _, key := range old {
		if key != 0 {
			t.slots[t.find(key)] = key
		}
	}
}
