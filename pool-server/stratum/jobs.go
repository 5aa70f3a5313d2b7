package stratum

import (
	"bytes"
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/adit-mining/adit/pool-server/work"
)

// issued is a job that went out. Its fields do not change.
type issued struct {
	job      *work.Job
	number   uint64 // counts jobs
	tip      uint64 // counts previous blocks: shares count only for the latest
	network  *level // the block's own difficulty: nothing harder is asked for
	seen     *seen
	hex, ids func() string // see contents and contentIDs
}

// SetJob sends j to every session, those with the highest difficulty first. It
// returns when each has it in its socket, or among what is pending for it, and
// waits for no miner. clean tells miners to drop what they have; a new previous
// block implies it. Jobs of the same previous block stay valid. SetJob may be called
// before Serve and from any goroutine. A job with another size of extranonce2 than
// the one before sends those miners away that cannot be told, see NewExtranonces.
func (s *Server) SetJob(j *work.Job, clean bool) {
	s.broadcast.Lock()
	defer s.broadcast.Unlock()
	begun := time.Now()
	it := &issued{job: j, seen: newSeen(s.cfg.Limits.DuplicatesPerJob)}
	it.network = &level{j.Target.Difficulty(s.cfg.Algorithm), j.Target}
	it.hex = sync.OnceValue(func() string { return asList(j.TransactionHex()) })
	it.ids = sync.OnceValue(func() string { return asList(j.TransactionIDs()) })

	s.mu.Lock()
	if len(s.jobs) == 0 || s.jobs[len(s.jobs)-1].job.PreviousHash != j.PreviousHash {
		s.tip++
		clean = true
	}
	s.lastJob++
	it.number, it.tip = s.lastJob, s.tip
	s.extranonce2 = j.Extranonce2Size()
	s.jobs = append(s.jobs, it)
	if over := len(s.jobs) - s.cfg.Limits.Jobs; over > 0 {
		s.jobs = slices.Delete(s.jobs, 0, over)
	}
	s.stale = ""
	all := s.all()
	s.mu.Unlock()

	s.send(all, it, clean, begun)
}

// send gives it, which came at begun, to all sessions, several at a time: nearly all of
// the time goes into the system call that writes.
func (s *Server) send(all []*session, it *issued, clean bool, begun time.Time) {
	byDifficulty(all)
	var group sync.WaitGroup
	var first sync.Once
	workers := min(runtime.GOMAXPROCS(0), 1+len(all)/64)
	for worker := range workers {
		group.Go(func() {
			for i := worker; i < len(all); i += workers {
				if all[i].sendJob(it, clean) {
					first.Do(func() { s.measures.first.Since(begun) })
				}
			}
		})
	}
	group.Wait()
	if len(all) > 0 {
		s.measures.last.Since(begun)
	}
}

// byDifficulty puts the sessions with the highest difficulty, which vardiff makes
// those with the highest hashrate, first: the least work is lost like that.
func byDifficulty(all []*session) {
	type ranked struct {
		*session
		level *level
	}
	order := make([]ranked, len(all))
	for i, session := range all {
		session.mu.Lock()
		order[i] = ranked{session, session.wanted}
		session.mu.Unlock()
	}
	slices.SortFunc(order, func(a, b ranked) int { return cmp.Compare(b.level.difficulty, a.level.difficulty) })
	for i := range order {
		all[i] = order[i].session
	}
}

// current returns the newest job, nil if there is none to give.
func (s *Server) current() *issued {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.currentLocked()
}

func (s *Server) currentLocked() *issued {
	if s.stale != "" || len(s.jobs) == 0 {
		return nil
	}
	return s.jobs[len(s.jobs)-1]
}

// fresh reports whether it can still become a block of ours.
func (s *Server) fresh(it *issued) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return it.tip == s.tip && it.number+uint64(s.cfg.Limits.Jobs) > s.lastJob && s.stale == ""
}

// Stale says that there is no work worth doing, with a reason for the miners:
// sessions are told and closed, and new ones are refused, so that miners go to
// another pool rather than burn power. The next SetJob ends that.
func (s *Server) Stale(reason string) {
	s.broadcast.Lock()
	defer s.broadcast.Unlock()
	if reason == "" {
		reason = "no work"
	}
	s.mu.Lock()
	s.stale = reason
	all := s.all()
	s.mu.Unlock()
	message := showMessage(reason)
	for _, session := range all {
		session.mu.Lock()
		session.pushMessage(message)
		session.leaveLocked()
		session.mu.Unlock()
	}
}

// contents is the answer to mining.get_transactions, contentIDs that to
// mining.get_txnhashes.
func (it *issued) contents() string   { return it.hex() }
func (it *issued) contentIDs() string { return it.ids() }

// asList writes texts without anything to escape as JSON.
func asList(texts []string) string {
	var b []byte
	for i, tx := range texts {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendQuote(b, tx)
	}
	return "[" + string(b) + "]"
}

// ringSize is how many jobs a session remembers, those included that were sent
// again with another difficulty.
const ringSize = 11

// sent is a job as it was sent to one session: its shares are judged by that.
type sent struct {
	it          *issued
	level       *level
	extranonce1 [4]byte // that the miner builds it with
	alias       uint8   // see again; 0 is the job itself
}

// ring holds what was sent last.
type ring struct {
	entries [ringSize]sent
	next    uint8
}

