package admin_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/packaging/bubble"
)

var paths = []string{"/admin", "/admin/", "/admin/signin", "/admin/payouts", "/admin/log", "/admin/static/admin.css", "/admin/payouts/" + poolID + "/resume"}

func TestWithoutALinkThereIsNothing(t *testing.T) {
	w := newWorld(t)
	closed := func(when string) {
		t.Helper()
		for _, path := range paths {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				answer := w.visit(method, path, nil, nil, nil)
				if answer.Code != http.StatusNotFound || !strings.Contains(answer.Body.String(), nobody) || len(answer.Header()) > 2 {
					t.Errorf("%s, %s %s: %d %v %s", when, method, path, answer.Code, answer.Header(), answer.Body)
				}
			}
		}
	}
	closed("at first")
	cookie := w.operator()
	if answer := w.get("/admin/payouts", cookie); answer.Code != http.StatusOK {
		t.Fatalf("the operator: %d %s", answer.Code, answer.Body)
	}
	if err := w.Close(t.Context(), "anna"); err != nil {
		t.Fatal(err)
	}
	closed("after close")
	w.code()
	if answer := w.get("/admin/payouts", cookie); answer.Code != http.StatusSeeOther {
		t.Errorf("a session from before close: %d", answer.Code)
	}
	cookie = w.operator()
	w.restart()
	closed("after a restart")
	w.code()
	if answer := w.get("/admin/payouts", cookie); answer.Code != http.StatusSeeOther {
		t.Errorf("a session of an older server: %d", answer.Code)
	}
}

func TestALinkIsGoodOnceAndForTenMinutes(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.book.Close()
		link, err := w.NewLink(t.Context(), "anna\x1b[2J", "http://pool.example/")
		if err != nil || link.URL != "http://pool.example/admin/signin#"+link.Code || len(link.Code) != 26 {
			t.Fatalf("got %+v, %v", link, err)
		}
		if left := time.Until(link.Expires); left <= 9*time.Minute || left > 10*time.Minute {
			t.Errorf("it ends in %v", left)
		}
		for range 3 {
			w.get("/admin/signin", nil)
		}
		if answer := w.enter(" " + strings.ToLower(link.Code) + "\n"); answer.Code != http.StatusSeeOther {
			t.Errorf("typed in small letters: %d", answer.Code)
		}
		if answer := w.enter(link.Code); answer.Code != http.StatusForbidden || len(answer.Result().Cookies()) != 0 {
			t.Errorf("a second time: %d", answer.Code)
		}
		late := w.code()
		time.Sleep(10 * time.Minute)
		if answer := w.enter(late); answer.Code != http.StatusForbidden {
			t.Errorf("after ten minutes: %d", answer.Code)
		}
		want := []string{
			"anna[2J|link|||given out on the console", "anna[2J, session 1|sign in|||done",
			"|sign in|||refused: no such code, or it was used or has ended", "anna|link|||given out on the console",
			"|sign in|||refused: no such code, or it was used or has ended",
		}
		if got := w.audit(); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestGuessesAreThrottledAndDoNotFillTheDisk(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.book.Close()
		code := w.code()
		from := func(address, code string) int {
			return w.visit(http.MethodPost, "/admin/signin", url.Values{"code": {code}}, nil, func(r *http.Request) { r.RemoteAddr = address + ":1000" }).Code
		}
		for i := range 100 {
			want := http.StatusForbidden
			if i >= 5 {
				want = http.StatusTooManyRequests
			}
			if got := from("192.0.2.1", fmt.Sprint("guess", i)); got != want {
				t.Errorf("guess %d: %d, want %d", i, got, want)
			}
		}
		if got := from("192.0.2.1", code); got != http.StatusTooManyRequests {
			t.Errorf("the right code from there: %d", got)
		}
		for i := range 100 {
			from(fmt.Sprintf("198.51.100.%d", i), "guess")
		}
		if n := len(w.audit()); n > 60 {
			t.Errorf("%d entries of a storm in the audit log", n)
		}
		if got := from("192.0.2.2", code); got != http.StatusSeeOther {
			t.Errorf("the right code from elsewhere: %d", got)
		}
		time.Sleep(time.Minute)
		if got := from("192.0.2.1", w.code()); got != http.StatusSeeOther {
			t.Errorf("the right code from there, later: %d", got)
		}
	})
}

func TestASessionEnds(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.book.Close()
		isIn := func(c *http.Cookie) bool { return w.get("/admin/payouts", c).Code == http.StatusOK }
		used, idle := w.operator(), w.operator()
		for range 24 {
			if !isIn(used) {
				t.Fatal("a session ended that was used")
			}
			time.Sleep(29*time.Minute + 55*time.Second)
		}
		if isIn(idle) || !isIn(used) {
			t.Errorf("after nearly twelve hours the unused session goes on: %v, the used one: %v", isIn(idle), isIn(used))
		}
		time.Sleep(2 * time.Minute)
		if isIn(used) {
			t.Error("a session goes on after twelve hours")
		}
		out := w.operator()
		form := fields(w.get("/admin/payouts", out).Body.String())
		if answer := w.post("/admin/signout", form, out); answer.Code != http.StatusSeeOther || answer.Result().Cookies()[0].MaxAge >= 0 {
			t.Errorf("signing out: %d", answer.Code)
		}
		if isIn(out) {
			t.Error("the cookie is good after signing out")
		}
	})
}

