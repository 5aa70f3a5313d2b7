package model

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet"
)

// Problem is trouble in a form that a user can do something with. The view has
// two texts for each code: what happened, and what to do next.
type Problem struct {
	Code   Code
	Detail string // in the words of whoever reported it; for the curious and for support
}

// Code names a kind of problem.
type Code string

// The codes of the app's own problems. The mining programs' codes (miners.Code)
// stand beside them under the same names.
const (
	KeyDamaged      Code = "key-damaged"
	KeyUnreadable   Code = "key-unreadable"
	SettingsDamaged Code = "settings-damaged"
	SettingsUnsaved Code = "settings-unsaved"
	PoolAddress     Code = "pool-address"
	PoolUnknown     Code = "pool-unknown"     // no such name
	PoolUnreachable Code = "pool-unreachable" // refused, timed out, no network
	PoolStrange     Code = "pool-strange"     // answers, but not as an Adit pool
	PoolVersion     Code = "pool-version"
	PoolFaulty      Code = "pool-faulty" // answers with an error
	NothingToMine   Code = "nothing-to-mine"
	MinerMissing    Code = "miner-missing"
	MinerFailed     Code = "miner-failed"
	TooFewShares    Code = "too-few-shares"
	Unknown         Code = "unknown"
)

// Codes lists every code that a Problem can have.
func Codes() []Code {
	own := []Code{KeyDamaged, KeyUnreadable, SettingsDamaged, SettingsUnsaved, PoolAddress, PoolUnknown, PoolUnreachable,
		PoolStrange, PoolVersion, PoolFaulty, NothingToMine, MinerMissing, MinerFailed, TooFewShares, Unknown}
	for _, c := range told {
		own = append(own, Code(c))
	}
	return own
}

// told are the program's codes that the user is told of. The others are details
// that pass by themselves.
var told = []miners.Code{
	miners.CodeConnectFailed, miners.CodeDNSFailed, miners.CodeAuthFailed, miners.CodeDisconnected, miners.CodeTimeout,
	miners.CodeNoPool, miners.CodePoolDown, miners.CodeBadURL, miners.CodeNoDevice, miners.CodeOutOfMemory,
	miners.CodeDeviceFailed, miners.CodeDriverProblem, miners.CodePermissionDenied, miners.CodeUnsupported,
	miners.CodeProtocolError, miners.CodeFatal,
}

// source is which part of the app a problem comes from: each has one at a time.
type source int

const (
	fromKey source = iota
	fromPool
	fromMiner
	fromSettings
	sources
)

// Blocks reports whether only the user can help.
func (p Problem) Blocks() bool {
	switch p.Code {
	case KeyDamaged, KeyUnreadable, MinerMissing, Code(miners.CodeAuthFailed), Code(miners.CodeUnsupported):
		return true
	}
	return false
}

// Problem returns the trouble that the user should hear of first.
func (s State) Problem() (Problem, bool) {
	if s.Troubles[fromKey].Code != "" {
		return s.Troubles[fromKey], true
	}
	if s.Pool.Known && s.Target.Port.URL == "" {
		return Problem{Code: NothingToMine}, true
	}
	if s.Phase() == Faltering && s.Troubles[fromMiner].Code == "" {
		return Problem{Code: TooFewShares, Detail: s.Miner.MainReason()}, true
	}
	if s.Miner.Running && s.Miner.Connected && s.Troubles[fromMiner].Code == "" {
		// The pool's site may be away while its mining port is well: no worry yet.
		return s.Troubles[fromSettings], s.Troubles[fromSettings].Code != ""
	}
	for _, p := range s.Troubles[fromPool:] {
		if p.Code != "" {
			return p, true
		}
	}
	return Problem{}, false
}

// problemOf turns an error into what the user is told. It is the only place that
// does.
func problemOf(from source, err error) Problem {
	var status *poolapi.StatusError
	var dns *net.DNSError
	p := Problem{Code: Unknown, Detail: err.Error()}
	switch {
	case from == fromKey && (errors.Is(err, wallet.ErrDamaged) || errors.Is(err, wallet.ErrPassphrase)):
		p.Code = KeyDamaged
	case from == fromKey:
		p.Code = KeyUnreadable
	case from == fromSettings:
		p.Code = SettingsUnsaved
	case from == fromMiner && (errors.Is(err, miners.ErrNotStarted) || errors.Is(err, os.ErrNotExist)):
		p.Code = MinerMissing
	case from == fromMiner:
		p.Code = MinerFailed
	case errors.Is(err, poolapi.ErrVersion):
		p.Code = PoolVersion
	case errors.As(err, &status) && status.Status >= 500:
		p.Code = PoolFaulty
	case errors.As(err, &status):
		p.Code = PoolStrange
	case errors.As(err, &dns) && dns.IsNotFound:
		p.Code = PoolUnknown
	case errors.Is(err, errAddress):
		p.Code = PoolAddress
	case isNetwork(err):
		p.Code = PoolUnreachable
	case from == fromPool:
		p.Code = PoolStrange
	}
	return p
}

// errAddress marks a pool's address that cannot be one.
var errAddress = errors.New("not a pool's address")

func isNetwork(err error) bool {
	var network net.Error
	var operation *net.OpError
	return errors.As(err, &network) || errors.As(err, &operation) || errors.Is(err, context.DeadlineExceeded) ||
		strings.Contains(err.Error(), "EOF")
}

// MainReason returns the pool's commonest reason for refusing shares.
func (m Miner) MainReason() string {
	reason, most := "", int64(0)
	for r, n := range m.Reasons {
		if n > most || n == most && r < reason {
			reason, most = r, n
		}
	}
	return reason
}
