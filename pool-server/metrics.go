package main

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/adit-mining/adit/pool-server/metrics"
	"github.com/adit-mining/adit/pool-server/sharelog"
)

// openMetrics opens the metrics' listener, or puts them before the website, as the
// configuration says.
func (s *server) openMetrics() (err error) {
	c := s.config.Server.Metrics
	s.numbers = metrics.New(metrics.Source{
		Version: version,
		Pools:   s.metricsPools,
		ShareLog: func() (sharelog.Status, sharelog.Measures) {
			return s.shares.Status(), s.shares.Measures()
		},
		Counting: func() bool { return !s.notCounted.Load() },
		Position: s.ledger.Position,
		Blocks:   s.ledger.BlockCounts,
		Log:      s.log.With("part", "metrics"),
	})
	if c.TokenFile != "" {
		token, err := s.config.ReadSecret(c.TokenFile)
		if err != nil {
			return fmt.Errorf("metrics.tokenFile: %w", err)
		}
		s.numbers = metrics.WithToken(token.Reveal(), s.numbers)
	}
	switch {
	case c.Listen != "":
		if s.metrics, err = net.Listen("tcp", c.Listen); err != nil {
			return fmt.Errorf("metrics.listen: %w", err)
		}
		only := http.NewServeMux()
		only.Handle("GET "+metrics.Path, s.numbers)
		s.numbers = only
	case c.TokenFile != "":
		both := http.NewServeMux()
		both.Handle("GET "+metrics.Path, s.numbers)
		both.Handle("/", s.site)
		s.site = both
	}
	return nil
}

func (s *server) metricsPools() []metrics.Pool {
	now := time.Now()
	pools := make([]metrics.Pool, len(s.pools))
	for i, p := range s.pools {
		m := metrics.Pool{ID: p.config.ID, Stats: s.stats.Pool(p.config.ID, now), Payouts: p.keeper.Status()}
		m.ByHeader, m.ByTemplate = p.nodes.NewBlocks()
		job, _, stale := p.current()
		m.Fresh = stale == nil
		if job != nil {
			m.Height, m.NetworkDifficulty = job.Height, float64(job.Target.Difficulty(p.algorithm()))
		}
		for _, port := range p.ports {
			m.Ports = append(m.Ports, metrics.Port{Listen: port.name(), Stats: port.stratum.Stats(), Measures: port.stratum.Measures()})
		}
		for i, status := range p.nodes.Status() {
			m.Nodes = append(m.Nodes, metrics.Node{Status: status, Measures: p.clients[i].Measures()})
		}
		pools[i] = m
	}
	return pools
}

// name tells a port from the pool's others, for as long as the configuration stays.
func (p *port) name() string {
	if strings.HasSuffix(p.config.Listen, ":0") { // any free port
		return p.listener.Addr().String()
	}
	return p.config.Listen
}
