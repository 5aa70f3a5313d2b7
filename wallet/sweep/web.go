package sweep

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/adit-mining/adit/wallet/coin"
)

// Bounds of answers, in bytes, and of waiting.
const (
	maxSmall  = 1 << 20
	maxList   = 64 << 20 // unspent outputs: maxOutputs of them
	maxRawHex = 2*maxTransaction + 1024

	callTime = 30 * time.Second
	scanTime = 30 * time.Minute
)

// newHTTP returns a client that follows no redirects: an address that moved is for
// the person to correct, and a login is not for another host.
func newHTTP() *http.Client {
	return &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// readAll reads an answer of at most limit bytes.
func readAll(r io.Reader, limit int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the answer: %w", err)
	case int64(len(b)) > limit:
		return nil, fmt.Errorf("%w: longer than %d bytes", ErrSource, limit)
	}
	return b, nil
}

// statusError is an HTTP answer that is not 200.
type statusError struct {
	code  int
	words string
}

func (e *statusError) Error() string {
	if e.words == "" {
		return "HTTP status " + strconv.Itoa(e.code)
	}
	return fmt.Sprintf("HTTP status %d: %s", e.code, e.words)
}

// ask makes one HTTP request.
func ask(ctx context.Context, client *http.Client, method, address, body string, limit int64) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if body != "" {
		req.Header.Set("Content-Type", "text/plain")
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, unwrapURL(err)
	}
	defer resp.Body.Close()
	answer, err := readAll(resp.Body, limit)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, &statusError{resp.StatusCode, words(string(answer))}
	}
	return answer, nil
}

// unwrapURL takes off http's "Post URL:", for the URL holds what was asked.
func unwrapURL(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}

// words makes what a stranger answered fit for an error message.
func words(s string) string {
	const most = 200
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return ' '
		}
		return r
	}, s[:min(len(s), most)])
	return strings.TrimSpace(s)
}

// amountOf reads a number of whole coins as JSON has it. Daemons write "0.5" and
// btcd "5e-07", which is read exactly too.
func amountOf(c *coin.Coin, n json.Number) (coin.Amount, error) {
	text := n.String()
	if len(text) > 40 {
		return 0, fmt.Errorf("%w: an amount of %d digits", ErrSource, len(text))
	}
	if !strings.ContainsAny(text, "eE") {
		a, err := c.ParseAmount(text)
		if err != nil {
			return 0, fmt.Errorf("%w: %w", ErrSource, err)
		}
		return a, nil
	}
	_, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	if e, err := strconv.Atoi(exponent); err != nil || e < -20 || e > 20 {
		return 0, fmt.Errorf("%w: amount %s", ErrSource, words(text))
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return 0, fmt.Errorf("%w: amount %s", ErrSource, words(text))
	}
	units := new(big.Rat).Mul(r, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(c.Decimals)), nil)))
	if !units.IsInt() || !units.Num().IsInt64() {
		return 0, fmt.Errorf("%w: amount %s", ErrSource, words(text))
	}
	return coin.Amount(units.Num().Int64()), nil
}

// rateOf reads a fee rate of whole coins per 1000 bytes. Estimates are averages, with
// more digits than the coin has: they are rounded up.
func rateOf(c *coin.Coin, n json.Number) (coin.Amount, error) {
	f, err := n.Float64()
	if err != nil || f < 0 || f > 1e6 {
		return 0, fmt.Errorf("%w: a fee rate of %s", ErrSource, words(n.String()))
	}
	r := new(big.Rat).SetFloat64(f)
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(c.Decimals)), nil)
	units, _ := new(big.Rat).Mul(r, new(big.Rat).SetInt(scale)).Float64()
	whole := coin.Amount(units)
	if float64(whole)+1e-6 < units {
		whole++
	}
	return whole, nil
}
