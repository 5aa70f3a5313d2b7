package node

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/adit-mining/adit/pool-server/histogram"
)

// Secret is a text that never gets into logs or error messages.
type Secret string

const hidden = "(secret)"

// String hides the secret from fmt's %v and %s.
func (Secret) String() string { return hidden }

// GoString hides the secret from %#v.
func (Secret) GoString() string { return hidden }

// LogValue hides the secret from slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText hides the secret from JSON and other encodings.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// Config says where a daemon is and how to log in.
type Config struct {
	// URL is the daemon's RPC address, "http://127.0.0.1:9332". A user and
	// password in it ("http://user:pass@host:port") count if User is empty.
	URL      string
	User     string
	Password Secret
	// CookieFile is the daemon's .cookie file, read anew for each call because the
	// daemon changes it at each start. It is used if no user is given.
	CookieFile string
	// ZMQ is where the daemon publishes its blocks, "tcp://127.0.0.1:28332"; empty
	// means that it does not.
	ZMQ     string
	Timeout time.Duration // of one call, but not of a long poll; 0 means 30 seconds
	// WalletTimeout is that of a call to the wallet, which may have to sign thousands of
	// inputs or wait for its disk; 0 means 10 minutes. Nothing but payments waits for it.
	WalletTimeout time.Duration
	Wallet        string // name of the wallet to use; empty means the daemon's only one
	// WalletAddress is an address of the wallet: it tells which one is meant if none
	// is named and the daemon has several.
	WalletAddress string
	Decimals      int          // digits after the point of the coin's unit (coin.Coin.Decimals); 0 means 8
	Log           *slog.Logger // nil means none
	// Transport replaces the HTTP connections, for tests; nil means TCP.
	Transport http.RoundTripper
}

const (
	defaultTimeout       = 30 * time.Second
	defaultWalletTimeout = 10 * time.Minute
	// longPollTimeout bounds a long poll. A daemon keeps a thread for a poll until
	// something happens, even if we hang up, so polls are not cut short.
	longPollTimeout = 30 * time.Minute
)

// Client is one daemon. It is safe for concurrent use.
type Client struct {
	config Config
	root   string // URL without login and path
	name   string // host:port, for logs and errors
	http   *http.Client
	log    *slog.Logger
	wallet atomic.Pointer[string] // name of the wallet, as far as it is known

	dialect  dialect
	measures measures
}

// New checks c and returns its client. Nothing is started or called.
func New(c Config) (*Client, error) {
	text := c.URL
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, errors.New("daemon address: not a URL like http://127.0.0.1:9332") // err would quote the password
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("daemon address: want http or https, have %q", u.Scheme)
	case u.Hostname() == "" || u.Port() == "":
		return nil, errors.New("daemon address: want host and port, as in http://127.0.0.1:9332")
	}
	if c.User == "" && u.User != nil {
		c.User = u.User.Username()
		password, _ := u.User.Password()
		c.Password = Secret(password)
	}
	if c.Timeout <= 0 {
		c.Timeout = defaultTimeout
	}
	if c.WalletTimeout <= 0 {
		c.WalletTimeout = defaultWalletTimeout
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	c.URL = u.String()
	cl := &Client{config: c, root: strings.TrimRight(u.String(), "/"), name: u.Host, log: c.Log.With("node", u.Host), measures: measures{answered: histogram.Times()}}
	cl.wallet.Store(&c.Wallet)
	cl.http = &http.Client{Transport: c.Transport}
	if c.Transport == nil {
		cl.http.Transport = newTransport()
	}
	return cl, nil
}

// newTransport opens a connection for each call, which costs little on the way to
// a daemon nearby. A connection kept open would die with the daemon, and the next
// call on it would end in ErrUnanswered though nobody received it. Proxies are
// ignored: the daemon's password must not travel through somebody's proxy.
func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}
	return &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true, DisableCompression: true}
}

// Name is the daemon's host and port.
func (c *Client) Name() string { return c.name }

// login returns the user and password to send.
func (c *Client) login() (user string, password Secret, err error) {
	if c.config.User != "" || c.config.CookieFile == "" {
		return c.config.User, c.config.Password, nil
	}
	text, err := os.ReadFile(c.config.CookieFile)
	if err != nil {
		return "", "", fmt.Errorf("read the daemon's cookie file: %w", err)
	}
	user, secret, ok := strings.Cut(strings.TrimSpace(string(text)), ":")
	if !ok {
		return "", "", fmt.Errorf("read the daemon's cookie file %s: want user:password", c.config.CookieFile)
	}
	return user, Secret(secret), nil
}
