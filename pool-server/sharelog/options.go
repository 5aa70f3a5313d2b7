package sharelog

import (
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Options say where a log is and how it is written. Zero values mean the
// defaults that are named.
type Options struct {
	Dir        string        // folder of the embedded store, and of the lock; needed unless URL is set
	URL        string        // nats://... of a cluster; empty means embedded
	Stream     string        // the stream's name; default "shares"
	Replicas   int           // copies in a cluster; default 1, a cluster wants 3
	Durability Durability    // default Fsync. A cluster's servers have their own setting
	MaxBatch   int           // records in one batch at most; default 1000
	Queue      int           // records that may wait to be written; default 16384
	AckTimeout time.Duration // how long one batch may take to become durable; default 10 s
	AcceptLost bool          // open a log that lacks acknowledged shares, as an operator's decision: they are lost
	Log        *slog.Logger  // default slog.Default()
}

// Durability says when a share counts as written down.
type Durability string

// The two durabilities.
const (
	Fsync Durability = "fsync" // after fsync; a power cut loses nothing that was acknowledged
	Async Durability = "async" // after write; kill -9 loses nothing, a power cut up to two minutes
)

func (o Options) withDefaults() Options {
	if o.Stream == "" {
		o.Stream = "shares"
	}
	if o.Durability == "" {
		o.Durability = Fsync
	}
	o.Replicas = positive(o.Replicas, 1)
	o.MaxBatch = positive(o.MaxBatch, 1000)
	o.Queue = positive(o.Queue, 16384)
	if o.AckTimeout <= 0 {
		o.AckTimeout = 10 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return o
}

func positive(n, otherwise int) int {
	if n > 0 {
		return n
	}
	return otherwise
}

func (o Options) validate() error {
	if o.Dir == "" && o.URL == "" {
		return errors.New("open share log: want a folder or a nats:// URL")
	}
	if o.Durability != Fsync && o.Durability != Async {
		return fmt.Errorf("open share log: durability: want %q or %q, have %q", Fsync, Async, o.Durability)
	}
	return nil
}

// where names the log for people.
func (o Options) where() string {
	if o.URL != "" {
		return "stream " + o.Stream + " on the NATS cluster"
	}
	return o.Dir
}
