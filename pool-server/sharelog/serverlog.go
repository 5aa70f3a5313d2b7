package sharelog

import (
	"fmt"
	"log/slog"
	"strings"
)

// serverLog passes what the embedded NATS server says to our log, at the level of
// an operator's interest: its notices are details to us.
type serverLog struct{ log *slog.Logger }

func (l serverLog) Errorf(format string, v ...any) {
	l.log.Error("nats server", "err", fmt.Sprintf(format, v...))
}

func (l serverLog) Fatalf(format string, v ...any) { l.Errorf(format, v...) }

// Warnf leaves out the advice against large payloads: a block candidate is one
// message, and there are few of them.
func (l serverLog) Warnf(format string, v ...any) {
	if strings.HasPrefix(format, "Maximum payloads over") {
		return
	}
	l.log.Warn("nats server", "text", fmt.Sprintf(format, v...))
}

func (l serverLog) Noticef(format string, v ...any) {
	l.log.Debug("nats server", "text", fmt.Sprintf(format, v...))
}
func (l serverLog) Debugf(string, ...any) {}
func (l serverLog) Tracef(string, ...any) {}
