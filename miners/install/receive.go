package install

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// leastBytes must arrive in each Stall: less is a server that only holds us.
const leastBytes = 16 << 10

// receive asks one mirror for what part lacks and writes what comes. It returns
// where the mirror's bytes began: 0 where it gave the whole file.
func (f Fetcher) receive(ctx context.Context, url string, part *part) (began int64, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stalled := time.AfterFunc(f.Stall, func() { cancel(ErrStalled) })
	defer stalled.Stop()

	response, err := f.Client.Do(part.request(ctx, url))
	if err != nil {
		return 0, because(ctx, err)
	}
	defer response.Body.Close()
	if err := part.begin(url, response); err != nil {
		return 0, err
	}
	began = part.size
	buffer, fresh := make([]byte, 64<<10), 0
	stalled.Reset(f.Stall)
	for part.size < part.want.Size {
		n, err := response.Body.Read(buffer)
		if fresh += n; fresh >= leastBytes {
			stalled.Reset(f.Stall)
			fresh = 0
		}
		if err := part.write(buffer[:n]); err != nil {
			return began, err
		}
		if err != nil && part.size < part.want.Size {
			return began, because(ctx, unexpected(err))
		}
	}
	return began, nil
}

// because returns why ctx ended, where it did: that is the cause of err then.
func because(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// request asks for the bytes that p lacks. If-Range has a server that has another
// file by now send that whole, instead of a tail that does not fit.
func (p *part) request(ctx context.Context, url string) *http.Request {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil { // Client.Do then says what is wrong with the address
		request = (&http.Request{Method: http.MethodGet, Header: http.Header{}}).WithContext(ctx)
	}
	request.Header.Set("Accept-Encoding", "identity")
	if p.size > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", p.size))
		if from := p.origin(); from.url == url && from.etag != "" {
			request.Header.Set("If-Range", from.etag)
		}
	}
	return request
}

// begin looks at what the server is going to send, and makes p ready for it.
func (p *part) begin(url string, response *http.Response) error {
	from := p.size
	switch code := response.StatusCode; {
	case code == http.StatusOK:
		from = 0
	case code == http.StatusPartialContent && from > 0:
		if !continues(response.Header.Get("Content-Range"), from, p.want.Size) {
			return fmt.Errorf("%w: it sends another range than was asked for (%q)", errDead, response.Header.Get("Content-Range"))
		}
	case code == http.StatusRequestedRangeNotSatisfiable && from > 0:
		if err := p.reset(); err != nil {
			return fmt.Errorf("%w: %w", errDisk, writing(err))
		}
		return fmt.Errorf("the server answers %s", response.Status)
	case code >= 500, code == http.StatusTooManyRequests, code == http.StatusRequestTimeout:
		return fmt.Errorf("the server answers %s", response.Status)
	default:
		return fmt.Errorf("%w: the server answers %s", errDead, response.Status)
	}
	if n := response.ContentLength; n >= 0 && n != p.want.Size-from && response.Header.Get("Content-Encoding") == "" {
		return fmt.Errorf("%w: %w: it offers %d bytes, want %d", errDead, ErrWrongFile, n, p.want.Size-from)
	}
	if from == 0 {
		if err := p.reset(); err != nil {
			return fmt.Errorf("%w: %w", errDisk, writing(err))
		}
		p.setOrigin(origin{url, strongTag(response.Header.Get("ETag"))})
	}
	return nil
}

// continues reports whether a Content-Range begins at from and, where it says so,
// is of a file of the right size: "bytes 100-199/200".
func continues(contentRange string, from, size int64) bool {
	span, total, found := strings.Cut(strings.TrimPrefix(contentRange, "bytes "), "/")
	first, _, _ := strings.Cut(span, "-")
	return found && first == strconv.FormatInt(from, 10) && (total == "*" || total == strconv.FormatInt(size, 10))
}

// strongTag returns etag unless it is a weak one, which If-Range must not carry
// (RFC 9110, 13.1.5).
func strongTag(etag string) string {
	if strings.HasPrefix(etag, `"`) && !strings.ContainsAny(etag, "\r\n") {
		return etag
	}
	return ""
}
