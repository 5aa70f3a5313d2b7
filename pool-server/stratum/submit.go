package stratum

import (
	"errors"
	"time"

	"github.com/adit-mining/adit/pool-server/work"
)

// submit judges a share. An accepted one is answered by verdict.done; everything
// else at once.
func (s *session) submit(r *request) (string, error) {
	id, since, first, err := s.submitter(r)
	if err != nil {
		s.punish(pointsValues)
		return "", s.rejected(id, err)
	}
	s.mu.Lock()
	job, known := s.sent.find(r.params[1].text)
	rolling := s.rolling
	s.mu.Unlock()
	if !known {
		return "", s.rejected(id, reject(work.CodeStale, "job not found"))
	}
	p := &r.params
	submission, err := job.it.job.ParseSubmission(p[2].text, p[3].text, p[4].text, p[5].text)
	if err != nil {
		s.punish(pointsValues)
		return "", s.rejected(id, err)
	}
	result, err := s.check(job, submission, rolling.maskFor(job.it, submission))
	if err != nil && result.Candidate == nil {
		return "", s.rejected(id, err)
	}
	share := Share{
		Account: id.Account, Worker: id.Worker, Solo: id.Solo,
		Difficulty: job.level.difficulty, Actual: s.server.actualDifficulty(result.Hash),
		JobID: job.it.job.ID, Height: job.it.job.Height,
		Time: time.Now(), Session: s.id, Connected: since, First: first, Alone: !s.more,
	}
	s.working = true
	v := &verdict{session: s, id: r.id, identity: id, arrived: s.active}
	if result.Candidate != nil {
		s.hold()
		s.server.cfg.Candidate(share, result.Candidate, v.done)
		s.server.counters.candidates.Add(1)
	} else {
		s.makeRoom()
		s.hold()
		s.server.cfg.Accept(share, v.done)
	}
	s.praise(r.params[0].text, job)
	return "", errLater
}

// submitter finds the worker that a share is from, which must have authorised on
// this session, and refuses what is not the form of a submission.
func (s *session) submitter(r *request) (id Identity, since time.Time, first bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.subscribed {
		return id, since, false, reject(work.CodeNotSubscribed, "not subscribed")
	}
	for i := range 5 {
		if r.params[i].kind != text {
			return id, since, false, reject(work.CodeOther, "submit: want worker, job, extranonce2, ntime and nonce, all texts")
		}
	}
	if k := r.params[5].kind; k != absent && k != null && k != text {
		return id, since, false, reject(work.CodeOther, "submit: want version bits as a text")
	}
	if r.params[5].kind == null {
		r.params[5].text = ""
	}
	for i := range s.workers {
		if w := &s.workers[i]; w.user == r.params[0].text {
			return w.Identity, w.since, !w.shares, nil
		}
	}
	return id, since, false, reject(work.CodeUnauthorized, "unauthorized worker")
}

// check hashes the share and says whether it counts. A candidate is returned
// whatever else is wrong, but only once: it would be the same block.
func (s *session) check(job sent, submission work.Submission, versionMask uint32) (work.Result, error) {
	result, err := job.it.job.Check(s.server.hashing, job.extranonce1, submission, job.level.target, versionMask)
	if err == nil && !s.server.fresh(job.it) {
		err = reject(work.CodeStale, "job not found")
	}
	if err == nil || result.Candidate != nil {
		if seenErr := job.it.seen.add(result.Hash); seenErr != nil {
			err = seenErr
			if seenErr.Code == work.CodeDuplicate {
				result.Candidate = nil
			}
		}
	}
	return result, err
}

// rejected counts a share that does not, and hands err on.
func (s *session) rejected(id Identity, err error) error {
	var r *work.Reject
	if !errors.As(err, &r) {
		return err
	}
	if r.Code == work.CodeLowDifficulty || r.Code == work.CodeDuplicate {
		s.punish(pointsShare)
	}
	s.server.counters.reject(r.Code)
	s.mu.Lock()
	s.refused++
	s.mu.Unlock()
	if id != (Identity{}) && s.server.cfg.Rejected != nil {
		s.server.cfg.Rejected(id, r.Code, r.Reason)
	}
	return err
}

// makeRoom waits until the session has fewer than Limits.InFlight shares in flight.
func (s *session) makeRoom() {
	room := func() bool { return s.dead || s.inFlight < s.server.cfg.Limits.InFlight }
	s.mu.Lock()
	defer s.mu.Unlock()
	for !room() {
		s.corked = false // the answers that make the room must go out
		s.flushLocked()
		s.mu.Unlock()
		s.await(time.Minute, room)
		s.mu.Lock()
		s.corked = true
	}
}

// hold counts a share as in flight.
func (s *session) hold() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inFlight++
}

// praise books a valid share: against the session's bad deeds, and for vardiff.
func (s *session) praise(user string, job sent) {
	s.punish(-1)
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.workers {
		if s.workers[i].user == user {
			s.workers[i].shares = true
		}
	}
	s.vardiff.share(s.server.now(), s.told != nil && job.level.difficulty == s.told.difficulty)
	s.adapt()
}

// verdict waits for the end of one share's way into the log.
type verdict struct {
	session  *session
	id       string // of the request
	identity Identity
	arrived  time.Duration // the share, as Server.now counts
	answered bool          // guarded by session.mu
}

// done answers the share: true if it is durable. It returns at once and may be
// called from anywhere, also after the session has ended. A second call does
// nothing.
func (v *verdict) done(err error) {
	s := v.session
	if err != nil {
		s.server.complain(err)
		err = reject(work.CodeOther, "the pool could not record this share")
	}
	s.mu.Lock()
	if v.answered {
		s.mu.Unlock()
		return
	}
	v.answered = true
	s.inFlight--
	if err == nil {
		s.accepted++
		s.lastShare = time.Now()
		s.server.counters.accepted.Add(1)
		s.server.measures.submit.Observe(int64(s.lastShare.Sub(s.server.begun) - v.arrived))
	} else {
		s.refused++
		s.server.counters.reject(work.CodeOther)
	}
	s.respond(v.id, "mining.submit", resultTrue, err)
	s.signal()
	queue := s.flushSoon()
	if err != nil && s.corked {
		s.flushLocked() // the reader, who would do it, may be waiting for the disk that hangs
	}
	s.mu.Unlock()
	if queue {
		s.server.queue(s)
	}
}

// complainEvery is the least time between two log records of shares that were lost.
const complainEvery = time.Second

// complain logs that a share was not recorded. Mostly the disk is full then, and a
// record for each share of all miners would not make that better.
func (s *Server) complain(err error) {
	s.unrecorded.Add(1)
	last, now := s.complained.Load(), s.now()
	if last != 0 && now-time.Duration(last) < complainEvery || !s.complained.CompareAndSwap(last, int64(now)) {
		return
	}
	s.cfg.Log.Error("shares not recorded", "shares", s.unrecorded.Swap(0), "err", err)
}
