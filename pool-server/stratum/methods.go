package stratum

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/work"
	"github.com/adit-mining/adit/wallet/coin"
)

// errLater is a handler's outcome when somebody else will respond.
var errLater = errors.New("answered later")

// Lengths of what miners tell about themselves.
const (
	maxUser     = 256
	maxPassword = 512
	maxWorker   = 32
	maxAgent    = 64
)

// handle reads one line and answers it. The error ends the session.
func (s *session) handle(line string) error {
	var r request
	if !r.parseLine(line) {
		s.server.counters.garbage.Add(1)
		s.answer(&r, "", reject(work.CodeOther, "not a JSON request"))
		s.punish(pointsGarbage)
		return nil
	}
	if r.method == "" {
		return nil // the answer to something that we sent
	}
	result, err := s.call(&r)
	if err == errLater || r.id == "null" && remarks[r.method] {
		return nil
	}
	s.answer(&r, result, err)
	if current := s.server.current(); current != nil {
		s.sendJob(current, true)
	}
	return nil
}

// remarks are what a miner may say without wanting an answer, if it gives no id:
// bfgminer does so before it subscribes, and takes the first answer that comes for
// that to its subscription.
var remarks = map[string]bool{
	"mining.suggest_difficulty": true, "mining.suggest_target": true, "mining.capabilities": true,
}

func (s *session) answer(r *request, result string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.respond(r.id, r.method, result, err)
}

// call runs the method's handler. A result is JSON; an error that is no
// *work.Reject is our own trouble.
func (s *session) call(r *request) (result string, err error) {
	switch r.method {
	case "mining.submit":
		return s.submit(r)
	case "mining.subscribe":
		return s.subscribe(r)
	case "mining.authorize":
		return s.authorize(r)
	case "mining.configure":
		return s.configure(r)
	case "mining.extranonce.subscribe":
		s.subscribeExtranonce()
		return resultTrue, nil
	case "mining.suggest_difficulty":
		return s.suggestDifficulty(r)
	case "mining.suggest_target":
		return s.suggestTarget(r)
	case "mining.get_transactions":
		return s.list(r, (*issued).contents)
	case "mining.get_txnhashes":
		return s.list(r, (*issued).contentIDs)
	case "mining.ping":
		return resultPong, nil
	case "client.get_version":
		return `"Adit"`, nil
	case "mining.capabilities":
		return resultTrue, nil // BIP 310 replaced it; bfgminer tells what we do anyway
	case "mining.term":
		s.leave() // ckpool's word for goodbye
		return resultTrue, nil
	}
	return "", s.unknown(r.method)
}

// Dialects that cannot be spoken here, by the method that opens them.
var dialects = map[string]string{
	"login":           "Monero's",
	"eth_submitLogin": "Ethereum's",
	"eth_login":       "Ethereum's",
	"mining.hello":    "EthereumStratum 2's",
}

// unknown refuses a method. A program that speaks another coin's dialect can do
// nothing here: it is told so, and sent on to its next pool.
func (s *session) unknown(method string) error {
	s.punish(pointsUnknown)
	whose, foreign := dialects[method]
	if !foreign {
		return reject(work.CodeOther, "unknown method")
	}
	s.leave()
	return reject(work.CodeOther, fmt.Sprintf("this port mines %s and speaks stratum v1 (mining.subscribe), not %s dialect: "+
		"check the program's algorithm and the pool's port", s.server.cfg.Algorithm, whose))
}

// subscribeExtranonce notes that the miner understands mining.set_extranonce.
func (s *session) subscribeExtranonce() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.renewable = true
}

// subscribe answers with the session's ticket and its extranonce1: those of the
// former session whose ticket the miner shows, or new ones. Asking again gives the
// same.
func (s *session) subscribe(r *request) (string, error) {
	if why := s.server.noWork(); why != "" {
		s.leave()
		return "", reject(work.CodeOther, why)
	}
	if old, ours := parseTicket(r.params[1].text); ours && !s.enrolled() {
		s.resume(old)
	}
	id := s.server.enroll(s)
	s.mu.Lock()
	defer s.mu.Unlock()
	if agent := r.params[0]; agent.kind == text && len(agent.text) <= maxAgent {
		s.agent = strings.Clone(agent.text) // not the whole line with it
	}
	if !s.subscribed {
		s.subscribed = true
		s.extranonce2 = s.server.extranonce2Size()
		s.heed(s.agent)
	}
	return fmt.Sprintf(`[[["mining.set_difficulty","%s"],["mining.notify","%s"]],"%x",%d]`,
		id, id, s.extranonce1, s.extranonce2), nil
}

