package sharelog

import (
	"context"
	"fmt"
	"maps"
	"strconv"
)

// An Identity tells one log from another, so that positions of two logs are never taken
// for each other's. It lasts as long as the log's stream, whatever folder that lies in.
type Identity struct {
	ID string // never empty
	// Before is the log that this one goes on behind, and BeforeEnd the position after
	// which it does, if it began behind one that was lost; empty and 0 otherwise.
	Before    string
	BeforeEnd uint64
}

// The stream's metadata that say which log it goes on behind.
const (
	beforeKey    = "adit-before"
	beforeEndKey = "adit-before-end"
)

// Identity returns the log's identity.
func (l *Log) Identity() (Identity, error) {
	st, _ := l.current()
	if st == nil {
		return Identity{}, l.condition()
	}
	id, err := st.identity()
	if err != nil {
		return Identity{}, fmt.Errorf("ask share log %s which one it is: %w", l.o.where(), err)
	}
	return id, nil
}

// ContinueBehind is ContinueAfter for a log that has just begun: it also notes that it
// goes on behind position of another log, which is lost.
func (l *Log) ContinueBehind(ctx context.Context, other string, position uint64) error {
	if err := l.ContinueAfter(ctx, position); err != nil {
		return err
	}
	// A crash here leaves an empty log that ends at position and does not say why; the
	// next start finds it as it is, and continues it again.
	st, _ := l.current()
	if st == nil {
		return l.condition()
	}
	if err := st.follow(Identity{Before: other, BeforeEnd: position}); err != nil {
		return fmt.Errorf("note what share log %s goes on behind: %w", l.o.where(), err)
	}
	return nil
}

// identity is of when the stream was made, to the nanosecond.
func (r *remote) identity() (Identity, error) {
	info, err := r.js.StreamInfo(r.o.Stream)
	if err != nil {
		return Identity{}, err
	}
	id := Identity{ID: strconv.FormatInt(info.Created.UnixNano(), 36), Before: info.Config.Metadata[beforeKey]}
	if text := info.Config.Metadata[beforeEndKey]; text != "" {
		if id.BeforeEnd, err = strconv.ParseUint(text, 10, 64); err != nil {
			return Identity{}, fmt.Errorf("the stream's metadata: %w", err)
		}
	}
	return id, nil
}

func (r *remote) follow(id Identity) error {
	info, err := r.js.StreamInfo(r.o.Stream)
	if err != nil {
		return err
	}
	config := info.Config
	config.Metadata = maps.Clone(config.Metadata)
	if config.Metadata == nil {
		config.Metadata = map[string]string{}
	}
	config.Metadata[beforeKey], config.Metadata[beforeEndKey] = id.Before, strconv.FormatUint(id.BeforeEnd, 10)
	_, err = r.js.UpdateStream(&config)
	return err
}
