// Package skim reads large JSON in one pass and copies nothing: a busy chain's block
// template has megabytes, nearly all of it long strings, which it passes over as fast
// as memory is read. encoding/json goes over the same bytes four times, one by one.
//
// It is for the few large answers of daemons and reads what it is asked for; what it
// passes over is checked for its brackets and quotes, not for each letter. It starts
// nothing, and its values point into the text that it was given.
package skim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// maxDepth bounds how deep values may be nested.
const maxDepth = 64

// Reader reads one JSON text. The first fault ends it: every method then returns
// nothing, and Err says why.
type Reader struct {
	text  []byte
	at    int
	depth int
	err   error
}

// New returns a Reader of text, which must not be changed while its values are used.
func New(text []byte) *Reader { return &Reader{text: text} }

// Err returns the first fault.
func (r *Reader) Err() error { return r.err }

// End insists that nothing follows, and returns the first fault.
func (r *Reader) End() error {
	if r.peek() != 0 {
		r.fail("something follows the end")
	}
	return r.err
}

// Fail ends reading with a fault that the caller found, if it is the first.
func (r *Reader) Fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *Reader) fail(what string) {
	r.Fail(fmt.Errorf("JSON: %s at byte %d", what, r.at))
}

// peek passes over white space and returns the next byte, 0 at the end or after a
// fault.
func (r *Reader) peek() byte {
	for ; r.err == nil && r.at < len(r.text); r.at++ {
		switch c := r.text[r.at]; c {
		case ' ', '\t', '\r', '\n':
		case 0:
			r.fail("a zero")
		default:
			return c
		}
	}
	return 0
}

// take passes over c, which must be next.
func (r *Reader) take(c byte) {
	if r.peek() != c {
		r.fail("want " + strconv.QuoteRune(rune(c)))
		return
	}
	r.at++
}

// isNull passes over null, if it is next.
func (r *Reader) isNull() bool {
	if r.peek() != 'n' {
		return false
	}
	r.word("null")
	return true
}

func (r *Reader) word(w string) {
	if !bytes.HasPrefix(r.text[r.at:], []byte(w)) {
		r.fail("no value")
		return
	}
	r.at += len(w)
}

// Object calls member with each name of the object that is next. member reads the
// value; a value that it leaves is passed over. null has no members.
func (r *Reader) Object(member func(name []byte)) {
	if r.isNull() {
		return
	}
	r.each('{', '}', func(int) {
		name := r.Text()
		r.take(':')
		before := r.at
		if r.err == nil {
			member(name)
		}
		if r.at == before {
			r.Skip()
		}
	})
}

// Array calls element for each element of the array that is next. element reads it,
// or it is passed over. null has no elements.
func (r *Reader) Array(element func(i int)) {
	if r.isNull() {
		return
	}
	r.each('[', ']', func(i int) {
		before := r.at
		element(i)
		if r.at == before {
			r.Skip()
		}
	})
}

func (r *Reader) each(first, last byte, one func(i int)) {
	r.take(first)
	if r.depth++; r.depth > maxDepth {
		r.fail("nested too deep")
	}
	defer func() { r.depth-- }()
	if r.peek() == last {
		r.at++
		return
	}
	for i := 0; r.err == nil; i++ {
		one(i)
		if r.peek() != ',' {
			r.take(last)
			return
		}
		r.at++
	}
}

// Text reads a string. It returns nil for null.
func (r *Reader) Text() []byte {
	if r.isNull() {
		return nil
	}
	begin := r.at
	raw := r.quoted()
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw
	}
	var s string
	if err := json.Unmarshal(r.text[begin:r.at], &s); err != nil {
		r.Fail(err)
		return nil
	}
	return []byte(s)
}

// quoted reads a string as it is written, without its quotes.
func (r *Reader) quoted() []byte {
	r.take('"')
	begin := r.at
	for r.err == nil {
		n := bytes.IndexByte(r.text[r.at:], '"')
		if n < 0 {
			r.fail("a string without end")
			break
		}
		r.at += n + 1
		if raw := r.text[begin : r.at-1]; !escapes(raw) {
			return raw
		}
	}
	return nil
}

// escapes reports whether the quote behind raw belongs to the string: the
// backslashes before it are odd.
func escapes(raw []byte) bool {
	n := 0
	for n < len(raw) && raw[len(raw)-1-n] == '\\' {
		n++
	}
	return n%2 == 1
}

// errNoInteger says that a number is not a whole one of 64 bits.
var errNoInteger = errors.New("want a whole number of 64 bits")

// Int reads a whole number. ok is false for null, and after a fault.
func (r *Reader) Int() (n int64, ok bool) {
	if r.isNull() || r.err != nil {
		return 0, false
	}
	begin := r.at
	r.skipNumber()
	if r.err == nil {
		var err error
		if n, err = strconv.ParseInt(string(r.text[begin:r.at]), 10, 64); err == nil {
			return n, true
		}
	}
	r.err = fmt.Errorf("JSON: %w at byte %d", errNoInteger, begin)
	return 0, false
}

// Skip passes over the value that is next and returns it as it is written.
func (r *Reader) Skip() []byte {
	r.peek()
	begin := r.at
	r.skip()
	if r.err != nil {
		return nil
	}
	return r.text[begin:r.at]
}

func (r *Reader) skip() {
	switch c := r.peek(); c {
	case '{':
		r.each('{', '}', func(int) {
			r.quoted()
			r.take(':')
			r.skip()
		})
	case '[':
		r.each('[', ']', func(int) { r.skip() })
	case '"':
		r.quoted()
	case 't':
		r.word("true")
	case 'f':
		r.word("false")
	case 'n':
		r.word("null")
	default:
		r.skipNumber()
	}
}

// skipNumber passes over a number as JSON has them: no sign but a minus, no zero in
// front, digits on both sides of the point.
func (r *Reader) skipNumber() {
	if r.err != nil {
		return
	}
	r.optional('-')
	if begin := r.at; !r.digits() || r.text[begin] == '0' && r.at-begin > 1 {
		r.fail("no value")
		return
	}
	if r.optional('.') && !r.digits() {
		r.fail("no value")
		return
	}
	if r.optional('e') || r.optional('E') {
		if !r.optional('+') {
			r.optional('-')
		}
		if !r.digits() {
			r.fail("no value")
		}
	}
}

func (r *Reader) optional(c byte) bool {
	if r.at < len(r.text) && r.text[r.at] == c {
		r.at++
		return true
	}
	return false
}

// digits passes over digits and reports whether there are any.
func (r *Reader) digits() bool {
	begin := r.at
	for r.at < len(r.text) && r.text[r.at]-'0' <= 9 {
		r.at++
	}
	return r.at > begin
}