func TestTheCookieIsGuarded(t *testing.T) {
	for site, secure := range map[string]bool{"": false, "http://pool.example": false, "https://pool.example/": true} {
		w := newWorld(t)
		w.url = site
		c := w.operator()
		if c.Secure != secure || strings.HasPrefix(c.Name, "__Host-") != secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Domain != "" {
			t.Errorf("site %q: %v", site, c)
		}
	}
}

func TestNobodyElseActsAsTheOperator(t *testing.T) {
	w := newWorld(t)
	w.halt("look at it")
	cookie := w.operator()
	path := "/admin/payouts/" + poolID + "/resume"
	good := fields(w.get(path, cookie).Body.String())
	good.Set("reason", "looked")
	other := fields(w.get(path, w.operator()).Body.String())
	with := func(name, value string) url.Values {
		v := url.Values{}
		for k, all := range good {
			v[k] = all
		}
		v.Set(name, value)
		return v
	}
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for name, c := range map[string]struct {
		form   url.Values
		cookie *http.Cookie
		spoil  func(*http.Request)
	}{
		"no session":               {good, nil, nil},
		"a guessed session":        {good, &http.Cookie{Name: cookie.Name, Value: strings.Repeat("A", 26)}, nil},
		"no token":                 {with("token", ""), cookie, nil},
		"a guessed token":          {with("token", strings.Repeat("A", 26)), cookie, nil},
		"another session's token":  {with("token", other.Get("token")), cookie, nil},
		"another site":             {good, cookie, header("Origin", "http://evil.example")},
		"a page of no origin":      {good, cookie, header("Origin", "null")},
		"another site, said so":    {good, cookie, header("Sec-Fetch-Site", "cross-site")},
		"a sibling of the site":    {good, cookie, header("Sec-Fetch-Site", "same-site")},
		"a form that is too large": {with("reason", strings.Repeat("x", 20<<10)), cookie, nil},
	} {
		if answer := w.visit(http.MethodPost, path, c.form, c.cookie, c.spoil); answer.Code != http.StatusForbidden {
			t.Errorf("%s: %d %s", name, answer.Code, answer.Body)
		}
	}
	if answer := w.visit(http.MethodPost, "/admin/signin", url.Values{"code": {w.code()}}, nil, header("Origin", "http://evil.example")); answer.Code != http.StatusForbidden || len(answer.Result().Cookies()) > 0 {
		t.Errorf("signing in from another site: %d", answer.Code)
	}
	if answer := w.visit(http.MethodGet, path+"?"+good.Encode(), nil, cookie, nil); answer.Code != http.StatusOK {
		t.Errorf("a GET: %d", answer.Code)
	}
	if !w.halted() {
		t.Error("it was done")
	}
	if answer := w.post(path, good, cookie); answer.Code != http.StatusSeeOther || w.halted() {
		t.Errorf("the operator's own form: %d", answer.Code)
	}
}

func TestPagesKeepToTheirPolicyAndEscapeStrangers(t *testing.T) {
	w := newWorld(t)
	w.mined("alice"+hostile, "bob")
	p := w.sent("f00d")
	w.halt("Payout: transaction f00d; the daemon says " + hostile)
	w.status.Payments = hostile
	w.wallet.err = fmt.Errorf("wallet: %s", hostile)
	if _, err := w.NewLink(t.Context(), hostile, "http://pool.example"); err != nil {
		t.Fatal(err)
	}
	cookie := w.operator()
	abandon := fmt.Sprintf("/admin/payouts/%s/abandon?payout=%d", poolID, p.ID)
	w.press(abandon, hostile, cookie)
	w.press("/admin/payouts/"+poolID+"/resume", hostile, cookie)
	w.mined("alice"+hostile, "bob")
	w.sent("beef" + hostile)
	w.halt(hostile)
	for _, path := range []string{"/admin/payouts", "/admin/log", "/admin/payouts/" + poolID + "/resume", "/admin/payouts/" + poolID + "/abandon?payout=2",
		"/admin/payouts/" + poolID + "/settle?block=" + url.QueryEscape(hostile), "/admin/payouts/" + url.PathEscape(hostile) + "/resume", "/admin/" + url.PathEscape(hostile)} {
		answer := w.get(path, cookie)
		page := answer.Body.String()
		hasNot(t, page, "<script>", "<img src=x", "style=", "onerror=alert(2)>")
		if policy := answer.Header().Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", path, policy)
		}
		if h := answer.Header(); h.Get("Cache-Control") != "no-store" || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", path, h)
		}
	}
}
