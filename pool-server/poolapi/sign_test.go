package poolapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet"
)

func TestVerifyTakesOnlyTheAccountsOwnSignature(t *testing.T) {
	key, other := newKey(t), newKey(t)
	account := key.PubKeyHash().String()
	body := []byte(`{"worker":"rig1"}`)
	public, signature := poolapi.Sign(poolapi.ForTelemetry(), key, account, body)
	otherPublic, otherSignature := poolapi.Sign(poolapi.ForTelemetry(), other, account, body)
	for _, tt := range []struct {
		name, account, key, signature string
		body                          []byte
		good                          bool
	}{
		{"right", account, public, signature, body, true},
		{"account in capitals", strings.ToUpper(account), public, signature, body, true},
		{"another body", account, public, signature, []byte(`{"worker":"rig2"}`), false},
		{"another account", other.PubKeyHash().String(), public, signature, body, false},
		{"another key", account, otherPublic, otherSignature, body, false},
		{"another key's signature", account, public, otherSignature, body, false},
		{"no key", account, "", signature, body, false},
		{"a key that is no point", account, "02" + strings.Repeat("f", 64), signature, body, false},
		{"no signature", account, public, "", body, false},
		{"a signature of nonsense", account, public, "3006020101020101", body, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := poolapi.Verify(poolapi.ForTelemetry(), tt.account, tt.key, tt.signature, tt.body)
			if (err == nil) != tt.good {
				t.Errorf("got %v, want good = %v", err, tt.good)
			}
			if err != nil && !errors.Is(err, poolapi.ErrSignature) {
				t.Errorf("got %v, want an ErrSignature", err)
			}
		})
	}
}

func TestASignatureIsGoodForItsPurposeOnly(t *testing.T) {
	key := newKey(t)
	account := key.PubKeyHash().String()
	body := []byte(`{}`)
	purposes := []poolapi.Purpose{poolapi.ForTelemetry(), poolapi.ForSignIn(), poolapi.ForPayees(), poolapi.ForAskPayees()}
	for i, signed := range purposes {
		public, signature := poolapi.Sign(signed, key, account, body)
		for j, wanted := range purposes {
			if err := poolapi.Verify(wanted, account, public, signature, body); (err == nil) != (i == j) {
				t.Errorf("signed for %v, wanted for %v: %v", signed, wanted, err)
			}
		}
	}
}

func TestALinkThatIsNoWebAddressIsNotOpened(t *testing.T) {
	for link, good := range map[string]bool{
		"https://pool.example/signin?token=1": true, "http://127.0.0.1:8080/signin?token=1": true,
		"file:///etc/passwd": false, "javascript:alert(1)": false, "/signin": false, "": false, "http://": false, "\x00": false,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			json.NewEncoder(w).Encode(poolapi.SignInAnswer{URL: link})
		}))
		c, err := poolapi.NewClient(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		key := newKey(t)
		answer, err := c.SignIn(t.Context(), key.PubKeyHash().String(), key)
		if (err == nil) != good || good && answer.URL != link {
			t.Errorf("%q: got %v, %v", link, answer, err)
		}
		server.Close()
	}
}

func FuzzVerify(f *testing.F) {
	key, err := wallet.NewKey(nil)
	if err != nil {
		f.Fatal(err)
	}
	account := key.PubKeyHash().String()
	public, signature := poolapi.Sign(poolapi.ForTelemetry(), key, account, []byte("x"))
	f.Add(account, public, signature, []byte("x"))
	f.Fuzz(func(t *testing.T, account, public, signature string, body []byte) {
		poolapi.Verify(poolapi.ForTelemetry(), account, public, signature, body) // must not panic
	})
}

func TestNewClientWantsAPoolsAddress(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"http://127.0.0.1:8080", "http://127.0.0.1:8080"},
		{" https://pool.example/ ", "https://pool.example"},
		{"pool.example", "https://pool.example"},
		{"ftp://pool.example", ""},
		{"http://", ""},
		{"http://user:pw@pool.example", ""},
		{"", ""},
	} {
		c, err := poolapi.NewClient(tt.in)
		if (err == nil) != (tt.want != "") {
			t.Errorf("%q: got error %v", tt.in, err)
			continue
		}
		if err == nil && c.Base() != tt.want {
			t.Errorf("%q: got %q, want %q", tt.in, c.Base(), tt.want)
		}
	}
}

func TestClientTellsWhatThePoolSaid(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case poolapi.InfoPath:
			w.Write([]byte(`{"version":2}`))
		case poolapi.PoolPath:
			w.WriteHeader(http.StatusBadGateway)
			w.Write([]byte("<html>"))
		default:
			w.WriteHeader(http.StatusNotFound)
			w.Write([]byte(`{"error":"no such account"}`))
		}
	}))
	defer server.Close()
	c, err := poolapi.NewClient(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Info(context.Background()); !errors.Is(err, poolapi.ErrVersion) {
		t.Errorf("a newer document: got %v, want ErrVersion", err)
	}
	var status *poolapi.StatusError
	if _, err := c.Pool(context.Background()); !errors.As(err, &status) || status.Status != http.StatusBadGateway {
		t.Errorf("a proxy's error page: got %v, want status 502", err)
	}
	if _, err := c.Miner(context.Background(), "x"); err == nil || !strings.Contains(err.Error(), "no such account") {
		t.Errorf("got %v, want the pool's words", err)
	}
}

func newKey(t *testing.T) wallet.Key {
	t.Helper()
	key, err := wallet.NewKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
