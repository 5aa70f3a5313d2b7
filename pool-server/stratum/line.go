package stratum

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// maxParams is how many parameters are looked at; no method has as many.
const maxParams = 8

// maxID is the longest request id that is sent back.
const maxID = 128

// kind is what a JSON value is.
type kind byte

const (
	absent kind = iota
	null
	boolean
	number
	text
	nested // array or object
)

// value is one parameter: a text's content, or the JSON of anything else.
type value struct {
	kind kind
	text string
}

// request is one line from a miner.
type request struct {
	id     string // as JSON; "null" if there is none, or none that can be sent back
	method string // empty if the line is the answer to something that we sent
	params [maxParams]value
}

// parseLine reads a line without its end. ok is false if it is no request; then id
// may be set nevertheless. Nearly all lines are plain, and are read without
// encoding/json: that would take longer than checking the share. The fuzz test
// holds the two readers against each other.
func (r *request) parseLine(line string) (ok bool) {
	if r.parsePlain(line) {
		return true
	}
	return r.parseAny(line)
}

// parseAny reads any JSON.
func (r *request) parseAny(line string) (ok bool) {
	*r = request{id: "null"}
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(line), &fields) != nil || fields == nil {
		return false
	}
	r.setID(string(fields["id"]))
	method, has := fields["method"]
	if !has || string(method) == "null" {
		_, result := fields["result"]
		_, err := fields["error"]
		return result || err
	}
	var name string // not r.method: r would have to live on the heap for it
	if json.Unmarshal(method, &name) != nil || name == "" {
		return false
	}
	r.method = name
	var params []json.RawMessage
	if len(fields["params"]) > 0 && fields["params"][0] == '[' {
		if json.Unmarshal(fields["params"], &params) != nil {
			return false
		}
	}
	for i := range min(len(params), maxParams) {
		r.params[i] = newValue(params[i])
	}
	return true
}

func (r *request) setID(id string) {
	scalar := id != "" && (id[0] == '"' || id[0] == '-' || id[0] >= '0' && id[0] <= '9')
	if scalar && len(id) <= maxID && utf8.ValidString(id) {
		r.id = id
	}
}

// newValue classifies valid JSON.
func newValue(raw json.RawMessage) value {
	v := value{nested, string(raw)}
	switch raw[0] {
	case '"':
		v.kind = text
		if json.Unmarshal(raw, &v.text) != nil {
			v.kind = nested
		}
	case 't', 'f':
		v.kind = boolean
	case 'n':
		v.kind = null
	case '[', '{':
	default:
		v.kind = number
	}
	return v
}

// parsePlain reads a line whose texts are printable ASCII without escapes and
// whose parameters are not nested. It answers false for all others, and for
// everything else that is out of the ordinary.
func (r *request) parsePlain(line string) (ok bool) {
	*r = request{id: "null"}
	s := scanner{line}
	if !s.eat('{') {
		return false
	}
	var haveID, haveMethod, haveParams bool
	for {
		key, ok := s.string()
		if !ok || !s.eat(':') {
			return false
		}
		switch {
		case key == "id" && !haveID:
			haveID, ok = true, s.id(r)
		case key == "method" && !haveMethod:
			haveMethod = true
			r.method, ok = s.string()
		case key == "params" && !haveParams:
			haveParams, ok = true, s.params(r)
		case key == "jsonrpc":
			_, ok = s.string()
		default:
			ok = false
		}
		if !ok {
			return false
		}
		if s.eat('}') {
			break
		}
		if !s.eat(',') {
			return false
		}
	}
	return s.rest == "" && r.method != ""
}

// scanner reads plain JSON from its front. Space after each token is skipped.
type scanner struct{ rest string }

func (s *scanner) take(n int) string {
	token := s.rest[:n]
	s.rest = strings.TrimLeft(s.rest[n:], " \t")
	return token
}

func (s *scanner) eat(c byte) bool {
	if s.rest == "" || s.rest[0] != c {
		return false
	}
	s.take(1)
	return true
}

// string reads a quoted text without escapes.
func (s *scanner) string() (string, bool) {
	if s.rest == "" || s.rest[0] != '"' {
		return "", false
	}
	for i := 1; i < len(s.rest); i++ {
		switch c := s.rest[i]; {
		case c == '"':
			token := s.take(i + 1)
			return token[1:i], true
		case c == '\\' || c < ' ' || c > '~':
			return "", false
		}
	}
	return "", false
}

// number reads an integer; other numbers are not plain.
func (s *scanner) number() (string, bool) {
	i := 0
	for i < len(s.rest) && s.rest[i] >= '0' && s.rest[i] <= '9' {
		i++
	}
	end := i == len(s.rest) || strings.IndexByte(",}] \t", s.rest[i]) >= 0
	if i == 0 || !end || i > 1 && s.rest[0] == '0' {
		return "", false
	}
	return s.take(i), true
}

func (s *scanner) value() (v value, ok bool) {
	switch {
	case s.rest == "":
		return v, false
	case s.rest[0] == '"':
		v.kind = text
		v.text, ok = s.string()
	case strings.HasPrefix(s.rest, "null"):
		v.kind, v.text, ok = null, s.take(4), true
	default:
		v.kind = number
		v.text, ok = s.number()
	}
	return v, ok
}

func (s *scanner) id(r *request) bool {
	start := s.rest
	v, ok := s.value()
	switch {
	case !ok:
		return false
	case v.kind == text:
		r.setID(start[:len(v.text)+2])
	case v.kind == number:
		r.setID(v.text)
	}
	return true
}

func (s *scanner) params(r *request) bool {
	if !s.eat('[') {
		return false
	}
	if s.eat(']') {
		return true
	}
	for i := range maxParams {
		var ok bool
		if r.params[i], ok = s.value(); !ok {
			return false
		}
		if s.eat(']') {
			return true
		}
		if !s.eat(',') {
			return false
		}
	}
	return false
}
