package website

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"sync"
	"time"
)

// tickets are random secrets that each stand for an account: the links that sign
// in, and the cookies of who did. Only their hashes are kept, so that nobody who
// reads our memory can use them. When there are too many, those that were not used
// for the longest time go first.
type tickets struct {
	life     time.Duration // after which one ends
	idle     time.Duration // without use, after which one ends
	most     int           // of all accounts
	mostEach int           // of one account

	mu sync.Mutex
	by map[[sha256.Size]byte]ticket
}

type ticket struct {
	account    string
	made, used time.Time
}

// issue makes a new secret that stands for account.
func (t *tickets) issue(account string, now time.Time) (secret string) {
	var random [32]byte
	rand.Read(random[:]) // never fails
	secret = base64.RawURLEncoding.EncodeToString(random[:])
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.by == nil {
		t.by = map[[sha256.Size]byte]ticket{}
	}
	t.makeRoom(account, now)
	t.by[hashOf(secret)] = ticket{account, now, now}
	return secret
}

// of returns the account that secret stands for, "" if none, and notes the use.
func (t *tickets) of(secret string, now time.Time) (account string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	hash := hashOf(secret)
	one, known := t.by[hash]
	if !known || t.ended(one, now) {
		return ""
	}
	one.used = now
	t.by[hash] = one
	return one.account
}

// take is of for the last time: the secret is worth nothing afterwards.
func (t *tickets) take(secret string, now time.Time) (account string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	hash := hashOf(secret)
	one, known := t.by[hash]
	delete(t.by, hash)
	if !known || t.ended(one, now) {
		return ""
	}
	return one.account
}

func hashOf(secret string) [sha256.Size]byte { return sha256.Sum256([]byte(secret)) }

func (t *tickets) ended(one ticket, now time.Time) bool {
	return now.Sub(one.made) >= t.life || now.Sub(one.used) >= t.idle
}

// makeRoom forgets what has ended, and of account and of all what was used least
// recently, until one more has its place.
func (t *tickets) makeRoom(account string, now time.Time) {
	own := 0
	for hash, one := range t.by {
		switch {
		case t.ended(one, now):
			delete(t.by, hash)
		case one.account == account:
			own++
		}
	}
	if own >= t.mostEach {
		t.forgetOldest(func(one ticket) bool { return one.account == account })
	}
	if len(t.by) >= t.most {
		t.forgetOldest(func(ticket) bool { return true })
	}
}

func (t *tickets) forgetOldest(among func(ticket) bool) {
	var oldest [sha256.Size]byte
	var since time.Time
	found := false
	for hash, one := range t.by {
		if among(one) && (!found || one.used.Before(since)) {
			oldest, since, found = hash, one.used, true
		}
	}
	delete(t.by, oldest)
}
