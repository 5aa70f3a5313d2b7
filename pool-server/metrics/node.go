package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Of each daemon.
var (
	nodeUp       = gauge("node_up", "1 if the daemon gives work.", "pool", "node")
	nodeHeight   = gauge("node_template_height", "Height of the block that the daemon's template would make.", "pool", "node")
	nodeAge      = gauge("node_template_age_seconds", "Age of the daemon's newest template.", "pool", "node")
	nodeCallTime = distribution("node_call_duration_seconds", "Time that the daemon took to answer a call, long polls left out.", "pool", "node")
	nodeFailures = counter("node_call_failures_total", "Calls that the daemon did not answer.", "pool", "node", "reason")
)

func (n *Node) collect(out chan<- prometheus.Metric, pool string, at time.Time) {
	s := &n.Status
	nodeUp.sendBool(out, s.Err == nil && !s.At.IsZero(), pool, s.Node)
	nodeHeight.send(out, float64(s.Height), pool, s.Node)
	if !s.At.IsZero() {
		nodeAge.send(out, at.Sub(s.At).Seconds(), pool, s.Node)
	}
	nodeCallTime.sendTimes(out, n.Measures.Answered, pool, s.Node)
	for reason, count := range n.Measures.Failed {
		nodeFailures.send(out, float64(count), pool, s.Node, reason)
	}
}
