// Package stratum is the pool's front door: the stratum v1 server that miners
// connect to. It keeps their sessions, hands out jobs, judges what they find, sets
// their difficulty, and shows abusers out. It knows nothing of money: what a share
// is worth and where it is kept is for the caller's Authorize, Accept and
// Candidate; how a share is checked is package work's; where jobs come from is the
// caller's, by SetJob.
//
// The promises to a miner are these. Every request is answered once, with true for
// a share only after Accept's done said that it is durable. A share is judged by
// the difficulty that its job was sent with, whatever was sent since. Jobs of the
// same tip stay valid. A share counts once, however it is spelled, and only for a
// worker that authorised on the same connection. A block candidate goes to the
// caller before anything else is done with its share.
//
// One port speaks plain stratum and TLS, and takes PROXY headers from proxies that the
// caller names. Who may come in, and how often, is the Door's, which several servers
// can share.
//
// A miner that comes back within minutes with its session's id goes on with the same
// extranonce1 and difficulty. Whatever changes for a session that lives, the
// difficulty, the extranonce1, the version bits, shares are judged by what their
// job was sent with.
//
// Goroutines: Serve owns all of them and has ended them when it returns: one reader
// a session, clerks that handle the requests of sessions that are not busy, a few
// flushers that send answers, one that keeps house every second, one for each TLS
// handshake, and one for each session that does not read fast enough, until it has
// caught up or its time is up. SetJob, Stale and done callbacks never wait for a miner.
//
// Failure: what a miner does wrong costs it an answer, a score, at last its
// connection; nothing that arrives on the wire ends the program. Serve returns an
// error only if its listener breaks.
//
// The protocol: https://en.bitcoin.it/wiki/Stratum_mining_protocol,
// https://github.com/slushpool/stratumprotocol/blob/master/stratum-extensions.mediawiki
// (mining.configure), BIP 310, and what programs do: testdata/conversations.
package stratum
