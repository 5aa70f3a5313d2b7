package model

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/install"
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
	SettingsWrong   Code = "settings-wrong"  // what the user chose cannot be
	LoginRefused    Code = "login-refused"   // the system would not start Adit with the computer
	Offline         Code = "offline"         // the computer has no network
	AllOff          Code = "all-off"         // the user turned every device off
	ProgramDamaged  Code = "program-damaged" // a program's file is not what was installed
	ProgramGone     Code = "program-gone"    // a program's file vanished, as an antivirus makes it
	DownloadFailed  Code = "download-failed" // a program could not be fetched
	DownloadWrong   Code = "download-wrong"  // what came is not what the catalogue says
	DiskFull        Code = "disk-full"
	Unknown         Code = "unknown"
)

// Codes lists every code that a Problem can have.
func Codes() []Code {
	own := []Code{KeyDamaged, KeyUnreadable, SettingsDamaged, SettingsUnsaved, PoolAddress, PoolUnknown, PoolUnreachable,
		PoolStrange, PoolVersion, PoolFaulty, NothingToMine, MinerMissing, MinerFailed, TooFewShares,
		SettingsWrong, LoginRefused, Offline, AllOff, ProgramDamaged, ProgramGone, DownloadFailed, DownloadWrong, DiskFull, Unknown}
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
	fromSettings
	sources
	fromProgram // a unit's program: each unit has its own
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
	if s.Pool.Known && s.Seen && !s.anyMay() {
		return s.nothingToMine(), true
	}
	trouble := s.unitTrouble()
	if s.Phase() == Faltering && trouble.Code == "" {
		return Problem{Code: TooFewShares, Detail: s.Totals().MainReason()}, true
	}
	if s.anyConnected() && trouble.Code == "" {
		// The pool's site may be away while its mining port is well: no worry yet.
		return s.Troubles[fromSettings], s.Troubles[fromSettings].Code != ""
	}
	for _, p := range []Problem{s.Troubles[fromPool], trouble, s.Troubles[fromSettings]} {
		if p.Code != "" {
			return s.orOffline(p), true
		}
	}
	return Problem{}, false
}

// unitTrouble returns the trouble of a unit, if none mines as it should.
func (s State) unitTrouble() (worst Problem) {
	for _, u := range s.Units {
		switch {
		case s.Settings.IsOff(u.Device.ID):
		case u.Trouble.Code == "" && u.Miner.Running && u.Miner.Connected:
			return Problem{}
		case worst.Code == "" || u.Trouble.Blocks():
			worst = u.Trouble
		}
	}
	return worst
}

// nothingToMine says why no unit has anything to mine.
func (s State) nothingToMine() Problem {
	why := Problem{Code: AllOff}
	for _, u := range s.Units {
		if !u.Device.Mineable || s.Settings.IsOff(u.Device.ID) {
			continue
		}
		if u.Trouble.Code != "" {
			return u.Trouble
		}
		why = Problem{Code: NothingToMine, Detail: string(u.Pick.None)}
	}
	return why
}

// orOffline names the cause of a trouble with the network, if the system knows it.
func (s State) orOffline(p Problem) Problem {
	if s.Presence.Online == nil || *s.Presence.Online {
		return p
	}
	switch p.Code {
	case PoolUnreachable, PoolUnknown, Code(miners.CodeConnectFailed), Code(miners.CodeDNSFailed), Code(miners.CodeDisconnected),
		Code(miners.CodeTimeout), Code(miners.CodeNoPool):
		return Problem{Code: Offline, Detail: p.Detail}
	}
	return p
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
	case errors.Is(err, install.ErrMissing):
		p.Code = ProgramGone
	case errors.Is(err, install.ErrTampered):
		p.Code = ProgramDamaged
	case errors.Is(err, install.ErrDiskFull):
		p.Code = DiskFull
	case errors.Is(err, install.ErrBlocked):
		p.Code = ProgramGone
	case errors.Is(err, install.ErrWrongFile), errors.Is(err, install.ErrArchive):
		p.Code = DownloadWrong
	case errors.Is(err, install.ErrUnavailable), errors.Is(err, install.ErrStalled):
		p.Code = DownloadFailed
	case from == fromProgram && (errors.Is(err, miners.ErrNotStarted) || errors.Is(err, os.ErrNotExist)):
		p.Code = MinerMissing
	case from == fromProgram:
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
func (t Totals) MainReason() string {
	reason, most := "", int64(0)
	for r, n := range t.Reasons {
		if n > most || n == most && r < reason {
			reason, most = r, n
		}
	}
	return reason
}
