package admin

import (
	"fmt"
	"html/template"
	"strings"
	"time"
)

// words are the functions that templates turn values into text with.
var words = template.FuncMap{
	"short":   short,
	"ago":     ago,
	"count":   count,
	"clock":   func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 MST") },
	"machine": func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"people":  people,
}

// short keeps the ends of a long name.
func short(s string) string {
	r := []rune(s)
	if len(r) <= 16 {
		return s
	}
	return string(r[:8]) + "…" + string(r[len(r)-6:])
}

// ago tells how long before now t was, in words.
func ago(now, t time.Time) string {
	d := now.Sub(t)
	switch {
	case d < 10*time.Second:
		return "just now"
	case d < time.Minute:
		return fmt.Sprintf("%d s ago", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	}
	return fmt.Sprintf("%d days ago", int(d.Hours()/24))
}

// people writes how many accounts there are.
func people(n int) string {
	if n == 1 {
		return "1 account"
	}
	return count(n) + " accounts"
}

// count writes a whole number with thin gaps: "12 345".
func count(n any) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s
}

// coins shortens an amount to what people read: two decimals, or as many as it has.
func coins(amount string) string {
	whole, decimals, _ := strings.Cut(amount, ".")
	decimals = strings.TrimRight(decimals, "0")
	for len(decimals) < 2 {
		decimals += "0"
	}
	return whole + "." + decimals
}
