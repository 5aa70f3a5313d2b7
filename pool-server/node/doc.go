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
// Spoken is the JSON-RPC of Bitcoin Core from 0.14 on and of its descendants (Litecoin
// Core, Dogecoin Core, Bitcoin Cash Node, ...), and that of btcd and btcwallet. Which
// dialect a daemon has is found by trying, and remembered; see dialect.
//
// A payment is planned before it is built: coins.go lists the wallet's coins, plan.go
// chooses among them and works out size, fee and change without asking anybody,
// draft.go and sign.go have the daemon read the addresses, build and sign, and compare
// that with the plan.
package node
