// Package web is what the public pages and the operator's share: who asks, and how
// names, times and numbers are written. It is a leaf.
package web

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// Sender is the network address a request comes from, without the port. A proxy on this
// computer says for whom it asks; what others say of themselves is not believed.
func Sender(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	through := r.Header.Values("X-Forwarded-For")
	if !IsLoopback(host) || len(through) == 0 {
		return host
	}
	list := through[len(through)-1]
	return strings.TrimSpace(list[strings.LastIndex(list, ",")+1:]) // the last is what our proxy saw
}

// IsLoopback reports whether host is an address of this computer.
func IsLoopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// Short keeps the ends of a long name.
func Short(s string) string {
	r := []rune(s)
	if len(r) <= 16 {
		return s
	}
	return string(r[:8]) + "…" + string(r[len(r)-6:])
}

// Ago tells how long before now t was, in words.
func Ago(now, t time.Time) string {
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

// Count writes a whole number, an int or int64, with thin gaps: "12 345".
func Count(n any) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s
}

// Coins shortens an amount to what people read: two decimals, or as many as it has.
func Coins(amount string) string {
	whole, decimals, _ := strings.Cut(amount, ".")
	decimals = strings.TrimRight(decimals, "0")
	for len(decimals) < 2 {
		decimals += "0"
	}
	return whole + "." + decimals
}
