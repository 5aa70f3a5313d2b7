package sharelog

import (
	"errors"
	"fmt"
	"time"
	"unsafe"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// embedded is a stream of a NATS server in this process. It is read as one elsewhere,
// but batches go straight into the stream's file store, on the goroutine of their
// writer: the way through a client's connection wakes seven goroutines, one after the
// other, which costs more than all else that happens to a share.
type embedded struct {
	remote // a connection within the process
	server *server.Server
	files  server.StreamStore
}

// The server has no exported way from a stream's name to its store. These two are what
// its own code takes; a build against a server without them does not link.
//
//go:linkname lookupStream github.com/nats-io/nats-server/v2/server.(*Account).lookupStream
func lookupStream(a *server.Account, name string) (stream unsafe.Pointer, err error)

//go:linkname streamStore github.com/nats-io/nats-server/v2/server.(*stream).Store
func streamStore(stream unsafe.Pointer) server.StreamStore

func openEmbedded(o Options) (_ store, err error) {
	e := &embedded{remote: remote{o: o, direct: true}}
	if err = e.start(); err == nil {
		err = e.openStream()
	}
	if err != nil {
		e.close()
		return nil, err
	}
	return e, nil
}

// start starts the server, which listens nowhere.
func (e *embedded) start() (err error) {
	e.server, err = server.NewServer(&server.Options{
		ServerName: "adit", DontListen: true, NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: e.o.Dir, SyncAlways: e.o.Durability == Fsync,
		JetStreamMaxMemory: 64 << 20, JetStreamMaxStore: 1 << 60, // the disk is the limit
		MaxPayload: maxPayload, MaxPending: 2 * maxPayload,
	})
	if err != nil {
		return err
	}
	e.server.SetLoggerV2(serverLog{e.o.Log}, false, false, false)
	e.server.Start() // returns, for there is nothing to listen on
	if !e.server.ReadyForConnections(startTime) || !e.server.JetStreamEnabled() {
		return errors.New("the embedded store did not start; the log says why")
	}
	return nil
}

func (e *embedded) openStream() (err error) {
	if e.conn, err = nats.Connect("", nats.InProcessServer(e.server), nats.NoReconnect()); err != nil {
		return err
	}
	if err := e.remote.openStream(); err != nil {
		return err
	}
	stream, err := lookupStream(e.server.GlobalAccount(), e.o.Stream)
	if err != nil {
		return err
	}
	e.files = streamStore(stream)
	return nil
}

func (e *embedded) close() {
	e.remote.close()
	if e.server != nil {
		e.server.Shutdown()
		e.server.WaitForShutdown()
	}
}

func (e *embedded) publish(position uint64, batch []byte) error {
	err := e.files.StoreRawMsg(e.o.subject(), nil, batch, position, time.Now().UnixNano(), 0, true)
	if errors.Is(err, server.ErrSequenceMismatch) {
		return fmt.Errorf("%w: %w", errMoved, err)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errNoAck, err)
	}
	return nil
}
