package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"gopkg.in/natefinch/lumberjack.v2"

	"github.com/adit-mining/adit/pool-server/config"
)

// Rotation of each log file.
const (
	logFileMegabytes = 50
	logFilesKept     = 5
)

// openLog returns the server's logger: what logLevel lets through goes to the
// console, and each level with all that is worse to its file in logs/. Debug
// records are written down only if logLevel is debug, for there is one a share.
func openLog(c *config.Config, console io.Writer) (log *slog.Logger, closeLog func(), err error) {
	if err := os.MkdirAll(c.LogDir(), 0o700); err != nil {
		return nil, nil, fmt.Errorf("make the log folder: %w", err)
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Server.LogLevel)); err != nil {
		return nil, nil, fmt.Errorf("logLevel: %w", err)
	}
	files := map[string]slog.Level{"errors.log": slog.LevelError, "warnings.log": slog.LevelWarn, "info.log": slog.LevelInfo}
	if level <= slog.LevelDebug {
		files["debug.log"] = slog.LevelDebug
	}
	all := fanOut{slog.NewTextHandler(console, &slog.HandlerOptions{Level: level})}
	var closers []io.Closer
	for name, l := range files {
		path := filepath.Join(c.LogDir(), name)
		if err := writable(path); err != nil {
			return nil, nil, fmt.Errorf("open the log: %w", err)
		}
		file := &lumberjack.Logger{Filename: path, MaxSize: logFileMegabytes, MaxBackups: logFilesKept}
		closers = append(closers, file)
		all = append(all, slog.NewTextHandler(file, &slog.HandlerOptions{Level: l}))
	}
	return slog.New(all), func() {
		for _, c := range closers {
			c.Close() // nothing to be done about a log that cannot be closed
		}
	}, nil
}

// writable reports why nothing can be added to the file at path. Later nobody would
// hear of it: a logger has nowhere to complain.
func writable(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// fanOut hands each record to all of its handlers that want it.
type fanOut []slog.Handler

// Enabled reports whether any handler wants records of this level.
func (f fanOut) Enabled(ctx context.Context, l slog.Level) bool {
	for _, h := range f {
		if h.Enabled(ctx, l) {
			return true
		}
	}
	return false
}

// Handle hands r on.
func (f fanOut) Handle(ctx context.Context, r slog.Record) error {
	var errs []error
	for _, h := range f {
		if h.Enabled(ctx, r.Level) {
			errs = append(errs, h.Handle(ctx, r.Clone()))
		}
	}
	return errors.Join(errs...)
}

// WithAttrs returns handlers that add attrs to each record.
func (f fanOut) WithAttrs(attrs []slog.Attr) slog.Handler {
	return f.each(func(h slog.Handler) slog.Handler { return h.WithAttrs(attrs) })
}

// WithGroup returns handlers that put what follows into a group.
func (f fanOut) WithGroup(name string) slog.Handler {
	return f.each(func(h slog.Handler) slog.Handler { return h.WithGroup(name) })
}

func (f fanOut) each(change func(slog.Handler) slog.Handler) fanOut {
	changed := make(fanOut, len(f))
	for i, h := range f {
		changed[i] = change(h)
	}
	return changed
}
