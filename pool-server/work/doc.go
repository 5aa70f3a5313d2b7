// Package work turns a daemon's block template into a job for miners, judges
// the shares that miners send for it, and builds the block when a share meets
// the network's target.
//
// Everything here is a function on values: no I/O, no clock, no goroutine. The
// template comes from package node, sessions and duplicates over their life time
// are package stratum's, handing the block to the chain is node's again. A Job
// never changes after NewJob and may be read by any number of goroutines.
//
// Templates and submissions are written by strangers: whatever they hold, the
// answer is an error (for a miner a *Reject), never a panic, and never a share
// that counts twice because it was spelled in two ways.
//
// The wire formats are those of https://en.bitcoin.it/wiki/BIP_0022 (template),
// BIP 34 (height), BIP 141 (witness commitment), BIP 310 (version rolling) and of
// Litecoin's LIP 3 (extension block, "MWEB").
package work
