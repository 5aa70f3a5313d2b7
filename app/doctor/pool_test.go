package doctor_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/app/doctor"
	"github.com/adit-mining/adit/pool-server/poolapi"
)

// short is long enough for an answer on one computer, and soon over.
const short = 2 * time.Second

func TestAllIsWell(t *testing.T) {
	ca := newAuthority(t)
	cert := ca.sign(t, time.Now().Add(-time.Hour), time.Now().AddDate(0, 1, 0))
	plain, secured := stratum(t, nil, welcome), stratum(t, &cert, welcome)
	site := serve(t, &cert, describe(pool("stratum+tcp://"+plain, "stratum+ssl://"+secured), 0))
	found := doctor.Run(t.Context(), doctor.Config{Pool: site.URL, Roots: ca.roots(), Data: t.TempDir()})
	for check, code := range map[string]string{"address": "ok", "dns": "literal", "tls": "ok", "http": "ok", "clock": "ok"} {
		want(t, found, check, doctor.Good, code)
	}
	ports := of(found, "stratum")
	if len(ports) != 2 || ports[0].Code != "ok" || ports[1].Code != "ok" || ports[0].Args["address"] != plain || ports[1].Args["address"] != secured {
		t.Errorf("ports %+v", ports)
	}
	if !doctor.OK(found) {
		t.Errorf("trouble where there is none: %+v", found)
	}
}

func TestCertificates(t *testing.T) {
	ca, stranger := newAuthority(t), newAuthority(t)
	now := time.Now()
	for name, tt := range map[string]struct {
		by          *authority
		from, until time.Duration
		names       []string
		skew        time.Duration // of the pool's clock against ours
		level       doctor.Level
		code        string
	}{
		"good":                            {ca, -time.Hour, 30 * 24 * time.Hour, nil, 0, doctor.Good, "ok"},
		"ends in two days":                {ca, -time.Hour, 48 * time.Hour, nil, 0, doctor.Notice, "soon"},
		"ended":                           {ca, -48 * time.Hour, -time.Hour, nil, 0, doctor.Trouble, "expired"},
		"not begun":                       {ca, time.Hour, 48 * time.Hour, nil, 0, doctor.Trouble, "early"},
		"our clock is a year behind":      {ca, 360 * 24 * time.Hour, 400 * 24 * time.Hour, nil, 365 * 24 * time.Hour, doctor.Trouble, "clock"},
		"our clock is a year ahead":       {ca, -400 * 24 * time.Hour, -360 * 24 * time.Hour, nil, -365 * 24 * time.Hour, doctor.Trouble, "clock"},
		"ended, and the clock is off too": {ca, -48 * time.Hour, -time.Hour, nil, time.Hour, doctor.Trouble, "expired"},
		"for another host":                {ca, -time.Hour, 30 * 24 * time.Hour, []string{"other.example"}, 0, doctor.Trouble, "host"},
		"by nobody we know":               {stranger, -time.Hour, 30 * 24 * time.Hour, nil, 0, doctor.Trouble, "authority"},
	} {
		t.Run(name, func(t *testing.T) {
			cert := tt.by.sign(t, now.Add(tt.from), now.Add(tt.until), tt.names...)
			site := serve(t, &cert, describe(pool(), tt.skew))
			found := doctor.Run(t.Context(), doctor.Config{Pool: site.URL, Roots: ca.roots()})
			want(t, found, "tls", tt.level, tt.code)
			want(t, found, "http", doctor.Good, "ok")
			if tt.level == doctor.Trouble { // it may be anybody who names the ports
				want(t, found, "stratum", doctor.Unknown, "skipped")
			}
		})
	}
}

func TestHTTPSThatIsNone(t *testing.T) {
	site := serve(t, nil, describe(pool(), 0))
	found := doctor.Run(t.Context(), doctor.Config{Pool: strings.Replace(site.URL, "http://", "https://", 1)})
	want(t, found, "tls", doctor.Trouble, "broken")
	want(t, found, "http", doctor.Trouble, "failed")
	want(t, found, "clock", doctor.Unknown, "unknown")
}

func TestWhatAnswersInThePoolsPlace(t *testing.T) {
	answer := func(status int, kind, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	login := serve(t, nil, answer(200, "text/html", "<html>Welcome to the hotel</html>"))
	for name, tt := range map[string]struct {
		handler http.HandlerFunc
		code    string
	}{
		"a login page":                  {answer(200, "text/html; charset=utf-8", "<!doctype html>Sign in"), "captive"},
		"a login page that says JSON":   {answer(200, "application/json", "\n <html>"), "captive"},
		"a way to a login page":         {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, login.URL, http.StatusFound) }, "captive"},
		"a network that wants a sign":   {answer(511, "text/html", "<html>"), "captive"},
		"a proxy that wants a password": {answer(407, "text/plain", ""), "proxy"},
		"a pool that is down":           {answer(502, "text/html", "<html>"), "server"},
		"another website":               {answer(404, "text/html", "<html>"), "not-pool"},
		"another document":              {answer(200, "application/json", `{"hello":"world"}`), "not-pool"},
		"a list":                        {answer(200, "application/json", `[]`), "not-pool"},
		"a newer pool":                  {answer(200, "application/json", fmt.Sprintf(`{"version":%d}`, poolapi.Version+1)), "newer"},
	} {
		t.Run(name, func(t *testing.T) {
			site := serve(t, nil, tt.handler)
			found := doctor.Run(t.Context(), doctor.Config{Pool: site.URL})
			want(t, found, "http", doctor.Trouble, tt.code)
			want(t, found, "stratum", doctor.Unknown, "skipped")
		})
	}
}

