package install

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

const (
	// progressBytes in one round over the mirrors is getting somewhere: a line that
	// breaks every few seconds still brings a large file home.
	progressBytes = 64 << 10
	longestPause  = 30 * time.Second
)

// A Download is a file to fetch.
type Download struct {
	URLs   []string // of the same bytes, tried in turn
	Size   int64
	SHA256 string
}

// A Fetcher downloads. The zero value has good settings.
type Fetcher struct {
	// Client fetches; nil is a client for the purpose.
	Client *http.Client
	// Stall is how long a server may send next to nothing; 0 is 30 s.
	Stall time.Duration
	// Pause is how long to wait after the first round over the mirrors in vain,
	// twice as long after each further one, 30 s at most; 0 is 1 s.
	Pause time.Duration
	// Rounds is how many rounds in vain are the end; 0 is 5.
	Rounds int
}

func (f Fetcher) withDefaults() Fetcher {
	if f.Stall == 0 {
		f.Stall = 30 * time.Second
	}
	if f.Pause == 0 {
		f.Pause = time.Second
	}
	if f.Rounds == 0 {
		f.Rounds = 5
	}
	return f
}

// Fetch downloads d to path, going on from what an earlier call left there, and
// returns nil when path holds exactly what d says. progress, which may be nil, is
// called often with how many bytes are there; it must not block.
//
// Whatever ends a call early (ctx, a crash, the network) leaves what has arrived
// for the next call. Bytes with a wrong hash are deleted; where a mirror is the
// cause, the error is a WrongFileError.
func (f Fetcher) Fetch(ctx context.Context, d Download, path string, progress func(done int64)) error {
	part, err := openPart(path, d)
	if err != nil {
		return fmt.Errorf("download to %s: %w", path, writing(err))
	}
	defer part.Close()
	if progress != nil {
		part.progress = progress
	}
	f = f.withDefaults()
	client, done := clientOr(f.Client)
	defer done()
	f.Client = client

	switch err := part.verify(); {
	case err == nil: // an earlier call got it all
		return nil
	case part.size == d.Size:
		if err := part.reset(); err != nil {
			return writing(err)
		}
	}
	return f.rounds(ctx, d.URLs, part)
}

// rounds tries the mirrors in turn until one has given the rest of the file.
func (f Fetcher) rounds(ctx context.Context, mirrors []string, part *part) error {
	dead := make(map[string]error) // mirrors that will not get better, and why
	pause := f.Pause
	for vain := 0; ; {
		var faults []error
		before := part.size
		for _, url := range mirrors {
			if dead[url] != nil {
				faults = append(faults, dead[url])
				continue
			}
			err := f.attempt(ctx, url, part)
			if err == nil {
				return nil
			}
			if ctx.Err() != nil || errors.Is(err, errDisk) {
				return err
			}
			if errors.Is(err, errDead) {
				dead[url] = err
			}
			faults = append(faults, err)
		}
		if part.size-before >= progressBytes {
			vain, pause = -1, f.Pause
		}
		if vain++; vain >= f.Rounds || len(dead) == len(mirrors) {
			return fmt.Errorf("%w: %w", ErrUnavailable, errors.Join(faults...))
		}
		if err := wait(ctx, pause); err != nil {
			return err
		}
		pause = min(2*pause, longestPause)
	}
}

// attempt has one mirror give the rest of the file, and verifies the whole.
func (f Fetcher) attempt(ctx context.Context, url string, part *part) error {
	began, err := f.receive(ctx, url, part)
	if err != nil {
		return fmt.Errorf("download %s: %w", url, err)
	}
	wrong := part.verify()
	if wrong == nil {
		return nil
	}
	if !errors.Is(wrong, ErrWrongFile) {
		return fmt.Errorf("download %s: %w: %w", url, errDisk, wrong)
	}
	got := part.sum()
	if err := part.reset(); err != nil {
		return fmt.Errorf("download %s: %w: %w", url, errDisk, writing(err))
	}
	if began > 0 {
		// The earlier part may be of another version, or torn by a power cut: it
		// says nothing about this mirror, which gets another try from the start.
		return fmt.Errorf("download %s: the rest does not fit what was there before", url)
	}
	return fmt.Errorf("%w: %w", errDead, &WrongFileError{URL: url, Want: part.want.SHA256, Got: got})
}

// Kinds of failure, for the loop over the mirrors.
var (
	errDead = errors.New("this mirror is of no use")
	errDisk = errors.New("no mirror can help")
)

func wait(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// clientOr returns client, or a new one in place of nil, and what to call when done
// with it. The bytes must come as the server has them: the hash is over those.
func clientOr(client *http.Client) (*http.Client, func()) {
	if client != nil {
		return client, func() {}
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableCompression = true
	return &http.Client{Transport: transport}, transport.CloseIdleConnections
}
