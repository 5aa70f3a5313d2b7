package api

import (
	"context"
	"time"

	"github.com/adit-mining/adit/miners/pow"
)

// A Node is a value in a program's JSON answer, read without trust: what is
// missing, null, or of another kind than asked for is nothing, and a number may be
// written as text.
type Node struct {
	value any
}

// GetNode asks a program for path over HTTP, as Get does.
func GetNode(ctx context.Context, port int, path, token string) (Node, error) {
	var n Node
	err := Get(ctx, port, path, token, &n.value)
	return n, err
}

// ReadNode reads a program's JSON, as Decode does.
func ReadNode(body []byte) (Node, error) {
	var n Node
	err := Decode(body, &n.value)
	return n, err
}

// At returns the member that path leads to, key by key.
func (n Node) At(path ...string) Node {
	for _, key := range path {
		object, _ := n.value.(map[string]any)
		n = Node{object[key]}
	}
	return n
}

// First returns the first member among keys that there is.
func (n Node) First(keys ...string) Node {
	for _, key := range keys {
		if member := n.At(key); member.value != nil {
			return member
		}
	}
	return Node{}
}

// List returns the elements of an array.
func (n Node) List() (elements []Node) {
	list, _ := n.value.([]any)
	for _, v := range list {
		elements = append(elements, Node{v})
	}
	return elements
}

// Members returns the members of an object, by key.
func (n Node) Members() map[string]Node {
	object, _ := n.value.(map[string]any)
	members := make(map[string]Node, len(object))
	for key, v := range object {
		members[key] = Node{v}
	}
	return members
}

// Text returns a string, or "".
func (n Node) Text() string { return n.field().text(self) }

// True reports whether n is true.
func (n Node) True() bool {
	truth, _ := n.Bool()
	return truth
}

// Bool returns a truth.
func (n Node) Bool() (truth, ok bool) {
	truth, ok = n.value.(bool)
	return truth, ok
}

// Float returns a number.
func (n Node) Float() (value float64, ok bool) { return n.field().number(self) }

// Count returns a number that counts something.
func (n Node) Count() *int64 { return n.field().count(self) }

// Celsius, Percent and Watts return what a sensor can say.
func (n Node) Celsius() *float64 { return n.field().bounded(Celsius, self) }

// Percent is a fan's speed.
func (n Node) Percent() *float64 { return n.field().bounded(Percent, self) }

// Watts is a device's power.
func (n Node) Watts() *float64 { return n.field().bounded(Watts, self) }

// Rate returns a hashrate in hashes per second.
func (n Node) Rate() *pow.Hashrate {
	v, ok := n.Float()
	if !ok || v < 0 || v > maxRate {
		return nil
	}
	rate := pow.Hashrate(v)
	return &rate
}

// maxRate is more than all the world computes, in hashes per second.
const maxRate = 1e24

// Seconds returns a time span that is given in seconds, or 0.
func (n Node) Seconds() time.Duration {
	v, ok := n.Float()
	if !ok || v < 0 || v > maxUptime.Seconds() {
		return 0
	}
	return time.Duration(v) * time.Second
}

// maxUptime is longer than any program runs.
const maxUptime = 100 * 365 * 24 * time.Hour

// Sum adds up rates; those that are unknown do not count, and if all are the sum is
// unknown, too.
func Sum(rates ...*pow.Hashrate) (sum *pow.Hashrate) {
	for _, rate := range rates {
		if rate == nil {
			continue
		}
		if sum == nil {
			sum = new(pow.Hashrate)
		}
		*sum += *rate
	}
	return sum
}

// self is the key under which field has n.
const self = "value"

func (n Node) field() fields { return fields{self: n.value} }
