// Package matrix proves on real daemons that nobody is paid twice and nobody is
// forgotten. It holds tests only.
//
// A run is one pool's life on a litecoind's regtest chain: a real ledger on the disk,
// a real node.Client and node.Group, a real payouts.Keeper, a wallet of its own. What
// goes between them passes through a weather, which can break each step in each way
// that steps break: before it is done, or after it is done and before anybody has
// heard of it. Then the pool goes on in fine weather until nothing is left to do, and
// the audit compares three things to the unit: what the chain paid to each miner,
// what the ledger says, and what is in the wallet.
//
// `make test` runs a sample of the table of steps and faults, `make chaos` all of it and
// hundreds of random runs: see ADIT_MONEY_RUNS. ADIT_MONEY_SEED picks another sample.
package matrix
