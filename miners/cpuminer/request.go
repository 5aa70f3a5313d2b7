package cpuminer

import (
	"encoding/json"
	"time"

	"github.com/adit-mining/adit/miners/pow"
)

// request acts on what the pool wants of us.
func (s *session) request(m *message) error {
	switch m.Method {
	case "mining.notify":
		return s.notify(m.Params)
	case "mining.set_difficulty":
		d, err := parseDifficulty(m.Params)
		if err != nil {
			return nonsense("difficulty", err)
		}
		s.difficulty = d
		s.say.difficulty(d)
		return nil
	case "mining.set_extranonce":
		extranonce1, size, err := parseExtranonce(m.Params)
		if err != nil {
			return nonsense("extranonce", err)
		}
		s.extranonce1, s.size = extranonce1, size
		return nil
	case "client.reconnect":
		return s.reconnect(m.Params)
	case "client.show_message":
		if len(m.Params) > 0 {
			s.say.message(plainText(m.Params[0]))
		}
		return nil
	case "client.get_version":
		return s.reply(m.ID, userAgent, "")
	case "mining.ping":
		return s.reply(m.ID, "pong", "")
	}
	return s.reply(m.ID, nil, "unknown method")
}

// notify puts a new job before the threads. Difficulty and extranonce hold from
// the next job on, so each job keeps those that it came with.
func (s *session) notify(params []json.RawMessage) error {
	j, err := parseJob(params)
	if err != nil {
		return nonsense("job", err)
	}
	if s.size < 0 {
		s.say.log.Warn("job before the subscription left out", "job", j.id)
		return nil
	}
	s.generation++
	if j.clean {
		s.fresh = s.generation
	}
	s.say.job(j)
	w := &work{
		job: j, extranonce1: s.extranonce1, size: s.size, generation: s.generation,
		target: pow.TargetFromDifficulty(s.options.Algorithm, s.difficulty),
		over:   make(chan struct{}), taken: &s.taken, first: s.taken.Load(),
	}
	if s.last != nil && w.repeats(s.last) {
		w.first = s.last.first
	}
	s.last = w
	s.board.show(w)
	return nil
}

// reconnect acts on client.reconnect.
func (s *session) reconnect(params []json.RawMessage) error {
	host, port, wait := parseReconnect(params)
	// Measured against the pool that the user chose, not against where we are.
	from := s.pool
	if host == "" && port == "" {
		from = s.at
	}
	to, err := from.redirected(host, port)
	if err != nil {
		s.say.log.Warn("reconnect refused", "err", err)
		return nil
	}
	return &redirect{to: to, wait: time.Duration(wait) * time.Second}
}

// reply answers a request of the pool, if it has an id and so wants an answer.
func (s *session) reply(id json.RawMessage, result any, failure string) error {
	if !present(id) {
		return nil
	}
	var reason any
	if failure != "" {
		reason = []any{20, failure, nil}
	}
	return s.write(struct {
		ID     json.RawMessage `json:"id"`
		Result any             `json:"result"`
		Error  any             `json:"error"`
	}{id, result, reason})
}
