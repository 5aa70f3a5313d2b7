package website

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/pool-server/web"
)

// Signing in goes in three steps. The app proves that it holds the mining key and
// gets a link. The browser opens the link, which only shows a button: a browser
// that looks at links ahead must not use them up. The button sends the link's token
// back, which is worth nothing from then on, and gets a cookie.
const (
	linkLife    = 2 * time.Minute
	maxLinks    = 10_000
	maxOwnLinks = 5

	sessionLife    = 30 * 24 * time.Hour
	sessionIdle    = 7 * 24 * time.Hour
	maxSessions    = 10_000
	maxOwnSessions = 20

	signInRate, signInBurst       = 0.2, 10 // of one account, per second and at once
	neighbourRate, neighbourBurst = 0.5, 50 // from one network address, per second and at once
	maxNonces                     = 50_000  // that are remembered
)

// signIn is what is known of links, of those who are signed in, and of requests
// that are not to be taken again.
type signIn struct {
	links, sessions *tickets
	nonces          nonces
	accounts        *limiters
	addresses       *limiters
}

func newSignIn() *signIn {
	return &signIn{
		links:     &tickets{life: linkLife, idle: linkLife, most: maxLinks, mostEach: maxOwnLinks},
		sessions:  &tickets{life: sessionLife, idle: sessionIdle, most: maxSessions, mostEach: maxOwnSessions},
		accounts:  newLimiters(signInRate, signInBurst),
		addresses: newLimiters(neighbourRate, neighbourBurst),
	}
}

// Faults of a request to sign in that the sender is told.
var (
	errReplayed     = errors.New("this request to sign in was used already; ask for a new link")
	errManySignIns  = errors.New("too many requests to sign in; try again in a minute")
	errSignInFormat = fmt.Errorf("want {\"time\": RFC 3339, \"nonce\": %d hex digits}", poolapi.NonceDigits)
)

// giveLink answers POST /api/v1/miners/{account}/signin.
func (s *site) giveLink(w http.ResponseWriter, r *http.Request) {
	account, body, ok := s.signed(w, r, poolapi.ForSignIn())
	if !ok {
		return
	}
	now := time.Now()
	request, err := readSignIn(body, now)
	if err != nil {
		problem(w, http.StatusBadRequest, err)
		return
	}
	if !s.signIn.accounts.allow(account, now) || !s.signIn.addresses.allow(web.Sender(r), now) {
		problem(w, http.StatusTooManyRequests, errManySignIns)
		return
	}
	switch err := s.signIn.nonces.use(account+request.Nonce, now); {
	case errors.Is(err, errManySignIns):
		problem(w, http.StatusTooManyRequests, err)
		return
	case err != nil:
		problem(w, http.StatusConflict, err)
		return
	}
	link := s.base(r) + "/signin?token=" + s.signIn.links.issue(account, now)
	writeJSON(w, http.StatusOK, poolapi.SignInAnswer{URL: link, Expires: now.Add(linkLife).UTC().Truncate(time.Second)})
}

// readSignIn reads a request to sign in and refuses one of another time.
func readSignIn(body []byte, now time.Time) (poolapi.SignInRequest, error) {
	var request poolapi.SignInRequest
	if err := json.Unmarshal(body, &request); err != nil {
		return request, errSignInFormat
	}
	if nonce, err := hex.DecodeString(request.Nonce); err != nil || len(nonce) != poolapi.NonceDigits/2 {
		return request, errSignInFormat
	}
	request.Nonce = strings.ToLower(request.Nonce)
	return request, checkClock(request.Time, now)
}

// nonces remembers requests as long as their time is taken for now. It is empty
// after a restart of the pool: who has recorded a request could then use it until
// its time is past.
type nonces struct {
	mu   sync.Mutex
	seen map[string]time.Time // until when each is to be remembered
}

// use notes a nonce, and is an error if it was used before.
func (n *nonces) use(nonce string, now time.Time) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if until, used := n.seen[nonce]; used && now.Before(until) {
		return errReplayed
	}
	if n.seen == nil {
		n.seen = map[string]time.Time{}
	}
	if len(n.seen) >= maxNonces {
		for old, until := range n.seen {
			if !now.Before(until) {
				delete(n.seen, old)
			}
		}
	}
	if len(n.seen) >= maxNonces {
		return errManySignIns
	}
	n.seen[nonce] = now.Add(2*clockTolerance + time.Second)
	return nil
}

// base is the website's address as the visitor reaches it.
func (s *site) base(r *http.Request) string {
	if own := s.Info().URL; own != "" {
		return strings.TrimRight(own, "/")
	}
	u := url.URL{Scheme: "http", Host: r.Host}
	if r.TLS != nil {
		u.Scheme = "https"
	}
	return u.String()
}

// signInView is the page at /signin.
type signInView struct {
	frame
	Account, Token string
}

const oldLink = "This link was used already, or it is older than two minutes. Open your page from the app once more."

// signInPage shows who would be signed in, and leaves the token as it is.
func (s *site) signInPage(w http.ResponseWriter, r *http.Request) {
	token := r.URL.Query().Get("token")
	account := s.signIn.links.of(token, time.Now())
	if account == "" {
		s.say(w, http.StatusGone, "The link has ended", oldLink)
		return
	}
	s.show(w, http.StatusOK, "signin", signInView{s.frame("Sign in"), account, token})
}

// takeLink signs the visitor in.
func (s *site) takeLink(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if !s.ownForm(w, r) {
		return
	}
	now := time.Now()
	account := s.signIn.links.take(r.PostFormValue("token"), now)
	if account == "" {
		s.say(w, http.StatusGone, "The link has ended", oldLink)
		return
	}
	s.endSession(r)
	http.SetCookie(w, s.cookie(r, s.signIn.sessions.issue(account, now), sessionLife))
	http.Redirect(w, r, "/miners/"+account, http.StatusSeeOther)
}