func (s *Server) noWork() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stale
}

// authorize lets a worker in. A second worker with the same name takes the place
// of the first one.
func (s *session) authorize(r *request) (string, error) {
	user, password := r.params[0], r.params[1]
	if user.kind != text || user.text == "" {
		s.punish(pointsUnknown)
		return "", reject(work.CodeOther, "authorize: want a user name and a password")
	}
	if why := s.server.noWork(); why != "" {
		s.leave()
		return "", reject(work.CodeOther, why)
	}
	w, d, err := s.admit(user.text, password.text)
	if err != nil {
		s.punish(pointsAuthorize)
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.workers, func(o worker) bool { return o.user == w.user })
	switch {
	case i >= 0:
		s.workers[i].Identity = w.Identity
	case len(s.workers) >= s.server.cfg.Limits.Workers:
		return "", reject(work.CodeUnauthorized, "too many workers on one connection")
	default:
		if s.workers = append(s.workers, w); len(s.workers) == 1 {
			s.server.door.authorized(s)
		}
	}
	s.startWith(d, w.Identity)
	return resultTrue, nil
}

// admit asks Authorize, after what can be refused without it.
func (s *session) admit(user, password string) (w worker, d pow.Difficulty, err error) {
	if len(user) > maxUser || len(password) > maxPassword {
		return w, 0, reject(work.CodeUnauthorized, "user name or password too long")
	}
	if _, name := coin.SplitWorker(user); !workerName(name) {
		return w, 0, reject(work.CodeUnauthorized,
			fmt.Sprintf("worker name (after the dot): want at most %d of letters, digits, _ . -", maxWorker))
	}
	options, err := ParsePassword(password)
	if err != nil {
		return w, 0, reject(work.CodeUnauthorized, "password: "+err.Error())
	}
	id, err := s.server.cfg.Authorize(user, password)
	if err == nil {
		id, err = s.server.cfg.grant(id, options)
	}
	if err != nil {
		return w, 0, reject(work.CodeUnauthorized, err.Error())
	}
	return worker{user: strings.Clone(user), Identity: id, since: time.Now()}, options.Difficulty, nil
}

// workerName reports whether a name can stand in a page, a log and a file as it is.
func workerName(name string) bool {
	for _, c := range []byte(name) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (c < '0' || c > '9') && c != '_' && c != '.' && c != '-' {
			return false
		}
	}
	return len(name) <= maxWorker
}

func (s *session) suggestDifficulty(r *request) (string, error) {
	if k := r.params[0].kind; k != number && k != text {
		s.punish(pointsUnknown)
		return "", reject(work.CodeOther, "suggest_difficulty: want a number")
	}
	d, err := parseDifficulty(r.params[0].text)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.want(d)
	s.settled = true
	return resultTrue, nil
}

func (s *session) suggestTarget(r *request) (string, error) {
	target, err := pow.ParseTarget(r.params[0].text)
	if err != nil || r.params[0].kind != text || target == (pow.Target{}) {
		s.punish(pointsUnknown)
		return "", reject(work.CodeOther, "suggest_target: want 64 hex digits")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.want(target.Difficulty(s.server.cfg.Algorithm))
	s.settled = true
	return resultTrue, nil
}

// maxContents is the longest list of transactions that is sent, in bytes. Beyond it
// the answer would cost more than the look into the block is worth; miners ask
// again with each job, and go on without.
const maxContents = 128 << 10

// list sends what is in a job's block, so that a miner can see that the pool hides
// nothing.
func (s *session) list(r *request, what func(*issued) string) (string, error) {
	s.mu.Lock()
	last := s.sent.last()
	if r.params[0].kind == text {
		last, _ = s.sent.find(r.params[0].text)
	}
	ready := len(s.workers) > 0
	s.mu.Unlock()
	switch {
	case !ready:
		return "", reject(work.CodeUnauthorized, "authorize first")
	case last.it == nil:
		return "", reject(work.CodeStale, "job not found")
	}
	s.punish(pointsUnknown) // answers this long must not be had without end
	list := what(last.it)
	if len(list) > maxContents {
		return "", reject(work.CodeOther, "the block is too large to be listed")
	}
	return list, nil
}
