package miners

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"time"
)

// How often a program's interface is asked: soon at first, when somebody waits for
// a number to see, then at leisure.
const (
	pollAtFirst = 2 * time.Second
	pollEvery   = 10 * time.Second
	quickPolls  = 10
	// apiPatience is how long an interface may take to open. Programs that build
	// gigabytes of data for a card do it first.
	apiPatience = 5 * time.Minute
)

// openInterface returns plan with a port and a secret for the program's interface,
// if it has one that only this computer can reach.
func openInterface(d Driver, plan Plan) (Poller, Plan) {
	poller, ok := d.(Poller)
	if _, exposed := d.(Exposed); !ok || exposed {
		return nil, plan
	}
	port, err := freePort()
	if err != nil {
		return nil, plan // its output tells enough
	}
	plan.API, plan.Token = port, rand.Text()
	return poller, plan
}

// freePort returns a TCP port of 127.0.0.1 that nobody listens on now. The system
// deals them out in turn, so nobody else is likely to get it in the next moment.
func freePort() (int, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}

// poll asks the program's interface until ctx is done and hands on what it answers.
// An interface that never opens is told once: the program's output has to do.
func poll(ctx context.Context, p Poller, plan Plan, answered func(Status), failed func(error)) {
	start, opened, told := time.Now(), false, false
	for n := 0; ; n++ {
		pause := pollEvery
		if n < quickPolls {
			pause = pollAtFirst
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		status, err := p.Poll(ctx, plan)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			opened = true
			answered(status)
		case !opened && !told && time.Since(start) > apiPatience:
			told = true
			failed(err)
		}
	}
}
