package work

// The reject codes of stratum v1, as every miner and pool uses them.
const (
	CodeOther         = 20 // malformed or out of range
	CodeStale         = 21 // the job is not known any more
	CodeDuplicate     = 22 // this share was counted already
	CodeLowDifficulty = 23 // the hash misses the share's target
	CodeUnauthorized  = 24 // the worker has not authorised
	CodeNotSubscribed = 25 // mining.subscribe must come first
)

// Reject is the answer to a miner whose share or request does not count. It is
// an error; Reason is written for the miner's log and holds nothing of ours.
type Reject struct {
	Code   int    // one of the Code constants
	Reason string // a short English phrase
}

// Error returns the reason.
func (r *Reject) Error() string { return r.Reason }
