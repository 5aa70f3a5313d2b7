package sharelog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

const (
	maxPayload = MaxBlockBytes + 4<<20 // one block and a batch around it; JetStream's own limit is 32 MiB
	callTime   = 5 * time.Second       // for one question to the server
	startTime  = 2 * time.Minute       // for the server to read its files after an unclean stop
	graceTime  = 250 * time.Millisecond
	probeSize  = 4 << 20 // bytes that must fit on the disk before the store is opened again
)

// Errors of the store that the rest of the package branches on.
var (
	errMissing = errors.New("is missing")
	errMoved   = errors.New("the log does not end where its writer thinks")
	errNoAck   = errors.New("the store could not write the batch")
)

// store is one connection to the stream, and the server behind it if embedded.
// When it breaks it is closed and another one opened.
type store struct {
	o       Options
	server  *server.Server // nil with a URL
	conn    *nats.Conn
	js      nats.JetStreamContext
	trouble chan struct{}
	subject string
}

// extent is what the stream holds.
type extent struct{ first, last, bytes uint64 }

func openStore(o Options) (_ *store, err error) {
	s := &store{o: o, trouble: make(chan struct{}, 1), subject: "adit." + o.Stream}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if o.URL == "" {
		err = s.startServer()
	} else {
		s.conn, err = nats.Connect(o.URL, nats.Name("adit share log"), nats.MaxReconnects(-1))
	}
	if err != nil {
		return nil, err
	}
	if s.js, err = s.conn.JetStream(nats.MaxWait(callTime)); err != nil {
		return nil, err
	}
	return s, s.openStream()
}

// startServer starts the embedded server, which listens nowhere, and connects to it.
func (s *store) startServer() (err error) {
	s.server, err = server.NewServer(&server.Options{
		ServerName: "adit", DontListen: true, NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: s.o.Dir, SyncAlways: s.o.Durability == Fsync,
		JetStreamMaxMemory: 64 << 20, JetStreamMaxStore: 1 << 60, // the disk is the limit
		MaxPayload: maxPayload, MaxPending: 2 * maxPayload,
	})
	if err != nil {
		return err
	}
	s.server.SetLoggerV2(serverLog{s.o.Log, s.trouble}, false, false, false)
	s.server.Start() // returns, for there is nothing to listen on
	if !s.server.ReadyForConnections(startTime) || !s.server.JetStreamEnabled() {
		return errors.New("the embedded store did not start; the log says why")
	}
	s.conn, err = nats.Connect("", nats.InProcessServer(s.server), nats.NoReconnect())
	return err
}

// openStream makes the stream if it is not there.
func (s *store) openStream() error {
	_, err := s.js.StreamInfo(s.o.Stream)
	if !errors.Is(err, nats.ErrStreamNotFound) {
		return err
	}
	_, err = s.js.AddStream(&nats.StreamConfig{
		Name: s.o.Stream, Subjects: []string{s.subject}, Description: "Adit: accepted shares and block candidates",
		Storage: nats.FileStorage, Retention: nats.LimitsPolicy, Discard: nats.DiscardNew,
		Replicas: s.o.Replicas, DenyDelete: true, AllowDirect: s.o.URL == "",
		MaxMsgs: -1, MaxBytes: -1, MaxMsgSize: -1,
		Duplicates: 100 * time.Millisecond, // we send no message ids: the expected last position is stricter
	})
	return err
}

func (s *store) close() {
	if s.conn != nil {
		s.conn.Close()
	}
	if s.server != nil {
		s.server.Shutdown()
		s.server.WaitForShutdown()
	}
}

func (s *store) state() (extent, error) {
	info, err := s.js.StreamInfo(s.o.Stream)
	if err != nil {
		return extent{}, err
	}
	return extent{info.State.FirstSeq, info.State.LastSeq, info.State.Bytes}, nil
}

// publish writes the batch at position, which must be the next one, and returns
// once it is durable. errMoved means that it is certainly not in the log; after
// any other error it may be.
func (s *store) publish(position uint64, batch []byte) error {
	select {
	case <-s.trouble: // of the past
	default:
	}
	future, err := s.js.PublishMsgAsync(&nats.Msg{Subject: s.subject, Data: batch}, nats.ExpectLastSequence(position-1))
	if err != nil {
		return err
	}
	deadline := time.NewTimer(s.o.AckTimeout)
	defer deadline.Stop()
	var hurry <-chan time.Time
	for {
		select {
		case ack := <-future.Ok():
			if ack.Sequence != position {
				return fmt.Errorf("stored at position %d instead of %d", ack.Sequence, position)
			}
			return nil
		case err := <-future.Err():
			return publishError(err)
		case <-s.trouble:
			hurry = time.After(graceTime)
		case <-hurry:
			return errNoAck
		case <-deadline.C:
			return fmt.Errorf("%w in %v", errNoAck, s.o.AckTimeout)
		}
	}
}

func publishError(err error) error {
	var api *nats.APIError
	if errors.As(err, &api) && api.ErrorCode == nats.JSErrCodeStreamWrongLastSequence {
		return fmt.Errorf("%w: %w", errMoved, err)
	}
	return err
}

// read returns the stored batch at position. errMissing means that the log does
// not have it.
func (s *store) read(position uint64) ([]byte, error) {
	var opts []nats.JSOpt
	if s.server != nil {
		opts = append(opts, nats.DirectGet())
	}
	msg, err := s.js.GetMsg(s.o.Stream, position, opts...)
	switch {
	case errors.Is(err, nats.ErrMsgNotFound):
		return nil, errMissing
	case err != nil:
		return nil, err
	case msg.Sequence != position:
		return nil, errMissing
	}
	return msg.Data, nil
}

// holds tells whether batch is what the log has at position.
func (s *store) holds(position uint64, batch []byte) bool {
	stored, err := s.read(position)
	return err == nil && bytes.Equal(stored, batch)
}

// purge removes every batch before first. If the log ends before that, its next
// position becomes first.
func (s *store) purge(ctx context.Context, first uint64) error {
	return s.js.PurgeStream(s.o.Stream, &nats.StreamPurgeRequest{Sequence: first}, nats.Context(ctx))
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
