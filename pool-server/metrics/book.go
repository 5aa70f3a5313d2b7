package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/adit-mining/adit/pool-server/ledger"
)

// Of the server as a whole.
var (
	buildInfo = gauge("build_info", "Always 1; the label is the program's version.", "version")

	logUp        = gauge("sharelog_up", "1 if shares can be made durable, 0 if not: then every share gets an error.")
	logInfo      = gauge("sharelog_info", "Always 1; durability fsync means that a share is answered after it is on disk.", "durability")
	logRecords   = counter("sharelog_records_total", "Shares that were made durable.")
	logBatches   = counter("sharelog_batches_total", "Batches of shares that were made durable.")
	logLost      = counter("sharelog_records_failed_total", "Shares that could not be made durable, and were answered with an error.")
	logPending   = gauge("sharelog_pending_records", "Shares that wait to be written.")
	logSize      = gauge("sharelog_size_bytes", "Size of the batches that are kept.")
	logFirst     = gauge("sharelog_first_position", "Position of the oldest batch that is kept.")
	logLast      = gauge("sharelog_last_position", "Position of the newest durable batch.")
	logCommit    = distribution("sharelog_commit_duration_seconds", "Time until a batch was durable.")
	logBatchSize = distribution("sharelog_batch_records", "Shares of a batch.")

	ledgerUp       = gauge("ledger_up", "1 if the ledger can be read.")
	ledgerCounting = gauge("ledger_counting", "1 if the ledger takes what is in the share log, 0 if not: then shares collect in the log.")
	ledgerPosition = gauge("ledger_applied_position", "Position of the share log that the ledger has applied.")
	ledgerLag      = gauge("ledger_lag_batches", "Batches of the share log that the ledger has not applied yet.")
)

func (r *reading) collectShareLog(out chan<- prometheus.Metric) {
	s, m := &r.log, &r.measures
	logUp.sendBool(out, s.Err == nil)
	logInfo.send(out, 1, string(s.Durability))
	logRecords.send(out, float64(s.Records))
	logBatches.send(out, float64(s.Batches))
	logLost.send(out, float64(m.Lost))
	logPending.send(out, float64(s.Pending))
	logSize.send(out, float64(s.Bytes))
	logFirst.send(out, float64(s.FirstPosition))
	logLast.send(out, float64(s.LastPosition))
	logCommit.sendTimes(out, m.Commit)
	logBatchSize.sendScaled(out, m.Size, 1)
}

func (r *reading) collectLedger(out chan<- prometheus.Metric) {
	ledgerUp.sendBool(out, r.err == nil)
	ledgerCounting.sendBool(out, r.counting)
	if r.err != nil {
		return
	}
	ledgerPosition.send(out, float64(r.position))
	ledgerLag.send(out, float64(r.log.LastPosition)-float64(r.position))
}

// Of each pool.
var (
	poolFresh      = gauge("pool_work_fresh", "1 if there is fresh work, 0 if miners are sent away.", "pool")
	poolHeight     = gauge("pool_height", "Height of the block that is worked on.", "pool")
	newBlocks      = counter("pool_new_blocks_total", "New blocks that the work went over to, by what told of them first: a header (ZMQ, blocknotify) or a daemon's template (long poll, poll).", "pool", "source")
	poolDifficulty = gauge("pool_network_difficulty", "Difficulty of a block, in the unit of shares.", "pool")
	poolHashrate   = gauge("pool_hashrate", "Hashes per second, estimated from shares.", "pool")
	poolMiners     = gauge("pool_accounts_online", "Accounts that have a worker online.", "pool")
	poolWorkers    = gauge("pool_workers_online", "Workers that are online.", "pool")
	blocksFound    = counter("pool_blocks_found_total", "Block candidates in the ledger, whatever became of them.", "pool")
	blocks         = gauge("pool_blocks", "Blocks in the ledger by what has become of them so far.", "pool", "status")

	payoutsHalted  = gauge("payouts_halted", "1 if payouts are halted until the operator has looked.", "pool")
	payoutsWaiting = gauge("payouts_waiting", "1 if a payout waits for something, such as the wallet.", "pool")
	blocksWaiting  = gauge("payouts_blocks_waiting", "1 if what becomes of blocks cannot be followed now.", "pool")
	payoutsPass    = gauge("payouts_last_pass_timestamp_seconds", "When blocks and payouts were last looked at; 0 if never.", "pool")
)

func (r *reading) collectPool(out chan<- prometheus.Metric, p *Pool) {
	poolFresh.sendBool(out, p.Fresh, p.ID)
	poolHeight.send(out, float64(p.Height), p.ID)
	newBlocks.send(out, float64(p.ByHeader), p.ID, "header")
	newBlocks.send(out, float64(p.ByTemplate), p.ID, "template")
	poolDifficulty.send(out, p.NetworkDifficulty, p.ID)
	poolHashrate.send(out, float64(p.Stats.Rate.Hashrate), p.ID)
	poolMiners.send(out, float64(p.Stats.Miners), p.ID)
	poolWorkers.send(out, float64(p.Stats.Workers), p.ID)
	if counts, known := r.blocks[p.ID]; known && r.err == nil {
		var found int64
		for _, status := range []ledger.BlockStatus{ledger.Candidate, ledger.Immature, ledger.Matured, ledger.Orphaned} {
			blocks.send(out, float64(counts[status]), p.ID, string(status))
			found += counts[status]
		}
		blocksFound.send(out, float64(found), p.ID)
	}
	payoutsHalted.sendBool(out, p.Payouts.Halted, p.ID)
	payoutsWaiting.sendBool(out, p.Payouts.Payments != "", p.ID)
	blocksWaiting.sendBool(out, p.Payouts.Blocks != "", p.ID)
	last := 0.0
	if !p.Payouts.LastPass.IsZero() {
		last = float64(p.Payouts.LastPass.UnixMilli()) / 1000
	}
	payoutsPass.send(out, last, p.ID)
}
