package e2e_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
)

// TestTheOperatorsPageMendsHaltedPayouts halts a running pool's payouts, as a keeper in
// doubt does, and lets them go on as an operator would: by the command that status
// names, its link, and the page's button.
func TestTheOperatorsPageMendsHaltedPayouts(t *testing.T) {
	t.Parallel()
	rpc, address := embeddedCoin(t)
	dir := t.TempDir()
	initPool(t, dir, "bitcoin", rpc, address)
	os.MkdirAll(filepath.Join(dir, "data"), 0o755)
	book, err := ledger.Open(t.Context(), filepath.Join(dir, "data", "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	if err := book.Halt(t.Context(), crashPool, "look at transaction 00ff"); err != nil {
		t.Fatal(err)
	}
	pool := startPool(t, "serve", "--dir", dir)
	o := newOperator(t, pool.Site)
	if status, _ := o.get("/admin/payouts"); status != http.StatusNotFound {
		t.Errorf("before the link: %d", status)
	}
	eventually(t, 30*time.Second, "status tells the command for the link", func() bool {
		stdout, _, err := command(t, "adit-pool", "status", "--dir", dir)
		return err != nil && strings.Contains(stdout, "look at transaction 00ff") && strings.Contains(stdout, "adit-pool admin link --dir "+dir)
	})
	link, _, _ := strings.Cut(must(t, "adit-pool", "admin", "link", "--dir", dir, "--name", "anna"), "\n")
	_, code, _ := strings.Cut(link, "#")
	if status, page := o.post("/admin/signin", url.Values{"code": {code}}); status != http.StatusOK || !strings.Contains(page, "look at transaction 00ff") {
		t.Fatalf("the link: %d %s", status, page)
	}
	if status, _ := newOperator(t, pool.Site).post("/admin/signin", url.Values{"code": {code}}); status != http.StatusForbidden {
		t.Errorf("the link a second time: %d", status)
	}
	resume := "/admin/payouts/" + crashPool + "/resume"
	_, page := o.get(resume)
	form := url.Values{"token": {field(page, "token")}, "about": {field(page, "about")}, "reason": {"looked: it is mined"}}
	if status, page := o.post(resume, form); status != http.StatusOK || !strings.Contains(page, "Payouts go on.") {
		t.Fatalf("the button: %d %s", status, page)
	}
	if _, halted, err := book.Halted(t.Context(), crashPool); err != nil || halted {
		t.Errorf("after the button: halted = %v, %v", halted, err)
	}
	eventually(t, 30*time.Second, "the keeper has noticed", func() bool {
		_, page := o.get("/admin/payouts")
		return strings.Contains(page, "Paying")
	})
	log := must(t, "adit-pool", "admin", "log", "--dir", dir)
	for _, want := range []string{"anna, session 1", "no such code", `"looked: it is mined"`} {
		if !strings.Contains(log, want) {
			t.Errorf("%q is missing in the audit log\n%s", want, log)
		}
	}
	pool.stop(t)
	if strings.Contains(pool.log.String(), code) {
		t.Error("the server's log holds the link's code")
	}
}

// operator is a browser as far as the operator's pages need one.
type operator struct {
	http.Client
	t    *testing.T
	site string
}

func newOperator(t *testing.T, site string) *operator {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &operator{http.Client{Jar: jar}, t, site}
}

func (o *operator) get(path string) (status int, page string) {
	o.t.Helper()
	return o.read(o.Get(o.site + path))
}

func (o *operator) post(path string, form url.Values) (status int, page string) {
	o.t.Helper()
	return o.read(o.PostForm(o.site+path, form))
}

func (o *operator) read(resp *http.Response, err error) (status int, page string) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// field is the value of a page's hidden field.
func field(page, name string) string {
	_, rest, _ := strings.Cut(page, `name="`+name+`" value="`)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}
