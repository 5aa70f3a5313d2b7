package website_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/packaging/bubble"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet"
)

// nonce is the n-th nonce of a test.
func nonce(n byte) string {
	return strings.Repeat("ab", 15) + string("0123456789abcdef"[n>>4]) + string("0123456789abcdef"[n&15])
}

// askIn asks for a link as the key's holder would, after spoil had its way.
func (w *world) askIn(request any, spoil func(*http.Request)) *httptest.ResponseRecorder {
	body, err := json.Marshal(request)
	if err != nil {
		panic(err)
	}
	return w.askInBody(body, spoil)
}

func (w *world) askInBody(body []byte, spoil func(*http.Request)) *httptest.ResponseRecorder {
	return w.sendSigned(poolapi.ForSignIn(), poolapi.SignInPath, body, spoil)
}

// link returns the path of a new link.
func (w *world) link(t *testing.T, n byte) string {
	t.Helper()
	answer := w.askIn(poolapi.SignInRequest{Time: time.Now(), Nonce: nonce(n)}, nil)
	var a poolapi.SignInAnswer
	if err := json.Unmarshal(answer.Body.Bytes(), &a); err != nil || answer.Code != http.StatusOK {
		t.Fatalf("no link: %d %s", answer.Code, answer.Body)
	}
	u, err := url.Parse(a.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u.RequestURI()
}

// post sends a form as a browser does from one of the pool's pages, with a cookie
// unless it is nil, after spoil had its way.
func (w *world) post(path string, form url.Values, cookie *http.Cookie, spoil func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "http://example.com") // httptest's host
	if cookie != nil {
		r.AddCookie(cookie)
	}
	if spoil != nil {
		spoil(r)
	}
	answer := httptest.NewRecorder()
	w.ServeHTTP(answer, r)
	return answer
}

// follow presses the button of a link's page.
func (w *world) follow(link string) *httptest.ResponseRecorder {
	return w.post("/signin", url.Values{"token": {tokenOf(link)}}, nil, nil)
}

func tokenOf(link string) string {
	_, token, _ := strings.Cut(link, "token=")
	return token
}

// signedIn returns the cookie of the account's owner.
func (w *world) signedIn(t *testing.T, n byte) *http.Cookie {
	t.Helper()
	answer := w.follow(w.link(t, n))
	cookies := answer.Result().Cookies()
	if answer.Code != http.StatusSeeOther || len(cookies) != 1 {
		t.Fatalf("not signed in: %d %v %s", answer.Code, cookies, answer.Body)
	}
	return cookies[0]
}

// see gets a page with a cookie.
func (w *world) see(path string, cookie *http.Cookie) string {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.AddCookie(cookie)
	answer := httptest.NewRecorder()
	w.ServeHTTP(answer, r)
	return answer.Body.String()
}

const ownersMark = "You are signed in"

func TestTheAppOpensItsOwnersPage(t *testing.T) {
	w := newWorld()
	server := httptest.NewServer(w)
	defer server.Close()
	client, err := poolapi.NewClient(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.SignIn(t.Context(), w.account(), w.key)
	if err != nil || !strings.HasPrefix(answer.URL, server.URL+"/signin?token=") {
		t.Fatalf("SignIn = %+v, %v", answer, err)
	}
	if left := time.Until(answer.Expires); left <= time.Minute || left > 2*time.Minute {
		t.Errorf("the link ends in %v, want two minutes", left)
	}
	page := w.get(strings.TrimPrefix(answer.URL, server.URL)).Body.String()
	if !strings.Contains(page, w.account()) || !strings.Contains(page, `value="`+tokenOf(answer.URL)+`"`) {
		t.Errorf("the link's page has no button for its account:\n%s", page)
	}
	in := w.follow(answer.URL)
	if in.Code != http.StatusSeeOther || in.Header().Get("Location") != "/miners/"+w.account() {
		t.Fatalf("the button: %d %v", in.Code, in.Header())
	}
	cookie := in.Result().Cookies()[0]
	if !strings.Contains(w.see("/miners/"+w.account(), cookie), ownersMark) {
		t.Error("the owner is not known on the page")
	}
	if strings.Contains(w.get("/miners/"+w.account()).Body.String(), ownersMark) {
		t.Error("a stranger is taken for the owner")
	}
	if other := strings.Repeat("0a", 20); strings.Contains(w.see("/miners/"+other, cookie), ownersMark) {
		t.Error("the owner of one account is taken for another's")
	}
}

func TestALinkIsGoodOnceAndForTwoMinutes(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		w := newWorld()
		link := w.link(t, 1)
		for range 3 { // browsers look at links ahead
			if page := w.get(link); page.Code != http.StatusOK || len(page.Result().Cookies()) != 0 {
				t.Fatalf("looking at the link: %d %v", page.Code, page.Header())
			}
		}
		if answer := w.follow(link); answer.Code != http.StatusSeeOther {
			t.Errorf("after looks: %d", answer.Code)
		}
		if answer := w.follow(link); answer.Code != http.StatusGone || len(answer.Result().Cookies()) != 0 {
			t.Errorf("a second time: %d %v", answer.Code, answer.Header())
		}
		late := w.link(t, 2)
		time.Sleep(2 * time.Minute)
		if page := w.get(late); page.Code != http.StatusGone {
			t.Errorf("looking at it after two minutes: %d", page.Code)
		}
		if answer := w.follow(late); answer.Code != http.StatusGone {
			t.Errorf("after two minutes: %d", answer.Code)
		}
		if answer := w.follow("/signin?token="); answer.Code != http.StatusGone {
			t.Errorf("without a token: %d", answer.Code)
		}
	})
}

