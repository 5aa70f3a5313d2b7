package startup

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// Longest link and pool's address, in bytes; real ones are far shorter.
const longestLink, longestPool = 1024, 300

// ParseLink returns the pool's address in a link as
//
//	adit://join?pool=https%3A%2F%2Fpool.example
//
// Any web page can hold one, so nothing is understood but this one form, and whoever
// gets the address asks the user before anything is done with it. The address has no
// user, query or fragment, and only ASCII, so that it looks like what it is.
func ParseLink(link string) (pool string, err error) {
	if len(link) > longestLink {
		return "", errors.New("link: it is too long")
	}
	u, err := url.Parse(link)
	if err != nil {
		return "", fmt.Errorf("link: %w", err)
	}
	if u.Scheme != "adit" || u.Host != "join" || u.Path != "" && u.Path != "/" || u.User != nil || strings.Contains(link, "#") {
		return "", fmt.Errorf("link %q: want adit://join?pool=ADDRESS", link)
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return "", fmt.Errorf("link %q: %w", link, err)
	}
	if len(query) != 1 || len(query["pool"]) != 1 {
		return "", fmt.Errorf("link %q: want the pool's address and nothing else", link)
	}
	return poolAddress(query.Get("pool"))
}

func poolAddress(typed string) (string, error) {
	refused := fmt.Errorf("link: want a pool's address like https://pool.example, have %q", typed)
	u, err := url.Parse(typed)
	if err != nil || len(typed) > longestPool || u.User != nil || strings.ContainsAny(typed, "#?%") {
		return "", refused
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || !only(u.Hostname(), "-.:") || !only(u.Path, "-._~/") {
		return "", refused
	}
	if port, err := strconv.Atoi(u.Port()); strings.HasSuffix(u.Host, ":") || u.Port() != "" && (err != nil || port < 1 || port > 65535) {
		return "", refused
	}
	return u.Scheme + "://" + strings.ToLower(u.Host) + strings.TrimRight(u.Path, "/"), nil
}

// only reports whether s has nothing but ASCII letters, digits and marks.
func only(s, marks string) bool {
	return strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(marks, r))
	}) < 0
}
