package sharelog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

// remote is a stream on a NATS cluster.
type remote struct {
	o    Options
	conn *nats.Conn // nil before it is open
	js   nats.JetStreamContext

	direct bool // read without asking the stream's leader
}

func openRemote(o Options) (_ store, err error) {
	r := &remote{o: o}
	if r.conn, err = nats.Connect(o.URL, nats.Name("adit share log"), nats.MaxReconnects(-1)); err != nil {
		return nil, err
	}
	if err := r.openStream(); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

// openStream makes the stream if it is not there.
func (r *remote) openStream() (err error) {
	if r.js, err = r.conn.JetStream(nats.MaxWait(callTime)); err != nil {
		return err
	}
	_, err = r.js.StreamInfo(r.o.Stream)
	if !errors.Is(err, nats.ErrStreamNotFound) {
		return err
	}
	_, err = r.js.AddStream(&nats.StreamConfig{
		Name: r.o.Stream, Subjects: []string{r.o.subject()}, Description: "Adit: accepted shares and block candidates",
		Storage: nats.FileStorage, Retention: nats.LimitsPolicy, Discard: nats.DiscardNew,
		Replicas: r.o.Replicas, DenyDelete: true, AllowDirect: r.direct,
		MaxMsgs: -1, MaxBytes: -1, MaxMsgSize: -1,
		Duplicates: 100 * time.Millisecond, // we send no message ids: the expected last position is stricter
	})
	return err
}

func (r *remote) close() {
	if r.conn != nil {
		r.conn.Close()
	}
}

func (r *remote) state() (extent, error) {
	info, err := r.js.StreamInfo(r.o.Stream)
	if err != nil {
		return extent{}, err
	}
	return extent{info.State.FirstSeq, info.State.LastSeq, info.State.Bytes}, nil
}

func (r *remote) publish(position uint64, batch []byte) error {
	future, err := r.js.PublishMsgAsync(&nats.Msg{Subject: r.o.subject(), Data: batch}, nats.ExpectLastSequence(position-1))
	if err != nil {
		return err
	}
	deadline := time.NewTimer(r.o.AckTimeout)
	defer deadline.Stop()
	select {
	case ack := <-future.Ok():
		if ack.Sequence != position {
			return fmt.Errorf("stored at position %d instead of %d", ack.Sequence, position)
		}
		return nil
	case err := <-future.Err():
		return publishError(err)
	case <-deadline.C:
		return fmt.Errorf("%w in %v", errNoAck, r.o.AckTimeout)
	}
}

func publishError(err error) error {
	var api *nats.APIError
	if errors.As(err, &api) && api.ErrorCode == nats.JSErrCodeStreamWrongLastSequence {
		return fmt.Errorf("%w: %w", errMoved, err)
	}
	return err
}

func (r *remote) read(position uint64) ([]byte, error) {
	var opts []nats.JSOpt
	if r.direct {
		opts = append(opts, nats.DirectGet())
	}
	msg, err := r.js.GetMsg(r.o.Stream, position, opts...)
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

func (r *remote) purge(ctx context.Context, first uint64) error {
	return r.js.PurgeStream(r.o.Stream, &nats.StreamPurgeRequest{Sequence: first}, nats.Context(ctx))
}