func TestALinkIsGivenOnlyToTheKeysHolderNow(t *testing.T) {
	stranger, err := wallet.KeyFromBytes(bytes.Repeat([]byte{9}, 32))
	if err != nil {
		t.Fatal(err)
	}
	bubble.Test(t, func(t *testing.T) {
		w := newWorld()
		good := poolapi.SignInRequest{Time: time.Now(), Nonce: nonce(1)}
		body, err := json.Marshal(good)
		if err != nil {
			t.Fatal(err)
		}
		sign := func(p poolapi.Purpose, key wallet.Key) func(*http.Request) {
			return func(r *http.Request) {
				k, s := poolapi.Sign(p, key, w.account(), body)
				r.Header.Set(poolapi.KeyHeader, k)
				r.Header.Set(poolapi.SignatureHeader, s)
			}
		}
		for name, c := range map[string]struct {
			request any
			spoil   func(*http.Request)
			status  int
			words   string
		}{
			"another key":            {good, sign(poolapi.ForSignIn(), stranger), 403, "another account's"},
			"signed for telemetry":   {good, sign(poolapi.ForTelemetry(), w.key), 403, "not signed"},
			"not signed":             {good, func(r *http.Request) { r.Header.Del(poolapi.SignatureHeader) }, 403, "not signed"},
			"a slow clock":           {poolapi.SignInRequest{Time: time.Now().Add(-12 * time.Minute), Nonce: nonce(2)}, nil, 400, "12m0s behind"},
			"a fast clock":           {poolapi.SignInRequest{Time: time.Now().Add(6 * time.Minute), Nonce: nonce(3)}, nil, 400, "6m0s ahead"},
			"no time":                {map[string]string{"nonce": nonce(4)}, nil, 400, "behind"},
			"no nonce":               {poolapi.SignInRequest{Time: time.Now()}, nil, 400, "32 hex digits"},
			"a nonce that is no hex": {poolapi.SignInRequest{Time: time.Now(), Nonce: strings.Repeat("zz", 16)}, nil, 400, "32 hex digits"},
			"a long nonce":           {poolapi.SignInRequest{Time: time.Now(), Nonce: nonce(5) + "00"}, nil, 400, "32 hex digits"},
			"a list":                 {[]int{1}, nil, 400, "RFC 3339"},
			"too long":               {strings.Repeat("x", 17<<10), nil, 413, "longer"},
		} {
			if answer := w.askIn(c.request, c.spoil); answer.Code != c.status || !strings.Contains(answer.Body.String(), c.words) {
				t.Errorf("%s: %d %s, want %d %q", name, answer.Code, answer.Body, c.status, c.words)
			}
		}
		time.Sleep(time.Minute)
		if answer := w.askInBody(body, nil); answer.Code != http.StatusOK {
			t.Fatalf("the true one: %d %s", answer.Code, answer.Body)
		}
		for _, wait := range []time.Duration{0, 4 * time.Minute, time.Hour} {
			time.Sleep(wait)
			if answer := w.askInBody(body, nil); answer.Code == http.StatusOK {
				t.Errorf("recorded and sent again after %v: %d %s", wait, answer.Code, answer.Body)
			}
		}
	})
}

func TestSignInIsLimited(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		w := newWorld()
		given := 0
		for i := range byte(40) {
			if w.askIn(poolapi.SignInRequest{Time: time.Now(), Nonce: nonce(i)}, nil).Code == http.StatusOK {
				given++
			}
		}
		if given != 10 {
			t.Errorf("%d links at once, want 10", given)
		}
		time.Sleep(10 * time.Second)
		w.link(t, 41)
	})
}

