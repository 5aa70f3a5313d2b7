package cpuminer

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/miners/pow"
)

// maxMessage is how long a line of a pool may be, in bytes.
const maxMessage = 1 << 20

// maxText is how much of a pool's text is passed on, in bytes.
const maxText = 500

// A message is one line from a pool: a request, or the answer to one of ours.
type message struct {
	ID     json.RawMessage   `json:"id"`
	Method string            `json:"method"`
	Params []json.RawMessage `json:"params"`
	Result json.RawMessage   `json:"result"`
	Error  json.RawMessage   `json:"error"`
}

// parseMessage reads a line.
func parseMessage(line []byte) (message, error) {
	var m message
	if err := json.Unmarshal(line, &m); err != nil {
		return message{}, err
	}
	return m, nil
}

// number returns the id as the number that our requests have, or 0.
func (m *message) number() int64 {
	n, err := strconv.ParseInt(string(m.ID), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// failed returns the code and the reason with which the pool refused a request.
// A result of false or null without an error is a refusal too.
func (m *message) failed() (code, reason string, failed bool) {
	if present(m.Error) {
		code, reason = parseFailure(m.Error)
		return code, reason, true
	}
	if !present(m.Result) || string(m.Result) == "false" {
		return "", "refused without a reason", true
	}
	return "", "", false
}

// present reports whether raw is there and not null.
func present(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

// parseFailure reads an error in one of the shapes that pools use: [21, "stale",
// null], {"code": 21, "message": "stale"}, or a text.
func parseFailure(raw json.RawMessage) (code, reason string) {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) == nil && len(list) >= 2 {
		return plainText(list[0]), plainText(list[1])
	}
	var object struct{ Code, Message json.RawMessage }
	if json.Unmarshal(raw, &object) == nil && present(object.Message) {
		return plainText(object.Code), plainText(object.Message)
	}
	return "", plainText(raw)
}

// plainText returns a JSON string's text, or any other JSON as it stands, without
// control characters and not too long.
func plainText(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		text = string(raw)
	}
	if len(text) > maxText {
		text = text[:maxText]
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || (r >= 0x7f && r <= 0x9f) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// parseSubscription reads the result of mining.subscribe: [..., extranonce1, size].
func parseSubscription(result json.RawMessage) (extranonce1 []byte, size int, err error) {
	var list []json.RawMessage
	if err := json.Unmarshal(result, &list); err != nil {
		return nil, 0, err
	}
	if len(list) < 3 {
		return nil, 0, fmt.Errorf("want 3 values, have %d", len(list))
	}
	return parseExtranonce(list[1:3])
}

// parseExtranonce reads extranonce1 and the size of extranonce2.
func parseExtranonce(params []json.RawMessage) (extranonce1 []byte, size int, err error) {
	var digits string
	if len(params) < 2 {
		return nil, 0, fmt.Errorf("want 2 values, have %d", len(params))
	}
	if err := errors.Join(json.Unmarshal(params[0], &digits), json.Unmarshal(params[1], &size)); err != nil {
		return nil, 0, err
	}
	if len(digits) > 64 || size < 0 || size > maxExtranonce2 {
		return nil, 0, fmt.Errorf("extranonce1 %.70q with %d bytes of extranonce2", digits, size)
	}
	extranonce1, err = decode(digits, len(digits)/2)
	return extranonce1, size, err
}

// parseDifficulty reads the parameters of mining.set_difficulty.
func parseDifficulty(params []json.RawMessage) (pow.Difficulty, error) {
	var d float64
	if len(params) < 1 {
		return 0, errors.New("no value")
	}
	if err := json.Unmarshal(params[0], &d); err != nil {
		return 0, err
	}
	if !(d > 0) || math.IsInf(d, 0) {
		return 0, fmt.Errorf("want more than 0, have %v", d)
	}
	return pow.Difficulty(d), nil
}

// parseReconnect reads the parameters of client.reconnect, all of which may be
// missing: host, port (a number or a text), seconds to wait.
func parseReconnect(params []json.RawMessage) (host, port string, wait int) {
	get := func(i int) string {
		if i >= len(params) || !present(params[i]) {
			return ""
		}
		return plainText(params[i])
	}
	seconds, _ := strconv.ParseFloat(get(2), 64)
	if port = get(1); port == "0" {
		port = ""
	}
	return get(0), port, int(min(max(seconds, 0), 60))
}
