package node_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/pooltest"
)

const template = "litecoin-transactions.json"

func fake(t testing.TB) *pooltest.Daemon {
	t.Helper()
	return pooltest.NewDaemon(t, pooltest.Recorded(t, template))
}

// client is a client of the daemon at url with the fake daemon's login, changed by
// edit.
func client(t testing.TB, url string, edit func(*node.Config)) *node.Client {
	t.Helper()
	c := node.Config{URL: url, User: pooltest.DaemonUser, Password: pooltest.DaemonPassword}
	if edit != nil {
		edit(&c)
	}
	cl, err := node.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return cl
}

func TestErrorsSayWhatToDo(t *testing.T) {
	tests := []struct {
		name   string
		fault  pooltest.Fault
		kind   error
		advice string
	}{
		{"wrong password", pooltest.WrongPassword, node.ErrAuth, "check rpcuser/rpcpassword"},
		{"forbidden", pooltest.Fault{Status: http.StatusForbidden}, node.ErrAuth, "rpcallowip"},
		{"queue full", pooltest.QueueFull, node.ErrBusy, "rpcworkqueue"},
		{"syncing", pooltest.Unsynced, node.ErrSyncing, "wait until it has caught up"},
		{"starting", pooltest.WarmingUp, node.ErrSyncing, "Loading block index"},
		{"no peers", pooltest.Unconnected, node.ErrNotConnected, "hands out no work without a peer"},
		{"hung up", pooltest.Fault{Drop: true}, node.ErrUnanswered, "daemon's log"},
		{"hung up afterwards", pooltest.Fault{DropAfter: true}, node.ErrUnanswered, "daemon's log"},
		{"slow", pooltest.Fault{Delay: time.Hour}, node.ErrUnanswered, "longer time-out"},
		{"a web server", pooltest.Fault{Status: http.StatusOK}, node.ErrNotDaemon, "check the port"},
		{"a proxy", pooltest.Fault{Status: http.StatusBadGateway}, node.ErrNotDaemon, "502"},
		{"no funds", pooltest.Fault{Err: &pooltest.RPCError{Code: -6, Message: "Insufficient funds"}}, node.ErrFunds, "matured"},
		{"locked", pooltest.Fault{Err: &pooltest.RPCError{Code: -13, Message: "Please enter the wallet passphrase"}}, node.ErrLocked, "unlock"},
		{"wallet", pooltest.Fault{Err: &pooltest.RPCError{Code: -19, Message: "Wallet file not specified"}}, node.ErrNoWallet, "name it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := fake(t)
			d.Always("", tt.fault)
			c := client(t, d.URL, func(c *node.Config) { c.Timeout = 200 * time.Millisecond })
			_, err := c.Template(t.Context(), nil, "")
			if !errors.Is(err, tt.kind) {
				t.Fatalf("error = %v, want %v", err, tt.kind)
			}
			for _, part := range []string{"getblocktemplate at " + c.Name(), tt.advice} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q does not say %q", err, part)
				}
			}
			if strings.Contains(err.Error(), pooltest.DaemonPassword) {
				t.Errorf("error %q tells the password", err)
			}
		})
	}
}

func TestADeadDaemonIsUnreachable(t *testing.T) {
	d := fake(t)
	c := client(t, d.URL, nil)
	if _, err := c.Template(t.Context(), nil, ""); err != nil {
		t.Fatal(err)
	}
	d.Die()
	_, err := c.Template(t.Context(), nil, "")
	if !errors.Is(err, node.ErrUnreachable) || !strings.Contains(err.Error(), "start the daemon") {
		t.Errorf("error = %v, want that it is unreachable", err)
	}
	d.Revive(t)
	if _, err := c.Template(t.Context(), nil, ""); err != nil {
		t.Errorf("after its restart: %v", err)
	}
}

func TestTheCallersTimeIsKept(t *testing.T) {
	d := fake(t)
	d.Always("", pooltest.Fault{Delay: time.Hour})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := client(t, d.URL, nil).ChainInfo(ctx)
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, node.ErrUnanswered) {
		t.Errorf("error = %v, want only that the time is up", err)
	}
}