func TestVisitorsBehindAProxyAreToldApart(t *testing.T) {
	w := newWorld()
	forge := func(remote, forwarded string) int {
		return w.askIn(poolapi.SignInRequest{}, func(r *http.Request) {
			r.Header.Set(poolapi.SignatureHeader, "00")
			r.RemoteAddr = remote
			if forwarded != "" {
				r.Header.Set("X-Forwarded-For", forwarded)
			}
		}).Code
	}
	for i := range 100 {
		forge("127.0.0.1:1000", "198.51.100.9, 192.0.2.1") // the first is what the visitor claims
		forge("192.0.2.7:1000", fmt.Sprintf("198.51.100.%d", i))
	}
	for name, c := range map[string]struct {
		remote, forwarded string
		want              int
	}{
		"the forger, through the proxy": {"127.0.0.1:1000", "192.0.2.1", http.StatusTooManyRequests},
		"another, through the proxy":    {"127.0.0.1:1000", "192.0.2.2", http.StatusForbidden},
		"one who claims to be a proxy":  {"192.0.2.7:1000", "198.51.100.200", http.StatusTooManyRequests},
	} {
		if got := forge(c.remote, c.forwarded); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestTheCookieIsGuarded(t *testing.T) {
	for site, want := range map[string]struct {
		name   string
		secure bool
	}{
		"": {"adit-session", false}, "http://pool.example": {"adit-session", false}, "https://pool.example/": {"__Host-adit-session", true},
	} {
		w := newWorld()
		w.url = site
		c := w.signedIn(t, 1)
		if c.Name != want.name || c.Secure != want.secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 30*24*3600 {
			t.Errorf("site %q: cookie %v", site, c)
		}
		if len(c.Value) != 43 {
			t.Errorf("site %q: %d characters, want 256 bits in base64", site, len(c.Value))
		}
	}
}

func TestASessionEnds(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		w := newWorld()
		page := "/miners/" + w.account()
		isIn := func(c *http.Cookie) bool { return strings.Contains(w.see(page, c), ownersMark) }

		used, idle := w.signedIn(t, 1), w.signedIn(t, 2)
		for range 4 {
			time.Sleep(7*24*time.Hour - time.Minute)
			if !isIn(used) {
				t.Fatal("a session ended that was used each week")
			}
		}
		if isIn(idle) {
			t.Error("a session goes on that was not used for a month")
		}
		time.Sleep(3 * 24 * time.Hour)
		if isIn(used) {
			t.Error("a session goes on after 30 days")
		}

		out := w.signedIn(t, 3)
		answer := w.post("/signout", nil, out, nil)
		if c := answer.Result().Cookies(); answer.Code != http.StatusSeeOther || len(c) != 1 || c[0].MaxAge >= 0 {
			t.Errorf("signing out: %d %v", answer.Code, c)
		}
		if isIn(out) {
			t.Error("the cookie is good after signing out")
		}
	})
}

func TestSessionsOfAnAccountAreBounded(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		w := newWorld()
		first := w.signedIn(t, 0)
		var last *http.Cookie
		for i := byte(1); i <= 20; i++ {
			time.Sleep(time.Minute)
			last = w.signedIn(t, i)
		}
		if page := "/miners/" + w.account(); strings.Contains(w.see(page, first), ownersMark) || !strings.Contains(w.see(page, last), ownersMark) {
			t.Error("want the oldest of 21 sessions to have ended, and not the newest")
		}
	})
}

func TestTheOwnerKeepsComputersPrivate(t *testing.T) {
	w := newWorld()
	w.fill(time.Now())
	if answer := w.report(machine(time.Now()), nil); answer.Code != http.StatusNoContent {
		t.Fatalf("telemetry: %d", answer.Code)
	}
	cookie := w.signedIn(t, 1)
	page, document := "/miners/"+w.account(), poolapi.MinersPath+w.account()
	set := func(private string) {
		t.Helper()
		if answer := w.post(page+"/privacy", url.Values{"private": {private}}, cookie, nil); answer.Code != http.StatusSeeOther {
			t.Fatalf("private = %s: %d %s", private, answer.Code, answer.Body)
		}
	}
	shown := func(who string, body string, want bool) {
		t.Helper()
		if got := strings.Contains(body, "Ryzen"); got != want {
			t.Errorf("%s: computers are shown: %v, want %v", who, got, want)
		}
	}
	set("yes")
	shown("a stranger's page", w.get(page).Body.String(), false)
	shown("a stranger's document", w.get(document).Body.String(), false)
	shown("the owner's page", w.see(page, cookie), true)
	shown("the owner's document", w.see(document, cookie), true)
	if !strings.Contains(w.get(page).Body.String(), "98\u202f765") {
		t.Error("what is no detail of a computer is hidden too")
	}
	set("no")
	shown("a stranger's page, afterwards", w.get(page).Body.String(), true)
}

