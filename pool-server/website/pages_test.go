package website_test

import (
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/packaging/bubble"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/stats"
	"github.com/adit-mining/adit/pool-server/website"
)

var (
	_ website.Book   = (*ledger.Ledger)(nil)
	_ website.Owners = (*ledger.Ledger)(nil)
)

var update = flag.Bool("update", false, "write the golden pages anew")

var assetVersion = regexp.MustCompile(`\?v=[0-9a-f]+`)

// golden compares a page with testdata/name.html. The clock is synctest's.
func golden(t *testing.T, name, page string) {
	t.Helper()
	page = assetVersion.ReplaceAllString(page, "?v=VERSION")
	file := filepath.Join("testdata", name+".html")
	if *update {
		if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if page != string(want) {
		gotLines, wantLines := strings.Split(page, "\n"), strings.Split(string(want), "\n")
		for i := range min(len(gotLines), len(wantLines)) {
			if gotLines[i] != wantLines[i] {
				t.Fatalf("%s line %d:\n got %s\nwant %s\n(go test -update writes what is rendered now)", file, i+1, gotLines[i], wantLines[i])
			}
		}
		t.Fatalf("%s: got %d lines, want %d", file, len(gotLines), len(wantLines))
	}
}

func TestPagesAreAsTheyWere(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		w := newWorld()
		golden(t, "home_empty", w.get("/").Body.String())
		golden(t, "miner_empty", w.get("/miners/"+w.account()).Body.String())
		time.Sleep(2 * time.Hour)
		w.fill(time.Now().UTC())
		if answer := w.report(machine(time.Now()), nil); answer.Code != http.StatusNoContent {
			t.Fatalf("telemetry: %d %s", answer.Code, answer.Body)
		}
		golden(t, "home", w.get("/").Body.String())
		golden(t, "miner", w.get("/miners/"+w.account()).Body.String())
		golden(t, "payout", w.get("/miners/"+w.account()+"/payouts/8").Body.String())
		golden(t, "miner_owner", w.see("/miners/"+w.account(), w.signedIn(t, 1)))
		w.rules, w.contact = "Be kind.\nOne person, one key.", "help@pool.example"
		w.state = "No daemon has fresh work: miners are sent elsewhere."
		time.Sleep(2 * time.Second)
		golden(t, "home_trouble", w.get("/").Body.String())
		golden(t, "message", w.lookUp("nonsense").Body.String())
	})
}

const hostile = `"><script>alert(1)</script><img src=x onerror='alert(2)'>{{.}}`

// TestNothingThatMinersSendIsMarkup puts hostile text where strangers' text can
// come from, even where other parts of the pool would have refused it.
func TestNothingThatMinersSendIsMarkup(t *testing.T) {
	w := newWorld()
	now := time.Now()
	w.fill(now)
	w.state, w.rules, w.contact = hostile, hostile, hostile
	w.stats.ShareAccepted(stats.Share{Pool: poolID, Account: w.account(), Worker: hostile, Algorithm: pow.Scrypt, Difficulty: 1, Time: now, Connected: now})
	w.stats.ShareRejected(stats.Reject{Pool: poolID, Account: w.account(), Worker: "rig1", Reason: hostile, Time: now})
	w.book.workers = append(w.book.workers, ledger.Worker{Name: "'javascript:alert(3)//" + hostile})
	w.book.blocks[0].Finder = hostile
	w.book.blocks[0].Hash = hostile
	w.book.payouts[0].TxID = hostile
	w.book.explain.Payout.TxID = hostile
	w.book.explain.Payout.Outputs[0].Address = hostile
	for i := range w.book.incomes {
		w.book.incomes[i].Note, w.book.incomes[i].Block.Hash, w.book.incomes[i].Block.Scheme = hostile, hostile, hostile
	}
	for _, path := range []string{"/", "/miners/" + w.account(), "/miners/" + w.account() + "/payouts/8", "/miners/" + strings.Repeat("%3Cscript%3E", 3), "/nothing/%22%3E%3Cscript%3E"} {
		page := w.get(path).Body.String()
		for _, bad := range []string{"<script>", "<img src=x", "onerror='alert", `"javascript:`} {
			if strings.Contains(page, bad) {
				t.Errorf("%s contains %q", path, bad)
			}
		}
	}
	if page := w.get("/miners/" + w.account()).Body.String(); !strings.Contains(page, "&lt;script&gt;alert(1)") {
		t.Error("the hostile worker is not shown at all, so this test proves nothing")
	}
}

func TestPagesKeepToTheirPolicy(t *testing.T) {
	w := newWorld()
	w.fill(time.Now())
	inline := regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|<script(?:\s+[^>]*)?>[^<]|javascript:|(?:src|href|action)="(?:https?:)?//`)
	for _, path := range []string{"/", "/miners/" + w.account(), "/miners/" + w.account() + "/payouts/8", "/nothing"} {
		answer := w.get(path)
		header := answer.Header()
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff",
			"Referrer-Policy": "same-origin", "Cache-Control": "no-store", "Content-Type": "text/html; charset=utf-8",
		} {
			if !strings.Contains(header.Get(name), want) {
				t.Errorf("%s: %s is %q, want %q", path, name, header.Get(name), want)
			}
		}
		if policy := header.Get("Content-Security-Policy"); strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
			t.Errorf("%s: policy %q", path, policy)
		}
		if found := inline.FindString(answer.Body.String()); found != "" {
			t.Errorf("%s has %q, which the policy forbids", path, found)
		}
	}
}

