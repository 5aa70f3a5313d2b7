package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/pool-server/control"
)

// actionStatus asks a running server for its report, as JSON.
const actionStatus = "status"

// errAttention ends the program with status 1 after a report that is not all well.
var errAttention = errors.New("something needs you; it stands above")

// runStatus tells how the server of a folder is doing. It fails if a person has to
// look at something, so that scripts need not read what it prints.
func runStatus(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	f := newFlags("status", stderr)
	dir := f.String("dir", "adit-pool", "the configuration folder")
	asJSON := f.Bool("json", false, "print one JSON object instead of a table")
	if err := parse(f, args); err != nil {
		return err
	}
	c, err := config.Load(*dir)
	if err != nil {
		return err
	}
	r, err := askReport(ctx, c)
	if err != nil {
		return err
	}
	if *asJSON {
		err = json.NewEncoder(stdout).Encode(r)
	} else {
		err = r.print(stdout)
	}
	if err == nil && len(r.Attention) > 0 {
		err = errAttention
	}
	return err
}

// askReport asks the running server, and reads the files if there is none.
func askReport(ctx context.Context, c *config.Config) (r report, err error) {
	text, err := control.Call(ctx, config.ControlFile(c.Dir), actionStatus, nil)
	if err == nil {
		err = json.Unmarshal([]byte(text), &r)
		return r, err
	}
	if !errors.Is(err, control.ErrNotRunning) || errors.Is(err, context.DeadlineExceeded) { // one that hangs does run
		return r, fmt.Errorf("ask the server: %w", err)
	}
	book, err := openLedgerThere(ctx, c)
	switch {
	case err == nil:
		defer book.Close()
	case !errors.Is(err, errNoLedger):
		return r, err
	}
	return filesReport(ctx, c, book)
}

func (r *report) print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintf(t, "server\t%s", r.Name)
	if r.Running {
		fmt.Fprintf(t, ", version %s, up for %v", r.Version, time.Since(*r.Since).Round(time.Second))
	}
	fmt.Fprintln(t)
	if l := r.ShareLog; l != nil {
		fmt.Fprintf(t, "share log\t%s\n", durabilityText(l.Durability))
		fmt.Fprintf(t, "\t%s\n", l.words())
	}
	for i := range r.Pools {
		r.Pools[i].print(t, r.Running)
	}
	for i, need := range r.Attention {
		title := ""
		if i == 0 {
			title = "needs you"
		}
		fmt.Fprintf(t, "%s\t%s\n", title, strings.ReplaceAll(need, "\n", "; "))
	}
	if len(r.Attention) == 0 {
		fmt.Fprintf(t, "all well\t\n")
	}
	return t.Flush()
}

// words says how the share log is doing.
func (l *shareLogReport) words() string {
	state := "shares are written down and counted"
	switch {
	case l.Trouble != "":
		state = "shares cannot be written down now"
	case !l.Counting:
		state = "shares are written down, but not counted"
	}
	behind := uint64(0)
	if l.Last > l.Applied {
		behind = l.Last - l.Applied
	}
	return fmt.Sprintf("%s; %d wait to be written, %d batches to be counted, %.1f MiB kept", state, l.Pending, behind, float64(l.Bytes)/(1<<20))
}

func (p *poolReport) print(w io.Writer, running bool) {
	fmt.Fprintf(w, "pool %s\t%s %s", p.ID, p.Coin, p.Network)
	if running {
		fmt.Fprintf(w, ", block %d, %v from %d workers", p.Height, pow.Hashrate(p.Hashrate), p.Workers)
	}
	fmt.Fprintln(w)
	for _, d := range p.Daemons {
		if d.Trouble != "" {
			fmt.Fprintf(w, "  daemon\t%s gives no work\n", d.Name)
			continue
		}
		fmt.Fprintf(w, "  daemon\t%s gives work for block %d, %d s old\n", d.Name, d.Height, d.Age)
	}
	for _, port := range p.Ports {
		fmt.Fprintf(w, "  port\t%s, %d connections, %d shares accepted and %d rejected since the start\n", port.Listen, port.Connections, port.Accepted, port.Rejected)
	}
	var blocks []string
	for _, status := range slices.Sorted(maps.Keys(p.Blocks)) {
		blocks = append(blocks, fmt.Sprintf("%d %s", p.Blocks[status], status))
	}
	if len(blocks) > 0 {
		fmt.Fprintf(w, "  blocks\t%s\n", strings.Join(blocks, ", "))
	}
	fmt.Fprintf(w, "  payouts\t%s\n", p.Payouts.words())
}

func (p *payoutsReport) words() string {
	switch {
	case p.Halted != "":
		return "halted until you have looked"
	case !p.Enabled:
		return "switched off: credits collect"
	case p.Blocks != "":
		return "wait, for blocks cannot be followed now: " + p.Blocks
	case p.Waiting != "":
		return "wait: " + p.Waiting
	}
	return "go on"
}
