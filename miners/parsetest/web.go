package parsetest

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/adit-mining/adit/miners"
)

// Web answers HTTP requests for the paths of answers, on the port of 127.0.0.1 that
// it returns, until the test ends. Other paths are not found.
func Web(t testing.TB, answers map[string]string) (port int) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if answer, found := answers[r.URL.Path]; found {
			fmt.Fprint(w, answer)
			return
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(server.Close)
	_, text, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	port, err = strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// A Poll is one answer of a program's interface and what it means.
type Poll struct {
	Name   string
	Answer string
	Want   string // the miners.Status, as JSON
}

// Polls lets d ask an interface that gives the answers below path.
func Polls(t *testing.T, d miners.Poller, plan miners.Plan, path string, polls []Poll) {
	t.Helper()
	for _, poll := range polls {
		t.Run(poll.Name, func(t *testing.T) {
			plan.API = Web(t, map[string]string{path: poll.Answer})
			status, err := d.Poll(t.Context(), plan)
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(status)
			if err != nil || string(got) != poll.Want {
				t.Errorf("Poll = %v\n got %s\nwant %s", err, got, poll.Want)
			}
		})
	}
	for name, answers := range map[string]map[string]string{
		"no such path": nil, "no JSON": {path: "<html>"}, "cut off": {path: `{"a":[`},
	} {
		plan.API = Web(t, answers)
		if status, err := d.Poll(t.Context(), plan); err == nil {
			t.Errorf("%s: Poll = %+v without an error", name, status)
		}
	}
}
