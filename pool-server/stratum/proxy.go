package stratum

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Sizes of a PROXY header. Version 1 says how long it can get. Version 2 may carry
// anything behind the addresses; what proxies put there are hundreds of bytes.
const (
	longestProxy1 = 107
	longestProxy2 = 4096
	fixedProxy2   = 16
)

const (
	startProxy1 = "PROXY "
	startProxy2 = "\r\n\r\n\x00\r\nQUIT\n"
)

var errProxy = errors.New("want a PROXY header from this address")

// proxyHeader reads the PROXY header, version 1 or 2, that b begins with, and says
// how long it is: 0 if its end is still to come. from is invalid if the connection is
// the proxy's own, such as a look whether we are alive, or from an unknown place.
//
// https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt
func proxyHeader(b []byte) (from netip.AddrPort, length int, err error) {
	switch {
	case begins(b, startProxy1):
		return proxyHeader1(b)
	case begins(b, startProxy2):
		return proxyHeader2(b)
	}
	return from, 0, errProxy
}

// begins reports whether b begins with start, as far as b goes.
func begins(b []byte, start string) bool {
	return bytes.HasPrefix(b, []byte(start[:min(len(start), len(b))]))
}

// proxyHeader1 reads a line such as PROXY TCP4 192.0.2.1 192.0.2.2 56324 3333.
func proxyHeader1(b []byte) (from netip.AddrPort, length int, err error) {
	line, _, whole := bytes.Cut(b[:min(len(b), longestProxy1)], []byte("\r\n"))
	if !whole {
		if len(b) >= longestProxy1 {
			err = errProxy
		}
		return from, 0, err
	}
	length = len(line) + 2
	fields := strings.Split(string(line), " ")
	if fields[1] == "UNKNOWN" {
		return from, length, nil // whatever else the line says
	}
	if len(fields) != 6 || fields[1] != "TCP4" && fields[1] != "TCP6" {
		return from, 0, errProxy
	}
	addr, err := netip.ParseAddr(fields[2])
	port, portErr := strconv.ParseUint(fields[4], 10, 16)
	if err != nil || portErr != nil || addr.Is4() != (fields[1] == "TCP4") || addr.Zone() != "" {
		return from, 0, errProxy
	}
	return netip.AddrPortFrom(addr, uint16(port)), length, nil
}

// proxyHeader2 reads the binary header.
func proxyHeader2(b []byte) (from netip.AddrPort, length int, err error) {
	if len(b) < fixedProxy2 {
		return from, 0, nil
	}
	command, family := b[12], b[13]
	length = fixedProxy2 + int(binary.BigEndian.Uint16(b[14:]))
	switch {
	case length > longestProxy2, command != 0x20 && command != 0x21:
		return from, 0, errProxy
	case len(b) < length:
		return from, 0, nil
	case command == 0x20: // LOCAL
		return from, length, nil
	}
	rest := b[fixedProxy2:length]
	switch {
	case family == 0x11 && len(rest) >= 12: // TCP over IPv4
		from = netip.AddrPortFrom(netip.AddrFrom4([4]byte(rest)), binary.BigEndian.Uint16(rest[8:]))
	case family == 0x21 && len(rest) >= 36: // TCP over IPv6
		from = netip.AddrPortFrom(netip.AddrFrom16([16]byte(rest)), binary.BigEndian.Uint16(rest[32:]))
	case family == 0x00: // not known to the proxy either
	default:
		return from, 0, errProxy
	}
	return from, length, nil
}

// behindProxy reports whether connections from addr begin with a PROXY header.
func (s *Server) behindProxy(addr netip.Addr) bool { return within(addr, s.cfg.Proxies) }

// within reports whether one of the networks has addr.
func within(addr netip.Addr, networks []netip.Prefix) bool {
	for _, network := range networks {
		if network.Contains(addr) {
			return true
		}
	}
	return false
}

// headerMissingEvery is the least time between two log records of proxies that send no
// header.
const headerMissingEvery = time.Minute

// headerMissing tells the operator: the proxy, or we, are set up wrongly.
func (s *Server) headerMissing(proxy net.Addr) {
	last, now := s.headerless.Load(), int64(s.now())
	if last != 0 && now-last < int64(headerMissingEvery) || !s.headerless.CompareAndSwap(last, now) {
		return
	}
	s.cfg.Log.Warn("a connection from a proxy's address begins without a PROXY header", "address", proxy)
}

func tcpAddr(from netip.AddrPort) net.Addr { return net.TCPAddrFromAddrPort(from) }
