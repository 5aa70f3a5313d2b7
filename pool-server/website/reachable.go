package website

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"

	"github.com/adit-mining/adit/pool-server/poolapi"
)

// reachable returns c with ports that the visitor can use. A port on all of the
// server's addresses, such as 0.0.0.0:3333, is nowhere for a miner: such a one is
// named by the host that the visitor has reached us by. Who lies about that host
// deceives only himself, for nothing of it is kept.
func reachable(c poolapi.CoinInfo, r *http.Request) poolapi.CoinInfo {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	c.Ports = slices.Clone(c.Ports)
	for i := range c.Ports {
		u, err := url.Parse(c.Ports[i].URL)
		if err != nil || host == "" || !everywhere(u.Hostname()) {
			continue
		}
		u.Host = net.JoinHostPort(trimBrackets(host), u.Port())
		c.Ports[i].URL = u.String()
	}
	return c
}

// everywhere reports whether host is no address but all of them.
func everywhere(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "" || err == nil && addr.IsUnspecified()
}

// trimBrackets undoes the brackets of an IPv6 address without a port.
func trimBrackets(host string) string {
	if n := len(host); n > 1 && host[0] == '[' && host[n-1] == ']' {
		return host[1 : n-1]
	}
	return host
}
