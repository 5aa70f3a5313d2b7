package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/adit-mining/adit/pool-server/certificate"
	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/pool-server/stratum"
)

// spareFiles is how many files the process may have open beside connections of
// miners: ledger, share log, daemons, website.
const spareFiles = 512

// openGate makes what all stratum ports share: limits, and the certificate.
func (s *server) openGate() (err error) {
	c := s.config.Server.Stratum
	limits := stratum.Limits{
		Sessions: c.Connections, SessionsPerIP: c.PerAddress, NewcomersPerIP: c.Newcomers, Arrivals: c.Arrivals,
		BanFor:  c.BanFor.D(),
		Trusted: append(prefixes(c.Trusted), netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")),
	}
	if c.BanFor == 0 {
		limits.BanScore = -1
	}
	// A miner who finds no file left is turned away; a ledger that finds none stops the
	// pool.
	if room := maxOpenFiles() - spareFiles; room < limits.Sessions {
		limits.Sessions = max(room, 1)
		s.log.Warn("the system allows fewer open files than stratum.connections needs", "connections", limits.Sessions, "configured", c.Connections)
	}
	s.gate = stratum.NewDoor(limits)
	if files, ok := s.config.TLSFiles(); ok {
		if s.certificate, err = certificate.Open(files, s.log.With("part", "certificate")); err != nil {
			return fmt.Errorf("tls: %w", err)
		}
	}
	return nil
}

// tlsConfig is what stratum ports speak TLS with, nil if they do not.
func (s *server) tlsConfig() *tls.Config {
	if s.certificate == nil {
		return nil
	}
	return s.certificate.Config()
}

// schemes is how a port's address begins for miners, the plain one first: what apps
// do not know they pass over.
func (s *server) schemes() []string {
	if s.certificate == nil {
		return []string{"stratum+tcp://"}
	}
	return []string{"stratum+tcp://", "stratum+ssl://"}
}

func prefixes(networks []config.Network) []netip.Prefix {
	list := make([]netip.Prefix, 0, len(networks))
	for _, n := range networks {
		list = append(list, n.Prefix)
	}
	return list
}

// certificateNotice is how long before its end a certificate is worth a word: those
// who renew by themselves do so a month ahead.
const certificateNotice = 14 * 24 * time.Hour

// checkCertificate says whether the certificate is out of date, or soon.
func checkCertificate(c *config.Config) []error {
	files, ok := c.TLSFiles()
	if !ok {
		return nil
	}
	found, err := files.Read()
	switch {
	case err != nil:
		return []error{fmt.Errorf("tls.certificate: %w", err)}
	case time.Until(found.Leaf.NotAfter) < certificateNotice:
		return []error{errors.New("tls.certificate: it ends on " + found.Leaf.NotAfter.UTC().Format(time.DateTime) + " UTC: renew it")}
	}
	return nil
}

// doorText is how many may connect, as this system allows.
func doorText(s config.Stratum) string {
	text := fmt.Sprintf("%d at once, %d from one address, %d from one without shares", s.Connections, s.PerAddress, s.Newcomers)
	if files := maxOpenFiles(); files-spareFiles < s.Connections {
		text += fmt.Sprintf("; BUT this system allows %d open files: raise the hard limit (ulimit -Hn, LimitNOFILE) to %d", files, s.Connections+spareFiles)
	}
	return text
}