func TestLoginComesFromURLConfigOrCookie(t *testing.T) {
	var user, password string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ = r.BasicAuth()
		fmt.Fprint(w, `{"result":"0000000000000000000000000000000000000000000000000000000000000001","error":null}`)
	}))
	defer s.Close()
	cookie := filepath.Join(t.TempDir(), ".cookie")
	if err := os.WriteFile(cookie, []byte("__cookie__:abc:def\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	host := strings.TrimPrefix(s.URL, "http://")
	tests := []struct {
		config         node.Config
		user, password string
	}{
		{node.Config{URL: "http://u:p%40ss@" + host}, "u", "p@ss"},
		{node.Config{URL: "u:p@" + host}, "u", "p"},
		{node.Config{URL: host, User: "a", Password: "b"}, "a", "b"},
		{node.Config{URL: "http://u:p@" + host, User: "a", Password: "b"}, "a", "b"},
		{node.Config{URL: s.URL, CookieFile: cookie}, "__cookie__", "abc:def"},
	}
	for _, tt := range tests {
		c, err := node.New(tt.config)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.BestBlock(t.Context()); err != nil || user != tt.user || password != tt.password {
			t.Errorf("%s: login %s:%s, %v, want %s:%s", tt.config.URL, user, password, err, tt.user, tt.password)
		}
	}
	c := client(t, s.URL, func(c *node.Config) { c.User, c.Password, c.CookieFile = "", "", cookie+".gone" })
	if _, err := c.BestBlock(t.Context()); !errors.Is(err, node.ErrAuth) {
		t.Errorf("without the cookie file: %v, want ErrAuth", err)
	}
}

func TestAddressesThatCannotBeADaemonAreRefused(t *testing.T) {
	for _, url := range []string{"", "http://", "ftp://127.0.0.1:1", "http://127.0.0.1", "http://user:hush hush@127.0.0.1:1:2", "http://[::1"} {
		if _, err := node.New(node.Config{URL: url}); err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%q: error = %v, want one without the password", url, err)
		}
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	var log strings.Builder
	secret := node.Secret("hush")
	encoded, err := json.Marshal(node.Config{Password: secret}.Password)
	if err != nil {
		t.Fatal(err)
	}
	slog.New(slog.NewTextHandler(&log, nil)).Info("config", "password", secret, "all", node.Config{Password: secret})
	all := fmt.Sprintf("%v %s %+v %#v %q", secret, secret, node.Config{Password: secret}, node.Config{Password: secret}, secret)
	if all += string(encoded) + log.String(); strings.Contains(all, "hush") || !strings.Contains(all, "(secret)") {
		t.Errorf("printed as %s", all)
	}
}

func TestChainInfoAndBlockStatus(t *testing.T) {
	d := fake(t)
	c := client(t, d.URL, nil)
	ours := parse(t, d.NextBlock("ours"))
	d.NextBlock("another")
	info, err := c.ChainInfo(t.Context())
	if err != nil || info.Blocks != d.Height() || info.Peers != 8 || !info.Synced() || info.Chain != "regtest" {
		t.Errorf("info = %+v, %v", info, err)
	}
	if s, err := c.BlockStatus(t.Context(), ours); err != nil || !s.OnMainChain() || s.Confirmations != 2 || s.Height != info.Blocks-1 {
		t.Errorf("status = %+v, %v, want 2 confirmations", s, err)
	}
	d.DropBlocks(2)
	if s, err := c.BlockStatus(t.Context(), ours); err != nil || s.OnMainChain() || !s.Known || s.Confirmations != -1 {
		t.Errorf("status after a reorganisation = %+v, %v", s, err)
	}
	if s, err := c.BlockStatus(t.Context(), parse(t, strings.Repeat("7", 64))); err != nil || s.Known || s.OnMainChain() {
		t.Errorf("status of no block = %+v, %v", s, err)
	}
}

func TestTheAnswerToUnknownMethodsIsTheDaemons(t *testing.T) {
	err := client(t, fake(t).URL, nil).Call(t.Context(), "dumpmoney", nil, nil)
	var rpc *node.RPCError
	if !errors.As(err, &rpc) || rpc.Code != -32601 {
		t.Errorf("error = %v, want code -32601", err)
	}
}