func TestAWebsiteThatDoesNotAnswer(t *testing.T) {
	found := doctor.Run(t.Context(), doctor.Config{Pool: "http://" + closedPort(t)})
	want(t, found, "http", doctor.Trouble, "refused")

	stop := make(chan struct{})
	site := serve(t, nil, func(http.ResponseWriter, *http.Request) { <-stop })
	defer close(stop)
	found = doctor.Run(t.Context(), doctor.Config{Pool: site.URL, Limit: 200 * time.Millisecond})
	want(t, found, "http", doctor.Trouble, "timeout")
	want(t, found, "tls", doctor.Good, "near")
}

func TestClocks(t *testing.T) {
	for name, tt := range map[string]struct {
		skew  time.Duration // of the pool's clock against ours
		level doctor.Level
		code  string
	}{
		"right":                 {0, doctor.Good, "ok"},
		"a minute behind":       {time.Minute, doctor.Good, "ok"},
		"two minutes behind":    {2 * time.Minute, doctor.Notice, "behind"},
		"two minutes ahead":     {-2 * time.Minute, doctor.Notice, "ahead"},
		"ten minutes behind":    {10 * time.Minute, doctor.Trouble, "behind"},
		"a day ahead":           {-24 * time.Hour, doctor.Trouble, "ahead"},
		"an hour off":           {time.Hour, doctor.Trouble, "zone"},
		"five and a half off":   {-5*time.Hour - 30*time.Minute - 20*time.Second, doctor.Trouble, "zone"},
		"an hour and a bit off": {time.Hour + 10*time.Minute, doctor.Trouble, "behind"},
	} {
		site := serve(t, nil, describe(pool(), tt.skew))
		found := doctor.Run(t.Context(), doctor.Config{Pool: site.URL})
		its := of(found, "clock")
		if len(its) != 1 || its[0].Level != tt.level || its[0].Code != tt.code || its[0].Args["zone"] == "" {
			t.Errorf("%s: got %+v, want %s %s with a zone", name, its, tt.level, tt.code)
		}
	}
}

func TestAnAnswerFromACacheIsNoClock(t *testing.T) {
	old := describe(pool(), -20*time.Minute)
	site := serve(t, nil, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Age", "1200")
		old(w, r)
	})
	want(t, doctor.Run(t.Context(), doctor.Config{Pool: site.URL}), "clock", doctor.Good, "ok")
}

