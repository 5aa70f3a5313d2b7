package admin

import (
	"html/template"
	"time"

	"github.com/adit-mining/adit/pool-server/web"
)

// words are the functions that templates turn values into text with.
var words = template.FuncMap{
	"short":   web.Short,
	"ago":     web.Ago,
	"count":   web.Count,
	"clock":   func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 MST") },
	"machine": func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"people":  people,
}

// people writes how many accounts there are.
func people(n int) string {
	if n == 1 {
		return "1 account"
	}
	return web.Count(n) + " accounts"
}