func (r *ring) add(e sent) {
	r.entries[r.next] = e
	r.next = (r.next + 1) % ringSize
}

// last returns the newest entry, without a job if there is none.
func (r *ring) last() sent { return r.recent(0) }

// recent returns the i'th entry from the newest, which is the 0th.
func (r *ring) recent(i int) sent { return r.entries[(int(r.next)+2*ringSize-1-i)%ringSize] }

// find returns the newest entry that was sent under id.
func (r *ring) find(id string) (sent, bool) {
	for i := range ringSize {
		e := r.recent(i)
		if e.it == nil {
			break
		}
		rest, ok := strings.CutPrefix(id, e.it.job.ID)
		if ok && rest == e.suffix() {
			return e, true
		}
	}
	return sent{}, false
}

// suffix tells an alias from the job itself and from other aliases.
func (e sent) suffix() string {
	if e.alias == 0 {
		return ""
	}
	return "x" + strconv.Itoa(int(e.alias))
}

// sendJob sends it with the difficulty that the session should have, unless the
// session is not ready for it or has had it. It reports whether it did.
func (s *session) sendJob(it *issued, clean bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	last, begins := s.sent.last(), s.told == nil
	had := last.it != nil && last.it.number >= it.number
	if !s.subscribed || len(s.workers) == 0 || s.leaving || had && !begins {
		return false
	}
	if !s.fits(it) {
		s.pushReconnect("", 0, s.server.absence(s)) // all others go now, too
		s.flushLocked()
		s.leaveLocked()
		return false
	}
	e, lines := sent{it: it}, it.job.Notify(clean || begins)
	if last.it == it { // the miner has begun with it before its connection broke
		if again, line := last.again(); line != nil {
			e, lines = again, line
		}
	}
	changed := s.announceExtranonce(it)
	changed = s.announce(it) || changed
	e.level, e.extranonce1 = s.told, s.extranonce1
	s.sent.add(e)
	s.server.measures.jobs.Add(1)
	if changed || s.writing || s.out != nil || s.secured != nil {
		s.push(lines)
		s.flushLocked()
		return true
	}
	if !s.dead && !s.ended {
		s.sendShared(lines)
	}
	return true
}

// levelFor is the difficulty that a session should have for it: never above the
// block's own, so that no block is found without its share. The caller holds s.mu.
func (s *session) levelFor(it *issued) *level {
	if s.wanted.difficulty > it.network.difficulty {
		return it.network
	}
	return s.wanted
}

// announce pushes mining.set_difficulty if the difficulty for it is not what the
// miner was told. The caller holds s.mu.
func (s *session) announce(it *issued) (changed bool) {
	l := s.levelFor(it)
	if s.told != nil && s.told.difficulty == l.difficulty {
		return false
	}
	if s.told != nil {
		s.server.measures.difficulties.Add(1)
	}
	s.told = l
	s.vardiff.restart(s.server.now())
	b := append(s.begin(), `{"id":null,"method":"mining.set_difficulty","params":[`...)
	b = appendDifficulty(b, l.difficulty)
	s.commit(append(b, "]}\n"...))
	return true
}

// aliasStep is by how many seconds the time of each alias differs. It is more than
// the 60 s by which mining programs roll a job's time themselves.
const aliasStep = 64

// again is the job once more, under a new id, which says by which of the two a share
// is to be judged. A miner begins a job from the start, and would find the shares
// again that it has had: so the alias also has another time, line is nil if the job
// allows none.
func (e sent) again() (next sent, line []byte) {
	next = sent{it: e.it, alias: e.alias + 1}
	j, shift := e.it.job, aliasStep*uint32(next.alias)
	ntime := j.CurTime - shift // a time that nobody rolls to
	if shift > j.CurTime || ntime < j.MinTime {
		ntime = j.CurTime + shift
	}
	if next.alias > maxAlias || ntime > j.MaxTime {
		return next, nil
	}
	return next, aliasLine(j, j.ID+next.suffix(), ntime)
}

// sendAlias sends the session's newest job again at once, with a new difficulty. If
// the job cannot be sent again the next one brings the difficulty. The caller holds
// s.mu and flushes.
func (s *session) sendAlias() {
	last := s.sent.last()
	if last.it == nil || s.levelFor(last.it).difficulty == s.told.difficulty || s.server.current() != last.it {
		return
	}
	e, line := last.again()
	if line == nil {
		return
	}
	s.announce(e.it)
	e.level, e.extranonce1 = s.told, s.extranonce1
	s.sent.add(e)
	s.server.measures.jobs.Add(1)
	s.push(line)
}

// maxAlias keeps an excited vardiff from pushing the other jobs out of the ring.
const maxAlias = 6

// aliasLine is j's clean notify line with another id and time, or nil if the line
// does not look as package work writes it.
func aliasLine(j *work.Job, id string, ntime uint32) []byte {
	head := []byte(`{"id":null,"method":"mining.notify","params":["`)
	tail := fmt.Appendf(nil, `"%08x",true]}`+"\n", j.CurTime)
	rest, ok := bytes.CutPrefix(j.Notify(true), append(slices.Clone(head), j.ID...))
	if !ok || !bytes.HasSuffix(rest, tail) {
		return nil
	}
	line := append(append(head, id...), rest[:len(rest)-len(tail)]...)
	return fmt.Appendf(line, `"%08x",true]}`+"\n", ntime)
}
