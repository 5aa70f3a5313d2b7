// Package miners drives mining programs: it starts one, understands what it
// prints, tells its user what happens as typed events, starts it again when it
// ends, and never leaves it behind.
//
// What is special to a program (its command line, its output) is in a package
// per program below this one, which implements Driver; the app makes the list of
// them. What proof of work is belongs to miners/pow; which program suits which
// device, and all words that a person reads, belong to the app.
//
// Process.Run and Supervise block, and everything they started is gone when they
// return. A driver starts nothing. A program's faults (it crashes, hangs, floods,
// prints nonsense) arrive as events; an error is returned only when trying again
// is of no use.
package miners

import "github.com/adit-mining/adit/miners/pow"

// A Plan says what a mining program shall do.
type Plan struct {
	Program   string        // path of the executable file
	Dir       string        // folder it runs in; empty: ours
	Env       []string      // added to our environment, as KEY=value
	Algorithm pow.Algorithm // what to compute
	URL       string        // the pool, as stratum+tcp://host:port
	User      string        // account and worker, as KEY.rig1
	Password  string        // what the pool wants as password; mostly "x"
	Threads   int           // processor threads; 0: the program's own choice
}

// A Driver knows one mining program. Its methods are pure.
type Driver interface {
	// Name is the program's name in lower case, for settings and logs.
	Name() string
	// Algorithms lists what the program can compute, under the names of pools.
	Algorithms() []pow.Algorithm
	// Args returns the command line for p, without the program's own name.
	Args(p Plan) []string
	// NewParser returns a parser for one run of the program.
	NewParser() Parser
}

// A Parser turns the lines of one run of a program into events. It remembers
// what it needs to make differences out of running totals, so each line must be
// given once and in order. A line that means nothing yields nothing.
type Parser interface {
	Parse(line string) []Event
}
