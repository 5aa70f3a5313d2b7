package corewallet

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/adit-mining/adit/wallet/program"
)

// A Node is what a daemon says of itself.
type Node struct {
	Version string // "0.21.2" of "/LitecoinCore:0.21.2.1/", as far as it tells
	Agent   string // as it calls itself among its peers
	Chain   string // main, test, regtest
	Pruned  bool
	// Descriptors is that the opened wallet keeps descriptors instead of keys.
	Descriptors bool
	calls       map[string]bool // that it has, of the ones asked for
}

// Has reports whether the daemon has a call, of those that this package asks for.
func (n Node) Has(call string) bool { return n.calls[call] }

// asked are the calls that daemons have or not.
var asked = []string{
	"createwallet", "loadwallet", "importdescriptors", "importmulti", "importprivkey",
	"getdescriptorinfo", "getaddressinfo", "getbalances", "rescanblockchain", "abortrescan",
}

// Error codes of Core's rpc/protocol.h.
const (
	codeMisc          = -1
	codeWallet        = -4
	codeInvalid       = -5
	codeKeypoolEmpty  = -12
	codeUnlockNeeded  = -13
	codeWrongPass     = -14
	codeWalletMissing = -18
	codeWarmup        = -28
	codeLoaded        = -35
	codeNoMethod      = -32601
)

// connect waits until the daemon answers, asks what it is, and opens the wallet.
func (p Program) connect(ctx context.Context, rpc *program.RPC) (*Wallet, error) {
	w := &Wallet{program: p, rpc: rpc, path: "/"}
	if err := w.awaitStart(ctx); err != nil {
		return nil, err
	}
	if err := w.probe(ctx); err != nil {
		return nil, err
	}
	if err := w.open(ctx); err != nil {
		return nil, err
	}
	return w, w.checkAddresses(ctx)
}

// awaitStart waits for the first answer. A daemon that says that it is loading may take
// as long as it likes: a large chain takes half an hour on a slow disk.
func (w *Wallet) awaitStart(ctx context.Context) error {
	last := time.Now()
	for {
		err := w.node(ctx, "getblockcount", nil, nil)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		var answer *program.RPCError
		switch {
		case errors.As(err, &answer) && answer.Code == codeWarmup:
			w.program.Starting(answer.Message)
			last = time.Now()
		case !errors.Is(err, program.ErrUnreachable):
			return err
		case time.Since(last) > w.program.Patience:
			return fmt.Errorf("%w: no answer within %v of its start", ErrHangs, w.program.Patience)
		}
		if err := program.Pause(ctx, min(w.program.Poll, 500*time.Millisecond)); err != nil {
			return err
		}
	}
}

// probe asks what the daemon is, and refuses the wrong chain and blocked versions.
func (w *Wallet) probe(ctx context.Context) error {
	var network struct {
		Subversion string `json:"subversion"`
	}
	var chain blockchainInfo
	if err := errors.Join(w.node(ctx, "getnetworkinfo", nil, &network), w.node(ctx, "getblockchaininfo", nil, &chain)); err != nil {
		return err
	}
	w.is = Node{Agent: network.Subversion, Version: versionOf(network.Subversion), Chain: chain.Chain, Pruned: chain.Pruned, calls: make(map[string]bool)}
	if chain.Chain != w.program.Network.Name {
		return fmt.Errorf("%w: it says %q, want %q", ErrWrongChain, shown(chain.Chain), w.program.Network.Name)
	}
	if w.program.Blocked != nil {
		if reason, blocked := w.program.Blocked(w.is.Version); blocked {
			return &BlockedError{w.is.Version, reason}
		}
	}
	for _, call := range asked {
		var text string
		err := w.node(ctx, "help", []any{call}, &text)
		if code := program.Code(err); err != nil && code == 0 {
			return err
		}
		w.is.calls[call] = err == nil && !strings.HasPrefix(text, "help: unknown command")
	}
	return nil
}

// agentForm is "/Satoshi:30.0.0/" or "/LitecoinCore:0.21.2.1(comment)/".
var agentForm = regexp.MustCompile(`^/[^:/]*:v?([0-9]+(?:\.[0-9]+)*)`)

func versionOf(agent string) string {
	if parts := agentForm.FindStringSubmatch(agent); parts != nil {
		return parts[1]
	}
	return ""
}

// shown cuts what a stranger's program says to a length for an error.
func shown(text string) string {
	if len(text) > 40 {
		text = text[:40] + "…"
	}
	return program.Redact(text)
}

type blockchainInfo struct {
	Chain       string  `json:"chain"`
	Blocks      int64   `json:"blocks"`
	Headers     int64   `json:"headers"`
	Progress    float64 `json:"verificationprogress"`
	Downloading *bool   `json:"initialblockdownload"`
	Pruned      bool    `json:"pruned"`
	PruneHeight int64   `json:"pruneheight"`
}
