package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/adit-mining/adit/pool-server/backup"
	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/nomp"
)

// nompImport is what the command line of import-nomp says.
type nompImport struct {
	source       string // NOMP's folder
	dir          string
	redis        nomp.Redis
	passwordFile string
	network      string
	dryRun       bool
}

// runImportNOMP makes a pool of what a NOMP has.
func runImportNOMP(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	f := newFlags("import-nomp", stderr)
	var i nompImport
	f.StringVar(&i.dir, "dir", "", "the configuration folder to make; it must be new or empty")
	f.StringVar(&i.redis.Addr, "redis", "", "the redis that NOMP keeps balances, payments, blocks and shares in, as host:port (default: take over the configuration only)")
	f.StringVar(&i.passwordFile, "redis-password-file", "", "a file with redis's password")
	f.IntVar(&i.redis.DB, "redis-db", 0, "the number of redis's database")
	f.StringVar(&i.network, "net", "", "the coins' network: main, test or regtest (default: as the pools' addresses say)")
	f.BoolVar(&i.dryRun, "dry-run", false, "say what would become of everything, and write nothing")
	var err error
	if i.source, err = parseFile(f, args); err != nil {
		return err
	}
	if i.dir == "" {
		return errors.New("name the folder that the pool is made in: --dir")
	}
	if i.passwordFile != "" {
		text, err := os.ReadFile(i.passwordFile)
		if err != nil {
			return fmt.Errorf("redis's password: %w", err)
		}
		i.redis.Password = strings.TrimRight(string(text), "\r\n")
	}
	return i.run(ctx, stdout)
}

func (i nompImport) run(ctx context.Context, out io.Writer) error {
	portal, err := nomp.Read(i.source, i.network)
	if err != nil {
		return err
	}
	openings, sums, running, err := i.openings(ctx, portal)
	for _, line := range portal.Report.Lines {
		fmt.Fprintln(out, line)
	}
	if err != nil {
		return err
	}
	if !printSums(out, sums) {
		return errors.New("sums do not add up: this is a fault of this program, and nothing was written")
	}
	if i.dryRun {
		return i.try(ctx, portal, openings, running, out)
	}
	if running {
		return nomp.ErrRunning
	}
	if err := i.write(ctx, i.dir, portal, openings); err != nil {
		return fmt.Errorf("%w\nnothing was taken over", err)
	}
	fmt.Fprintf(out, "\nwritten to %s, and checked. NOMP must not run again: two pools would pay the same.\nnext: adit-pool check --dir %s, then adit-pool serve --dir %s\n", i.dir, i.dir, i.dir)
	return nil
}

// openings reads redis, if it is to be read.
func (i nompImport) openings(ctx context.Context, portal *nomp.Portal) (all []ledger.Opening, sums []nomp.Sum, running bool, err error) {
	if i.redis.Addr == "" {
		return nil, nil, false, nil
	}
	stocks, err := nomp.ReadStock(ctx, i.redis, portal.Pools)
	if err != nil {
		return nil, nil, false, err
	}
	for _, p := range portal.Pools {
		stock := stocks[p.Redis]
		opening, some, err := p.Opening(stock, &portal.Report)
		if err != nil {
			return nil, nil, false, err
		}
		all, sums = append(all, opening), append(sums, some...)
		running = running || stock.Running()
	}
	return all, sums, running, nil
}

// printSums shows that nothing is lost on the way. It reports whether that is so.
func printSums(w io.Writer, sums []nomp.Sum) bool {
	if len(sums) == 0 {
		return true
	}
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "what redis has\tnames\tits sum\ttaken over\tfractions of a unit\tleft out, see above\t")
	adds := true
	for _, s := range sums {
		verdict := "adds up"
		if !s.Adds() {
			adds, verdict = false, "DOES NOT ADD UP"
		}
		fmt.Fprintf(t, "%s\t%d\t%s\t%s\t%s\t%s\t%s\n", s.What, s.Names, exactly(s.In), exactly(s.Out), exactly(s.Rest), exactly(s.Left), verdict)
	}
	t.Flush()
	return adds
}

// exactly writes a decimal fraction with as many digits as it has.
func exactly(r *big.Rat) string {
	digits, exact := r.FloatPrec()
	if !exact {
		digits = 30
	}
	return r.FloatString(digits)
}

// try does all of it in a folder that is thrown away.
func (i nompImport) try(ctx context.Context, portal *nomp.Portal, openings []ledger.Opening, running bool, out io.Writer) error {
	dir, err := os.MkdirTemp("", "adit-import-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := i.write(ctx, filepath.Join(dir, "pool"), portal, openings); err != nil {
		return err
	}
	fmt.Fprintln(out, "\nThis was a dry run: nothing was written. It would work.")
	if running {
		fmt.Fprintln(out, nomp.ErrRunning.Error()+"; while it runs only a dry run is possible.")
	}
	return nil
}

// write makes the configuration and the ledger, looks at both, and then puts them into
// their place.
func (i nompImport) write(ctx context.Context, dir string, portal *nomp.Portal, openings []ledger.Opening) (err error) {
	s, err := backup.NewStaging(dir)
	if err != nil {
		return err
	}
	if err = portal.Write(s.Path); err == nil && openings != nil {
		err = i.begin(ctx, config.LedgerFileIn(s.Path), openings)
	}
	if err == nil {
		err = s.Publish()
	}
	if err != nil {
		return errors.Join(err, s.Remove())
	}
	return nil
}

// begin makes the ledger.
func (i nompImport) begin(ctx context.Context, where string, openings []ledger.Opening) (err error) {
	book, err := ledger.Open(ctx, where)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	note := fmt.Sprintf("%d pools of a NOMP, from the redis at %s", len(openings), i.redis.Addr)
	if err := book.Begin(ctx, i.source, note, openings); err != nil {
		return err
	}
	return book.Check(ctx)
}