func TestFilesMayBeKeptForEverByTheirVersion(t *testing.T) {
	w := newWorld()
	page := w.get("/").Body.String()
	for _, name := range []string{"site.css", "live.js", "icon.svg"} {
		address := regexp.MustCompile(`/static/` + name + `\?v=[0-9a-f]+`).FindString(page)
		if address == "" {
			t.Errorf("the page does not use %s", name)
			continue
		}
		answer := w.get(address)
		if answer.Code != http.StatusOK || !strings.Contains(answer.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d, %q", address, answer.Code, answer.Header().Get("Cache-Control"))
		}
		if got := w.get("/static/" + name).Header().Get("Cache-Control"); got != "no-cache" {
			t.Errorf("%s without a version: Cache-Control %q", name, got)
		}
	}
	if answer := w.get("/static/nothing.css"); answer.Code != http.StatusNotFound {
		t.Errorf("a file that isn't there: %d", answer.Code)
	}
}

func TestAMinerIsFoundByEveryNameOfItsAccount(t *testing.T) {
	w := newWorld()
	address := ownAddress
	for name, want := range map[string]string{
		w.account():                  w.account(),
		w.key.MiningKey():            w.account(),
		strings.ToUpper(w.account()): w.account(),
		"+" + w.account() + "+":      w.account(), // spaces, as forms send them
		address:                      address,
		strings.ToUpper(address):     address,
	} {
		answer := w.lookUp(name)
		if got := answer.Header().Get("Location"); answer.Code != http.StatusSeeOther || got != "/miners/"+want {
			t.Errorf("%s: %d to %q, want /miners/%s", name, answer.Code, got, want)
		}
	}
	if answer := w.get("/miners/" + w.key.MiningKey()); answer.Header().Get("Location") != "/miners/"+w.account() {
		t.Errorf("the page of the long name: %d %v", answer.Code, answer.Header())
	}
}

func TestAPastedPrivateKeyIsNeverRepeated(t *testing.T) {
	w := newWorld()
	secret := fmt.Sprintf("%x", w.key.Bytes())
	answer := w.lookUp(secret)
	if answer.Code != http.StatusBadRequest || !strings.Contains(answer.Body.String(), "private key") {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	if strings.Contains(answer.Body.String(), secret) || strings.Contains(fmt.Sprint(answer.Header()), secret) {
		t.Error("the answer repeats the private key")
	}
}

func TestALedgerThatFailsIsSaidWithoutInnerTrouble(t *testing.T) {
	w := newWorld()
	w.book.err = errors.New("disk /dev/secret is on fire")
	for _, path := range []string{"/", "/miners/" + w.account(), "/api/v1/pool", "/api/v1/blocks", "/api/v1/payouts", "/api/v1/miners/" + w.account(),
		"/miners/" + w.account() + "/payouts/8", "/api/v1/miners/" + w.account() + "/credits", "/api/v1/miners/" + w.account() + "/payouts/8",
		"/api/v1/miners/" + w.account() + "/credits.csv", "/api/v1/miners/" + w.account() + "/payouts.json"} {
		answer := w.get(path)
		if answer.Code != http.StatusInternalServerError || !strings.Contains(answer.Body.String(), "cannot read its books") {
			t.Errorf("%s: %d %s", path, answer.Code, answer.Body)
		}
		if strings.Contains(answer.Body.String(), "secret") {
			t.Errorf("%s tells strangers %q", path, w.book.err)
		}
	}
}

func TestWhatIsNotThereIsSaid(t *testing.T) {
	w := newWorld()
	for path, want := range map[string]string{
		"/nothing": "<h1>No such page</h1>", "/miners/": "<h1>No such page</h1>", "/miners/zz": "<h1>Whose miner?</h1>",
		"/api/v1/nothing": `{"error":`, "/api/v1/miners/zz": `{"error":`,
		"/miners/" + w.account() + "/payouts/9": "<h1>No such payout</h1>", "/miners/" + w.account() + "/payouts/x": "<h1>No such payout</h1>",
		"/api/v1/miners/" + w.account() + "/payouts/9": `{"error":`, "/api/v1/miners/" + w.account() + "/credits?coin=doge": `{"error":`,
		"/api/v1/miners/" + w.account() + "/credits?limit=201": `{"error":`, "/api/v1/miners/" + w.account() + "/credits.csv?coin=doge": `{"error":`,
	} {
		answer := w.get(path)
		if answer.Code/100 != 4 || !strings.Contains(answer.Body.String(), want) {
			t.Errorf("%s: %d %s", path, answer.Code, answer.Body)
		}
	}
}
