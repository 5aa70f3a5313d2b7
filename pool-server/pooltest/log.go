package pooltest

import (
	"bytes"
	"sync"
)

// Log is a text that a logger or another process writes while a test reads it.
type Log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write adds to the text.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String returns what was written so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
