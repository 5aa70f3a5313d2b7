package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/adit-mining/adit/pool-server/control"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/pooltest"
)

// visitor is a browser as far as the operator's pages need one.
type visitor struct {
	*http.Client
	t    *testing.T
	site string
}

func newVisitor(t *testing.T, site string) *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{&http.Client{Jar: jar}, t, site}
}

func (v *visitor) read(resp *http.Response, err error) (status int, page string) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func (v *visitor) get(path string) (int, string) { v.t.Helper(); return v.read(v.Get(v.site + path)) }
func (v *visitor) post(path string, f url.Values) (int, string) {
	v.t.Helper()
	return v.read(v.PostForm(v.site+path, f))
}

func TestTheOperatorsPagesOpenWithALinkFromTheConsole(t *testing.T) {
	daemon := pooltest.NewDaemon(t, pooltest.Recorded(t, "litecoin-plain.json"))
	dir := newFolder(t, daemon, nil)
	if _, err := runCommand(t, "admin", "link", "--dir", dir); !errors.Is(err, control.ErrNotRunning) {
		t.Errorf("without a server: %v", err)
	}
	s := serve(t, dir)
	v := newVisitor(t, s.told["website"])
	_, missing := v.get("/no/such/page")
	for _, path := range []string{"/admin", "/admin/payouts", "/admin/signin"} {
		if status, page := v.get(path); status != http.StatusNotFound || page != missing {
			t.Errorf("%s before a link: %d %s", path, status, page)
		}
	}
	text, err := runCommand(t, "admin", "link", "--dir", dir, "--name", "anna")
	address, code, _ := strings.Cut(strings.SplitN(text, "\n", 2)[0], "#")
	if err != nil || address != v.site+"/admin/signin" || len(code) != 26 || !strings.Contains(text, "type "+code) {
		t.Fatalf("got %q, %v", text, err)
	}
	if status, page := v.get("/admin/payouts"); status != http.StatusOK || !strings.Contains(page, `name="code"`) {
		t.Errorf("a stranger gets %d %s", status, page)
	}
	if status, page := v.post("/admin/signin", url.Values{"code": {code}}); status != http.StatusOK || !strings.Contains(page, "Litecoin") || !strings.Contains(page, "anna, session 1") {
		t.Errorf("the operator gets %d %s", status, page)
	}
	if status, page := v.get("/static/site.css"); status != http.StatusOK || !strings.Contains(page, "--ground") {
		t.Errorf("the website's style: %d", status)
	}
	if status, page := v.get("/"); status != http.StatusOK || strings.Contains(page, "/admin") {
		t.Errorf("the website: %d, and it must not tell of the operator's pages", status)
	}
	log, err := runCommand(t, "admin", "log", "--dir", dir, "--json")
	var entries []ledger.AuditEntry
	for dec := json.NewDecoder(strings.NewReader(log)); dec.More(); {
		var e ledger.AuditEntry
		if err := dec.Decode(&e); err != nil {
			t.Fatal(err)
		}
		entries = append(entries, e)
	}
	if err != nil || len(entries) != 2 || entries[0].Action != "link" || entries[1].Source != "127.0.0.1" {
		t.Errorf("got %+v, %v", entries, err)
	}
	if text, err := runCommand(t, "admin", "close", "--dir", dir); err != nil || !strings.Contains(text, "closed") {
		t.Errorf("close: %q, %v", text, err)
	}
	if status, _ := v.get("/admin/payouts"); status != http.StatusNotFound {
		t.Errorf("after close: %d", status)
	}
	for _, args := range [][]string{{"admin"}, {"admin", "passwd", "--dir", dir}, {"admin", "link", "--dir", dir, "more"}} {
		if _, err := runCommand(t, args...); err == nil {
			t.Errorf("%v is taken", args)
		}
	}
}

func TestStatusNamesTheCommandForTheLink(t *testing.T) {
	daemon := pooltest.NewDaemon(t, pooltest.Recorded(t, "litecoin-plain.json"))
	dir := newFolder(t, daemon, nil)
	serve(t, dir).stop()
	if err := openBook(t, dir).Halt(t.Context(), "litecoin-regtest", "look"); err != nil {
		t.Fatal(err)
	}
	if r, _ := status(t, dir); !strings.Contains(strings.Join(r.Attention, " "), "adit-pool admin link --dir "+dir) {
		t.Errorf("got %q", r.Attention)
	}
	if out, err := runCommand(t, "payout", "resume", "--dir", dir, "--reason", "looked\x1b[2J"); err != nil {
		t.Fatal(out, err)
	}
	log, err := runCommand(t, "admin", "log", "--dir", dir)
	if err != nil || !strings.Contains(log, "command line") || !strings.Contains(log, `"looked\x1b[2J"`) || strings.Contains(log, "\x1b") {
		t.Errorf("got %q, %v", log, err)
	}
}
