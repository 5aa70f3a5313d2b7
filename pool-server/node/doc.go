// Package node talks to a coin's daemons: block templates, found blocks, the
// state of the chain, and the wallet that payouts come from.
//
// A Client is one daemon; each of its methods is one or a few RPC calls under a
// time-out and holds no state but connections. A Group is all the daemons of one
// coin: Run watches them and says which template is the newest, and everything it
// starts is gone when it returns. Neither decides about money: payouts orders
// the steps, this package only makes sure that an answer's meaning is known.
//
// Every error says which daemon and which call, is one of the Err kinds where the
// caller has something to decide, and ends in advice for the operator. The
// important distinction is ErrUnreachable (the daemon never got the call) and
// ErrUnanswered (it may have carried it out).
//
// Spoken is the JSON-RPC dialect of Bitcoin Core 0.17 and later and of its
// descendants (Litecoin Core 0.21, Dogecoin Core, Bitcoin Cash Node, ...), and for
// everything but the wallet that of btcd.
package node
