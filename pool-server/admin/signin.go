package admin

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/web"
)

// A Link lets an operator in, once.
type Link struct {
	URL     string    // with the code behind the #
	Code    string    // to be typed at Root, where there is no JavaScript
	Expires time.Time // afterwards it is worth nothing
}

// NewLink makes a link for an operator of that name, and opens the panel. site is the
// website's address.
func (p *Panel) NewLink(ctx context.Context, who, site string) (Link, error) {
	who = strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return -1
		}
		return c
	}, who)
	if name := []rune(who); len(name) > maxWho {
		who = string(name[:maxWho])
	}
	if who == "" {
		who = "operator"
	}
	// Written down first: what is not in the audit log does not happen.
	if err := p.c.Book.Audit(ctx, ledger.AuditEntry{Who: who, Action: "link", Outcome: "given out on the console"}); err != nil {
		return Link{}, err
	}
	now := time.Now()
	code := p.door.link(who, now)
	return Link{strings.TrimRight(site, "/") + Root + "/signin#" + code, code, now.Add(linkLife).UTC().Truncate(time.Second)}, nil
}

// Close ends all links and sessions: the panel answers as if it were not there, until
// the next link.
func (p *Panel) Close(ctx context.Context, who string) error {
	p.door.close()
	return p.c.Book.Audit(ctx, ledger.AuditEntry{Who: who, Action: "close", Outcome: "all links and sessions ended"})
}

// signInView is the page at /admin/signin.
type signInView struct {
	frame
	Trouble string
	Plain   bool // the cookie would go over the network for everybody to read
}

func (p *Panel) signInPage(w http.ResponseWriter, r *http.Request) {
	p.askCode(w, r, http.StatusOK, "")
}

func (p *Panel) askCode(w http.ResponseWriter, r *http.Request, status int, trouble string) {
	plain := !strings.HasPrefix(p.base(r), "https://") && !web.IsLoopback(web.Sender(r))
	p.show(w, status, "signin", signInView{p.frame("Sign in", nil), trouble, plain})
}

// signIn takes a code and gives a session for it.
func (p *Panel) signIn(w http.ResponseWriter, r *http.Request) {
	if p.crossOrigin.Check(r) != nil {
		p.say(w, nil, http.StatusForbidden, "Not from here", "This was sent by another site's page and was not done.")
		return
	}
	now := time.Now()
	s, cookie, err := p.door.enter(r.PostFormValue("code"), web.Sender(r), now)
	if err != nil {
		p.refuse(w, r, err, now)
		return
	}
	// Nobody comes in unseen.
	if err := p.c.Book.Audit(r.Context(), ledger.AuditEntry{Who: s.who, Source: web.Sender(r), Action: "sign in", Outcome: "done"}); err != nil {
		p.door.leave(cookie)
		p.sorry(w, r, err)
		return
	}
	p.door.leave(p.cookieOf(r))
	http.SetCookie(w, p.cookie(r, cookie, sessionLife))
	http.Redirect(w, r, Root+"/payouts", http.StatusSeeOther)
}

// refuse says that a code is of no use. A storm of them does not fill the disk.
func (p *Panel) refuse(w http.ResponseWriter, r *http.Request, err error, now time.Time) {
	if errors.Is(err, errThrottled) {
		p.c.Log.Debug("sign-in refused", "from", web.Sender(r), "err", err)
		p.askCode(w, r, http.StatusTooManyRequests, "Too many wrong codes came from your address. Wait some minutes.")
		return
	}
	p.c.Log.Warn("sign-in refused", "from", web.Sender(r), "err", err)
	if p.door.note(now) {
		p.record(r, ledger.AuditEntry{Action: "sign in", Outcome: "refused: " + err.Error()})
	}
	p.askCode(w, r, http.StatusForbidden, "This code is wrong, was used already, or is older than ten minutes. Ask for a new one: adit-pool admin link")
}

// cookie holds a session; one that lives for nothing is forgotten by the browser. It is
// never sent along from another site's page. Over https it has the name that browsers
// guard.
func (p *Panel) cookie(r *http.Request, value string, life time.Duration) *http.Cookie {
	c := &http.Cookie{
		Name: "adit-admin", Value: value, Path: "/", MaxAge: int(life.Seconds()),
		HttpOnly: true, SameSite: http.SameSiteStrictMode,
	}
	if life <= 0 {
		c.MaxAge = -1
	}
	if strings.HasPrefix(p.base(r), "https://") {
		c.Name, c.Secure = "__Host-adit-admin", true
	}
	return c
}

// cookieOf returns the secret that a request's cookie holds, "" without one.
func (p *Panel) cookieOf(r *http.Request) string {
	c, err := r.Cookie(p.cookie(r, "", 0).Name)
	if err != nil {
		return ""
	}
	return c.Value
}

func (p *Panel) session(r *http.Request) (session, bool) {
	return p.door.of(p.cookieOf(r), time.Now())
}

func (p *Panel) signOut(w http.ResponseWriter, r *http.Request, s session) {
	p.door.leave(p.cookieOf(r))
	p.record(r, ledger.AuditEntry{Who: s.who, Action: "sign out", Outcome: "done"})
	http.SetCookie(w, p.cookie(r, "", 0))
	http.Redirect(w, r, Root+"/signin", http.StatusSeeOther)
}
