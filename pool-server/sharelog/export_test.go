package sharelog

import "time"

// hanging is a store whose writes wait until free is closed.
type hanging struct {
	store
	free chan struct{}
}

func (h hanging) publish(position uint64, batch []byte) error {
	<-h.free
	return h.store.publish(position, batch)
}

// ApplyEvery sets how long Consume collects. Call it before Consume.
func ApplyEvery(l *Log, every time.Duration) { l.applyEvery = every }

// Hang makes the log's disk hang until goOn is called.
func Hang(l *Log) (goOn func()) {
	h := hanging{l.store, make(chan struct{})}
	l.writing.Lock()
	l.mu.Lock()
	l.store = h
	l.mu.Unlock()
	l.writing.Unlock()
	return func() { close(h.free) }
}

// AwaitWriting returns once a batch is being written.
func AwaitWriting(l *Log) {
	for l.writing.TryLock() {
		l.writing.Unlock()
	}
}
