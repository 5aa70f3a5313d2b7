package sharelog

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"
)

const (
	maxPayload = MaxBlockBytes + 4<<20 // one block and a batch around it; JetStream's own limit is 32 MiB
	callTime   = 5 * time.Second       // for one question to the server
	startTime  = 2 * time.Minute       // for the server to read its files after an unclean stop
	probeSize  = 4 << 20               // bytes that must fit on the disk before the store is opened again
)

// Errors of the store that the rest of the package branches on.
var (
	errMissing = errors.New("is missing")
	errMoved   = errors.New("the log does not end where its writer thinks")
	errNoAck   = errors.New("the store could not write the batch")
)

// store is where the batches are: a JetStream stream, in this process or elsewhere.
// When it breaks it is closed and another one opened.
type store interface {
	// publish writes the batch at position, which must be the next one, and returns
	// once it is durable. errMoved means that it is certainly not in the log; after
	// any other error it may be.
	publish(position uint64, batch []byte) error
	// read returns the batch at position; errMissing means that there is none.
	read(position uint64) ([]byte, error)
	state() (extent, error)
	// purge removes every batch before first. If the log ends before that, its next
	// position becomes first.
	purge(ctx context.Context, first uint64) error
	identity() (Identity, error)
	// follow notes which log this one goes on behind.
	follow(Identity) error
	close()
}

// extent is what the stream holds.
type extent struct{ first, last, bytes uint64 }

func openStore(o Options) (store, error) {
	if o.URL == "" {
		return openEmbedded(o)
	}
	return openRemote(o)
}

// subject is what the stream's messages are published to.
func (o Options) subject() string { return "adit." + o.Stream }

// holds tells whether batch is what the log has at position.
func holds(st store, position uint64, batch []byte) bool {
	stored, err := st.read(position)
	return err == nil && bytes.Equal(stored, batch)
}

// probe tells whether the folder takes data again. The store is not opened on a
// full disk, where its recovery could not write either.
func probe(dir string) error {
	name := filepath.Join(dir, "probe")
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer os.Remove(name)
	defer f.Close()
	if _, err := f.Write(make([]byte, probeSize)); err != nil {
		return err
	}
	return f.Sync()
}
