package stratum

import (
	"encoding/json"
	"errors"
	"strconv"

	"github.com/adit-mining/adit/pool-server/work"
)

// JSON answers that need no making.
const (
	resultTrue = "true"
	resultPong = `"pong"`
)

// respond turns a handler's outcome into the answer: result, which is JSON, or
// err. It is the only place that does, so no handler can answer twice or tell a
// miner our inner troubles. The caller holds s.mu, and flushes later.
func (s *session) respond(id, method, result string, err error) {
	b := s.begin()
	b = append(b, `{"id":`...)
	b = append(b, id...)
	if err == nil {
		b = append(b, `,"result":`...)
		b = append(b, result...)
		s.commit(append(b, ",\"error\":null}\n"...))
		return
	}
	var reject *work.Reject
	if !errors.As(err, &reject) {
		s.server.cfg.Log.Error("request failed", "session", s.id, "method", method, "err", err)
		reject = &work.Reject{Code: work.CodeOther, Reason: "internal error"}
	}
	before, between, after := `[`, `,`, `,null]`
	if _, foreign := dialects[method]; foreign { // JSON-RPC 2.0 is all that they read
		before, between, after = `{"code":`, `,"message":`, `}`
	}
	b = append(append(b, `,"result":null,"error":`...), before...)
	b = strconv.AppendInt(b, int64(reject.Code), 10)
	b = appendText(append(b, between...), reject.Reason)
	s.commit(append(append(b, after...), "}\n"...))
}

// appendText appends s as a JSON string. Anything may be in it.
func appendText(b []byte, s string) []byte {
	quoted, err := json.Marshal(s)
	if err != nil {
		panic("stratum: a string without JSON form: " + err.Error())
	}
	return append(b, quoted...)
}

// reject makes the error that a miner is told.
func reject(code int, reason string) error {
	return &work.Reject{Code: code, Reason: reason}
}