func TestNobodyElseActsAsTheOwner(t *testing.T) {
	w := newWorld()
	cookie := w.signedIn(t, 1)
	yes := url.Values{"private": {"yes"}}
	page := "/miners/" + w.account() + "/privacy"
	origin := func(o string) func(*http.Request) { return func(r *http.Request) { r.Header.Set("Origin", o) } }
	site := func(s string) func(*http.Request) { return func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", s) } }
	for name, answer := range map[string]*httptest.ResponseRecorder{
		"without a cookie":           w.post(page, yes, nil, nil),
		"with a guessed cookie":      w.post(page, yes, &http.Cookie{Name: cookie.Name, Value: strings.Repeat("A", 43)}, nil),
		"for another account":        w.post("/miners/"+strings.Repeat("0a", 20)+"/privacy", yes, cookie, nil),
		"from another site":          w.post(page, yes, cookie, origin("http://evil.example")),
		"from a page of no origin":   w.post(page, yes, cookie, origin("null")),
		"from another site, said so": w.post(page, yes, cookie, site("cross-site")),
		"from a sibling of the site": w.post(page, yes, cookie, site("same-site")),
		"signing out":                w.post("/signout", nil, cookie, origin("http://evil.example")),
		"signing in":                 w.post("/signin", url.Values{"token": {tokenOf(w.link(t, 2))}}, nil, origin("http://evil.example")),
	} {
		if answer.Code != http.StatusForbidden || len(answer.Result().Cookies()) != 0 {
			t.Errorf("%s: %d %v", name, answer.Code, answer.Header())
		}
	}
	if len(w.book.private) != 0 {
		t.Errorf("it was done: %v", w.book.private)
	}
	if !strings.Contains(w.see("/miners/"+w.account(), cookie), ownersMark) {
		t.Error("the owner was signed out from elsewhere")
	}
}

func TestALedgerThatFailsHidesComputers(t *testing.T) {
	w := newWorld()
	if answer := w.report(machine(time.Now()), nil); answer.Code != http.StatusNoContent {
		t.Fatalf("telemetry: %d", answer.Code)
	}
	cookie := w.signedIn(t, 1)
	w.book.err = errors.New("disk full")
	if page := w.get("/miners/" + w.account()); page.Code != http.StatusInternalServerError || strings.Contains(page.Body.String(), "Ryzen") {
		t.Errorf("%d %s", page.Code, page.Body)
	}
	if answer := w.post("/miners/"+w.account()+"/privacy", url.Values{"private": {"yes"}}, cookie, nil); answer.Code != http.StatusInternalServerError {
		t.Errorf("a wish that is not written down: %d", answer.Code)
	}
}

func TestPagesOfSignInKeepToTheirPolicy(t *testing.T) {
	w := newWorld()
	link := w.link(t, 1)
	answer := w.get(link)
	if page := answer.Body.String(); strings.Contains(page, "<script>") || strings.Contains(page, "style=") {
		t.Error("the link's page has inline code")
	}
	if got := answer.Header().Get("Referrer-Policy"); got != "same-origin" {
		t.Errorf("Referrer-Policy %q would tell the token to others", got)
	}
	hostileToken := url.QueryEscape(hostile)
	if page := w.get("/signin?token=" + hostileToken).Body.String(); strings.Contains(page, "<script>alert") {
		t.Error("a token is markup")
	}
}

// FuzzSignIn sends what strangers may send; nothing may panic, and only a whole
// request of now gets a link.
func FuzzSignIn(f *testing.F) {
	w := newWorld()
	f.Add([]byte(`{"time":"2026-01-01T00:00:00Z","nonce":"00112233445566778899aabbccddeeff"}`))
	f.Add([]byte(`{"nonce":null}`))
	f.Add([]byte(`[`))
	f.Fuzz(func(t *testing.T, body []byte) {
		code := w.askInBody(body, nil).Code
		var request poolapi.SignInRequest
		if code == http.StatusOK && (json.Unmarshal(body, &request) != nil || len(request.Nonce) != 32 || time.Since(request.Time).Abs() > 6*time.Minute) {
			t.Errorf("%q got a link", body)
		}
		if code == http.StatusInternalServerError {
			t.Errorf("%q: %d", body, code)
		}
		w.get("/signin?token=" + url.QueryEscape(string(body)))
		w.post("/signin", url.Values{"token": {string(body)}}, &http.Cookie{Name: "adit-session", Value: "x"}, nil)
	})
}
