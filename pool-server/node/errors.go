package node

import (
	"errors"
	"fmt"
)

// Kinds of errors that callers tell apart with errors.Is.
var (
	ErrUnreachable  = errors.New("daemon cannot be reached") // the call was not carried out
	ErrUnanswered   = errors.New("daemon did not answer")    // it may have been carried out
	ErrBusy         = errors.New("daemon is busy")           // not carried out
	ErrAuth         = errors.New("daemon refused the login")
	ErrNotDaemon    = errors.New("not a coin daemon's RPC port")      // the answer is no JSON-RPC
	ErrSyncing      = errors.New("daemon is still loading the chain") // its view of the chain is old
	ErrNotConnected = errors.New("daemon has no peers")
	ErrNoWallet     = errors.New("daemon has no such wallet")
	ErrLocked       = errors.New("wallet is locked")
	ErrFunds        = errors.New("wallet has not enough mature coins")
	ErrTooSmall     = errors.New("an amount is too small to be sent") // less than its part of the fee leaves
	ErrKnown        = errors.New("transaction is known already")      // broadcast before: as good as done
	ErrConflict     = errors.New("transaction's inputs are gone")     // spent elsewhere, or never made
	ErrDisagree     = errors.New("daemons disagree about the block")  // ask again later
	ErrContested    = errors.New("block's place is contested")        // see ContestedError
)

// Error codes of Bitcoin Core's src/rpc/protocol.h that this package knows.
const (
	codeMethodNotFound  = -32601
	codeInvalidParams   = -32602
	codeMisc            = -1
	codeType            = -3
	codeInternal        = -32603
	codeWallet          = -4
	codeNotFound        = -5
	codeInsufficient    = -6
	codeInvalidParam    = -8
	codeNotConnected    = -9
	codeInitialDownload = -10
	codeUnlockNeeded    = -13
	codeWrongEncState   = -15
	codeAlreadyUnlocked = -17
	codeWalletNotFound  = -18
	codeWalletNotSpec   = -19
	codeDeserialization = -22
	codeVerify          = -25
	codeVerifyRejected  = -26
	codeAlreadyInChain  = -27
	codeWarmup          = -28
)

// RPCError is a daemon's own error answer.
type RPCError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// Error returns the daemon's words and the code.
func (e *RPCError) Error() string { return fmt.Sprintf("%s (code %d)", e.Message, e.Code) }

// kind is the sentinel for e's code, nil if the code has none.
func (e *RPCError) kind() error {
	switch e.Code {
	case codeInitialDownload, codeWarmup:
		return ErrSyncing
	case codeNotConnected:
		return ErrNotConnected
	case codeInsufficient:
		return ErrFunds
	case codeUnlockNeeded:
		return ErrLocked
	case codeWalletNotFound, codeWalletNotSpec:
		return ErrNoWallet
	}
	return nil
}

// CallError is what every failed call returns. It unwraps to Kind and Cause.
type CallError struct {
	Node   string // host:port
	Method string
	Kind   error // one of the Err kinds, or nil
	Cause  error // the transport's error or an *RPCError
	Advice string
}

// Error says what was called where, what came of it, and what to do.
func (e *CallError) Error() string {
	s := e.Method + " at " + e.Node + ": "
	if e.Kind != nil {
		s += e.Kind.Error() + ": "
	}
	s += e.Cause.Error()
	if e.Advice != "" {
		s += " (" + e.Advice + ")"
	}
	return s
}

// Unwrap lets errors.Is find the kind and errors.As the *RPCError.
func (e *CallError) Unwrap() []error {
	if e.Kind == nil {
		return []error{e.Cause}
	}
	return []error{e.Kind, e.Cause}
}

// adviceFor is what an operator can do about an error of this kind.
func adviceFor(kind error) string {
	switch kind {
	case ErrUnreachable:
		return "start the daemon, or correct its address and port; it needs server=1 and rpcport in its configuration"
	case ErrUnanswered:
		return "look at the daemon's log and load; a longer time-out helps a slow disk"
	case ErrBusy:
		return "raise rpcthreads and rpcworkqueue in the daemon's configuration"
	case ErrAuth:
		return "check rpcuser/rpcpassword (or the cookie file) in the pool's and the daemon's configuration; another host needs rpcallowip"
	case ErrNotDaemon:
		return "another program answers there: check the port, and that it is the daemon's RPC port and not its peer port"
	case ErrSyncing:
		return "wait until it has caught up; on a private test chain that rested for a day start it with -maxtipage=999999999"
	case ErrNotConnected:
		return "the daemon hands out no work without a peer: check its network, or add a second node with addnode"
	case ErrNoWallet:
		return "create or load the wallet in the daemon (createwallet, loadwallet, or wallet= in its configuration) and name it in the pool's"
	case ErrLocked:
		return "unlock the wallet, or give the pool its passphrase file"
	case ErrFunds:
		return "rewards may not have matured yet; otherwise put coins into the pool's wallet"
	}
	return ""
}

// codeOf returns the daemon's error code in err, 0 if there is none.
func codeOf(err error) int {
	var rpc *RPCError
	if errors.As(err, &rpc) {
		return rpc.Code
	}
	return 0
}
