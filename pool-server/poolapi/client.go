package poolapi

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxAnswer is the largest document that a client reads, in bytes.
const maxAnswer = 4 << 20

// requestTimeout is how long a client waits for one answer.
const requestTimeout = 15 * time.Second

// NonceDigits is how many hex digits the nonce of a SignInRequest has.
const NonceDigits = 32

// ErrVersion says that the pool speaks a newer version of the documents.
var ErrVersion = errors.New("the pool speaks a newer version of its API; update Adit")

// StatusError is an answer of the pool that is not 200.
type StatusError struct {
	Status int    // HTTP status code
	Reason string // the pool's own words, may be empty
}

func (e *StatusError) Error() string {
	if e.Reason == "" {
		return fmt.Sprintf("the pool answered %d %s", e.Status, http.StatusText(e.Status))
	}
	return fmt.Sprintf("the pool answered %d: %s", e.Status, e.Reason)
}

// Client asks one pool. It is safe for concurrent use.
type Client struct {
	base string
	http *http.Client
}

// NewClient returns a client of the pool at base, an http or https address such
// as "https://pool.example"; a bare host name is taken as https.
func NewClient(base string) (*Client, error) {
	base = strings.TrimSpace(base)
	if !strings.Contains(base, "://") {
		base = "https://" + base
	}
	u, err := url.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("pool address %q: %w", base, err)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.User != nil {
		return nil, fmt.Errorf("pool address %q: want http:// or https:// and the pool's name, such as https://pool.example", base)
	}
	return &Client{base: strings.TrimRight(base, "/"), http: &http.Client{Timeout: requestTimeout}}, nil
}

// Base returns the pool's address without a trailing slash.
func (c *Client) Base() string { return c.base }

// Info asks what the pool offers.
func (c *Client) Info(ctx context.Context) (PoolInfo, error) {
	var info PoolInfo
	if err := c.get(ctx, InfoPath, &info); err != nil {
		return PoolInfo{}, err
	}
	if info.Version > Version {
		return PoolInfo{}, ErrVersion
	}
	if info.Version < 1 {
		return PoolInfo{}, fmt.Errorf("%s%s is not an Adit pool's description", c.base, InfoPath)
	}
	return info, nil
}

// Pool asks for the pool's state.
func (c *Client) Pool(ctx context.Context) (PoolStats, error) {
	var stats PoolStats
	err := c.get(ctx, PoolPath, &stats)
	return stats, err
}

// Miner asks for an account's standing. An account that the pool has never seen
// is not an error: it has no shares and no money.
func (c *Client) Miner(ctx context.Context, account string) (MinerStats, error) {
	var stats MinerStats
	err := c.get(ctx, MinersPath+url.PathEscape(account), &stats)
	return stats, err
}

// SendTelemetry reports t, signed by the account's key.
func (c *Client) SendTelemetry(ctx context.Context, account string, signer Signer, t Telemetry) error {
	return c.postSigned(ctx, ForTelemetry(), account, TelemetryPath, signer, t, nil)
}

// SignIn asks for a link that opens the account's page as its owner sees it. The
// link is good once and for two minutes, so it is to be opened at once.
func (c *Client) SignIn(ctx context.Context, account string, signer Signer) (SignInAnswer, error) {
	nonce := make([]byte, NonceDigits/2)
	rand.Read(nonce) // never fails
	var answer SignInAnswer
	request := SignInRequest{Time: time.Now().UTC(), Nonce: hex.EncodeToString(nonce)}
	if err := c.postSigned(ctx, ForSignIn(), account, SignInPath, signer, request, &answer); err != nil {
		return SignInAnswer{}, err
	}
	// It will be handed to the system, which opens more than web pages.
	if u, err := url.Parse(answer.URL); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return SignInAnswer{}, errors.New("the pool's sign-in link is no web address")
	}
	return answer, nil
}

// postSigned sends doc to a path below the account's, signed by its key.
func (c *Client) postSigned(ctx context.Context, purpose Purpose, account, path string, signer Signer, doc, into any) error {
	body, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("encode for %s: %w", path, err)
	}
	key, signature := Sign(purpose, signer, account, body)
	return c.sendSigned(ctx, http.MethodPost, account, path, key, signature, body, into)
}

// sendSigned sends a body that is signed already.
func (c *Client) sendSigned(ctx context.Context, method, account, path, key, signature string, body []byte, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, c.base+MinersPath+url.PathEscape(account)+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("ask the pool: %w", err)
	}
	req.Header.Set(KeyHeader, key)
	req.Header.Set(SignatureHeader, signature)
	req.Header.Set("Content-Type", "application/json")
	return c.do(req, into)
}

func (c *Client) get(ctx context.Context, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
	if err != nil {
		return fmt.Errorf("ask the pool: %w", err)
	}
	return c.do(req, into)
}

func (c *Client) do(req *http.Request, into any) error {
	req.Header.Set("Accept", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("ask the pool: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("read the pool's answer: %w", err)
	}
	if resp.StatusCode/100 != 2 {
		var p Problem
		_ = json.Unmarshal(body, &p) // a pool behind a proxy may answer in HTML
		return &StatusError{Status: resp.StatusCode, Reason: p.Error}
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("read the pool's answer from %s: %w", req.URL.Path, err)
	}
	return nil
}
