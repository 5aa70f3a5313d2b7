package startup_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/adit-mining/adit/app/startup"
)

func TestParseLink(t *testing.T) {
	for _, row := range []struct{ link, want string }{ // "" is refused
		{"adit://join?pool=https%3A%2F%2Fpool.example", "https://pool.example"},
		{"adit://join/?pool=https%3A%2F%2Fpool.example%2F", "https://pool.example"},
		{"ADIT://join?pool=https://Pool.Example:8443/eu", "https://pool.example:8443/eu"},
		{"adit://join?pool=http%3A%2F%2F127.0.0.1%3A8080", "http://127.0.0.1:8080"},
		{"adit://join?pool=http%3A%2F%2F%5B%3A%3A1%5D%3A8080", "http://[::1]:8080"},
		{"", ""},
		{"adit:join?pool=https://pool.example", ""},
		{"adit://", ""},
		{"adit://join", ""},
		{"adit://join?pool=", ""},
		{"adit://join?pool=pool.example", ""},
		{"adit://leave?pool=https://pool.example", ""},
		{"adit://join:80?pool=https://pool.example", ""},
		{"adit://me@join?pool=https://pool.example", ""},
		{"adit://join/there?pool=https://pool.example", ""},
		{"adit://join?pool=https://pool.example&start=1", ""},
		{"adit://join?pool=https://pool.example&pool=https://other.example", ""},
		{"adit://join?pool=https://pool.example#x", ""},
		{"adit://join?pool=https%3A%2F%2Fpool.example%23x", ""},
		{"adit://join?pool=https%3A%2F%2Fpool.example%3Fa%3Db", ""},
		{"adit://join?pool=https%3A%2F%2Fme%3Apw%40pool.example", ""},
		{"adit://join?pool=https%3A%2F%2Fpool.example%3A", ""},
		{"adit://join?pool=https%3A%2F%2Fpool.example%3A0", ""},
		{"adit://join?pool=https%3A%2F%2Fpool.example%3A99999", ""},
		{"adit://join?pool=https%3A%2F%2Fp%D0%BE%D0%BEl.example", ""}, // Cyrillic o
		{"adit://join?pool=https%3A%2F%2Fpool.example%2F%0Ax", ""},
		{"adit://join?pool=file%3A%2F%2F%2Fetc%2Fpasswd", ""},
		{"adit://join?pool=javascript%3Aalert(1)", ""},
		{"adit://join?pool=https%3A%2F%2Fpool.example%2F%2E%2E%25", ""},
		{"adit://join?pool=%zz", ""},
		{"https://join?pool=https://pool.example", ""},
		{"adit://join?pool=https://" + strings.Repeat("a", 400) + ".example", ""},
		{"adit://join?pool=https://pool.example/" + strings.Repeat("a", 1000), ""},
	} {
		got, err := startup.ParseLink(row.link)
		if got != row.want || (err == nil) != (row.want != "") {
			t.Errorf("ParseLink(%q) = %q, %v, want %q", row.link, got, err, row.want)
		}
	}
}

func FuzzParseLink(f *testing.F) {
	f.Add("adit://join?pool=https%3A%2F%2Fpool.example")
	f.Add("adit://join/?pool=http://[::1]:80/x")
	f.Add("adit://join?pool=https%3A%2F%2Fme%40pool.example%23")
	f.Fuzz(func(t *testing.T, link string) {
		pool, err := startup.ParseLink(link)
		if err != nil {
			if pool != "" {
				t.Errorf("ParseLink(%q) = %q with %v", link, pool, err)
			}
			return
		}
		u, err := url.Parse(pool)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			t.Fatalf("ParseLink(%q) = %q", link, pool)
		}
		if strings.ContainsFunc(pool, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Errorf("ParseLink(%q) = %q", link, pool)
		}
		if again, err := startup.ParseLink("adit://join?pool=" + url.QueryEscape(pool)); again != pool {
			t.Errorf("%q becomes %q, %v", pool, again, err)
		}
	})
}
