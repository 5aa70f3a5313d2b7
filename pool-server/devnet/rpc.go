package devnet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// RPCError is an error of the JSON-RPC front, with Bitcoin Core's numbers
// (src/rpc/protocol.h).
type RPCError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

func (e *RPCError) Error() string { return fmt.Sprintf("%s (code %d)", e.Message, e.Code) }

const (
	codeMisc            = -1
	codeType            = -3
	codeWallet          = -4
	codeAddressOrKey    = -5
	codeFunds           = -6
	codeParameter       = -8
	codeInitialDownload = -10
	codeEncryption      = -15
	codeWalletNotFound  = -18
	codeDeserialization = -22
	codeVerifyError     = -25
	codeVerifyRejected  = -26
	codeAlreadyInChain  = -27
	codeInvalidRequest  = -32600
	codeNoMethod        = -32601
	codeParse           = -32700
)

// method is a call of the front.
type method struct {
	needs int // parameters that must be there
	run   func(c *Chain, ctx context.Context, a arguments) (any, error)
	// alone says that run takes the mutex itself, because it waits or works long.
	alone bool
}

// methods is the table of all calls; it is made for each server, for no variable of a
// package may change.
func methods() map[string]method {
	all := map[string]method{}
	for _, table := range []map[string]method{chainMethods(), miningMethods(), transactionMethods(), walletMethods()} {
		for name, m := range table {
			all[name] = m
		}
	}
	return all
}

// call runs one method. Errors come back as *RPCError.
func (c *Chain) call(ctx context.Context, table map[string]method, name string, a arguments) (any, error) {
	m, found := table[name]
	if !found {
		return nil, &RPCError{codeNoMethod, "Method not found"}
	}
	if len(a) < m.needs {
		return nil, &RPCError{codeMisc, fmt.Sprintf("%s: %d parameters needed", name, m.needs)}
	}
	result, err := c.run(ctx, m, a)
	if err == nil {
		return result, nil
	}
	var told *RPCError
	if errors.As(err, &told) {
		return nil, told
	}
	return nil, &RPCError{codeMisc, err.Error()}
}

func (c *Chain) run(ctx context.Context, m method, a arguments) (any, error) {
	if m.alone {
		return m.run(c, ctx, a)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.usable(); err != nil {
		return nil, err
	}
	return m.run(c, ctx, a)
}

// arguments are the positional parameters of a call. A null is as good as nothing.
type arguments []json.RawMessage

func (a arguments) has(i int) bool {
	return i < len(a) && !bytes.Equal(bytes.TrimSpace(a[i]), []byte("null"))
}

// optional reads parameter i into a variable, which keeps its value without one.
func (a arguments) optional(i int, into any) error {
	if !a.has(i) {
		return nil
	}
	if err := json.Unmarshal(a[i], into); err != nil {
		var told *RPCError
		if errors.As(err, &told) {
			return told
		}
		return &RPCError{codeType, fmt.Sprintf("parameter %d: %v", i+1, err)}
	}
	return nil
}

// text reads parameter i, a string that must be there.
func (a arguments) text(i int) (s string, err error) {
	if !a.has(i) {
		return "", &RPCError{codeType, fmt.Sprintf("parameter %d: a string is needed", i+1)}
	}
	return s, a.optional(i, &s)
}

// verbosity reads parameter i, a number or a boolean.
func (a arguments) verbosity(i, fallback int) (int, error) {
	if !a.has(i) {
		return fallback, nil
	}
	var on bool
	if json.Unmarshal(a[i], &on) == nil {
		if on {
			return 1, nil
		}
		return 0, nil
	}
	return fallback, a.optional(i, &fallback)
}
