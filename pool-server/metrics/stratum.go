package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/adit-mining/adit/pool-server/work"
)

// Of each stratum port.
var (
	sessions       = gauge("stratum_sessions", "Connections of miners that are open now.", "pool", "port")
	authorized     = gauge("stratum_sessions_authorized", "Connections that are open now and have an authorised worker.", "pool", "port")
	connections    = counter("stratum_connections_total", "Connections that were accepted from the listener.", "pool", "port")
	resumed        = counter("stratum_sessions_resumed_total", "Sessions that went on where one before was, with its extranonce1 and difficulty.", "pool", "port")
	refused        = counter("stratum_connections_refused_total", "Connections that were closed before they became a session.", "pool", "port", "reason")
	dropped        = counter("stratum_sessions_dropped_total", "Sessions that broke, or whose miner did not read what it was sent.", "pool", "port")
	slowReaders    = counter("stratum_slow_readers_dropped_total", "Sessions that were closed because their miner did not read what it was sent.", "pool", "port")
	bans           = counter("stratum_bans_total", "Addresses that were banned.", "pool", "port")
	garbage        = counter("stratum_garbage_lines_total", "Lines that were no request.", "pool", "port")
	received       = counter("stratum_received_bytes_total", "Bytes that came from miners.", "pool", "port")
	sent           = counter("stratum_sent_bytes_total", "Bytes that went to miners.", "pool", "port")
	accepted       = counter("stratum_shares_accepted_total", "Shares that were answered with true, and are written down.", "pool", "port")
	rejected       = counter("stratum_shares_rejected_total", "Shares that did not count.", "pool", "port", "reason")
	candidates     = counter("stratum_block_candidates_total", "Shares that met the network's target.", "pool", "port")
	submitTime     = distribution("stratum_submit_duration_seconds", "Time from the arrival of an accepted share to its answer, the writing down included.", "pool", "port")
	redifficulted  = counter("stratum_difficulty_changes_total", "Changes of a session's difficulty after its first.", "pool", "port")
	jobsSent       = counter("stratum_jobs_sent_total", "Jobs that were sent; each to each session counts.", "pool", "port")
	firstBroadcast = distribution("stratum_broadcast_first_duration_seconds", "Time from a new job until the first session had it.", "pool", "port")
	wholeBroadcast = distribution("stratum_broadcast_duration_seconds", "Time from a new job until all sessions had it.", "pool", "port")
)

func (p *Port) collect(out chan<- prometheus.Metric, pool string) {
	s, m := &p.Stats, &p.Measures
	sessions.send(out, float64(s.Sessions), pool, p.Listen)
	authorized.send(out, float64(m.Authorized), pool, p.Listen)
	for f, n := range map[family]uint64{
		connections: s.Connections, resumed: m.Resumed, dropped: s.Dropped, slowReaders: m.SlowReaders, bans: s.Bans, garbage: s.Garbage,
		received: m.Received, sent: m.Sent, accepted: s.Accepted, candidates: s.Candidates,
		redifficulted: m.DifficultyChanges, jobsSent: m.JobsSent,
	} {
		f.send(out, float64(n), pool, p.Listen)
	}
	for reason, n := range m.Refused {
		refused.send(out, float64(n), pool, p.Listen, reason)
	}
	for code := work.CodeOther; code <= work.CodeNotSubscribed; code++ {
		rejected.send(out, float64(s.Rejected[code]), pool, p.Listen, rejectReason(code))
	}
	submitTime.sendTimes(out, m.Submit, pool, p.Listen)
	firstBroadcast.sendTimes(out, m.FirstJob, pool, p.Listen)
	wholeBroadcast.sendTimes(out, m.Broadcast, pool, p.Listen)
}

// rejectReason is a reject code as a label: a few words, whatever the miner was told.
func rejectReason(code int) string {
	switch code {
	case work.CodeStale:
		return "stale"
	case work.CodeDuplicate:
		return "duplicate"
	case work.CodeLowDifficulty:
		return "low_difficulty"
	case work.CodeUnauthorized:
		return "unauthorized"
	case work.CodeNotSubscribed:
		return "not_subscribed"
	}
	return "other"
}
