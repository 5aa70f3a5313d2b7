package admin

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	linkLife = 10 * time.Minute
	maxLinks = 5

	sessionLife = 12 * time.Hour
	sessionIdle = 30 * time.Minute
	maxSessions = 10

	// Of one network address: wrong codes at once, and how often one more.
	maxWrong   = 5
	wrongEvery = time.Minute
	// Of all: what a storm of wrong codes may add to the audit log, at once and how often
	// one more. What is beyond is in the server's log alone.
	maxNoted   = 50
	notedEvery = time.Minute

	maxAddresses = 10_000 // that are remembered
	maxWho       = 40     // characters of an operator's name
)

// door is who may come in. Only hashes of codes and cookies are kept, so that nobody
// who reads our memory can use them.
type door struct {
	mu       sync.Mutex
	open     bool // a link was made
	links    map[hash]session
	sessions map[hash]session
	count    int // sessions so far
	wrong    map[string]*rate.Limiter
	noted    *rate.Limiter
}

type hash [sha256.Size]byte

func hashOf(secret string) hash { return sha256.Sum256([]byte(secret)) }

// session is an operator who is signed in, or is going to be by a link.
type session struct {
	who        string // the name that the link was made for, and the session's number
	token      string // that its forms carry
	made, used time.Time
	news       string // what came of its last order, for the next page
}

// owns reports whether a form carries the session's token. Digests are compared, so that
// the time tells nothing.
func (s session) owns(token string) bool {
	have, want := hashOf(token), hashOf(s.token)
	return s.token != "" && subtle.ConstantTimeCompare(have[:], want[:]) == 1
}

func newDoor() *door {
	return &door{
		links: map[hash]session{}, sessions: map[hash]session{}, wrong: map[string]*rate.Limiter{},
		noted: rate.NewLimiter(rate.Every(notedEvery), maxNoted),
	}
}

func (d *door) isOpen() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.open
}

// link makes a code that is good once, and opens the panel. When there are too many the
// oldest goes.
func (d *door) link(who string, now time.Time) (code string) {
	code = rand.Text() // 130 bits
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open = true
	makeRoom(d.links, maxLinks, func(s session) bool { return now.Sub(s.made) >= linkLife })
	d.links[hashOf(code)] = session{who: who, made: now, used: now}
	return code
}

// close ends all links and sessions, and closes the panel.
func (d *door) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open = false
	clear(d.links)
	clear(d.sessions)
}

var (
	errThrottled = errors.New("too many wrong codes from this address")
	errNoLink    = errors.New("no such code, or it was used or has ended")
)

// enter takes a code for a session and the secret of its cookie. A code that comes
// from an address with too many wrong ones is not even looked at.
func (d *door) enter(code, address string, now time.Time) (s session, cookie string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.tries(address).TokensAt(now) < 1 {
		return session{}, "", errThrottled
	}
	key := hashOf(strings.ToUpper(strings.TrimSpace(code)))
	link, known := d.links[key]
	delete(d.links, key)
	if !known || now.Sub(link.made) >= linkLife {
		d.tries(address).AllowN(now, 1)
		return session{}, "", errNoLink
	}
	d.count++
	s = session{who: fmt.Sprintf("%s, session %d", link.who, d.count), token: rand.Text(), made: now, used: now}
	cookie = rand.Text()
	makeRoom(d.sessions, maxSessions, func(s session) bool { return s.ended(now) })
	d.sessions[hashOf(cookie)] = s
	return s, cookie, nil
}

// tries is how many wrong codes an address has left.
func (d *door) tries(address string) *rate.Limiter {
	one := d.wrong[address]
	if one == nil {
		if len(d.wrong) >= maxAddresses {
			clear(d.wrong) // generous to some, and bounded
		}
		one = rate.NewLimiter(rate.Every(wrongEvery), maxWrong)
		d.wrong[address] = one
	}
	return one
}

// note reports whether one more wrong code has room in the audit log.
func (d *door) note(now time.Time) bool { return d.noted.AllowN(now, 1) }

func (s session) ended(now time.Time) bool {
	return now.Sub(s.made) >= sessionLife || now.Sub(s.used) >= sessionIdle
}

// of returns the session of a cookie, and notes the use.
func (d *door) of(cookie string, now time.Time) (session, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := hashOf(cookie)
	s, known := d.sessions[key]
	if !known || s.ended(now) {
		delete(d.sessions, key)
		return session{}, false
	}
	s.used = now
	d.sessions[key] = s
	return s, true
}

// tell keeps for a session what came of its order.
func (d *door) tell(cookie, news string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s, known := d.sessions[hashOf(cookie)]; known {
		s.news = news
		d.sessions[hashOf(cookie)] = s
	}
}

// heard returns what came of a session's last order, once.
func (d *door) heard(cookie string) (news string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, known := d.sessions[hashOf(cookie)]
	if known {
		news, s.news = s.news, ""
		d.sessions[hashOf(cookie)] = s
	}
	return news
}

// leave makes a cookie worthless.
func (d *door) leave(cookie string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.sessions, hashOf(cookie))
}

// makeRoom forgets what has ended, and then what was used least recently, until one
// more has its place.
func makeRoom(all map[hash]session, most int, ended func(session) bool) {
	var oldest hash
	var since time.Time
	for key, s := range all {
		switch {
		case ended(s):
			delete(all, key)
		case since.IsZero() || s.used.Before(since):
			oldest, since = key, s.used
		}
	}
	if len(all) >= most {
		delete(all, oldest)
	}
}
