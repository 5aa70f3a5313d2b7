package spend

import (
	"context"
	"errors"
	"fmt"

	"github.com/adit-mining/adit/miners/install"
	"github.com/adit-mining/adit/wallet/clamd"
)

var (
	errNoWallet = errors.New("the catalogue has no wallet for the coin")
	errNoBuild  = errors.New("the catalogue's wallet is not made for this computer")
)

// choice is a wallet program of the catalogue with its build for this computer.
type choice struct {
	program install.Program
	build   install.Build
}

// installed is a choice on the disk.
type installed struct {
	choice
	on install.Installed
}

// Offers returns the wallet programs of the catalogue for a coin that run on a system.
func Offers(programs []install.Program, coinID, os, arch string) (offers []install.Program) {
	for _, p := range programs {
		if _, fits := buildFor(p, os, arch); fits && p.Kind == install.WalletKind && p.Wallet != nil && p.Wallet.Coin == coinID {
			offers = append(offers, p)
		}
	}
	return offers
}

func buildFor(p install.Program, os, arch string) (install.Build, bool) {
	for _, b := range p.Builds {
		if b.OS == os && b.Arch == arch && len(b.CPUFeatures) == 0 {
			return b, true
		}
	}
	return install.Build{}, false
}

// choose returns the first wallet of the catalogue that fits the order.
func (r *running) choose() (choice, error) {
	fault := errNoWallet
	for _, p := range r.Programs {
		if p.Kind != install.WalletKind || p.Wallet == nil || p.Wallet.Coin != r.order.Network.Coin.ID ||
			r.order.Program != "" && p.Name != r.order.Program {
			continue
		}
		b, fits := buildFor(p, r.OS, r.Arch)
		if !fits {
			fault = errNoBuild
			continue
		}
		return choice{p, b}, nil
	}
	return choice{}, fault
}

// get puts the program on the disk, unless it is there: fetched, verified, scanned.
func (r *running) get(ctx context.Context, c choice) (installed, error) {
	if r.notes.SHA256 != c.build.SHA256 { // of another version
		if err := r.note("note program", func(n *notes) {
			n.Program, n.Version, n.SHA256, n.Scan = c.program.Name, c.program.Version, c.build.SHA256, nil
		}); err != nil {
			return installed{}, err
		}
	}
	on, err := r.Store.Have(c.program, c.build)
	if err != nil {
		if err := r.fetch(ctx, c); err != nil {
			return installed{}, err
		}
	}
	err = r.step(ctx, Installing, func() error {
		on, err = r.Store.Install(ctx, c.program, c.build, func(now install.Progress) {
			r.say(func(p *Progress) { p.Done, p.Total = now.Done, now.Total })
		})
		return err
	})
	if err != nil {
		return installed{}, err
	}
	have := installed{c, on}
	return have, r.scanFiles(ctx, have)
}

// fetch downloads the archive, and has it scanned before it is unpacked.
func (r *running) fetch(ctx context.Context, c choice) error {
	var path string
	err := r.step(ctx, Fetching, func() (err error) {
		path, err = r.Store.Download(ctx, c.program, c.build, func(now install.Progress) {
			r.say(func(p *Progress) {
				p.Done, p.Total = now.Done, now.Total
				p.Fraction = min(float64(now.Done)/float64(max(1, now.Total)), 0.999)
			})
		})
		if errors.Is(err, install.ErrWrongFile) {
			r.say(func(p *Progress) { p.Step = Verifying })
		}
		return err
	})
	if err != nil {
		return err
	}
	// The download ends with its hash: there is nothing left to do, only to tell.
	if err := r.step(ctx, Verifying, func() error { return nil }); err != nil {
		return err
	}
	r.fetched = true
	return r.step(ctx, Scanning, func() error { return r.scanned(ctx, c, []string{path}) })
}

// scanFiles scans the program's files one by one where the archive was not scanned: it
// may have been too large in one piece, or an earlier Run installed it, perhaps when there
// was no scanner yet.
func (r *running) scanFiles(ctx context.Context, have installed) error {
	if s := r.notes.Scan; s != nil && (s.Verdict == clamd.OK || r.fetched && s.Why != clamd.TooLarge) {
		r.say(func(p *Progress) { p.Scan = *s })
		return nil
	}
	var paths []string
	for _, f := range have.build.Files {
		paths = append(paths, have.on.FilePath(f))
	}
	return r.step(ctx, Scanning, func() error { return r.scanned(ctx, have.choice, paths) })
}

// scanned scans files and notes what came of it. What is known as bad is removed and ends
// the Run; what nobody scanned does not, and is told as what it is.
func (r *running) scanned(ctx context.Context, c choice, paths []string) error {
	all := clamd.Result{Verdict: clamd.OK}
	for i, path := range paths {
		one := r.Scan(ctx, path)
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		switch {
		case one.Verdict == clamd.Found:
			r.say(func(p *Progress) { p.Scan = one })
			return errors.Join(&foundError{one}, r.Store.Discard(c.program, c.build))
		case one.Verdict == clamd.NotScanned && (all.Verdict == clamd.OK || one.Why != clamd.TooLarge):
			all = one
		case all.Verdict == clamd.OK:
			all.Engine = one.Engine
		}
		r.say(func(p *Progress) { p.Done, p.Total = int64(i+1), int64(len(paths)) })
	}
	r.say(func(p *Progress) { p.Scan = all })
	return r.note("note scan", func(n *notes) { n.Scan = &all })
}

// foundError is that the scanner knows the program as bad.
type foundError struct{ result clamd.Result }

func (e *foundError) Error() string {
	return fmt.Sprintf("ClamAV knows the program as %s", e.result.Name)
}
