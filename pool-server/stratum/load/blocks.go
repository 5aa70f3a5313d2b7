package load

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// blockPoll is how often the file is looked at. It says itself when the block came, so
// that this costs no precision.
const blockPoll = 50 * time.Millisecond

// BlocksFrom tells when blocks came: from a file to which a line is added for each, with
// the time in seconds since 1970 (what is not such a number counts from when it is
// read), or, if source is http://host:port, by requests to that address. stop ends it.
func BlocksFrom(ctx context.Context, source string) (blocks <-chan time.Time, stop func(), err error) {
	ctx, cancel := context.WithCancel(ctx)
	told := make(chan time.Time, 16)
	var running sync.WaitGroup
	if addr, ok := strings.CutPrefix(source, "http://"); ok {
		listener, err := net.Listen("tcp", strings.TrimSuffix(addr, "/"))
		if err != nil {
			cancel()
			return nil, nil, fmt.Errorf("blocks from %s: %w", source, err)
		}
		running.Go(func() { serveBlocks(ctx, listener, told) })
	} else {
		file, err := os.OpenFile(source, os.O_RDONLY|os.O_CREATE, 0o644)
		if err == nil {
			_, err = file.Seek(0, io.SeekEnd) // old blocks say nothing
		}
		if err != nil {
			cancel()
			return nil, nil, fmt.Errorf("blocks from %s: %w", source, err)
		}
		running.Go(func() { followBlocks(ctx, file, told) })
	}
	return told, func() { cancel(); running.Wait() }, nil
}

// serveBlocks takes each request for a block.
func serveBlocks(ctx context.Context, l net.Listener, told chan<- time.Time) {
	server := &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		tell(ctx, told, time.Now())
	})}
	defer context.AfterFunc(ctx, func() { server.Close() })()
	server.Serve(l)
}

// followBlocks reads what is added to file, and closes it in the end.
func followBlocks(ctx context.Context, file *os.File, told chan<- time.Time) {
	defer file.Close()
	in := bufio.NewReader(file)
	line := ""
	for {
		part, err := in.ReadString('\n')
		line += part
		if err == nil {
			tell(ctx, told, blockTime(line))
			line = ""
			continue
		}
		if !errors.Is(err, io.EOF) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(blockPoll):
		}
	}
}

func blockTime(line string) time.Time {
	now := time.Now()
	seconds, err := strconv.ParseFloat(strings.TrimSpace(line), 64)
	at := time.UnixMicro(int64(seconds * 1e6))
	if err != nil || now.Sub(at).Abs() > time.Hour {
		return now
	}
	return at
}

func tell(ctx context.Context, told chan<- time.Time, at time.Time) {
	select {
	case told <- at:
	case <-ctx.Done():
	}
}
