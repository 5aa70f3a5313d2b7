package web_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/web"
)

// What a stranger says of himself is not believed; what a proxy on this computer says is.
func TestOnlyOurOwnProxySaysForWhomItAsks(t *testing.T) {
	for _, tt := range []struct {
		from    string
		through []string
		want    string
	}{
		{"198.51.100.7:80", nil, "198.51.100.7"},
		{"198.51.100.7:80", []string{"203.0.113.9"}, "198.51.100.7"},
		{"127.0.0.1:80", []string{"203.0.113.9"}, "203.0.113.9"},
		{"[::1]:80", []string{"10.0.0.1", "made up, 203.0.113.9"}, "203.0.113.9"},
		{"127.0.0.1:80", nil, "127.0.0.1"},
		{"@", nil, "@"},
	} {
		r := &http.Request{RemoteAddr: tt.from, Header: http.Header{"X-Forwarded-For": tt.through}}
		if got := web.Sender(r); got != tt.want {
			t.Errorf("%s through %v: got %s, want %s", tt.from, tt.through, got, tt.want)
		}
	}
}

func TestNamesTimesAndNumbersAreWrittenForPeople(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	for got, want := range map[string]string{
		web.Short("0123456789abcdef"): "0123456789abcdef", web.Short("0123456789abcdefg"): "01234567…bcdefg", web.Short("ééééééééééééééééé"): "éééééééé…éééééé",
		web.Ago(now, now): "just now", web.Ago(now, now.Add(-90*time.Second)): "1 min ago", web.Ago(now, now.Add(-72*time.Hour)): "3 days ago",
		web.Coins("1.50000000"): "1.50", web.Coins("0.12345000"): "0.12345", web.Coins("7"): "7.00",
		web.Count(999): "999", web.Count(-123456): "-123\u202f456", web.Count(int64(1234567)): "1\u202f234\u202f567",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
