package stratum_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/stratum"
	"github.com/adit-mining/adit/pool-server/work"
)

// What NiceHash's verificator asks of a pool before an order can mine on it. There
// is no one document; these are its rules as it states them itself, in
//   - https://www.nicehash.com/help/patches-for-extranoncesubscription (the answer to
//     mining.extranonce.subscribe; extranonce1 changes with the next job, "work has to
//     be switched");
//   - https://github.com/Stratehm/stratum-proxy/issues/63 and
//     https://github.com/nwoolls/MultiMiner/issues/365 ("Extranonce2 size is 3
//     (minimum is 4)", for Scrypt), https://www.nicehash.com/blog/post/notice-for-nexapow-pool-operators
//     (it keeps one or two bytes of it for itself);
//   - https://github.com/btccom/btcpool-ABANDONED/issues/112 and
//     https://github.com/nicehash/NiceHashMiner-Archived/issues/1325 ("Pool difficulty
//     too low (provided=…, minimum=…)"), by the field minimalPoolDifficulty of its API;
//   - the reports of pools that failed it: an id beginning with digits beside
//     mining.set_difficulty is taken for the difficulty, and work must come within
//     seconds of the login.
type verificator struct {
	algorithm   pow.Algorithm
	extranonce2 int            // least bytes
	difficulty  pow.Difficulty // least
}

var verificators = []verificator{
	{pow.SHA256d, 4, 500_000},
	{pow.Scrypt, 4, 500_000},
}

const verificatorPatience = 5 * time.Second

func TestNiceHashsVerificatorIsContent(t *testing.T) {
	for _, v := range verificators {
		t.Run(string(v.algorithm), func(t *testing.T) {
			change := func(c *stratum.Config) {
				c.Algorithm, c.Difficulty, c.VarDiff = v.algorithm, 0.01, &stratum.VarDiff{}
			}
			virtually(t, change, func(t *testing.T, s *stratum.Server, l *pipes, _ *pool) {
				s.UseHasher(honest{v.algorithm}.Sum)
				s.SetJob(newJobOf(t, v.algorithm, "n1", noBlock), true)
				v.verify(t, s, l.connect(t, "192.0.2.1"))
			})
		})
	}
}

// verify speaks as the verificator does.
func (v *verificator) verify(t *testing.T, s *stratum.Server, m *miner) {
	begin := time.Now()
	answer := m.call("mining.subscribe", "NiceHash/1.0.0")
	result, ok := answer["result"].([]any)
	if !ok || len(result) != 3 {
		t.Fatalf("subscribe: %v", answer)
	}
	if size := int(result[2].(float64)); size < v.extranonce2 {
		t.Errorf("extranonce2 has %d bytes, minimum is %d", size, v.extranonce2)
	}
	for _, subscription := range result[0].([]any) {
		if id := subscription.([]any)[1].(string); strings.IndexAny(id, "0123456789") == 0 {
			t.Errorf("the id %s would be read as a difficulty", id)
		}
	}
	if answer := m.call("mining.extranonce.subscribe"); answer["result"] != true {
		t.Errorf("extranonce.subscribe: %v", answer)
	}
	if answer := m.call("mining.authorize", "alice", "x"); answer["result"] != true {
		t.Fatalf("authorize: %v", answer)
	}
	message, err := m.read()
	if err != nil || message["method"] != "mining.set_difficulty" {
		t.Fatalf("before the first job came %v, %v", message, err)
	}
	difficulty := message["params"].([]any)[0].(float64)
	if difficulty < float64(v.difficulty) {
		t.Errorf("pool difficulty too low (provided=%v, minimum=%v)", difficulty, v.difficulty)
	}
	notify := m.method("mining.notify")["params"].([]any)
	if notify[8] != true {
		t.Error("the first job does not say clean_jobs")
	}
	if took := time.Since(begin); took > verificatorPatience {
		t.Errorf("work came after %v", took)
	}
	v.shares(t, m, notify[0].(string), difficulty)
	v.keepsAbove(t, m)
	s.NewExtranonces()
	s.SetJob(newJobOf(t, v.algorithm, "n2", noBlock), false)
	if message := m.method("mining.set_extranonce"); len(message["params"].([]any)[0].(string)) != 8 {
		t.Errorf("got %v", message)
	}
	m.method("mining.notify")
}

// shares holds a job to the difficulty that it was sent with.
func (v *verificator) shares(t *testing.T, m *miner, job string, difficulty float64) {
	submit := func(n int, d float64) map[string]any {
		return m.call("mining.submit", "alice", job, fmt.Sprintf("%08x", n), "6553f100", nonceOf(d))
	}
	if answer := submit(1, difficulty); answer["result"] != true {
		t.Errorf("a share that just meets the job's difficulty: %v", answer)
	}
	if answer := submit(2, difficulty*0.99); code(answer) != 23 {
		t.Errorf("a share that just misses it: %v", answer)
	}
}

// keepsAbove waits for vardiff to lower a silent order, which must not go below the
// minimum: orders stop there.
func (v *verificator) keepsAbove(t *testing.T, m *miner) {
	for range 30 {
		time.Sleep(10 * time.Second)
		m.call("mining.ping")
	}
	if lowest := m.target.Difficulty(pow.SHA256d); lowest < v.difficulty {
		t.Errorf("the difficulty fell to %v, minimum is %v", lowest, v.difficulty)
	}
}

// newJobOf is newJob for another algorithm.
func newJobOf(t testing.TB, a pow.Algorithm, id string, bits uint32) *work.Job {
	t.Helper()
	target, err := pow.TargetFromBits(bits)
	if err != nil {
		t.Fatal(err)
	}
	job, err := work.NewJob(id, &work.Template{
		Version: 0x20000000, PreviousHash: pow.Hash{31: 9}, Height: 200, Bits: bits, Target: target,
		CurTime: 1_700_000_000, MinTime: 1_699_996_400, CoinbaseValue: 50_0000_0000,
	}, work.Params{Algorithm: a, PayTo: []byte{0x51}, Extranonce2Size: 4, VersionMask: 0x1fffe000})
	if err != nil {
		t.Fatal(err)
	}
	return job
}