func TestPorts(t *testing.T) {
	ca, stranger := newAuthority(t), newAuthority(t)
	good := ca.sign(t, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	unknown := stranger.sign(t, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	say := func(text string) func(string, net.Conn) {
		return func(_ string, conn net.Conn) { _, _ = io.WriteString(conn, text) }
	}
	held := make(chan struct{})
	defer close(held)
	for name, tt := range map[string]struct {
		url  string
		code string
	}{
		"good":                  {"stratum+tcp://" + stratum(t, nil, welcome), "ok"},
		"good, with TLS":        {"stratum+ssl://" + stratum(t, &good, welcome), "ok"},
		"a stranger's TLS":      {"stratum+ssl://" + stratum(t, &unknown, welcome), "tls"},
		"TLS that is none":      {"stratum+ssl://" + stratum(t, nil, say("hello\n")), "tls"},
		"nothing listens":       {"stratum+tcp://" + closedPort(t), "refused"},
		"says nothing":          {"stratum+tcp://" + stratum(t, nil, func(string, net.Conn) { <-held }), "silent"},
		"hangs up":              {"stratum+tcp://" + stratum(t, nil, say("")), "silent"},
		"a web server":          {"stratum+tcp://" + stratum(t, nil, say("HTTP/1.1 400 Bad Request\r\n\r\n")), "not-stratum"},
		"sends us away":         {"stratum+tcp://" + stratum(t, nil, say(`{"id":1,"result":null,"error":[20,"banned",null]}`+"\n")), "rejected"},
		"an answer to another":  {"stratum+tcp://" + stratum(t, nil, say(`{"id":2,"result":true}`+"\n")), "silent"},
		"endless":               {"stratum+tcp://" + stratum(t, nil, say(strings.Repeat("{", 1<<20))), "silent"},
		"a name that is nobody": {"stratum+tcp://pool.example:3333", "unknown-name"},
		"no port":               {"stratum+tcp://127.0.0.1", "bad-address"},
		"no address":            {"://", "bad-address"},
	} {
		t.Run(name, func(t *testing.T) {
			site := serve(t, nil, describe(pool(tt.url), 0))
			found := doctor.Run(t.Context(), doctor.Config{Pool: site.URL, Roots: ca.roots(), Resolver: nobody(), Limit: short})
			level := doctor.Trouble
			if tt.code == "ok" {
				level = doctor.Good
			}
			want(t, found, "stratum", level, tt.code)
		})
	}
}

func TestThePortIsNotSignedInto(t *testing.T) {
	lines := make(chan string, 10)
	address := stratum(t, nil, func(line string, conn net.Conn) {
		welcome(line, conn)
		rest, _ := io.ReadAll(conn)
		lines <- line + string(rest)
	})
	site := serve(t, nil, describe(pool("stratum+tcp://"+address), 0))
	doctor.Run(t.Context(), doctor.Config{Pool: site.URL})
	if all := <-lines; !strings.Contains(all, "mining.subscribe") || strings.Contains(all, "authorize") {
		t.Errorf("the port was told %q", all)
	}
}

func TestEveryCoinAndSwitchHasAPort(t *testing.T) {
	address := "stratum+tcp://" + stratum(t, nil, welcome)
	info := pool(address, address)
	info.Switches = []poolapi.SwitchInfo{{Name: "Best of scrypt", Ports: []poolapi.PortInfo{{URL: address}}}}
	info.Coins = append(info.Coins, poolapi.CoinInfo{Name: "Nothing"})
	site := serve(t, nil, describe(info, 0))
	found := of(doctor.Run(t.Context(), doctor.Config{Pool: site.URL}), "stratum")
	if len(found) != 3 || found[2].Args["name"] != "Best of scrypt" {
		t.Errorf("got %+v", found)
	}
	site = serve(t, nil, describe(pool(), 0))
	want(t, doctor.Run(t.Context(), doctor.Config{Pool: site.URL}), "stratum", doctor.Trouble, "none")
}

func TestAddresses(t *testing.T) {
	for address, tt := range map[string]struct {
		level doctor.Level
		code  string
	}{
		"":                     {doctor.Notice, "none"},
		"ftp://127.0.0.1":      {doctor.Trouble, "bad"},
		"http://":              {doctor.Trouble, "bad"},
		"https://a b":          {doctor.Trouble, "bad"},
		"http://:8080":         {doctor.Trouble, "bad"},
		"http://u:p@127.0.0.1": {doctor.Trouble, "bad"},
	} {
		found := doctor.Run(t.Context(), doctor.Config{Pool: address})
		want(t, found, "address", tt.level, tt.code)
		for _, later := range []string{"dns", "tls", "http", "clock", "stratum"} {
			want(t, found, later, doctor.Unknown, "skipped")
		}
	}
}

// nobody is a DNS server that says of every name that there is none.
func nobody() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go func() {
			defer there.Close()
			question := make([]byte, 1024)
			n, err := there.Read(question) // as by TCP: two bytes of length first
			if err != nil || n < 6 {
				return
			}
			question[4], question[5] = 0x81, 0x83 // an answer: no such name
			_, _ = there.Write(question[:n])
		}()
		return here, nil
	}}
}

func TestNames(t *testing.T) {
	dead := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("the network is down")
	}}
	found := doctor.Run(t.Context(), doctor.Config{Pool: "http://pool.example", Resolver: dead, Limit: short})
	want(t, found, "dns", doctor.Trouble, "failed")
	want(t, found, "http", doctor.Trouble, "unknown-name")
	want(t, found, "tls", doctor.Notice, "plain")

	found = doctor.Run(t.Context(), doctor.Config{Pool: "https://pool.example", Resolver: nobody(), Limit: short})
	want(t, found, "dns", doctor.Trouble, "unknown-name")
	want(t, found, "tls", doctor.Unknown, "skipped")

	site := serve(t, nil, describe(pool(), 0))
	own := &net.Resolver{PreferGo: runtime.GOOS != "windows"} // whose list of hosts may lack localhost
	found = doctor.Run(t.Context(), doctor.Config{Pool: strings.Replace(site.URL, "127.0.0.1", "localhost", 1), Resolver: own})
	want(t, found, "dns", doctor.Good, "ok")
}

// FuzzGreet answers a greeting with what strangers may send.
func FuzzGreet(f *testing.F) {
	f.Add([]byte(`{"id":1,"result":true}` + "\n"))
	f.Add([]byte(`{"id":1,"error":{"code":-1}}`))
	f.Add([]byte("null\n[]\n"))
	f.Fuzz(func(t *testing.T, answer []byte) {
		here, there := net.Pipe()
		defer here.Close()
		go func() {
			defer there.Close()
			if _, err := bufio.NewReader(there).ReadString('\n'); err == nil {
				_, _ = there.Write(answer)
			}
		}()
		code, reason, _ := doctor.Greet(here)
		if code == "" && !bytes.Contains(answer, []byte("1")) { // the number of the question
			t.Errorf("%q is a good answer", answer)
		}
		if len(reason) > 210 || strings.ContainsAny(reason, "\x1b\n\r\x00") {
			t.Errorf("%q is not fit to be shown", reason)
		}
	})
}
