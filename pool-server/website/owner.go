package website

import (
	"net/http"
	"strings"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
)

// maxForm is the largest form that is read, in bytes.
const maxForm = 4 << 10

// cookie holds a session; one that lives for nothing is forgotten by the browser.
// It is never sent along from another site's page, which keeps other sites from
// acting as the owner. Over https it has the name that browsers guard.
func (s *site) cookie(r *http.Request, value string, life time.Duration) *http.Cookie {
	c := &http.Cookie{
		Name: "adit-session", Value: value, Path: "/", MaxAge: int(life.Seconds()),
		HttpOnly: true, SameSite: http.SameSiteStrictMode,
	}
	if life <= 0 {
		c.MaxAge = -1
	}
	if strings.HasPrefix(s.base(r), "https://") {
		c.Name, c.Secure = "__Host-adit-session", true
	}
	return c
}

// session returns the secret that a request's cookie holds, "" without one.
func (s *site) session(r *http.Request) string {
	c, err := r.Cookie(s.cookie(r, "", 0).Name)
	if err != nil {
		return ""
	}
	return c.Value
}

// owns tells whether the visitor is signed in as account.
func (s *site) owns(r *http.Request, account string) bool {
	secret := s.session(r)
	return secret != "" && s.signIn.sessions.of(secret, time.Now()) == account
}

// endSession makes the visitor's cookie worthless.
func (s *site) endSession(r *http.Request) (account string) {
	return s.signIn.sessions.take(s.session(r), time.Now())
}

// ownForm tells whether a form was sent by one of our own pages, as far as the
// browser says where it came from. If it was not, it answers.
func (s *site) ownForm(w http.ResponseWriter, r *http.Request) bool {
	if err := s.crossOrigin.Check(r); err != nil {
		s.say(w, http.StatusForbidden, "Not from here", "This was sent by another site's page and was not done.")
		return false
	}
	return true
}

// signOut answers the owner's button.
func (s *site) signOut(w http.ResponseWriter, r *http.Request) {
	if !s.ownForm(w, r) {
		return
	}
	to := "/"
	if account := s.endSession(r); account != "" {
		to = "/miners/" + account
	}
	http.SetCookie(w, s.cookie(r, "", 0))
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// setPrivacy answers the owner's switch for the details of the computers.
func (s *site) setPrivacy(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if !s.ownForm(w, r) {
		return
	}
	account := r.PathValue("account")
	if !s.owns(r, account) {
		s.say(w, http.StatusForbidden, "Whose page?", "Only this miner's owner can change that. Open the page from the app to sign in.")
		return
	}
	if !s.signIn.accounts.allow(account, time.Now()) {
		s.say(w, http.StatusTooManyRequests, "Too often", "This was changed too often. Try again in a minute.")
		return
	}
	settings := ledger.AccountSettings{Private: r.PostFormValue("private") == "yes"}
	if err := s.Owners.SetAccountSettings(r.Context(), account, settings); err != nil {
		s.sorry(w, r, err)
		return
	}
	http.Redirect(w, r, "/miners/"+account, http.StatusSeeOther)
}
