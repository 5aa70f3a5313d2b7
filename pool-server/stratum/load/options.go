package load

import (
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/adit-mining/adit/miners/pow"
)

// Options say what to do. Addr, Connections and Duration must be set.
type Options struct {
	Addr        string        // host:port; several with commas between, taken in turn
	Connections int           // at once, those that misbehave included
	Rate        float64       // honest shares a second, all connections together; 0 = as many as the server takes, negative = none
	Duration    time.Duration // from when all are connected
	Ramp        time.Duration // over which the connections are made; 0 = as fast as they can be
	User        string        // "{n}" stands for the connection's number; default "load.{n}"
	Password    string        // default "x"
	Algorithm   pow.Algorithm // default sha256d
	Pipeline    int           // shares of one connection without an answer; default 16
	Grace       time.Duration // for logging in, and for the last answers; default 10 s
	Churn       float64       // connections that leave and come back a second; every other one resumes its session
	Reconnect   time.Duration // until a connection that broke is made again; 0 = never
	Mix         Mix           // what the connections do; empty = all honest
	TLS         *tls.Config   // nil = plain

	// Blocks tells when new blocks came, to measure from there. It is read until the
	// end of the run; nil if nobody knows.
	Blocks <-chan time.Time

	// Progress hears once a second how it goes. May be nil.
	Progress func(Progress)
}

func orDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

func (o *Options) fill() error {
	orDefault(&o.User, "load.{n}")
	orDefault(&o.Password, "x")
	orDefault(&o.Algorithm, pow.SHA256d)
	orDefault(&o.Pipeline, 16)
	orDefault(&o.Grace, 10*time.Second)
	switch {
	case o.Addr == "":
		return errors.New("load: no address")
	case o.Connections < 1:
		return fmt.Errorf("load: connections: want 1 or more, have %d", o.Connections)
	case o.Duration <= 0:
		return fmt.Errorf("load: duration: want more than 0, have %v", o.Duration)
	case o.Pipeline < 1 || o.Pipeline > 10_000:
		return fmt.Errorf("load: pipeline: want 1 to 10000, have %d", o.Pipeline)
	case o.Churn < 0:
		return fmt.Errorf("load: churn: want 0 or more, have %v", o.Churn)
	}
	for _, addr := range o.addrs() {
		if !strings.Contains(addr, ":") {
			return fmt.Errorf("load: address %q: want host:port", addr)
		}
	}
	_, err := pow.ParseAlgorithm(string(o.Algorithm))
	return err
}

func (o *Options) addrs() []string {
	list := strings.Split(o.Addr, ",")
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return list
}

// addr is the server of connection n, and user its name.
func (o *Options) addr(n int) string {
	list := o.addrs()
	return list[n%len(list)]
}

func (o *Options) user(n int) string { return strings.ReplaceAll(o.User, "{n}", fmt.Sprint(n)) }
