package admin

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"time"
)

//go:embed static templates
var embedded embed.FS

// pages are the parsed templates, by name.
type pages map[string]*template.Template

func loadPages() (pages, error) {
	all := pages{}
	for _, name := range []string{"signin", "message", "payouts", "ask", "log"} {
		t, err := template.New("").Funcs(words).ParseFS(embedded, "templates/base.html", "templates/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("admin: page %s: %w", name, err)
		}
		all[name] = t
	}
	return all, nil
}

// file answers with the panel's own style and script; the rest is the website's.
func (pages) file(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	body, err := embedded.ReadFile("static/" + name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(body))
}

// frame is what every page shows.
type frame struct {
	Title, Server string
	Session       *session // nil: nobody is signed in
	Now           time.Time
}

// Operator is who is signed in; "" if nobody is.
func (f frame) Operator() string {
	if f.Session == nil {
		return ""
	}
	return f.Session.who
}

// Token is what forms carry.
func (f frame) Token() string {
	if f.Session == nil {
		return ""
	}
	return f.Session.token
}

func (p *Panel) frame(title string, s *session) frame {
	return frame{title, p.c.Name(), s, time.Now().UTC().Truncate(time.Second)}
}

// show renders a page. It is rendered whole before anything is sent.
func (p *Panel) show(w http.ResponseWriter, status int, page string, data any) {
	var out bytes.Buffer
	if err := p.pages[page].ExecuteTemplate(&out, "base", data); err != nil {
		p.c.Log.Error("page not rendered", "page", page, "err", err)
		http.Error(w, "This page cannot be shown at the moment.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = out.WriteTo(w) // the visitor may be gone
}

// message is a page that only says something.
type message struct {
	frame
	Text string
}

func (p *Panel) say(w http.ResponseWriter, s *session, status int, title, text string) {
	p.show(w, status, "message", message{p.frame(title, s), text})
}

// sorry is the page for a fault of ours. An operator reads the trouble in the log.
func (p *Panel) sorry(w http.ResponseWriter, r *http.Request, err error) {
	p.c.Log.Error("page not made", "path", r.URL.Path, "err", err)
	p.say(w, nil, http.StatusInternalServerError, "Not now", "The books cannot be read or written at the moment, and nothing was done. The log of errors says why; try again in a minute.")
}
